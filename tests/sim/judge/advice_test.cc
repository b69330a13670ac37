// An INCONCLUSIVE claim says which run would settle it. Here somebody does what it says, with the
// same system: the sentence is read, the run is drawn anew, and most of them take a side.
//
// How many do is printed, per kind of system and by how far its true share is from the share
// allowed. At the edge itself nothing is settled, whatever is advised, and nothing is asserted.
#include "loadgen/judge/advice.h"

#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/units.h"
#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/simulated_run.h"
#include "tests/effort.h"

namespace natsproof::simulation {
namespace {

constexpr std::uint64_t kSeed = 20261201;
constexpr Duration kCovers = 3ms;

Claim claim(std::string_view text) {
  return parse_claim(text, {}).value();
}

// `... needs about 11 repetitions of 25.0 s; this run has ...`, or `at least 5 repetitions`.
std::optional<RunShape> read(const std::string& advice, Duration each) {
  const std::size_t needs = advice.find(" needs ");
  if (needs == std::string::npos) return std::nullopt;
  const std::size_t end = advice.find(" repetitions", needs);
  const std::size_t begin = advice.rfind(' ', end - 1) + 1;
  RunShape run{.each = each};
  run.repetitions = static_cast<std::uint32_t>(std::stoul(advice.substr(begin, end - begin)));
  constexpr std::string_view kOf = " repetitions of ";
  if (advice.compare(end, kOf.size(), kOf) != 0) return run;
  const std::size_t number = end + kOf.size();
  std::string length = advice.substr(number, advice.find_first_of(";f", number) - number);
  std::erase(length, ' ');
  const auto parsed = parse_duration(length);
  EXPECT_TRUE(parsed.ok()) << advice;
  if (parsed.ok()) run.each = *parsed;
  return run;
}

struct Followed {
  int open = 0, refused = 0, settled = 0;
  double times_as_long = 0;
  void add(const Followed& other) {
    open += other.open;
    refused += other.refused;
    settled += other.settled;
    times_as_long += other.times_as_long;
  }
  [[nodiscard]] int followed() const { return open - refused; }
  [[nodiscard]] double settled_share() const {
    return followed() == 0 ? 1 : static_cast<double>(settled) / followed();
  }
  [[nodiscard]] double refused_share() const {
    return open == 0 ? 0 : static_cast<double>(refused) / open;
  }
  void print(const std::string& what) const {
    fmt::print(
        "{:58} {:5} open, {:5.1f} % without advice, {:5.1f} % settled by it, {:.0f} x as long\n",
        what, open, 100 * refused_share(), 100 * settled_share(),
        followed() == 0 ? 0 : times_as_long / followed());
  }
};

// --- shares ---

using DrawOfShare = std::function<SimulatedRun(Shape, double share, Generator&)>;

struct Judged {
  Verdict verdict = Verdict::inconclusive;
  std::string advice;
};

Judged judged(const Claim& of, const SimulatedRun& run, Shape shape) {
  ClaimResult result{.allowed_share = of.allowed_share()};
  result.covers = covered_disturbance(shape.measured(), result.allowed_share);
  const std::vector<ShareCount> sums = sums_of(run);
  for (const ShareCount& sum : sums) {
    result.planned += sum.planned;
    result.over += sum.over;
  }
  const ClaimTest test = test_share(sums, design_effect(run, result.covers), result.allowed_share);
  Judged judged{.verdict = verdict_on(run, result.allowed_share, shape.measured(), kCovers)};
  if (judged.verdict == Verdict::inconclusive) {
    judged.advice =
        advice(of, test, result,
               {.measured = shape.measured(), .loaded = shape.measured(), .covers = kCovers});
  }
  return judged;
}

Followed follow(const Claim& of, Shape shape, double share, const DrawOfShare& draw, int runs,
                Generator& generator) {
  Followed followed;
  for (int i = 0; i < runs; ++i) {
    const Judged first = judged(of, draw(shape, share, generator), shape);
    if (first.verdict != Verdict::inconclusive) continue;
    ++followed.open;
    const auto advised = read(first.advice, 1s * shape.seconds);
    if (!advised) {
      ++followed.refused;
      continue;
    }
    Shape next = shape;
    next.repetitions = advised->repetitions;
    // Simulated runs have whole seconds.
    next.seconds = static_cast<std::uint32_t>((advised->each + 1s - 1ns) / 1s);
    const Judged second = judged(of, draw(next, share, generator), next);
    followed.settled += second.verdict != Verdict::inconclusive;
    followed.times_as_long += static_cast<double>(next.measured().count()) /
                              static_cast<double>(shape.measured().count());
  }
  return followed;
}

// Over claims, repetitions, seconds and rates; `share`: in times of what is allowed.
Followed follow_all(double share, const std::vector<std::uint32_t>& repetitions,
                    const DrawOfShare& draw) {
  Generator generator(kSeed);
  Followed all;
  for (const char* text : {"response p99 < 5ms", "success >= 90%", "response p50 < 1ms"}) {
    const Claim of = claim(text);
    if (share * of.allowed_share() >= 1) continue;
    for (const std::uint32_t r : repetitions) {
      for (const std::uint32_t seconds : {1U, 5U}) {
        for (const std::uint32_t per_s : {200U, 2000U}) {
          const Shape shape{.repetitions = r, .seconds = seconds, .per_s = per_s};
          all.add(follow(of, shape, share * of.allowed_share(), draw, effort(12), generator));
        }
      }
    }
  }
  return all;
}

constexpr double kShares[] = {0, 0.5, 0.7, 0.85, 0.95, 1.1, 1.3, 2};

bool is_near(double share) {
  return std::abs(share - 1) < 0.11;
}

TEST(Advice, OfAShareIsEnoughWhereRequestsAreIndependent) {
  const DrawOfShare draw = [](Shape shape, double share, Generator& g) {
    return independent(shape, share, g);
  };
  for (const double share : kShares) {
    const Followed all = follow_all(share, {1, 2, 5, 8}, draw);
    all.print(fmt::format("independent, {:4.2f} of the share allowed", share));
    EXPECT_GE(all.settled_share(), is_near(share) ? 0.75 : 0.93);
    EXPECT_LE(all.refused_share(), is_near(share) ? 0.2 : 0.05);
  }
}

TEST(Advice, OfAShareIsEnoughUnderStallsThatTheRunCovers) {
  const DrawOfShare draw = [](Shape shape, double share, Generator& g) {
    return stalls(shape, share, kCovers, g);
  };
  for (const double share : kShares) {
    if (share == 0) continue;
    const Followed all = follow_all(share, {2, 5, 8}, draw);
    all.print(fmt::format("stalls of 3 ms, {:4.2f} of the share allowed", share));
    EXPECT_GE(all.settled_share(), is_near(share) ? 0.65 : 0.9);
    EXPECT_LE(all.refused_share(), is_near(share) ? 0.25 : 0.12);
  }
}

// The claim is about the median repetition: where these differ, more of them are advised.
TEST(Advice, OfAShareIsEnoughWhereRepetitionsDiffer) {
  const DrawOfShare draw = [](Shape shape, double share, Generator& g) {
    constexpr double kSigma = 0.2;
    return between_repetitions(shape, share, kSigma, g);
  };
  for (const double share : kShares) {
    if (is_near(share)) continue;  // as near as a repetition's own share comes by chance
    const Followed all = follow_all(share, {5, 8}, draw);
    all.print(fmt::format("repetitions differ by 20 %, {:4.2f} of the share allowed", share));
    EXPECT_GE(all.settled_share(), 0.85);
    EXPECT_LE(all.refused_share(), share == 0.85 ? 0.4 : 0.15);
  }
}

// Do these simulations notice advice that cannot help? What the counts alone would need at this
// run's own share, half as long as what is advised or less, settles too few.
TEST(Advice, ATenthOfWhatIsAdvisedWouldNotDo) {
  const Claim of = claim("response p99 < 5ms");
  const Shape shape{.repetitions = 5, .seconds = 5, .per_s = 200};
  Generator generator(kSeed);
  int followed = 0, settled = 0;
  while (followed < 200) {
    const Judged first = judged(of, independent(shape, 0.0085, generator), shape);
    const auto advised = first.verdict == Verdict::inconclusive
                             ? read(first.advice, 1s * shape.seconds)
                             : std::nullopt;
    if (!advised) continue;
    ++followed;
    Shape next = shape;
    next.seconds = static_cast<std::uint32_t>(
        std::max<Duration::rep>(5, advised->total() / 10 / shape.repetitions / 1s));
    settled +=
        judged(of, independent(next, 0.0085, generator), next).verdict != Verdict::inconclusive;
  }
  EXPECT_LT(settled, 0.75 * followed);
}

// Where it says that nothing within reason would tell, an hour does not tell often.
TEST(Advice, NoneIsGivenWhereNoneHelps) {
  const Claim of = claim("response p99 < 5ms");
  const Shape shape{.per_s = 2000};
  Generator generator(kSeed);
  int open = 0, refused = 0;
  for (int i = 0; i < effort(200); ++i) {
    const Judged first = judged(of, independent(shape, 0.01, generator), shape);
    if (first.verdict != Verdict::inconclusive) continue;
    ++open;
    refused += !read(first.advice, 5s).has_value();
  }
  fmt::print("at the edge: {} of {} without advice\n", refused, open);
  EXPECT_GT(refused, 0.1 * open);
}

// --- means and rates ---

struct System {
  double mean = 0, scatter = 0;  // of the repetitions' means
  double edge = 0;               // requests that come after a repetition's window
};

std::vector<MeanEvidence> draw_means(const System& system, RunShape run, Generator& generator) {
  std::normal_distribution<double> normal(system.mean, system.scatter);
  std::vector<MeanEvidence> means;
  for (std::uint32_t r = 0; r < run.repetitions; ++r) {
    const double mean = normal(generator);
    const double missed = system.edge / (static_cast<double>(run.each.count()) * 1e-9);
    means.push_back({.supporting = mean - missed, .refuting = mean});
  }
  return means;
}

Followed follow(const Claim& of, double limit, const System& system, RunShape shape, int runs) {
  Generator generator(kSeed);
  Followed followed;
  const auto test = [&](RunShape run) {
    return test_mean(draw_means(system, run, generator), of.comparison, limit);
  };
  for (int i = 0; i < runs; ++i) {
    const ClaimTest first = test(shape);
    if (first.verdict() != Verdict::inconclusive) continue;
    ++followed.open;
    const auto advised =
        read(advice(of, first, {.planned = 1000}, {.measured = shape.total()}), shape.each);
    if (!advised) {
      ++followed.refused;
      continue;
    }
    followed.settled += test(*advised).verdict() != Verdict::inconclusive;
    followed.times_as_long +=
        static_cast<double>(advised->total().count()) / static_cast<double>(shape.total().count());
  }
  return followed;
}

TEST(Advice, OfAMeanIsEnough) {
  const Claim of = claim("response mean < 1ms");
  for (const double distance : {0.5, 1.0, 2.0, 5.0}) {  // in deviations of a repetition
    for (const int side : {-1, 1}) {
      Followed all;
      for (const std::uint32_t repetitions : {3U, 5U, 8U}) {
        const System system{.mean = 1e6 + side * distance * 5e4, .scatter = 5e4};
        all.add(follow(of, 1e6, system, {.repetitions = repetitions, .each = 5s}, effort(60)));
      }
      all.print(fmt::format("mean {} deviations from the limit, side {}", distance, side));
      // Half a deviation takes a hundred repetitions, which is as many as are advised.
      EXPECT_GE(all.settled_share(), distance < 1 ? 0.6 : 0.85);
      EXPECT_LE(all.refused_share(), distance < 2 ? 0.85 : 0.2);
    }
  }
}

// What answers came after the window speaks for neither verdict, and longer repetitions have less
// of it.
TEST(Advice, OfARateAtTheEdgeOfItsWindowIsLongerRepetitions) {
  const Claim of = claim("throughput >= 99.5/s");
  const System system{.mean = 100, .scatter = 0.05, .edge = 5};
  const Followed all = follow(of, 99.5, system, {.repetitions = 5, .each = 5s}, 100);
  all.print("rate of which the edge of the window takes 1 %");
  EXPECT_GT(all.open, 90);
  EXPECT_EQ(all.refused, 0);
  EXPECT_GE(all.settled_share(), 0.9);
}

// A third fails: no number of repetitions proves a mean then, and none is advised.
TEST(Advice, OfAMeanWithFailuresIsToMendThem) {
  const Claim of = claim("response mean < 1ms");
  Generator generator(kSeed);
  for (const std::uint32_t repetitions : {2U, 5U, 100U}) {
    std::vector<MeanEvidence> means = draw_means(
        {.mean = 5e5, .scatter = 1e4}, {.repetitions = repetitions, .each = 5s}, generator);
    for (MeanEvidence& mean : means) mean.can_support = false;
    const ClaimTest test = test_mean(means, of.comparison, 1e6);
    EXPECT_EQ(test.verdict(), Verdict::inconclusive);
    EXPECT_EQ(advice(of, test, {.planned = 1000}, {.measured = 25s}),
              "No length of run proves a mean while requests fail: mend the failures, or claim a "
              "quantile.");
  }
}

// --- where nothing may be over ---

TEST(Advice, OfAMaximumFillsEveryRepetition) {
  const Claim of = claim("response max < 1ms");
  Generator generator(kSeed);
  const auto draw = [&](RunShape run) {
    std::poisson_distribution<std::uint64_t> requests(0.5 * static_cast<double>(run.each / 1s));
    std::vector<ShareCount> counts;
    for (std::uint32_t r = 0; r < run.repetitions; ++r)
      counts.push_back({.planned = requests(generator)});
    return counts;
  };
  Followed all;
  for (const std::uint32_t repetitions : {2U, 5U}) {
    const RunShape shape{.repetitions = repetitions, .each = 3s};
    for (int i = 0; i < 100; ++i) {
      const std::vector<ShareCount> counts = draw(shape);
      const ClaimTest first = test_maximum(counts);
      ClaimResult result;
      for (const ShareCount& count : counts) result.planned += count.planned;
      if (first.verdict() != Verdict::inconclusive || result.planned == 0) continue;
      ++all.open;
      const auto advised = read(advice(of, first, result, {.measured = shape.total()}), shape.each);
      ASSERT_TRUE(advised.has_value());
      all.settled += test_maximum(draw(*advised)).verdict() != Verdict::inconclusive;
    }
  }
  all.print("maximum, a request in two seconds");
  EXPECT_GT(all.open, 100);
  EXPECT_GE(all.settled_share(), 0.85);
}

}  // namespace
}  // namespace natsproof::simulation
