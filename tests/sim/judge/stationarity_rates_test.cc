// How often the gate `stationarity` fails where nothing changes, and where something does. Runs
// with fixed seeds; the rates are printed.
#include <cmath>
#include <functional>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/simulated_run.h"
#include "loadgen/judge/stationarity.h"

namespace natsproof::simulation {
namespace {

using Draw = std::function<SimulatedRun(Generator&)>;

constexpr int kRuns = 2'000;

std::vector<Repetition> repetitions_of(const SimulatedRun& run) {
  std::vector<Repetition> repetitions;
  for (const Blocks& seconds : run) {
    Repetition& repetition = repetitions.emplace_back();
    repetition.window = Duration{1s} * static_cast<Duration::rep>(seconds.size());
    repetition.blocks.emplace_back();
    for (const ShareCount& second : seconds) {
      repetition.blocks[0].push_back({.planned = second.planned, .over = second.over});
    }
  }
  return repetitions;
}

struct Failures {
  double flattering = 0, slandering = 0;  // of all runs
  double of_proven = 0;                   // PROVEN blocked, of those that were
};

Failures simulate(const std::string& what, Shape shape, Quantile q, const Draw& draw) {
  const Claim claim{.statistic = Statistic::quantile, .quantile = q, .limit = 1ms};
  Generator generator(20240701);
  int flattering = 0, slandering = 0, proven = 0, blocked = 0;
  for (int i = 0; i < kRuns; ++i) {
    const SimulatedRun run = draw(generator);
    const std::vector<Repetition> repetitions = repetitions_of(run);
    const SecondQuantiles none({}, repetitions, true);
    const GateReading reading = read_stationarity(repetitions, claim, 0, none, 1);
    const bool flatters = reading.passed == false && reading.could == Could::flatter;
    flattering += flatters;
    slandering += reading.passed == false && reading.could == Could::slander;
    if (verdict_on(run, claim.allowed_share(), shape.measured(), 3ms) == Verdict::proven) {
      ++proven;
      blocked += flatters;
    }
  }
  const Failures failures{.flattering = static_cast<double>(flattering) / kRuns,
                          .slandering = static_cast<double>(slandering) / kRuns,
                          .of_proven = proven == 0 ? 0 : static_cast<double>(blocked) / proven};
  fmt::print(
      "{:52} {:2} x {:2} s: flatters {:5.2f} %, slanders {:5.2f} %; PROVEN {:5.1f} %, of those "
      "blocked {:5.2f} %\n",
      what, shape.repetitions, shape.seconds, 100 * failures.flattering, 100 * failures.slandering,
      100.0 * proven / kRuns, 100 * failures.of_proven);
  return failures;
}

constexpr Quantile kP99{0.99};

// A trend that leads across the limit is seen in at most 5 % of runs that have none, at the edge,
// where any trend does; well within a claim hardly ever.
TEST(StationarityRates, WhereNothingChanges) {
  for (const Shape shape : {Shape{}, Shape{.repetitions = 11, .seconds = 60, .per_s = 200}}) {
    const Duration covered = covered_disturbance(shape.measured(), 0.01);
    const Failures edge = simulate("independent, at the edge", shape, kP99,
                                   [&](Generator& g) { return independent(shape, 0.01, g); });
    EXPECT_LE(edge.flattering + edge.slandering, 0.065);
    const Failures bursts = simulate("stalls of D*, at the edge", shape, kP99,
                                     [&](Generator& g) { return stalls(shape, 0.01, covered, g); });
    EXPECT_LE(bursts.flattering + bursts.slandering, 0.065);
    const Failures apart =
        simulate("between repetitions, sigma(log) 1", shape, kP99,
                 [&](Generator& g) { return between_repetitions(shape, 0.01, 1, g); });
    EXPECT_LE(apart.flattering + apart.slandering, 0.065);
    EXPECT_LE(simulate("independent, half of what is allowed", shape, kP99,
                       [&](Generator& g) { return independent(shape, 0.005, g); })
                  .of_proven,
              0.02);
    EXPECT_LE(simulate("stalls of D*, half of what is allowed", shape, kP99,
                       [&](Generator& g) { return stalls(shape, 0.005, covered, g); })
                  .of_proven,
              0.04);
  }
}

// 0.1 % at the start, 1.3 % at the end: within the claim on average, and soon no longer.
TEST(StationarityRates, WhereTheShareGrows) {
  const Shape shape;
  const auto growing = [&](double from, double to) {
    return [shape, from, to](Generator& g) {
      SimulatedRun run(shape.repetitions);
      for (Blocks& blocks : run) {
        for (std::uint32_t second = 0; second < shape.seconds; ++second) {
          const double share = from + (to - from) * (second + 0.5) / shape.seconds;
          const auto over = std::binomial_distribution<std::uint64_t>(shape.per_s, share)(g);
          blocks.push_back({.planned = shape.per_s, .over = over});
        }
      }
      return run;
    };
  };
  EXPECT_GE(simulate("growing from 0.1 to 1.3 %", shape, kP99, growing(0.001, 0.013)).of_proven,
            0.95);
  EXPECT_GE(simulate("falling from 2.5 to 0.1 %", shape, kP99, growing(0.025, 0.001)).slandering,
            0.95);
}

}  // namespace
}  // namespace natsproof::simulation
