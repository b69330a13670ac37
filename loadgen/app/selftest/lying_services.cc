#include "loadgen/app/selftest/lying_services.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/judge/judgement.h"

namespace natsproof {
namespace {

constexpr Duration kLyingTimeout = 120ms;
constexpr Duration kLimit = 50ms;    // of the claim
constexpr double kNearlyAll = 0.99;  // on a busy machine some time out instead
constexpr double kOfATenth = 0.05;   // of the requests, taken at random, there are more
constexpr const char* kServerAgrees = "server agrees";

// `late` comes after the timeout. `drop` says nothing at all.
constexpr const char* kPlan = R"(
name: selftest_liar
services: [echo]
faults: {{echo: "{}"}}
load:
  {{model: open, arrivals: constant, rate: 400/s, connections: 2, warmup: 100ms, duration: 500ms,
   repetitions: 5}}
covers: 1ms
tasks: [{{name: echo, endpoint: echo, payload: {{bytes: 128}}, timeout: 120ms}}]
claims: [response p99 < 50ms, success >= 99%]
)";

template <RequestClass kClass>
std::uint64_t of_class(const RequestCounts& counts) {
  return counts.of(kClass);
}
std::uint64_t duplicates(const RequestCounts& counts) {
  return counts.duplicate;
}

// The last is not caught by having no success at all: who left its failures out of the population
// would find it fast and faultless.
constexpr Liar kLiars[] = {
    {"answers errors", "error=503", "service_error", of_class<RequestClass::service_error>,
     kNearlyAll},
    {"answers wrong content", "wrong=100", "wrong_reply", of_class<RequestClass::wrong_reply>,
     kNearlyAll},
    {"answers garbage at once", "size=16B", "wrong_reply", of_class<RequestClass::wrong_reply>,
     kNearlyAll},
    {"answers twice", "twice=100", "duplicate", duplicates, kNearlyAll},
    {"answers too late", "late=300ms", "timeout", of_class<RequestClass::timeout>, kNearlyAll},
    {"is silent", "drop=100:before", "timeout", of_class<RequestClass::timeout>, kNearlyAll},
    {"is silent at times", "drop=10:before", "timeout", of_class<RequestClass::timeout>, kOfATenth},
};

const GateResult* gate_named(const Judgement& judgement, std::string_view name) {
  for (const GateResult& gate : judgement.gates) {
    if (gate.name == name) return &gate;
  }
  return nullptr;
}

}  // namespace

std::span<const Liar> liars() {
  return kLiars;
}

MeasuredRun measure_liar(const char* faults) {
  return measure(fmt::format(kPlan, faults));
}

std::vector<CheckRow> find_sound(const MeasuredRun& control) {
  const Judgement judgement = judge(control.record);
  const RequestCounts counts = pooled_counts(control.record, kAllTasks);
  CheckRow row{.check = "a sound service",
               .expected = "PROVEN: response p99 < 50 ms, success ≥ 99 %",
               .found = fmt::format("{}; {} of {} ok", verdict_name(judgement.verdict),
                                    format_count(counts.of(RequestClass::ok)),
                                    format_count(counts.planned))};
  const MachineShare share = together(control.shares);
  row.outcome =
      judgement.verdict == Verdict::proven ? Outcome::holds : share.outcome_of_unproven(kLimit);
  row.why = judgement.why + " " + share.text();
  return {row};
}

std::vector<CheckRow> find_agreement(const MeasuredRun& control) {
  CheckRow agrees{.check = "the server's counters",
                  .expected = "each connection's requests, as nats-server counts them",
                  .found = "not told"};
  CheckRow falsified{.check = "a count falsified by 1",
                     .expected = fmt::format("gate `{}` fails", kServerAgrees),
                     .found = "no count to falsify"};
  const Judgement judgement = judge(control.record);
  const GateResult* gate = gate_named(judgement, kServerAgrees);
  if (gate != nullptr) {
    agrees.found = agrees.why = gate->shown;
    if (gate->passed) agrees.outcome = *gate->passed ? Outcome::holds : Outcome::fails;
  }
  RunRecord record = control.record;
  if (agrees.outcome == Outcome::not_shown || record.repetitions.empty() ||
      record.repetitions.front().connections.empty()) {
    return {agrees, falsified};
  }
  ++record.repetitions.front().connections.front().sent;
  const Judgement after = judge(record);
  if (const GateResult* noticed = gate_named(after, kServerAgrees)) {
    falsified.found = falsified.why = noticed->shown;
    falsified.outcome = noticed->passed == false ? Outcome::holds : Outcome::fails;
  }
  return {agrees, falsified};
}

CheckRow find_liar(const Liar& liar, const MeasuredRun& run, bool control_proven) {
  const Judgement judgement = judge(run.record);
  const RequestCounts counts = pooled_counts(run.record, kAllTasks);
  const std::uint64_t counted = liar.count(counts);
  CheckRow row{
      .check = liar.does,
      .expected = fmt::format("not PROVEN; counted as {}", liar.counted),
      .found = fmt::format("{}; {} of {} {}", verdict_name(judgement.verdict),
                           format_count(counted), format_count(counts.planned), liar.counted)};
  if (judgement.verdict == Verdict::proven) {
    row.outcome = Outcome::fails;
    row.why = "the claim of a service that lies came out PROVEN";
  } else if (!control_proven) {
    row.why = "the sound service's claim was not PROVEN in the same shape: a refusal shows nothing";
  } else if (counts.planned == 0 ||
             static_cast<double>(counted) < liar.least * static_cast<double>(counts.planned)) {
    const MachineShare share = together(run.shares);
    row.outcome = share.outcome(kLyingTimeout, share.at_most());
    row.why = fmt::format("not counted as what they are; {}", share.text());
  } else {
    row.outcome = Outcome::holds;
  }
  return row;
}

}  // namespace natsproof
