#include "loadgen/judge/statistics.h"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace natsproof {
namespace {

TEST(ClopperPearson, ClosedFormsAtTheEnds) {
  // U(0; n) = 1 - 0.05^(1/n), Lo(n; n) = 0.05^(1/n): the rule of three, exactly.
  for (const double n : {1.0, 10.0, 299.0, 50000.0}) {
    const Bounds none = clopper_pearson({.planned = n, .over = 0});
    EXPECT_EQ(none.lower, 0);
    EXPECT_NEAR(none.upper, -std::expm1(std::log(0.05) / n), 1e-12) << n;
    const Bounds all = clopper_pearson({.planned = n, .over = n});
    EXPECT_NEAR(all.lower, std::pow(0.05, 1 / n), 1e-12) << n;
    EXPECT_EQ(all.upper, 1);
  }
}

// Roots of the exact binomial sums, found with rational arithmetic.
TEST(ClopperPearson, TabulatedValues) {
  struct Row {
    double n, k, lower, upper;
  };
  for (const Row& row :
       {Row{20, 1, 0.002561378777, 0.216106164207}, Row{100, 5, 0.019905563662, 0.102253377643},
        Row{810, 3, 0.001010233435, 0.009544359139}, Row{2000, 12, 0.003465642025, 0.009703194530},
        Row{2000, 20, 0.006636879398, 0.014498062607}}) {
    const Bounds bounds = clopper_pearson({.planned = row.n, .over = row.k});
    EXPECT_NEAR(bounds.lower, row.lower, 1e-9) << row.k << " of " << row.n;
    EXPECT_NEAR(bounds.upper, row.upper, 1e-9) << row.k << " of " << row.n;
  }
}

TEST(ClopperPearson, RealCountsLieBetweenWholeOnesAndMirror) {
  const Bounds bounds = clopper_pearson({.planned = 100, .over = 2.5});
  EXPECT_GT(bounds.upper, clopper_pearson({.planned = 100, .over = 2}).upper);
  EXPECT_LT(bounds.upper, clopper_pearson({.planned = 100, .over = 3}).upper);
  const Bounds mirrored = clopper_pearson({.planned = 100, .over = 97.5});
  EXPECT_NEAR(bounds.upper, 1 - mirrored.lower, 1e-12);
  EXPECT_NEAR(bounds.lower, 1 - mirrored.upper, 1e-12);
}

TEST(ClopperPearson, NothingPlannedSaysNothing) {
  const Bounds bounds = clopper_pearson({});
  EXPECT_EQ(bounds.lower, 0);
  EXPECT_EQ(bounds.upper, 1);
}

TEST(DesignEffect, ByHand) {
  // p = 0.2, p(1-p)n = 1.6; (4 + 4) / 1.6 / (2-1)
  const std::vector<ShareCount> two{{10, 0}, {10, 4}};
  EXPECT_DOUBLE_EQ(design_effect(two), 5);
  // p = 6/30: blocks expect 2 and 4; 4/1.6 + 4/3.2, over 1
  const std::vector<ShareCount> uneven{{10, 4}, {20, 2}};
  EXPECT_DOUBLE_EQ(design_effect(uneven), 3.75);
  // p = 0.2; (4 + 0 + 4) / 1.6 / (3-1)
  const std::vector<ShareCount> three{{10, 0}, {10, 2}, {10, 4}};
  EXPECT_DOUBLE_EQ(design_effect(three), 2.5);
}

TEST(DesignEffect, EmptyBlocksDoNotCount) {
  const std::vector<ShareCount> blocks{{10, 0}, {0, 0}, {10, 4}, {0, 0}};
  EXPECT_DOUBLE_EQ(design_effect(blocks), 5);
}

TEST(DesignEffect, NeverBelowOneAndOneWhereItHasNoMeaning) {
  const std::vector<ShareCount> even{{10, 2}, {10, 2}, {10, 2}};
  EXPECT_EQ(design_effect(even), 1);
  const std::vector<ShareCount> none{{10, 0}, {10, 0}}, all{{10, 10}, {10, 10}}, single{{10, 3}};
  EXPECT_EQ(design_effect(none), 1);
  EXPECT_EQ(design_effect(all), 1);
  EXPECT_EQ(design_effect(single), 1);
  EXPECT_EQ(design_effect({}), 1);
}

using Seconds = std::vector<std::vector<ShareCount>>;  // [repetition][second]

TEST(PooledDesignEffect, BlocksOfTwiceTheCoveredDisturbanceInWholeSeconds) {
  // p = 0.2: seconds as in ByHand, twice. Pairs are alike and show nothing.
  const Seconds run{{{10, 0}, {10, 4}, {10, 4}, {10, 0}}};
  const double by_second = 4.0 / 1.6 * 4 / 3;
  EXPECT_DOUBLE_EQ(design_effect(run, 0ns), by_second);
  EXPECT_DOUBLE_EQ(design_effect(run, 500ms), by_second);
  EXPECT_EQ(design_effect(run, 500'000'001ns), 1);
  EXPECT_EQ(design_effect(run, 1s), 1);
  // Three seconds and one: 8 of 30 where 6 are expected, 0 of 10 where 2 are.
  const double three_and_one = 4 / 4.8 + 4 / 1.6;
  EXPECT_DOUBLE_EQ(design_effect(run, 1001ms), three_and_one);
  EXPECT_DOUBLE_EQ(design_effect(run, 1500ms), three_and_one);
}

TEST(PooledDesignEffect, ADisturbanceCutInPiecesHidesMostOfItsVariance) {
  const Seconds run{{{10, 0}, {10, 0}, {10, 4}, {10, 4}, {10, 0}, {10, 0}}};
  // p = 2/15: (4 (4/3)^2 + 2 (8/3)^2) / (10 p(1-p)) / 5 and (2 (8/3)^2 + (16/3)^2) / (20 p(1-p)) /
  // 2
  EXPECT_DOUBLE_EQ(design_effect(run, 500ms), 48.0 / 13);
  EXPECT_DOUBLE_EQ(design_effect(run, 1s), 120.0 / 13);
}

TEST(PooledDesignEffect, NoBlockSpansRepetitionsOrIsLongerThanOne) {
  const Seconds run{{{10, 0}, {10, 0}, {10, 0}}, {{10, 4}, {10, 4}, {10, 4}}};
  // p = 0.2, p(1-p) = 0.16. Blocks of 2 s and 1 s: 2 (16/3.2 + 4/1.6) / (4-1)
  EXPECT_DOUBLE_EQ(design_effect(run, 1s), 5);
  // The repetitions: 2 (36/4.8) / (2-1), however long D* is
  EXPECT_DOUBLE_EQ(design_effect(run, 1500ms), 15);
  EXPECT_DOUBLE_EQ(design_effect(run, 1h), 15);
}

TEST(PooledDesignEffect, EmptyBlocksAndRepetitionsDoNotCount) {
  const Seconds run{{{0, 0}, {0, 0}, {10, 0}, {0, 0}}, {}, {{10, 4}}};
  EXPECT_DOUBLE_EQ(design_effect(run, 1s), 5);
  EXPECT_EQ(design_effect(Seconds{}, 1s), 1);
}

TEST(SignRule, Table) {
  for (std::uint32_t r = 0; r < 5; ++r) EXPECT_EQ(sign_rule_dissenters(r), std::nullopt) << r;
  constexpr std::array<std::uint32_t, 12> kDissenters{0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4};
  for (std::uint32_t r = 5; r < 17; ++r)
    EXPECT_EQ(sign_rule_dissenters(r), kDissenters[r - 5]) << r;
}

TEST(Student, FiveValues) {
  const std::vector<double> values{1, 2, 3, 4, 5};
  const auto bounds = student_bounds(values);
  ASSERT_TRUE(bounds.has_value());
  // t(0.95; 4) = 2.131846786, s/sqrt(5) = 0.7071067812
  EXPECT_NEAR(bounds->lower, 3 - 1.507443317, 1e-8);
  EXPECT_NEAR(bounds->upper, 3 + 1.507443317, 1e-8);
}

TEST(Student, NeedsTwoValues) {
  const std::vector<double> one{1};
  EXPECT_FALSE(student_bounds(one).has_value());
  EXPECT_FALSE(student_bounds({}).has_value());
}

TEST(RankInterval, MedianOfAHundred) {
  // P(Bin(100, 1/2) <= 39) = 0.0176, P(<= 40) = 0.0284, P(<= 59) = 0.9716, P(<= 60) = 0.9824
  const RankInterval ranks = rank_interval(Quantile{0.5}, 100, 1);
  EXPECT_EQ(ranks.lower, 40u);
  EXPECT_EQ(ranks.upper, 61u);
}

TEST(RankInterval, WidensWithTheDesignEffect) {
  const RankInterval ranks = rank_interval(Quantile{0.5}, 400, 4);
  EXPECT_EQ(ranks.lower, 160u);
  EXPECT_EQ(ranks.upper, 244u);
}

TEST(RankInterval, NothingWhereTheSampleDoesNotReach) {
  // 0.99^100 = 0.366: the largest of a hundred is below p99 too often.
  const RankInterval high = rank_interval(Quantile{0.99}, 100, 1);
  EXPECT_TRUE(high.lower.has_value());
  EXPECT_FALSE(high.upper.has_value());
  // 0.99^368 = 0.0248
  EXPECT_FALSE(rank_interval(Quantile{0.99}, 367, 1).upper.has_value());
  EXPECT_EQ(rank_interval(Quantile{0.99}, 368, 1).upper, 368u);
  const RankInterval none = rank_interval(Quantile{0.5}, 0, 1);
  EXPECT_FALSE(none.lower.has_value());
  EXPECT_FALSE(none.upper.has_value());
}

TEST(TrendScore, IsZeroOnAverageAndOneInDeviation) {
  // Two slices, 1 of 4 counted, in the later one: mean time 0.5, spread 4 / 4, so
  // 0.5 / sqrt(1 / 3 * 3 / 4).
  const TimedCount later[] = {{0, 2, 0}, {1, 2, 1}};
  EXPECT_NEAR(trend_score(later), 1, 1e-12);
  const TimedCount earlier[] = {{0, 2, 1}, {1, 2, 0}};
  EXPECT_NEAR(trend_score(earlier), -1, 1e-12);
  const TimedCount even[] = {{0, 20, 3}, {1, 40, 6}, {2, 20, 3}};
  EXPECT_NEAR(trend_score(even), 0, 1e-12);
}

TEST(TrendScore, NoneOrAllCountedSayNothing) {
  EXPECT_EQ(trend_score({}), 0);
  const TimedCount none[] = {{0, 2, 0}, {1, 2, 0}}, all[] = {{0, 2, 2}, {1, 3, 3}};
  EXPECT_EQ(trend_score(none), 0);
  EXPECT_EQ(trend_score(all), 0);
  const TimedCount at_once[] = {{1, 20, 4}};
  EXPECT_EQ(trend_score(at_once), 0);
}

// Mean 3, deviation sqrt(2.5): t = 3 / (1.581 / sqrt(5)) = 4.243; 2.776 is the bound at 5 %, 3.961
// of three tests and 4.604 of five.
TEST(DiffersFromZero, ByStudentsTOverRepetitions) {
  const double values[] = {1, 2, 3, 4, 5};
  EXPECT_TRUE(differs_from_zero(values));
  EXPECT_TRUE(differs_from_zero(values, 0, 3));
  EXPECT_FALSE(differs_from_zero(values, 0, 5));
  const double below[] = {-1, -2, -3, -4, -5};
  EXPECT_TRUE(differs_from_zero(below));
  const double around[] = {-1, 2, -3, 4, 5};
  EXPECT_FALSE(differs_from_zero(around));
}

// They agree by luck: of scores, whose deviation is 1, a mean of 1.2 is 2.683 deviations.
TEST(DiffersFromZero, CountsOnNoLessThanTheLeastDeviation) {
  const double values[] = {1.1, 1.2, 1.3, 1.2, 1.2};
  EXPECT_TRUE(differs_from_zero(values));
  EXPECT_FALSE(differs_from_zero(values, 1));
  const double higher[] = {1.2, 1.3, 1.4, 1.3, 1.3};
  EXPECT_TRUE(differs_from_zero(higher, 1));
}

TEST(FitLine, WeighsItsPoints) {
  // Two points at 1 weigh as one of weight 2.
  const TimedValue twice[] = {{0, 1}, {1, 5}, {1, 5}, {2, 3}, {3, 4}, {4, 6}};
  const TimedValue heavy[] = {{0, 1, 1}, {1, 5, 2}, {2, 3, 1}, {3, 4, 1}, {4, 6, 1}, {5, 77, 0}};
  EXPECT_NEAR(fit_line(twice)->slope, fit_line(heavy)->slope, 1e-12);
  EXPECT_NEAR(fit_line(twice)->mean, fit_line(heavy)->mean, 1e-12);
  const TimedValue line[] = {{1, 3}, {2, 5}, {4, 9}};
  EXPECT_NEAR(fit_line(line)->slope, 2, 1e-12);
  EXPECT_NEAR(fit_line(line)->mean, 17.0 / 3, 1e-12);
  const TimedValue at_once[] = {{1, 3}, {1, 5}};
  EXPECT_FALSE(fit_line(at_once));
  EXPECT_FALSE(fit_line({}));
}

// Around 2 a repetition, off by -1, +1, +1, -1: a standard error of sqrt(4 / 2 / 5) = 0.632 and
// t = 3.162 with 2 degrees, where 4.303 is needed.
TEST(RepetitionTrend, ByStudentsTOfItsSlope) {
  const double scattered[] = {-1, 3, 5, 5};
  const auto trend = repetition_trend(scattered);
  ASSERT_TRUE(trend);
  EXPECT_NEAR(trend->line.slope, 2, 1e-12);
  EXPECT_NEAR(trend->line.mean, 3, 1e-12);
  EXPECT_FALSE(trend->is_real);
  const double steeper[] = {-1, 4, 7, 8};  // 3 a repetition: t = 4.743
  EXPECT_TRUE(repetition_trend(steeper)->is_real);
  const double two[] = {1, 2};
  EXPECT_FALSE(repetition_trend(two));
}

TEST(RepetitionTrend, FlatLinesHaveNone) {
  const double flat[] = {0.1, 0.1, 0.1, 0.1, 0.1};
  EXPECT_EQ(repetition_trend(flat)->line.slope, 0);
  EXPECT_FALSE(repetition_trend(flat)->is_real);
}

}  // namespace
}  // namespace natsproof
