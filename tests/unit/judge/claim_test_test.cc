#include "loadgen/judge/claim_test.h"

#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace natsproof {
namespace {

ClaimTest shares(const std::vector<ShareCount>& repetitions, double allowed, double effect = 1) {
  return test_share(repetitions, effect, allowed);
}

TEST(WithinShare, CountedAndRobustAgainstBinaryFractions) {
  EXPECT_TRUE(within_share({.planned = 10'000, .over = 100}, 0.01));
  EXPECT_FALSE(within_share({.planned = 10'000, .over = 101}, 0.01));
  EXPECT_TRUE(within_share({.planned = 10'000, .over = 1000}, 1 - 0.9));  // 0.0999...
  EXPECT_TRUE(within_share({.planned = 100, .over = 29}, 0.29));          // 28.999...
  EXPECT_FALSE(within_share({.planned = 100, .over = 1}, 0));
}

TEST(ShareTest, FarBelowIsProvenFarAboveRefuted) {
  EXPECT_EQ(shares({5, {2000, 2}}, 0.01).verdict(), Verdict::proven);
  EXPECT_EQ(shares({5, {2000, 100}}, 0.01).verdict(), Verdict::refuted);
  EXPECT_EQ(shares({5, {2000, 20}}, 0.01).verdict(), Verdict::inconclusive);
}

TEST(ShareTest, BoundsDecideNotTheShare) {
  // U(12 of 2,000) = 0.0097, Lo(20 of 2,000) = 0.0066: one pooled count on either side of an
  // allowed share.
  const std::vector<ShareCount> twelve{{400, 3}, {400, 3}, {400, 2}, {400, 2}, {400, 2}};
  EXPECT_EQ(shares(twelve, 0.0098).verdict(), Verdict::proven);
  EXPECT_EQ(shares(twelve, 0.0097).verdict(), Verdict::inconclusive);
  const std::vector<ShareCount> twenty(5, {400, 4});
  EXPECT_EQ(shares(twenty, 0.0066).verdict(), Verdict::refuted);
  EXPECT_EQ(shares(twenty, 0.0067).verdict(), Verdict::inconclusive);
}

TEST(ShareTest, DesignEffectWidens) {
  const std::vector<ShareCount> repetitions(5, {2000, 12});
  EXPECT_EQ(shares(repetitions, 0.01, 1).verdict(), Verdict::proven);
  const ClaimTest wide = shares(repetitions, 0.01, 5);
  EXPECT_EQ(wide.design_effect, 5);
  EXPECT_NEAR(wide.bounds.upper, 0.009703194530, 1e-9);  // 12 of 2,000
  const ClaimTest wider = shares(repetitions, 0.01, 10);
  EXPECT_EQ(wider.verdict(), Verdict::inconclusive);
}

TEST(ShareTest, DesignEffectHasNoSayWhenNoneOrAllAreOver) {
  EXPECT_EQ(shares(std::vector<ShareCount>(5, {100, 0}), 0.01, 9).design_effect, 1);
  EXPECT_EQ(shares(std::vector<ShareCount>(5, {100, 100}), 0.01, 9).design_effect, 1);
}

TEST(SignRuleOfAClaim, OneDissenterAmongFiveBlocksEitherVerdict) {
  EXPECT_EQ(shares({{2000, 2}, {2000, 2}, {2000, 2}, {2000, 2}, {2000, 21}}, 0.01).verdict(),
            Verdict::inconclusive);
  EXPECT_EQ(shares({{2000, 2}, {2000, 2}, {2000, 2}, {2000, 2}, {2000, 20}}, 0.01).verdict(),
            Verdict::proven);
  EXPECT_EQ(shares({{2000, 90}, {2000, 90}, {2000, 90}, {2000, 90}, {2000, 20}}, 0.01).verdict(),
            Verdict::inconclusive);
}

TEST(SignRuleOfAClaim, EightMayHaveOneDissenterElevenTwo) {
  const auto with = [](std::uint32_t repetitions, std::uint32_t dissenters) {
    std::vector<ShareCount> counts(repetitions, {2000, 2});
    for (std::uint32_t r = 0; r < dissenters; ++r) counts[r].over = 21;
    return test_share(counts, 1, 0.01).verdict();
  };
  EXPECT_EQ(with(7, 1), Verdict::inconclusive);
  EXPECT_EQ(with(8, 1), Verdict::proven);
  EXPECT_EQ(with(10, 2), Verdict::inconclusive);
  EXPECT_EQ(with(11, 2), Verdict::proven);
  EXPECT_EQ(with(12, 3), Verdict::inconclusive);
}

TEST(SignRuleOfAClaim, FewerThanFiveRepetitionsSettleNothing) {
  EXPECT_EQ(shares({4, {2000, 0}}, 0.01).verdict(), Verdict::inconclusive);
  EXPECT_EQ(shares({4, {2000, 2000}}, 0.01).verdict(), Verdict::inconclusive);
  EXPECT_EQ(shares({}, 0.01).verdict(), Verdict::inconclusive);
}

TEST(SignRuleOfAClaim, EmptyRepetitionIsOnNoSide) {
  const ClaimTest test = shares({{2000, 0}, {2000, 0}, {2000, 0}, {2000, 0}, {0, 0}}, 0.01);
  EXPECT_EQ(test.on(Side::claim), 4u);
  EXPECT_EQ(test.on(Side::against), 0u);
  EXPECT_EQ(test.verdict(), Verdict::inconclusive);
}

TEST(MaximumTest, OneOverRefutesNoneSupports) {
  const std::vector<ShareCount> none(5, {100, 0});
  EXPECT_TRUE(test_maximum(none).supports);
  std::vector<ShareCount> one = none;
  one[3].over = 1;
  EXPECT_FALSE(test_maximum(one).supports);
  EXPECT_TRUE(test_maximum(one).refutes);
  EXPECT_EQ(test_maximum(one).on(Side::against), 1u);
  EXPECT_FALSE(test_maximum(std::vector<ShareCount>(5)).supports);
}

std::vector<MeanEvidence> means(const std::vector<double>& values) {
  std::vector<MeanEvidence> evidence;
  for (const double value : values) evidence.push_back({.supporting = value, .refuting = value});
  return evidence;
}

TEST(MeanTest, StudentsBoundAgainstTheLimit) {
  // 3 +- 1.5074
  const auto values = means({1, 2, 3, 4, 5});
  EXPECT_EQ(test_mean(values, Comparison::less, 5.01).verdict(), Verdict::proven);
  EXPECT_EQ(test_mean(values, Comparison::less, 4.51).verdict(), Verdict::inconclusive);  // sides
  EXPECT_TRUE(test_mean(values, Comparison::less, 4.51).supports);
  EXPECT_FALSE(test_mean(values, Comparison::less, 4.50).supports);
  EXPECT_TRUE(test_mean(values, Comparison::less, 1.49).refutes);
  EXPECT_FALSE(test_mean(values, Comparison::less, 1.50).refutes);
  EXPECT_EQ(test_mean(values, Comparison::less, 0.99).verdict(), Verdict::refuted);
}

TEST(MeanTest, RatesTheOtherWayRound) {
  const auto values = means({1, 2, 3, 4, 5});
  EXPECT_EQ(test_mean(values, Comparison::greater, 0.9).verdict(), Verdict::proven);
  EXPECT_EQ(test_mean(values, Comparison::greater, 5.1).verdict(), Verdict::refuted);
  EXPECT_EQ(test_mean(values, Comparison::greater, 3).verdict(), Verdict::inconclusive);
}

TEST(MeanTest, EqualToTheLimitHoldsOnlyWithAnEqualSign) {
  const auto values = means({2, 2, 2, 2, 2});
  EXPECT_EQ(test_mean(values, Comparison::greater_equal, 2).verdict(), Verdict::proven);
  EXPECT_EQ(test_mean(values, Comparison::greater, 2).verdict(), Verdict::refuted);
}

TEST(MeanTest, AFailureForbidsSupportButNotRefutation) {
  auto values = means({2, 2.1, 2, 2.1, 2});
  values[0].can_support = false;
  EXPECT_FALSE(test_mean(values, Comparison::less, 3).supports);
  EXPECT_EQ(test_mean(values, Comparison::less, 3).verdict(), Verdict::inconclusive);
  EXPECT_EQ(test_mean(values, Comparison::less, 1).verdict(), Verdict::refuted);
}

TEST(MeanTest, AllFailedEverywhereIsRefutedNothingPlannedIsNot) {
  const std::vector<MeanEvidence> failed(5, {.is_empty = true, .all_failed = true});
  EXPECT_EQ(test_mean(failed, Comparison::less, 1e9).verdict(), Verdict::refuted);
  const std::vector<MeanEvidence> empty(5, {.is_empty = true});
  EXPECT_EQ(test_mean(empty, Comparison::less, 1e9).verdict(), Verdict::inconclusive);
}

Duration loaded(const std::vector<double>& planned, Duration last = 1s) {
  std::vector<LoadedSecond> seconds;
  for (const double n : planned) seconds.push_back({.planned = n});
  if (!seconds.empty()) seconds.back().length = last;
  return loaded_time(seconds);
}

TEST(LoadedTime, OfAConstantLoadIsEverySecond) {
  EXPECT_EQ(loaded({1, 1, 1, 1}), 4s);
  EXPECT_EQ(loaded({2000, 2000, 2000, 2000}), 4s);
  EXPECT_EQ(loaded({2000, 2000, 1000}, 500ms), 2500ms);
  EXPECT_EQ(loaded({1800}, 900ms), 900ms);
  EXPECT_EQ(loaded({2000, 2000, 1}, 1ms), 2001ms);
  EXPECT_EQ(loaded({0, 0}), 2s);  // nothing to weigh by
  EXPECT_EQ(loaded({}), 0s);
}

TEST(LoadedTime, LeavesOutWhatIsIdle) {
  EXPECT_NEAR(static_cast<double>(loaded({0, 0, 2000, 0, 0}).count()), 1e9, 1e6);
  EXPECT_NEAR(static_cast<double>(loaded({2000, 2000, 0, 0, 0, 0, 0, 0, 0, 0}).count()), 2e9, 2e6);
  EXPECT_NEAR(static_cast<double>(loaded({0, 0, 0, 0, 1000}, 500ms).count()), 5e8, 1e6);
  // A second at 100 times the rest is half of the load; a ramp from 0 fills three quarters.
  EXPECT_LT(loaded(std::vector<double>{10'000, 100, 100, 100, 100, 100, 100, 100, 100, 100}),
            1300ms);
  std::vector<double> ramp;
  for (int i = 0; i < 1000; ++i) ramp.push_back(2 * i + 1);
  EXPECT_NEAR(static_cast<double>(loaded(ramp).count()), 750e9, 1e9);
}

TEST(LoadedTime, CountsOfASecondWhatItsRequestsFill) {
  std::vector<LoadedSecond> seconds(10, {.planned = 1000, .spread = 0.25});
  EXPECT_EQ(loaded_time(seconds), 2500ms);
  for (std::size_t i = 5; i < seconds.size(); ++i) seconds[i].planned = 0;
  EXPECT_NEAR(static_cast<double>(loaded_time(seconds).count()), 1.25e9, 2e6);
}

TEST(LoadedTime, IsNotShortenedByChance) {
  std::mt19937_64 random(7);
  int shortened = 0;
  for (const auto& [per_s, seconds] :
       {std::pair{1, 300}, std::pair{5, 15}, std::pair{67, 5}, std::pair{2000, 45}}) {
    std::poisson_distribution<int> arrivals(per_s);
    for (int run = 0; run < 250; ++run) {
      std::vector<double> counts;
      for (int second = 0; second < seconds; ++second) counts.push_back(arrivals(random));
      shortened += loaded(counts) < 1s * seconds;
    }
  }
  EXPECT_LE(shortened, 10);
  // A closed loop's seconds scatter.
  EXPECT_EQ(loaded({8000, 9000, 10'000, 11'000, 12'000}), 5s);
}

TEST(CoveredDisturbance, TheLawsExamples) {
  EXPECT_EQ(covered_disturbance(4500ms, 0.01), 3ms);
  EXPECT_EQ(covered_disturbance(45s, 0.001), 3ms);
  EXPECT_EQ(covered_disturbance(450s, 0.0001), 3ms);
}

}  // namespace
}  // namespace natsproof
