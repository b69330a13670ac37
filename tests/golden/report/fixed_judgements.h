// Judgements of the fixed records, written by hand: a report renders what it is given, and its
// golden files must not move when the judge learns better words.
#pragma once

#include <fmt/format.h>

#include "loadgen/judge/judgement.h"

namespace natsproof {

inline GateResult passed_gate(std::string name) {
  return {.name = std::move(name), .figure = 0, .limit = 1, .passed = true, .shown = "fine"};
}

inline std::vector<GateResult> passed_gates() {
  std::vector<GateResult> gates;
  for (const char* name : {"conservation", "server agrees", "nothing happened", "offered rate",
                           "table", "send lag", "headroom", "pacing", "recorder", "clock", "floor"})
    gates.push_back(passed_gate(name));
  return gates;
}

inline void replace(std::vector<GateResult>& gates, GateResult gate) {
  for (GateResult& known : gates) {
    if (known.name == gate.name) known = gate;
  }
}

inline Judgement proven_baseline() {
  return {
      .verdict = Verdict::proven,
      .why = "All 3 claims hold.",
      .claims = {{.text = "response p50 < 1ms",
                  .verdict = Verdict::proven,
                  .measured = 245'759,
                  .unit = "ns",
                  .over = 89,
                  .planned = 50'000,
                  .allowed_share = 0.5,
                  .lower = 0.0014,
                  .upper = 0.0022,
                  .under = 5,
                  .repetitions = 5,
                  .covers = 833ms,
                  .why = "89 of 50,000 requests took 1.00 ms or longer, or failed: 0.18 % (0.15 "
                         "% to 0.21 %, each bound at 95 %) where 50.00 % may; 5 of 5 repetitions "
                         "are within the claim, 0 against it. Covers disturbances up to 833 ms."},
                 {.text = "response p99 < 5ms",
                  .verdict = Verdict::proven,
                  .measured = 883'711,
                  .unit = "ns",
                  .over = 0,
                  .planned = 50'000,
                  .allowed_share = 0.01,
                  .lower = 0,
                  .upper = 0.00006,
                  .under = 5,
                  .repetitions = 5,
                  .covers = 16'700us,
                  .why = "0 of 50,000 requests took 5.00 ms or longer, or failed: 0 % (0 % to "
                         "0.01 %, each bound at 95 %) where 1.00 % may; 5 of 5 repetitions are "
                         "within the claim, 0 against it. Covers disturbances up to 16.7 ms."},
                 {.text = "success >= 99%",
                  .verdict = Verdict::proven,
                  .measured = 1,
                  .unit = "share",
                  .over = 0,
                  .planned = 50'000,
                  .allowed_share = 0.01,
                  .lower = 0,
                  .upper = 0.00006,
                  .under = 5,
                  .repetitions = 5,
                  .covers = 16'700us,
                  .why = "0 of 50,000 requests failed: 0 % (0 % to 0.01 %, each bound at 95 %) "
                         "where 1.00 % may; 5 of 5 repetitions are within the claim, 0 against "
                         "it. Covers disturbances up to 16.7 ms."}},
      .gates = passed_gates(),
      .repetitions = std::vector<Verdict>(5, Verdict::proven)};
}

inline Judgement refuted_orders() {
  return {
      .verdict = Verdict::refuted,
      .why = "`place_order response p99 < 2ms` does not hold.",
      .claims = {{.text = "echo response p99 < 5ms",
                  .verdict = Verdict::proven,
                  .measured = 895'999,
                  .unit = "ns",
                  .planned = 20'000,
                  .why = "0 of 20,000 requests took 5.00 ms or longer, or failed. Covers "
                         "disturbances up to 16.7 ms."},
                 {.text = "place_order response p99 < 2ms",
                  .verdict = Verdict::refuted,
                  .measured = 2'818'047,
                  .unit = "ns",
                  .over = 1'842,
                  .planned = 30'000,
                  .why = "1,842 of 30,000 requests took 2.00 ms or longer, or failed: 6.14 % "
                         "(5.92 % to 6.37 %, each bound at 95 %) where 1.00 % may; 0 of 5 "
                         "repetitions are within the claim, 5 against it."},
                 {.text = "success >= 99%",
                  .verdict = Verdict::proven,
                  .measured = 0.99896,
                  .unit = "share",
                  .over = 52,
                  .planned = 50'000,
                  .why = "52 of 50,000 requests failed: 0.10 % (0.08 % to 0.13 %, each bound at "
                         "95 %) where 1.00 % may. Covers disturbances up to 16.7 ms."}},
      .gates = passed_gates(),
      .repetitions = std::vector<Verdict>(5, Verdict::refuted)};
}

inline Judgement inconclusive_quick() {
  Judgement judgement{
      .verdict = Verdict::inconclusive,
      .why =
          "This run cannot tell whether `response p99 < 1ms`, `response p99.9 < "
          "5ms`, `response p99.99 < 50ms` holds.",
      .claims =
          {{.text = "response p99 < 1ms", .measured = 873'471, .unit = "ns", .planned = 4'000},
           {.text = "response p99.9 < 5ms", .unit = "ns", .planned = 4'000},
           {.text = "response p99.99 < 50ms", .unit = "ns", .planned = 4'000}},
      .gates = passed_gates(),
      .repetitions = {Verdict::proven, Verdict::proven}};
  constexpr const char* kLengths[] = {"2.00 s", "9.00 s", "90.0 s"};
  for (std::size_t i = 0; i < judgement.claims.size(); ++i) {
    judgement.claims[i].why =
        fmt::format("PROVEN needs 5 repetitions of {} for this quantile; this run has 2 of 2.00 s.",
                    kLengths[i]);
  }
  return judgement;
}

inline Judgement invalid_late() {
  Judgement judgement{
      .verdict = Verdict::invalid,
      .why = "The instrument could have faked the verdict on `response p99 < 2ms`.",
      .claims =
          {{.text = "response p99 < 2ms",
            .verdict = Verdict::invalid,
            .measured = 2'908'159,
            .unit = "ns",
            .over = 1'812,
            .planned = 50'000,
            .why = "The counts say REFUTED, but the instrument could have faked that. Gate `send "
                   "lag` failed: p99 lag 2.65 ms, 132.71 % of 2.00 ms; limit 10.00 %.",
            .blocked_by = {"send lag"}},
           {.text = "success >= 99%",
            .verdict = Verdict::proven,
            .measured = 1,
            .unit = "share",
            .planned = 50'000,
            .why = "0 of 50,000 requests failed. Covers disturbances up to 16.7 ms."}},
      .gates = passed_gates(),
      .repetitions = std::vector<Verdict>(5, Verdict::invalid)};
  replace(judgement.gates,
          {.name = "send lag",
           .figure = 1.3271,
           .limit = 0.1,
           .passed = false,
           .could = Could::slander,
           .claim = "response p99 < 2ms",
           .shown = "p99 lag 2.65 ms, 132.71 % of 2.00 ms; limit 10.00 %",
           .advice = "requests left late: lower the rate, give the generator a core of its own, or "
                     "claim a longer limit"});
  replace(judgement.gates,
          {.name = "server agrees", .shown = "the server's own counts are not known"});
  replace(
      judgement.gates,
      {.name = "headroom", .figure = 0.15, .limit = 0.9, .passed = true, .limit_changed = true});
  return judgement;
}

inline Judgement proven_closed() {
  return {.verdict = Verdict::proven,
          .why = "All 2 claims hold.",
          .claims = {{.text = "service p99 < 5ms",
                      .verdict = Verdict::proven,
                      .measured = 1'687'551,
                      .unit = "ns",
                      .planned = 250'000,
                      .why = "242 of 250,000 requests took 5.00 ms or longer, or failed. Covers "
                             "disturbances up to 16.7 ms."},
                     {.text = "throughput > 9000/s",
                      .verdict = Verdict::proven,
                      .measured = 9999.6,
                      .unit = "per_s",
                      .planned = 250'000,
                      .why = "Successes per second over the repetitions 10,000/s to 10,000/s, each "
                             "bound at 95 %."}},
          .gates = passed_gates(),
          .repetitions = std::vector<Verdict>(5, Verdict::proven)};
}

inline Judgement refuted_nobody() {
  Judgement judgement{
      .verdict = Verdict::refuted,
      .why = "`response p99 < 5ms`, `success >= 99%` does not hold.",
      .claims = {{.text = "response p99 < 5ms",
                  .verdict = Verdict::refuted,
                  .unit = "ns",
                  .beyond_timeout = true,
                  .over = 50'000,
                  .planned = 50'000,
                  .why = "50,000 of 50,000 requests took 5.00 ms or longer, or failed."},
                 {.text = "success >= 99%",
                  .verdict = Verdict::refuted,
                  .measured = 0,
                  .unit = "share",
                  .over = 50'000,
                  .planned = 50'000,
                  .why = "50,000 of 50,000 requests failed: 100 % where 1.00 % may."}},
      .gates = passed_gates(),
      .repetitions = std::vector<Verdict>(5, Verdict::invalid)};
  replace(judgement.gates, {.name = "nothing happened",
                            .figure = 0,
                            .limit = 1,
                            .passed = false,
                            .could = Could::flatter,
                            .shown = "0 of 50,000 requests succeeded",
                            .advice = "look at the failures: no request was answered as its task "
                                      "expects"});
  return judgement;
}

inline Judgement invalid_stopped() {
  return {.verdict = Verdict::invalid,
          .why = "The run was interrupted. It is not the run that was planned, and proves nothing.",
          .claims = {{.text = "response p99 < 5ms",
                      .measured = 874'495,
                      .unit = "ns",
                      .planned = 14'000,
                      .why = "A verdict needs at least 5 repetitions; this run has 2."}},
          .gates = passed_gates(),
          .repetitions = {Verdict::proven, Verdict::invalid}};
}

inline Judgement invalid_restarts() {
  Judgement judgement{
      .verdict = Verdict::invalid,
      .why = "The instrument could have faked the verdict on `success >= 95%`.",
      .claims = {{.text = "success >= 95%",
                  .verdict = Verdict::invalid,
                  .measured = 0.95,
                  .unit = "share",
                  .over = 2'500,
                  .planned = 50'000,
                  .why = "The counts say PROVEN, but the instrument could have faked "
                         "that.",
                  .blocked_by = {"offered rate"}}},
      .gates = passed_gates(),
      .repetitions = std::vector<Verdict>(5, Verdict::invalid)};
  replace(judgement.gates, {.name = "offered rate",
                            .figure = 0.955,
                            .limit = 0.99,
                            .passed = false,
                            .could = Could::flatter,
                            .shown = "95.50 % of the planned requests were handed over; at least "
                                     "99.00 %",
                            .advice = "look at the refusals: lower the rate, add connections, or "
                                      "find why a connection was down"});
  replace(judgement.gates,
          {.name = "server agrees",
           .shown = "the server's own counts are not known; 5 lost connections left "
                    "out"});
  return judgement;
}

inline Judgement invalid_dead() {
  Judgement judgement{
      .verdict = Verdict::invalid,
      .why =
          "The run failed: service natsproof-orders was killed by signal 9 "
          "(Killed). It is not the run that was planned, and proves nothing.",
      .claims = {{.text = "pay response p99 < 5ms",
                  .unit = "ns",
                  .over = 333,
                  .planned = 333,
                  .why = "A verdict needs at least 5 repetitions; this run has 1."}},
      .gates = passed_gates(),
      .repetitions = {Verdict::invalid}};
  replace(judgement.gates, {.name = "recorder",
                            .figure = 2,
                            .limit = 0,
                            .passed = false,
                            .could = Could::flatter,
                            .is_void = true,
                            .shown = "2 times out of the recorder's range",
                            .advice = "times beyond 60 s or below 0 were not recorded: shorten the "
                                      "timeout"});
  return judgement;
}

inline Judgement nothing_claimed() {
  return {.verdict = Verdict::none,
          .why = "Nothing was claimed; the run is sound.",
          .gates = passed_gates(),
          .repetitions = std::vector<Verdict>(5, Verdict::none)};
}

inline Judgement invalid_given_up() {
  Judgement judgement{.verdict = Verdict::invalid,
                      .why = "The run was given up.",
                      .claims = {{.text = "success >= 99%",
                                  .verdict = Verdict::invalid,
                                  .measured = 0.9955,
                                  .unit = "share",
                                  .over = 90,
                                  .planned = 20'000,
                                  .allowed_share = 0.01,
                                  .repetitions = 2,
                                  .why = "A run that was given up proves nothing."}},
                      .gates = passed_gates(),
                      .repetitions = {Verdict::inconclusive, Verdict::invalid}};
  return judgement;
}

}  // namespace natsproof
