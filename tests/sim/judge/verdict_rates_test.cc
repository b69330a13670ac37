// The rates of docs/measurement.md, found again by simulation with fixed seeds: at the edge of a
// claim at most 5 % of runs are proven and at most 5 % refuted, whatever the disturbances up to D*;
// and a claim with room to spare is proven.
//
// A claim speaks of the median repetition, and is at its edge where half of all repetitions have
// more over than is allowed. Most processes here have the share allowed on average instead, which
// comes to nearly the same as long as a repetition holds many disturbances. Where it holds one or
// two the shares are skewed, and mean and median part: those are simulated at either edge, and the
// rates at the mean's are what a reader sees who takes the claim to speak of all requests together.
//
// The rates are printed, of 10,000 claims of most kinds. Correlations cost the most time, and all
// but the worst of them are tried less often, or not at all, unless NATSPROOF_WHOLE_GRID is set:
// 96 cells at both edges in half an hour, by the test program itself, since ctest ends it sooner. A
// limit on a rate is the 99.9 % quantile of what 5 % would give in as many runs.
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>

#include <boost/math/distributions/binomial.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/simulated_run.h"
#include "tests/effort.h"

namespace natsproof::simulation {
namespace {

constexpr std::uint64_t kVerdictSeed = 20240501;
constexpr Duration kCoveredStall = 3ms;

using Draw = std::function<SimulatedRun(Generator&)>;

// A process of which the share can be chosen.
using DrawOfShare = std::function<SimulatedRun(Shape, double share, Generator&)>;

struct VerdictRates {
  int runs = 0, proven = 0, refuted = 0;
  int repetitions = 0, repetitions_over = 0;  // with more over than is allowed
  [[nodiscard]] double proven_share() const { return static_cast<double>(proven) / runs; }
  [[nodiscard]] double refuted_share() const { return static_cast<double>(refuted) / runs; }
  // Below 0.5 the claim on the median repetition is true, and above it is false.
  [[nodiscard]] double repetitions_over_share() const {
    return static_cast<double>(repetitions_over) / repetitions;
  }
};

int repetitions_over(const SimulatedRun& run, double allowed) {
  int over = 0;
  for (const ShareCount& repetition : sums_of(run)) over += !within_share(repetition, allowed);
  return over;
}

VerdictRates simulate(const std::string& what, Shape shape, double allowed, int runs,
                      const Draw& draw) {
  Generator generator(kVerdictSeed);
  VerdictRates rates{.runs = runs, .repetitions = runs * static_cast<int>(shape.repetitions)};
  for (int i = 0; i < runs; ++i) {
    const SimulatedRun run = draw(generator);
    const Verdict verdict = verdict_on(run, allowed, shape.measured(), kCoveredStall);
    rates.proven += verdict == Verdict::proven;
    rates.refuted += verdict == Verdict::refuted;
    rates.repetitions_over += repetitions_over(run, allowed);
  }
  fmt::print(
      "{:58} {:2} x {:2} s x {}/s, {:5.1f} % allowed, D* {:8}: {:6} runs, {:6.2f} % proven, "
      "{:6.2f} % refuted, {:5.1f} % of repetitions over\n",
      what, shape.repetitions, shape.seconds, shape.per_s, 100 * allowed,
      format_duration(covered_disturbance(shape.measured(), allowed)), runs,
      100 * rates.proven_share(), 100 * rates.refuted_share(),
      100 * rates.repetitions_over_share());
  return rates;
}

// The share with which half of all repetitions have more over than is allowed, found by bisection
// of its odds between a quarter and four times those of `allowed`, with as many repetitions a step.
double share_with_the_median_at_the_edge(Shape shape, double allowed, int repetitions,
                                         const DrawOfShare& draw) {
  constexpr int kSteps = 10;
  shape.repetitions = static_cast<std::uint32_t>(repetitions);
  double low = std::log(allowed / (1 - allowed)) - std::log(4);
  double high = low + 2 * std::log(4);
  const auto middle = [&] { return 1 / (1 + std::exp(-(low + high) / 2)); };
  for (int step = 0; step < kSteps; ++step) {
    Generator generator(kVerdictSeed);
    const SimulatedRun run = draw(shape, middle(), generator);
    (2 * repetitions_over(run, allowed) > repetitions ? high : low) = (low + high) / 2;
  }
  return middle();
}

struct AtBothEdges {
  VerdictRates mean, median;
};
AtBothEdges simulate_at_both_edges(const std::string& what, Shape shape, double allowed, int runs,
                                   const DrawOfShare& draw) {
  const double share = share_with_the_median_at_the_edge(shape, allowed, runs, draw);
  const auto at = [&](const char* edge, double share_there) {
    return simulate(fmt::format("{}, {} at the edge", what, edge), shape, allowed, runs,
                    [&](Generator& g) { return draw(shape, share_there, g); });
  };
  return {.mean = at("mean", allowed), .median = at("median", share)};
}

// The most that `runs` may give by chance where the true rate is 5 %, or another.
double most_by_chance(int runs, double rate = 0.05) {
  const boost::math::binomial_distribution<> chance(runs, rate);
  return boost::math::quantile(chance, 0.999);
}

void expect_at_most_five_percent(const VerdictRates& rates) {
  EXPECT_LE(rates.proven, most_by_chance(rates.runs));
  EXPECT_LE(rates.refuted, most_by_chance(rates.runs));
}

constexpr double kP99 = 0.01, kP95 = 0.05, kP90 = 0.1, kP50 = 0.5;

TEST(FalseVerdicts, IndependentRequestsAtTheEdge) {
  for (const std::uint32_t repetitions : {5u, 8u, 11u}) {
    for (const double allowed : {kP99, kP90, kP50}) {
      const Shape shape{.repetitions = repetitions};
      expect_at_most_five_percent(
          simulate("independent, at the edge", shape, allowed, 10'000,
                   [&](Generator& g) { return independent(shape, allowed, g); }));
    }
  }
}

TEST(FalseVerdicts, StallsUpToTheCoveredDisturbance) {
  for (const std::uint32_t repetitions : {5u, 8u, 11u}) {
    for (const double allowed : {kP99, kP90}) {
      const Shape shape{.repetitions = repetitions};
      const Duration covered = covered_disturbance(shape.measured(), allowed);
      for (const int part : {4, 2, 1}) {
        expect_at_most_five_percent(
            simulate(fmt::format("stalls of D*/{}, at the edge", part), shape, allowed, 10'000,
                     [&](Generator& g) { return stalls(shape, allowed, covered / part, g); }));
      }
    }
  }
}

TEST(FalseVerdicts, StallsOfTheBaselinesMedian) {
  const Shape shape;
  const Duration covered = covered_disturbance(shape.measured(), kP50);
  expect_at_most_five_percent(
      simulate("stalls of D*, at the edge", shape, kP50, 10'000,
               [&](Generator& g) { return stalls(shape, kP50, covered, g); }));
}

// In longer runs D* grows beyond a second, and blocks must grow with it.
TEST(FalseVerdicts, StallsLongerThanASecond) {
  struct Cell {
    std::uint32_t repetitions, seconds;
    double allowed;
  };
  for (const Cell& cell : {Cell{5, 60, kP90}, Cell{8, 60, kP90}, Cell{11, 60, kP95},
                           Cell{11, 60, kP90}, Cell{11, 300, kP99}, Cell{11, 300, kP95}}) {
    const Shape shape{.repetitions = cell.repetitions, .seconds = cell.seconds, .per_s = 100};
    const Duration covered = covered_disturbance(shape.measured(), cell.allowed);
    ASSERT_GT(covered, 1s);
    expect_at_most_five_percent(
        simulate("stalls of D*, at the edge", shape, cell.allowed, 10'000,
                 [&](Generator& g) { return stalls(shape, cell.allowed, covered, g); }));
  }
}

// Memory D*/part, in runs whose D* is given by their own length.
DrawOfShare wandering_with(Shape shape, double allowed, int part, double spread) {
  const Wandering how{.memory = covered_disturbance(shape.measured(), allowed) / part,
                      .spread = spread};
  return [=](Shape drawn, double share, Generator& g) { return wandering(drawn, share, how, g); };
}

std::string name_of_wandering(int part, double spread) {
  return fmt::format("AR(1), 1/e in D*/{}, probit spread {}", part, spread);
}

TEST(FalseVerdicts, CorrelationUpToTheCoveredDisturbance) {
  for (const std::uint32_t repetitions : {5u, 11u}) {
    for (const double spread : {1.0, 3.0}) {
      const Shape shape{.repetitions = repetitions, .per_s = 1000};
      const DrawOfShare draw = wandering_with(shape, kP99, 1, spread);
      expect_at_most_five_percent(simulate(name_of_wandering(1, spread) + ", mean at the edge",
                                           shape, kP99, effort(3'000),
                                           [&](Generator& g) { return draw(shape, kP99, g); }));
    }
  }
}

// Eleven repetitions of which two may dissent: where the shares are skewed, more than 5 % are
// proven with the mean at the edge. The claim is then true of the median repetition.
constexpr double kMostAtTheMeansEdge = 0.06;

void expect_right_verdicts(const AtBothEdges& rates) {
  expect_at_most_five_percent(rates.median);
  EXPECT_NEAR(rates.median.repetitions_over_share(), 0.5, 0.05);
  const auto most = most_by_chance(rates.mean.runs, kMostAtTheMeansEdge);
  EXPECT_LE(rates.mean.proven, most);
  EXPECT_LE(rates.mean.refuted, most_by_chance(rates.mean.runs));
  if (rates.mean.proven > most_by_chance(rates.mean.runs)) {
    EXPECT_LT(rates.mean.repetitions_over_share(), 0.45);
  }
}

void try_correlations(std::uint32_t repetitions, std::uint32_t seconds) {
  const bool is_whole = std::getenv("NATSPROOF_WHOLE_GRID") != nullptr;
  for (const double allowed : {kP99, kP95, kP90, kP50}) {
    for (const int part : {1, 4}) {
      for (const double spread : {1.0, 3.0}) {
        // A run takes as long as it has disturbances. Each day's cells are the quick ones of
        // those that come nearest to 5 %.
        const bool is_long = allowed == kP99 && part > 1;
        const bool is_worst = allowed > kP99 && part == 1 && spread > 1;
        if (!is_whole && !is_worst) continue;
        const Shape shape{.repetitions = repetitions,
                          .seconds = seconds,
                          .per_s = seconds > 5 && allowed > kP99 ? 100u : 1000u};
        const int runs = !is_whole ? effort(1'000) : is_long ? 2'500 : 10'000;
        expect_right_verdicts(simulate_at_both_edges(name_of_wandering(part, spread), shape,
                                                     allowed, runs,
                                                     wandering_with(shape, allowed, part, spread)));
      }
    }
  }
}

TEST(FalseVerdicts, GridOfCorrelationsInFiveRepetitions) {
  try_correlations(5, 5);
  try_correlations(5, 60);
}

TEST(FalseVerdicts, GridOfCorrelationsInEightRepetitions) {
  try_correlations(8, 5);
  try_correlations(8, 60);
}

TEST(FalseVerdicts, GridOfCorrelationsInElevenRepetitions) {
  try_correlations(11, 5);
  try_correlations(11, 60);
}

// The cell of the grid that proves the most with the mean at the edge. Longer blocks bring it to
// 5.2 % at best: it is not a variance unseen but the 42 % of repetitions over.
TEST(FalseVerdicts, CorrelationLongerThanASecond) {
  const Shape shape{.repetitions = 11, .seconds = 60, .per_s = 20};
  expect_right_verdicts(simulate_at_both_edges(name_of_wandering(1, 3), shape, kP90, 10'000,
                                               wandering_with(shape, kP90, 1, 3)));
}

// A claim that allows most requests to be over, like success >= 10 %: D* is 6 % of the run. With
// the mean at the edge most repetitions have more over than is allowed, so that refuting is right;
// the one request in ten that is not over comes in three or four gaps of the whole run.
TEST(FalseVerdicts, StallsWhereMostMayBeOver) {
  constexpr double kMost = 0.9;
  for (const std::uint32_t repetitions : {5u, 8u, 11u}) {
    const Shape shape{.repetitions = repetitions, .seconds = 60, .per_s = 100};
    const Duration covered = covered_disturbance(shape.measured(), kMost);
    const AtBothEdges rates = simulate_at_both_edges(
        "stalls of D*", shape, kMost, 10'000,
        [&](Shape drawn, double share, Generator& g) { return stalls(drawn, share, covered, g); });
    expect_at_most_five_percent(rates.median);
    EXPECT_NEAR(rates.median.repetitions_over_share(), 0.5, 0.02);
    EXPECT_LE(rates.mean.proven, most_by_chance(rates.mean.runs));
    EXPECT_LE(rates.mean.refuted_share(), 0.125);  // as it is: 9.0, 11.6, 10.0 %
    EXPECT_GT(rates.mean.repetitions_over_share(), 0.6);
  }
}

TEST(FalseVerdicts, RepetitionsThatDifferWithTheMedianAtTheEdge) {
  for (const std::uint32_t repetitions : {5u, 8u, 11u}) {
    for (const double sigma : {0.2, 0.5, 1.0, 2.0}) {
      const Shape shape{.repetitions = repetitions};
      expect_at_most_five_percent(simulate(
          fmt::format("between repetitions, sigma(log) {}, median at the edge", sigma), shape, kP99,
          10'000, [&](Generator& g) { return between_repetitions(shape, kP99, sigma, g); }));
    }
  }
}

// Of thirteen repetitions three may dissent, which alone gives 4.6 %; of fewer, 3.5 % at most.
TEST(FalseVerdicts, StallsInRepetitionsThatDifferWithTheMedianAtTheEdge) {
  for (const std::uint32_t repetitions : {5u, 8u, 11u, 13u}) {
    for (const double sigma : {0.2, 0.5, 1.0, 2.0}) {
      for (const double allowed : {kP99, kP90}) {
        const Shape shape{.repetitions = repetitions};
        const Duration covered = covered_disturbance(shape.measured(), allowed);
        const DrawOfShare draw = [&](Shape drawn, double share, Generator& g) {
          return stalls_between_repetitions(drawn, share, sigma, covered, g);
        };
        const double share = share_with_the_median_at_the_edge(shape, allowed, 10'000, draw);
        const VerdictRates rates =
            simulate(fmt::format("stalls of D*, sigma(log) {}, median at the edge", sigma), shape,
                     allowed, 10'000, [&](Generator& g) { return draw(shape, share, g); });
        expect_at_most_five_percent(rates);
        EXPECT_NEAR(rates.repetitions_over_share(), 0.5, 0.02);
      }
    }
  }
}

TEST(TrueVerdicts, HalfTheAllowedShareIsProvenTwiceIsRefuted) {
  const Shape shape;
  for (const double allowed : {kP99, kP90, kP50}) {
    EXPECT_GT(simulate("independent, half of what is allowed", shape, allowed, 5'000,
                       [&](Generator& g) { return independent(shape, allowed / 2, g); })
                  .proven_share(),
              0.9);
    EXPECT_GT(simulate("independent, twice what is allowed", shape, allowed, 5'000,
                       [&](Generator& g) { return independent(shape, allowed * 2, g); })
                  .refuted_share(),
              0.9);
  }
}

// p99.9 with 25 s covers 1.7 ms only: no such run is proven, however good.
TEST(TrueVerdicts, NothingIsProvenThatTheRunDoesNotCover) {
  const Shape shape;
  EXPECT_EQ(simulate("independent, none over", shape, 0.001, 100,
                     [&](Generator& g) { return independent(shape, 0, g); })
                .proven,
            0);
}

// Do these simulations notice a wrong rule? Without the design effect the same stalls are proven
// far too often.
TEST(Simulation, NoticesAMissingDesignEffect) {
  const Shape shape;
  const Duration covered = covered_disturbance(shape.measured(), kP99);
  Generator generator(kVerdictSeed);
  constexpr int kRuns = 2000;
  int supported = 0, supported_without = 0;
  for (int i = 0; i < kRuns; ++i) {
    const SimulatedRun run = stalls(shape, kP99, covered, generator);
    const std::vector<ShareCount> repetitions = sums_of(run);
    supported += test_share(repetitions, design_effect(run, covered), kP99).supports;
    supported_without += test_share(repetitions, 1, kP99).supports;
  }
  fmt::print("stalls of D*: pooled test alone supports {:.2f} %, without design effect {:.2f} %\n",
             100.0 * supported / kRuns, 100.0 * supported_without / kRuns);
  EXPECT_LE(supported, 0.1 * kRuns);
  EXPECT_GE(supported_without, 0.3 * kRuns);
}

// Where the rules promise 5 % and gives a little more; the rates are held where they are.

// The sign rule takes repetitions for independent. A disturbance that outlasts the pause between
// two of them has a say in both: here there is no pause. D* is a fifteenth of the allowed share of
// all repetitions, and of the eighteen of the last cell as long as three fifths of one.
TEST(KnownLimits, DisturbancesThatRunOnIntoTheNextRepetition) {
  for (const std::uint32_t repetitions : {5u, 11u, 18u}) {
    const Shape shape{.repetitions = repetitions, .per_s = 1000};
    const Wandering how{.memory = covered_disturbance(shape.measured(), kP50), .runs_on = true};
    const VerdictRates rates =
        simulate("AR(1), 1/e in D*, runs on, at the edge", shape, kP50, effort(8'000),
                 [&](Generator& g) { return wandering(shape, kP50, how, g); });
    EXPECT_LE(rates.proven_share(), 0.08);
    EXPECT_LE(rates.refuted_share(), 0.08);
  }
}

}  // namespace
}  // namespace natsproof::simulation
