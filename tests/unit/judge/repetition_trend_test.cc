#include "loadgen/judge/repetition_trend.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/judge/gates.h"
#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;

// Repetitions of which each has its own time, and as many failures a second.
RunRecord run(const char* claim, const std::vector<Duration>& times,
              const std::vector<std::uint64_t>& failing = {}) {
  RunRecord record = made_record({.claims = {claim}, .repetitions = 0}, {});
  record.conditions.covers = 1ms;  // so that p99.9 can be proven in 25 s
  record.conditions.planned_repetitions = static_cast<std::uint32_t>(times.size());
  for (std::size_t r = 0; r < times.size(); ++r) {
    const std::uint64_t failed = r < failing.size() ? failing[r] : 0;
    add_repetition(
        record, 5,
        {{.per_s = 1000 - failed, .response = times[r], .service = times[r]},
         {.per_s = failed, .request_class = RequestClass::service_error, .service = 1ms}});
  }
  return record;
}

GateReading trend_of(const RunRecord& record, double limit = 1) {
  return read_repetition_trend(record.repetitions, record.claims[0], 0, limit);
}

const std::vector<Duration> kRising = {21ms, 40ms, 59ms, 78ms, 97ms};
const std::vector<Duration> kSteady(5, 20ms);

TEST(RepetitionTrend, TimesThatRiseTowardsTheLimit) {
  for (const char* claim :
       {"response p99 < 100ms", "response p99.9 < 100ms", "service p50 < 100ms",
        "echo response p90 < 100ms", "response max < 100ms", "service mean < 100ms"}) {
    const GateReading reading = trend_of(run(claim, kRising));
    EXPECT_EQ(reading.passed, false) << claim;
    EXPECT_EQ(reading.could, Could::flatter) << claim;
    EXPECT_NEAR(reading.figure.value(), 95.0 / 41, 0.01) << claim;
    EXPECT_THAT(reading.shown,
                HasSubstr("in the repetitions: 154 ms after another 5, limit 100 ms"))
        << claim;
    EXPECT_EQ(judge(run(claim, kRising)).claims[0].verdict, Verdict::invalid) << claim;
  }
  EXPECT_THAT(trend_of(run("response p99 < 100ms", kRising)).shown,
              testing::StartsWith("p99 21.0 ms, 40.0 ms, 59.0 ms, 78"));
}

TEST(RepetitionTrend, RisesThatStayBelowOrFallAwayChangeNothing) {
  EXPECT_EQ(trend_of(run("response p99 < 200ms", kRising)).passed, true);
  EXPECT_EQ(trend_of(run("response p99 < 100ms", {97ms, 78ms, 59ms, 40ms, 21ms})).passed, true);
  EXPECT_EQ(trend_of(run("response p99 < 100ms", kSteady)).figure, 0);
}

TEST(RepetitionTrend, TimesThatComeDownSlander) {
  const RunRecord record = run("response p99 < 100ms", {180ms, 165ms, 150ms, 135ms, 120ms});
  EXPECT_EQ(trend_of(record).passed, false);
  EXPECT_EQ(trend_of(record).could, Could::slander);
  EXPECT_EQ(judge(record).claims[0].verdict, Verdict::invalid);
}

TEST(RepetitionTrend, NothingSlandersARequestOverAMaximum) {
  const RunRecord record = run("response max < 100ms", {180ms, 165ms, 150ms, 135ms, 120ms});
  EXPECT_EQ(trend_of(record).passed, true);
  EXPECT_EQ(judge(record).claims[0].verdict, Verdict::refuted);
}

TEST(RepetitionTrend, ScatterIsNoTrend) {
  EXPECT_EQ(trend_of(run("response p99 < 100ms", {21ms, 78ms, 40ms, 97ms, 59ms})).passed, true);
}

// 1 to 9 of 1,000, 0.5 % on average: 1.5 % after another five.
TEST(RepetitionTrend, SharesThatRise) {
  for (const char* claim :
       {"success >= 99%", "errors < 1%", "achieved >= 99%", "response p99 < 100ms"}) {
    const GateReading reading = trend_of(run(claim, kSteady, {1, 3, 5, 7, 9}));
    EXPECT_EQ(reading.passed, false) << claim << ": " << reading.shown;
    EXPECT_EQ(reading.could, Could::flatter) << claim;
    EXPECT_THAT(reading.shown, HasSubstr("share over 0.10 %, 0.30 %, 0.50 %, 0.70 %, 0.90 % in the "
                                         "repetitions: 1.50 % after another 5, limit 1.00 %"))
        << claim;
  }
  EXPECT_EQ(trend_of(run("success >= 98%", kSteady, {1, 3, 5, 7, 9})).passed, true);
}

// The quantile lies among the failures of the last ones, and has no figure.
TEST(RepetitionTrend, SharesDecideWhereAQuantileHasNoFigure) {
  const RunRecord record = run("response p99 < 100ms", kSteady, {20, 18, 16, 14, 12});
  EXPECT_EQ(trend_of(record).passed, false) << trend_of(record).shown;
  EXPECT_EQ(trend_of(record).could, Could::slander);
}

TEST(RepetitionTrend, ThroughputThatFalls) {
  const RunRecord record = run("throughput > 900/s", kSteady, {10, 30, 50, 70, 90});
  EXPECT_EQ(trend_of(record).passed, false) << trend_of(record).shown;
  EXPECT_EQ(trend_of(record).could, Could::flatter);
  EXPECT_EQ(trend_of(run("throughput > 500/s", kSteady, {10, 30, 50, 70, 90})).passed, true);
  const RunRecord rising = run("throughput > 980/s", kSteady, {90, 70, 50, 30, 25});
  EXPECT_EQ(trend_of(rising).could, Could::slander);
}

TEST(RepetitionTrend, WhatCannotBeCheckedSaysWhy) {
  const GateReading few = trend_of(run("response p99 < 100ms", {20ms, 30ms, 40ms, 50ms}));
  EXPECT_EQ(few.passed, std::nullopt);
  EXPECT_THAT(few.shown, HasSubstr("4 repetitions cannot show"));
  EXPECT_THAT(few.shown, HasSubstr("5 can"));
  RunRecord record = run("response mean < 100ms", kSteady);
  for (TaskRecord& task : record.repetitions[3].tasks) task.response.reset();
  EXPECT_EQ(trend_of(record).passed, std::nullopt);
}

TEST(RepetitionTrend, ManyAreNotListed) {
  std::vector<Duration> times;
  for (int r = 0; r < 12; ++r) times.push_back(20ms + r * 5ms);
  const GateReading reading = trend_of(run("response p99 < 100ms", times));
  EXPECT_EQ(reading.passed, false);
  EXPECT_THAT(reading.shown,
              HasSubstr("p99 20.0 ms in the first to 75.0 ms in the last of 12 repetitions: 108 ms "
                        "after another 12"));
}

TEST(RepetitionTrend, IsReadForEveryClaimOnRequests) {
  for (const char* claim : {"response p99 < 1s", "throughput > 1/s", "response mean < 1s"})
    EXPECT_EQ(gate_named(judge(run(claim, kSteady)), "repetition trend").passed, true) << claim;
  for (const GateResult& gate : judge(run("success >= 100%", kSteady)).gates)
    EXPECT_NE(gate.name, "repetition trend");
}

}  // namespace
}  // namespace natsproof
