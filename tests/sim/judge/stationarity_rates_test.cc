// How often the gates on change over time fail where nothing changes, and where something does.
// Runs with fixed seeds; the rates are printed. A false alarm is a claim whose verdict a gate takes
// away, of all claims and both gates of a run; runs in which a gate fails without that are printed
// beside.
#include <cmath>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/repetition_trend.h"
#include "loadgen/judge/stationarity.h"
#include "tests/effort.h"
#include "tests/sim/judge/drawn_run.h"

namespace natsproof::simulation {
namespace {

constexpr std::uint64_t kGateSeed = 20240701;

// Shares of runs.
struct GateRates {
  int runs = 0;
  double changes = 0;           // a change within the repetitions is seen, wherever it leads
  double within = 0, over = 0;  // a gate fails
  double proven = 0;            // all claims are, before the gates
  double blocked = 0;           // a verdict is taken away
};

bool takes_away(const GateReading& reading, Verdict verdict) {
  if (reading.passed != false) return false;
  return (verdict == Verdict::proven && reading.could != Could::slander) ||
         (verdict == Verdict::refuted && reading.could != Could::flatter);
}

GateRates simulate(const std::string& what, Shape shape, const Process& process,
                   const std::vector<std::string>& claims, int runs) {
  Generator generator(kGateSeed);
  GateRates rates{.runs = runs};
  for (int i = 0; i < runs; ++i) {
    const RunRecord record = drawn_run(shape, process, claims, generator);
    bool changes = false, within = false, over = false, proven = true, blocked = false;
    for (std::size_t c = 0; c < claims.size(); ++c) {
      const Claim& claim = record.claims[c];
      const GateReading inside = read_stationarity(record.repetitions, claim, c, 1);
      const GateReading across = read_repetition_trend(record.repetitions, claim, c, 1);
      const Verdict verdict = test_claim(record, c).verdict();
      changes |= changes_within(record.repetitions, claim, c);
      within |= inside.passed == false;
      over |= across.passed == false;
      proven &= verdict == Verdict::proven;
      blocked |= takes_away(inside, verdict) || takes_away(across, verdict);
    }
    rates.changes += changes;
    rates.within += within;
    rates.over += over;
    rates.proven += proven;
    rates.blocked += blocked;
  }
  for (double* rate : {&rates.changes, &rates.within, &rates.over, &rates.proven, &rates.blocked})
    *rate /= runs;
  fmt::print(
      "{:50} {} x {} s x {:4}/s, {} claims, {:4} runs: {:5.1f} % change within; stationarity fails "
      "in {:5.2f} %, repetition trend in {:5.2f} %; {:5.1f} % PROVEN, a verdict taken in {:5.2f} "
      "%\n",
      what, shape.repetitions, shape.seconds, shape.per_s, claims.size(), runs, 100 * rates.changes,
      100 * rates.within, 100 * rates.over, 100 * rates.proven, 100 * rates.blocked);
  return rates;
}

constexpr Shape kShape{.repetitions = 5, .seconds = 4, .per_s = 300};

// Of a lognormal with sigma 0.5, in medians.
const double kMedianToP99 = std::exp(2.3263 * 0.5);

// On p50, p99, success and two tasks: limits so many times what is measured, and half of the
// failures that may be.
std::vector<std::string> claims_with(double room) {
  return {fmt::format("response p50 < {:.0f}us", 1000 * room),
          fmt::format("response p99 < {:.0f}us", 1000 * kMedianToP99 * room), "success >= 99%",
          fmt::format("a response p99 < {:.0f}us", 1000 * kMedianToP99 * room),
          fmt::format("b response p50 < {:.0f}us", 1000 * room)};
}

// So many times what is measured are the limits.
class StillLoads : public testing::TestWithParam<double> {
 protected:
  static void try_them(Shape shape, double room, int runs) {
    struct Load {
      const char* name;
      Process process;
    };
    const Load loads[] = {
        {"independent", {.failing = 0.005}},
        {"stalls of 16 ms", {.failing = 0.005, .stall = 16ms, .stalled_share = 0.005}},
        {"stalls of 100 ms", {.failing = 0.005, .stall = 100ms, .stalled_share = 0.005}},
        {"between repetitions, sigma(log) 0.1", {.failing = 0.005, .between = 0.1}},
        {"between repetitions, sigma(log) 0.3", {.failing = 0.005, .between = 0.3}},
    };
    for (const Load& load : loads) {
      const GateRates rates = simulate(fmt::format("{}, limits {} times", load.name, room), shape,
                                       load.process, claims_with(room), runs);
      EXPECT_LE(rates.blocked, 0.05) << load.name;
      EXPECT_LE(rates.within, 0.03) << load.name;
    }
    // Repetitions that depend on each other: as it is.
    simulate(fmt::format("the same with lag correlation 0.5, limits {} times", room), shape,
             {.failing = 0.005, .between = 0.3, .memory = 0.5}, claims_with(room), runs);
  }
};

TEST_P(StillLoads, RaiseFewFalseAlarms) {
  try_them(kShape, GetParam(), effort(300));
}

TEST_P(StillLoads, RaiseFewFalseAlarmsAtAHigherRate) {
  try_them({.repetitions = 5, .seconds = 4, .per_s = 1500}, GetParam(), effort(60));
}

INSTANTIATE_TEST_SUITE_P(Rooms, StillLoads, testing::Values(1.05, 1.15, 1.4, 2.0));

double twice(double part) {
  return 1 + part;
}

// The test alone, before it is asked where the change leads; by the sigma of times.
class Rises : public testing::TestWithParam<double> {};

TEST_P(Rises, ToTwiceTheirStartAreSeen) {
  const double sigma = GetParam();
  const int runs = effort(400);
  const auto limit = [sigma](double medians) {
    return fmt::format("response p99 < {:.0f}us", 1000 * medians * std::exp(2.33 * sigma));
  };
  const auto named = [&](const char* what) { return fmt::format("{}, sigma {}", what, sigma); };
  Process process{.sigma = sigma, .within = twice};
  EXPECT_GE(simulate(named("to twice"), kShape, process, {limit(2.2)}, runs).changes, 0.99);
  process.stall = 30ms;
  process.stalled_share = 0.01;
  simulate(named("the same in stalls of 30 ms, 1 %"), kShape, process, {limit(2.2)}, runs);
  process.stall = 200ms;
  process.stalled_share = 0.05;
  simulate(named("the same in stalls of 200 ms, 5 %"), kShape, process, {limit(2.2)}, runs);
  process = {.sigma = sigma, .within = twice, .slowest = 0.02};
  simulate(named("the slowest 2 % to twice"), kShape, process, {limit(2.2)}, runs);
  process.within = [](double part) { return 1 + 8 * part; };
  EXPECT_GE(
      simulate(named("the slowest 2 % to nine times"), kShape, process, {limit(10)}, runs).changes,
      0.9);
}

INSTANTIATE_TEST_SUITE_P(Sigmas, Rises, testing::Values(0.02, 0.1, 0.5, 1.0));

// Carried on, it blocks what would cross the limit and lets pass what stays below.
TEST(ChangeRates, WhatWouldCrossIsBlockedAndWhatStaysBelowPasses) {
  const auto ninefold = [](double part) { return 1 + 8 * part; };
  for (const char* claim :
       {"response p99 < 100ms", "response p50 < 100ms", "response p99.9 < 120ms",
        "a response p99 < 100ms", "response mean < 70ms", "response max < 120ms"}) {
    const GateRates rates = simulate(
        fmt::format("9 to 80 ms, {}", claim), {.repetitions = 5, .seconds = 9, .per_s = 300},
        {.median = 9ms, .sigma = 0.02, .within = ninefold}, {claim}, 100);
    EXPECT_EQ(rates.proven, 1) << claim;
    EXPECT_GE(rates.blocked, 0.99) << claim;
  }
  for (const char* claim : {"response p99 < 100ms", "response p50 < 100ms", "response mean < 100ms",
                            "a response p99 < 100ms", "response max < 110ms"}) {
    const GateRates rates =
        simulate(fmt::format("35 to 70 ms, {}", claim), kShape,
                 {.median = 35ms, .sigma = 0.02, .within = twice}, {claim}, 200);
    EXPECT_EQ(rates.proven, 1) << claim;
    EXPECT_LE(rates.blocked, 0.01) << claim;
  }
  const GateRates failing =
      simulate("failures from none to 1.2 %", {.repetitions = 5, .seconds = 9, .per_s = 1000},
               {.failing = 0.012, .failing_within = [](double part) { return part; }},
               {"success >= 99%"}, 100);
  EXPECT_GE(failing.proven, 0.9);
  EXPECT_GE(failing.blocked, 0.9 * failing.proven);
}

// With the limit where the median is proven, so that the gate has a verdict to take.
TEST(ChangeRates, ARiseOverTheRepetitionsIsCaught) {
  constexpr double kSpread = 0.03;
  struct Rise {
    double times;  // the spread
    double least;  // share of runs that are caught
  };
  for (const Rise rise : {Rise{6, 0.85}, Rise{7, 0.93}}) {
    const double times = rise.times;
    for (const double sigma : {0.01, 0.5}) {
      // A median of so many requests scatters by itself.
      const double by_chance = 1.2533 * sigma / std::sqrt(kShape.per_s * kShape.seconds);
      const double spread = std::hypot(kSpread, by_chance);
      const GateRates rates =
          simulate(fmt::format("p50 rises by {} spreads, sigma {}", times, sigma), kShape,
                   {.sigma = sigma,
                    .between = kSpread,
                    .over = [&](std::uint32_t r) { return 1 + times * spread * (r / 4.0 - 0.5); }},
                   {fmt::format("response p50 < {:.0f}us", 1000 * (1 + 0.75 * times * spread))},
                   effort(1000));
      EXPECT_GE(rates.over, rise.least - 0.03) << times << ", " << sigma;
    }
  }
}

}  // namespace
}  // namespace natsproof::simulation
