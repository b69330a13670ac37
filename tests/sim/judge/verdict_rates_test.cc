// The rates that the law promises, found again by simulation with fixed seeds: at the edge of a
// claim at most 5 % of runs are proven and at most 5 % refuted, whatever the disturbances up to D*
// but for two known limits, which stand at the end; and a claim with room to spare is proven.
//
// The rates are printed, of at least 10,000 claims of each kind. A limit on a rate is the 99.9 %
// quantile of what 5 % would give in as many runs.
#include <functional>
#include <string>

#include <boost/math/distributions/binomial.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/simulated_run.h"

namespace natsproof::simulation {
namespace {

constexpr std::uint64_t kSeed = 20240501;
constexpr Duration kCovers = 3ms;

using Draw = std::function<SimulatedRun(Generator&)>;

struct Rates {
  int runs = 0, proven = 0, refuted = 0;
  [[nodiscard]] double proven_share() const { return static_cast<double>(proven) / runs; }
  [[nodiscard]] double refuted_share() const { return static_cast<double>(refuted) / runs; }
};

Rates simulate(const std::string& what, Shape shape, double allowed, int runs, const Draw& draw) {
  Generator generator(kSeed);
  Rates rates{.runs = runs};
  for (int i = 0; i < runs; ++i) {
    const Verdict verdict = verdict_on(draw(generator), allowed, shape.measured(), kCovers);
    rates.proven += verdict == Verdict::proven;
    rates.refuted += verdict == Verdict::refuted;
  }
  fmt::print(
      "{:56} {:2} x {:2} s x {}/s, {:5.1f} % allowed, D* {:8}: {:6} runs, {:6.2f} % proven, "
      "{:6.2f} % refuted\n",
      what, shape.repetitions, shape.seconds, shape.per_s, 100 * allowed,
      format_duration(covered_disturbance(shape.measured(), allowed)), runs,
      100 * rates.proven_share(), 100 * rates.refuted_share());
  return rates;
}

// The most that `runs` may give by chance where the true rate is 5 %.
double most_by_chance(int runs) {
  const boost::math::binomial_distribution<> chance(runs, 0.05);
  return boost::math::quantile(chance, 0.999);
}

void expect_at_most_five_percent(const Rates& rates) {
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

TEST(FalseVerdicts, CorrelationUpToTheCoveredDisturbance) {
  for (const std::uint32_t repetitions : {5u, 11u}) {
    for (const double spread : {1.0, 3.0}) {
      const Shape shape{.repetitions = repetitions, .per_s = 1000};
      const Duration covered = covered_disturbance(shape.measured(), kP99);
      const Wandering how{.memory = covered, .spread = spread};
      expect_at_most_five_percent(
          simulate(fmt::format("AR(1), 1/e in D*, probit spread {}, at the edge", spread), shape,
                   kP99, 3'000, [&](Generator& g) { return wandering(shape, kP99, how, g); }));
    }
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
  Generator generator(kSeed);
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

// Where the law promises 5 % and gives a little more; the rates are held where they are.

// Correlation that has fallen to 1/e in D* reaches beyond a block of 2 D*.
TEST(KnownLimits, CorrelationLongerThanASecond) {
  const Shape shape{.repetitions = 11, .seconds = 60, .per_s = 20};
  const Wandering how{.memory = covered_disturbance(shape.measured(), kP90), .spread = 3};
  const Rates rates =
      simulate("AR(1), 1/e in D*, probit spread 3, at the edge", shape, kP90, 10'000,
               [&](Generator& g) { return wandering(shape, kP90, how, g); });
  EXPECT_LE(rates.proven_share(), 0.07);
  EXPECT_LE(rates.refuted, most_by_chance(rates.runs));
}

// A claim that allows most requests to be over, like success >= 10 %: D* is 6 % of the run, and the
// few blocks that it leaves tell little of their variance.
TEST(KnownLimits, StallsWhereMostMayBeOver) {
  constexpr double kMost = 0.9;
  const Shape shape{.repetitions = 11, .seconds = 60, .per_s = 100};
  const Duration covered = covered_disturbance(shape.measured(), kMost);
  const Rates rates = simulate("stalls of D*, at the edge", shape, kMost, 10'000,
                               [&](Generator& g) { return stalls(shape, kMost, covered, g); });
  EXPECT_LE(rates.proven, most_by_chance(rates.runs));
  EXPECT_LE(rates.refuted_share(), 0.11);
}

}  // namespace
}  // namespace natsproof::simulation
