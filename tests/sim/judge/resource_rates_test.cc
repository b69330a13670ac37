// How often claims on processes get which verdict, of simulated processes whose truth is known.
#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "loadgen/judge/resource_evidence.h"

namespace natsproof {
namespace {

using Generator = std::mt19937_64;

constexpr double kMiB = 1024.0 * 1024;
constexpr double kPage = 4096;

struct Shape {
  int repetitions = 5;
  int seconds = 10;  // of each; a second of warm-up comes before
};
constexpr Shape kMinute{5, 10};
constexpr Shape kTenMinutes{5, 120};

// Resident bytes at a time since the processes began.
using Memory = std::function<double(double time_s)>;

// What natsproof would have recorded of it: about a sample a second, of whole pages; the watch
// comes every 100 ms, and the kernel's counters lag.
std::vector<Repetition> sampled(Shape shape, const Memory& memory, double lag_pages,
                                Generator& generator) {
  std::uniform_real_distribution<double> late(0, 0.1);
  std::normal_distribution<double> lag(0, lag_pages);
  std::vector<Repetition> repetitions;
  double began_s = 0.3;  // the stage stands before the load begins
  for (int r = 0; r < shape.repetitions; ++r) {
    Repetition& repetition = repetitions.emplace_back();
    repetition.warmup = 1s;
    repetition.window = 1s * shape.seconds;
    ResourceRecord& record = repetition.resources.emplace_back();
    record.of = kServicesRole;
    record.processes = 1;
    record.fresh = r == 0;
    for (int second = 0; second <= 1 + shape.seconds; ++second) {
      const double at_s =
          second == 1 + shape.seconds ? second - late(generator) : second + late(generator);
      const double bytes = std::max(0.0, memory(began_s + at_s) + lag(generator) * kPage);
      record.samples.push_back(
          {.at = Duration{std::llround(at_s * 1e9)},
           .resident_bytes = static_cast<std::uint64_t>(std::floor(bytes / kPage) * kPage)});
    }
    began_s += 1 + shape.seconds + 0.2;
  }
  return repetitions;
}

// Pools that fill in the first repetition, and an allocator that now and then takes a step.
Memory healthy(Generator& generator) {
  const double rise = std::uniform_real_distribution<double>(0.5, 4)(generator) * kMiB;
  const double soon_s = std::uniform_real_distribution<double>(1, 20)(generator);
  std::exponential_distribution<double> pause(1 / 150.0);
  std::vector<double> steps;
  for (double at_s = pause(generator); at_s < 700; at_s += pause(generator)) steps.push_back(at_s);
  return [rise, soon_s, steps](double time_s) {
    double bytes = 20 * kMiB + rise * (1 - std::exp(-time_s / soon_s));
    for (const double step : steps) bytes += time_s >= step ? 132 * 1024 : 0;
    return bytes;
  };
}

struct GrowthRates {
  int proven = 0, refuted = 0;
};

GrowthRates rates_of(const std::string& text, Shape shape, int runs, double lag_pages,
                     const std::function<Memory(Generator&)>& draw) {
  const Claim claim = parse_claim(text, {}).value();
  Generator generator(20261121);
  GrowthRates rates;
  for (int i = 0; i < runs; ++i) {
    const Memory memory = draw(generator);
    const auto repetitions = sampled(shape, memory, lag_pages, generator);
    const Verdict verdict = test_resource(repetitions, claim, 2).test.verdict();
    rates.proven += verdict == Verdict::proven;
    rates.refuted += verdict == Verdict::refuted;
  }
  return rates;
}

constexpr const char* kClaim = "memory_growth(services) < 1MiB/min";
constexpr int kRuns = 1000;
constexpr double kLag = 8;  // pages

TEST(MemoryGrowthRates, ALeakOfAKibibyteARequestIsRefutedWithinAMinute) {
  const auto leak = [](Generator& generator) -> Memory {
    return
        [base = healthy(generator)](double time_s) { return base(time_s) + 300 * 1024 * time_s; };
  };
  EXPECT_EQ(rates_of(kClaim, kMinute, kRuns, kLag, leak).refuted, kRuns);
}

TEST(MemoryGrowthRates, AHealthyServiceIsProvenInTenMinutes) {
  const GrowthRates rates = rates_of(kClaim, kTenMinutes, kRuns, kLag, healthy);
  RecordProperty("proven", rates.proven);
  EXPECT_LE(rates.refuted, kRuns / 20);
  EXPECT_GE(rates.proven, kRuns * 9 / 10);
}

TEST(MemoryGrowthRates, AHealthyServiceIsNotRefutedInAMinute) {
  const GrowthRates rates = rates_of(kClaim, kMinute, kRuns, kLag, healthy);
  RecordProperty("proven", rates.proven);
  EXPECT_LE(rates.refuted, kRuns / 20);
}

TEST(MemoryGrowthRates, WarmUpThatFillsTheFirstRepetitionRefutesNothing) {
  const auto slow = [](Generator& generator) -> Memory {
    return [base = healthy(generator)](double time_s) {
      return base(time_s) + std::min(time_s, 11.0) * 2 * kMiB;
    };
  };
  for (const Shape shape : {kMinute, kTenMinutes})
    EXPECT_EQ(rates_of(kClaim, shape, 200, kLag, slow).refuted, 0);
}

TEST(MemoryGrowthRates, ALeakAtTheLimitIsHardlyEverProven) {
  const auto leak = [](Generator&) -> Memory {
    return [](double time_s) { return 20 * kMiB + kMiB / 60 * time_s; };
  };
  for (const Shape shape : {kMinute, kTenMinutes}) {
    const GrowthRates rates = rates_of(kClaim, shape, kRuns, kLag, leak);
    EXPECT_LE(rates.proven, kRuns / 20);
    EXPECT_LE(rates.refuted, kRuns / 20);
  }
}

// The median slope of every repetition is about 0: what is left is the growth from end to end.
TEST(MemoryGrowthRates, ALeakInRareStepsIsNotProven) {
  const auto leak = [](Generator& generator) -> Memory {
    constexpr double kEvery = 150;
    const double first_s = std::uniform_real_distribution<double>(0, kEvery)(generator);
    return [first_s](double time_s) {
      return 20 * kMiB + std::floor((time_s + kEvery - first_s) / kEvery) * 4 * kMiB;
    };
  };
  EXPECT_LE(rates_of(kClaim, kTenMinutes, kRuns, kLag, leak).proven, kRuns / 20);
}

// Mean shares of a core, known to two ticks.
Verdict verdict_of_cpu(double truth, double spread, Generator& generator) {
  const Claim claim = parse_claim("cpu(server) < 50%", {}).value();
  std::normal_distribution<double> share(truth, spread);
  std::uniform_real_distribution<double> late(0, 0.1), phase(0, 0.01);
  std::vector<Repetition> repetitions(5);
  for (Repetition& repetition : repetitions) {
    repetition.warmup = 1s;
    repetition.window = 5s;
    ResourceRecord& record = repetition.resources.emplace_back();
    record.of = kServerRole;
    record.processes = 1;
    const double own = std::max(0.0, share(generator));
    const double before_s = phase(generator);
    for (int second = 0; second <= 6; ++second) {
      const double at_s = second + (second == 6 ? -1 : 1) * late(generator);
      const auto ticks = static_cast<std::int64_t>((before_s + own * at_s) * 100);
      record.samples.push_back({.at = Duration{std::llround(at_s * 1e9)}, .cpu = 10ms * ticks});
    }
  }
  return test_resource(repetitions, claim, 2).test.verdict();
}

TEST(CpuRates, AreOfTheirSideOfTheLimit) {
  Generator generator(7);
  int proven_below = 0, refuted_above = 0, wrong_at_limit = 0;
  for (int i = 0; i < kRuns; ++i) {
    proven_below += verdict_of_cpu(0.40, 0.02, generator) == Verdict::proven;
    refuted_above += verdict_of_cpu(0.60, 0.02, generator) == Verdict::refuted;
    wrong_at_limit += verdict_of_cpu(0.50, 0.02, generator) != Verdict::inconclusive;
  }
  EXPECT_GE(proven_below, kRuns * 95 / 100);
  EXPECT_GE(refuted_above, kRuns * 95 / 100);
  EXPECT_LE(wrong_at_limit, kRuns / 10);  // 5 % each way
}

}  // namespace
}  // namespace natsproof
