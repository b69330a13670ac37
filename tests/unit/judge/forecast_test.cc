#include <gtest/gtest.h>

#include "loadgen/judge/judgement.h"
#include "loadgen/judge/statistics.h"

namespace natsproof {
namespace {

Claim claim(std::string_view text) {
  return parse_claim(text, {}).value();
}

TEST(Forecast, WhatTheBaselineCanShow) {
  const ClaimForecast p99 = forecast(claim("response p99 < 5ms"), 50'000, 5s, 5, 3ms);
  EXPECT_EQ(p99.covers, 16'666'667ns);
  EXPECT_TRUE(p99.covers_enough);
  ASSERT_TRUE(p99.tolerated.has_value());
  EXPECT_EQ(p99.note, "");
  const auto upper = [](double over) {
    return clopper_pearson({.planned = 50'000, .over = over}).upper;
  };
  const auto tolerated = static_cast<double>(*p99.tolerated);
  EXPECT_LT(upper(tolerated), 0.01);
  EXPECT_GE(upper(tolerated + 1), 0.01);
}

TEST(Forecast, RuleOfThree) {
  // 0.99^299 = 0.0495: the fewest requests that prove p99 at all.
  EXPECT_EQ(forecast(claim("response p99 < 1ms"), 299, 5s, 5, 3ms).tolerated, 0u);
  const ClaimForecast less = forecast(claim("response p99 < 1ms"), 298, 5s, 5, 3ms);
  EXPECT_FALSE(less.tolerated.has_value());
  EXPECT_EQ(less.note,
            "PROVEN needs 5 repetitions of 5.10 s at this rate; the plan has 5 of 5.00 s.");
}

TEST(Forecast, SaysHowLongToCover) {
  const ClaimForecast p999 = forecast(claim("response p99.9 < 1ms"), 50'000, 5s, 5, 3ms);
  EXPECT_FALSE(p999.covers_enough);
  EXPECT_EQ(p999.note,
            "PROVEN needs 5 repetitions of 9.00 s for this quantile; the plan has 5 of 5.00 s.");
}

TEST(Forecast, CountsTheTimeThatTheLoadFills) {
  const ClaimForecast idle = forecast(claim("response p99 < 1ms"), 50'000, 5s, 5, 3ms, 500ms);
  EXPECT_EQ(idle.covers, 1'666'667ns);
  EXPECT_FALSE(idle.covers_enough);
  EXPECT_EQ(idle.note,
            "PROVEN needs 5 repetitions of 9.00 s for this quantile; the plan has 5 of 5.00 s, of "
            "which the load fills 2.50 s.");
}

TEST(Forecast, SaysHowManyRepetitionsAreMissing) {
  EXPECT_EQ(forecast(claim("response p99 < 1ms"), 50'000, 25s, 1, 3ms).note,
            "PROVEN needs at least 5 repetitions; the plan has 1.");
}

// Repetitions, coverage and requests are asked for in one breath: by the most of them.
TEST(Forecast, OneSentenceThatDoesForAll) {
  EXPECT_EQ(forecast(claim("response p99.99 < 200ms"), 3000, 3s, 2, 3ms).note,
            "PROVEN needs 5 repetitions of 90.0 s for this quantile; the plan has 2 of 3.00 s.");
  // 29,956 requests without one over, and D* of 3 ms after 45 s.
  EXPECT_EQ(forecast(claim("success >= 99.9%"), 100, 10s, 2, 3ms).note,
            "PROVEN needs 5 repetitions of 120 s at this rate; the plan has 2 of 10.0 s.");
}

// A closed loop's requests are as many as the system answers.
TEST(Forecast, AsksForNoRequestsWhereNobodyKnowsHowManyThereWillBe) {
  const ClaimForecast unknown = forecast(claim("service p99 < 1ms"), std::nullopt, 5s, 5, 3ms);
  EXPECT_FALSE(unknown.tolerated.has_value());
  EXPECT_EQ(unknown.note, "");
  EXPECT_EQ(unknown.covers, 16'666'667ns);
  EXPECT_EQ(forecast(claim("service max < 1ms"), std::nullopt, 5s, 5, 3ms).tolerated, 0u);
}

TEST(Forecast, MaximaToleratesNothingMeansAndRatesHaveNoShare) {
  EXPECT_EQ(forecast(claim("response max < 1ms"), 50'000, 5s, 5, 3ms).tolerated, 0u);
  for (const char* text : {"response mean < 1ms", "throughput >= 1000/s"}) {
    const ClaimForecast none = forecast(claim(text), 50'000, 5s, 5, 3ms);
    EXPECT_FALSE(none.tolerated.has_value());
    EXPECT_TRUE(none.covers_enough);
    EXPECT_EQ(none.note, "");
  }
}

TEST(QuantileInterval, OrderStatisticsOfTheHistogram) {
  Histogram histogram;
  for (int ms = 1; ms <= 100; ++ms) histogram.record(Duration{1ms} * ms);
  const QuantileInterval median = quantile_interval(histogram, Quantile{0.5}, 1);
  EXPECT_EQ(median.lower, histogram.value_at_rank(40));
  EXPECT_EQ(median.upper, histogram.value_at_rank(61));
  EXPECT_FALSE(quantile_interval(histogram, Quantile{0.99}, 1).upper.has_value());
  EXPECT_FALSE(quantile_interval(Histogram(), Quantile{0.5}, 1).lower.has_value());
}

}  // namespace
}  // namespace natsproof
