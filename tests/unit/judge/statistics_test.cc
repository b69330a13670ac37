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

using Points = std::vector<std::vector<TrendPoint>>;

TEST(PooledTrend, LineThroughRepetitionsThatDifferAsAWhole) {
  // Slope 2 in each, 100 apart, with scatter -1, +1, +1, -1 around each line.
  const Points points{{{0, -1, 1}, {1, 3, 1}, {2, 5, 1}, {3, 5, 1}},
                      {{0, 99, 1}, {1, 103, 1}, {2, 105, 1}, {3, 105, 1}}};
  const auto trend = pooled_trend(points);
  ASSERT_TRUE(trend.has_value());
  EXPECT_NEAR(trend->mean, 53, 1e-12);
  // Each: sum (x - 1.5)^2 = 5, sum (x - 1.5)(y - 3) = 6 + 0 + 1 + 3 = 10.
  EXPECT_NEAR(trend->slope, 2, 1e-12);
  // Scatter 8 over 8 - 2 - 1 = 5 freedoms, over 10: a standard error of 0.4; t = 5 > 2.571.
  EXPECT_TRUE(trend->is_real);
}

TEST(PooledTrend, SlopeWithinTheScatterIsNotReal) {
  // Slope 0.9: t = 2.25 < 2.571, but more than one-sided 2.015.
  const Points points{{{0, -1, 1}, {1, 1.9, 1}, {2, 2.8, 1}, {3, 1.7, 1}},
                      {{0, 99, 1}, {1, 101.9, 1}, {2, 102.8, 1}, {3, 101.7, 1}}};
  const auto trend = pooled_trend(points);
  ASSERT_TRUE(trend.has_value());
  EXPECT_NEAR(trend->slope, 0.9, 1e-12);
  EXPECT_FALSE(trend->is_real);
  // 1.04: t = 2.6.
  Points steeper = points;
  for (auto& repetition : steeper) {
    for (TrendPoint& point : repetition) point.value += 0.14 * point.at;
  }
  EXPECT_TRUE(pooled_trend(steeper)->is_real);
}

TEST(PooledTrend, WeighsItsPoints) {
  // Two points at 1 weigh as one of weight 2.
  const Points twice{{{0, 1, 1}, {1, 5, 1}, {1, 5, 1}, {2, 3, 1}, {3, 4, 1}, {4, 6, 1}}};
  const Points heavy{{{0, 1, 1}, {1, 5, 2}, {2, 3, 1}, {3, 4, 1}, {4, 6, 1}, {5, 77, 0}}};
  EXPECT_NEAR(pooled_trend(twice)->slope, pooled_trend(heavy)->slope, 1e-12);
  EXPECT_NEAR(pooled_trend(twice)->mean, pooled_trend(heavy)->mean, 1e-12);
}

TEST(PooledTrend, FlatLinesHaveNone) {
  Points points(5);
  for (auto& repetition : points) {
    for (int second = 0; second < 5; ++second) repetition.push_back({second + 0.5, 0.1, 2000});
  }
  EXPECT_EQ(pooled_trend(points)->slope, 0);
  EXPECT_FALSE(pooled_trend(points)->is_real);
  EXPECT_NEAR(pooled_trend(points)->mean, 0.1, 1e-12);
}

TEST(PooledTrend, NeedsPointsToTellItFromScatter) {
  EXPECT_FALSE(pooled_trend({}).has_value());
  Points points{{{0, 1, 1}, {1, 2, 1}}, {{0, 1, 1}, {1, 2, 1}}};
  EXPECT_FALSE(pooled_trend(points).has_value());
  points.push_back({{0, 1, 1}, {1, 2, 1}});  // 6 - 3 - 1 = 2 freedoms
  EXPECT_FALSE(pooled_trend(points).has_value());
  points.push_back({{0, 1, 1}, {1, 2, 1}});
  EXPECT_TRUE(pooled_trend(points).has_value());
  EXPECT_FALSE(pooled_trend(Points{{{1, 1, 1}, {1, 2, 1}, {1, 3, 1}, {1, 4, 1}, {1, 5, 1}}})
                   .has_value());  // all at one time
}

}  // namespace
}  // namespace natsproof
