#include "loadgen/judge/stationarity.h"

#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/judge/gates.h"
#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kP90Claim = "response p90 < 1ms";

// 1,000 requests a slice.
RunRecord run(const char* claim = kP90Claim) {
  return made_record({.claims = {claim}, .seconds = 6}, {{.per_s = 2000}});
}

GateReading change_of(const RunRecord& record, double limit = 1) {
  return read_stationarity(record.repetitions, record.claims[0], 0, limit);
}

// For every slice of every repetition: its number and the part of the window that it is at.
void for_slices(RunRecord& record, const std::function<void(TimeSlice&, std::size_t, double)>& f) {
  for (Repetition& repetition : record.repetitions) {
    for (std::size_t s = 0; s < kSlices; ++s)
      f(repetition.slices[0][s], s, (static_cast<double>(s) + 0.5) / kSlices);
  }
}

void fail(TimeSlice& slice, std::uint64_t requests) {
  slice.over = requests;
  if (!slice.times.empty())
    slice.times.front() = static_cast<std::uint32_t>(slice.planned - requests);
}

// So many in every slice, and so many more from each to the next, around the middle.
void fail_more(RunRecord& record, std::uint64_t first, int step) {
  for_slices(record, [&](TimeSlice& slice, std::size_t s, double) {
    fail(slice, first + static_cast<std::uint64_t>(static_cast<int>(s) * step));
  });
}

// All requests of a slice took so long, evenly within 3 % of it.
void take(TimeSlice& slice, const Claim& claim, double time_ns) {
  SliceCounter counter(claim);
  for (std::uint64_t i = 0; i < slice.planned; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(slice.planned) - 0.5;
    const Duration time{std::llround(time_ns * (1 + 0.03 * part))};
    counter.count(0, false, time);
  }
  slice = counter.take()[0];
}

void moving(RunRecord& record, Duration first, Duration last) {
  for_slices(record, [&](TimeSlice& slice, std::size_t, double part) {
    take(slice, record.claims[0],
         static_cast<double>(first.count()) + static_cast<double>((last - first).count()) * part);
  });
}

TEST(Stationarity, NothingChanges) {
  const GateReading reading = change_of(run());
  EXPECT_EQ(reading.passed, true);
  EXPECT_EQ(reading.figure, 0);
  EXPECT_THAT(reading.shown, AllOf(HasSubstr("p90 "), HasSubstr(" µs on average, no trend")));
}

// 60 to 104 of 1,000, 8.2 % on average: 13 % after another window is more than the 10 % allowed.
TEST(Stationarity, RisingShareFlattersWhereItLeadsAcrossTheLimit) {
  for (const char* claim : {"success >= 90%", "errors <= 10%", "achieved >= 90%"}) {
    RunRecord record = run(claim);
    fail_more(record, 60, 4);
    const GateReading reading = change_of(record);
    EXPECT_EQ(reading.passed, false) << claim;
    EXPECT_EQ(reading.could, Could::flatter) << claim;
    EXPECT_NEAR(reading.figure.value(), 0.048 / 0.018, 1e-9) << claim;
    EXPECT_EQ(reading.shown,
              "share over 5.80 % at the start of a repetition, 10.60 % at its end: 13.00 % after "
              "another 6.00 s, limit 10.00 %");
    EXPECT_EQ(change_of(record, 2.7).passed, true) << "by the plan";
    record = run(claim);
    fail_more(record, 28, 4);  // 5 % on average
    EXPECT_EQ(change_of(record).passed, true) << claim;
    EXPECT_NEAR(change_of(record).figure.value(), 0.048 / 0.05, 1e-9);
  }
}

TEST(Stationarity, FallingShareSlandersWhereItLeadsAcrossTheLimit) {
  RunRecord record = run("success >= 90%");
  fail_more(record, 140, -4);
  EXPECT_EQ(change_of(record).passed, false);
  EXPECT_EQ(change_of(record).could, Could::slander);
  fail_more(record, 180, -4);
  EXPECT_EQ(change_of(record).passed, true);
}

TEST(Stationarity, TrendsAwayFromTheLimitChangeNothing) {
  RunRecord record = run("success >= 90%");
  fail_more(record, 104, -4);
  EXPECT_EQ(change_of(record).passed, true);
  EXPECT_EQ(change_of(record).figure, 0);
  fail_more(record, 110, 4);
  EXPECT_EQ(change_of(record).figure, 0);
}

// Failures that are slower than any limit grow, and the times of the others stay.
TEST(Stationarity, FailuresOfALatencyClaimCount) {
  RunRecord record = run();
  fail_more(record, 60, 4);
  EXPECT_EQ(change_of(record).passed, false);
  EXPECT_EQ(change_of(record).could, Could::flatter);
  EXPECT_THAT(change_of(record).shown, HasSubstr("share over 5.80 % at the start"));
}

// Nobody is over yet: p90 from 0.3 to 0.9 ms, and 1.2 ms after another 5 s.
TEST(Stationarity, QuantileThatCreepsTowardsTheLimit) {
  for (const char* claim :
       {"response p50 < 1ms", "response p90 < 1ms", "response p99 < 1ms", "response p99.9 < 1ms",
        "service p99 < 1ms", "echo service p50 < 1ms", "response max < 1ms"}) {
    RunRecord record = run(claim);
    moving(record, 300us, 900us);
    const GateReading reading = change_of(record);
    EXPECT_EQ(reading.passed, false) << claim << ": " << reading.shown;
    EXPECT_EQ(reading.could, Could::flatter) << claim;
    EXPECT_NEAR(reading.figure.value(), 0.6 / 0.4, 0.15) << claim << ": " << reading.shown;
    EXPECT_THAT(reading.shown,
                AllOf(HasSubstr(" at the start of a repetition, "), HasSubstr(" µs at its end: 1."),
                      HasSubstr(" after another 6.00 s, limit")))
        << claim;
    record = run(claim);
    moving(record, 350us, 700us);
    EXPECT_EQ(change_of(record).passed, true) << claim << ": " << change_of(record).shown;
    EXPECT_NEAR(change_of(record).figure.value(), 0.35 / 0.475, 0.1)
        << claim << change_of(record).shown;
  }
}

TEST(Stationarity, QuantileThatComesDown) {
  RunRecord record = run();
  moving(record, 1700us, 1100us);
  EXPECT_EQ(change_of(record).passed, false);
  EXPECT_EQ(change_of(record).could, Could::slander);
}

TEST(Stationarity, MeanThatCreeps) {
  RunRecord record = run("service mean < 1ms");
  EXPECT_EQ(change_of(record).passed, true);
  EXPECT_EQ(change_of(record).shown, "mean 200 µs on average, no trend");
  moving(record, 300us, 900us);
  EXPECT_EQ(change_of(record).passed, false);
  EXPECT_EQ(change_of(record).could, Could::flatter);
  EXPECT_EQ(change_of(record).shown,
            "mean 300 µs at the start of a repetition, 900 µs at its end: 1.20 ms after another "
            "6.00 s, limit 1.00 ms");
  moving(record, 350us, 700us);
  EXPECT_EQ(change_of(record).passed, true);
}

// Two requests of a hundred, of which p99 is the half; the others stay where they were.
TEST(Stationarity, OnlyTheSlowestCreep) {
  RunRecord record = run("response p99 < 1ms");
  const TimeBuckets buckets(1ms);
  for_slices(record, [&](TimeSlice& slice, std::size_t s, double) {
    SliceCounter counter(record.claims[0]);
    for (int i = 0; i < 490; ++i) counter.count(0, false, 100us + i * 100ns);
    for (int i = 0; i < 10; ++i)
      counter.count(0, false, Duration{300us} + 50us * static_cast<int>(s) + i * 1us);
    slice = counter.take()[0];
  });
  EXPECT_EQ(change_of(record).passed, false) << change_of(record).shown;
  EXPECT_EQ(change_of(record).could, Could::flatter);
}

// Half of the requests get a little slower, and p99 scatters from slice to slice: not a trend of
// p99, which moves by no more than they do.
TEST(Stationarity, WhatOnlyLowerThresholdsShowMovesTheQuantileInProportion) {
  RunRecord record = run("response p99 < 1ms");
  for_slices(record, [&](TimeSlice& slice, std::size_t s, double) {
    SliceCounter counter(record.claims[0]);
    for (int i = 0; i < 490; ++i)
      counter.count(0, false, 100us + i * 100ns + Duration{800ns} * static_cast<int>(s));
    // p99 is 0.85 ms; in the last sixth 1.15 ms, of three repetitions.
    bool is_late = false;
    for (const std::size_t r : {2u, 3u, 4u})
      is_late |= s >= 10 && &slice == &record.repetitions[r].slices[0][s];
    for (int i = 0; i < 10; ++i) counter.count(0, false, is_late ? 1150us : 850us);
    slice = counter.take()[0];
  });
  const GateReading reading = change_of(record);
  EXPECT_EQ(reading.passed, true) << reading.shown;
  EXPECT_GT(reading.figure.value(), 0);
}

// One repetition alone does what it wants.
TEST(Stationarity, OneRepetitionIsNoTrend) {
  RunRecord record = run("success >= 90%");
  for (std::size_t s = 6; s < kSlices; ++s) fail(record.repetitions[2].slices[0][s], 300);
  EXPECT_EQ(change_of(record).passed, true) << change_of(record).shown;
}

// Repetition by repetition it rises, but never within one.
TEST(Stationarity, RepetitionsThatDifferAreNoTrend) {
  RunRecord record = run("success >= 90%");
  for (std::size_t r = 0; r < 5; ++r) {
    for (TimeSlice& slice : record.repetitions[r].slices[0]) fail(slice, 40 + 20 * r);
  }
  EXPECT_EQ(change_of(record).figure, 0);
}

TEST(Stationarity, WhatCannotBeCheckedSaysWhy) {
  RunRecord record = run();
  record.repetitions.resize(4);
  EXPECT_EQ(change_of(record).passed, std::nullopt);
  EXPECT_THAT(change_of(record).shown, HasSubstr("4 repetitions cannot show"));
  record = run();
  for (Repetition& repetition : record.repetitions) repetition.slices.clear();
  EXPECT_EQ(change_of(record).passed, std::nullopt);
  EXPECT_THAT(change_of(record).shown, HasSubstr("earlier version"));
  record = run();
  for_slices(record, [](TimeSlice& slice, std::size_t, double) { slice = {}; });
  EXPECT_EQ(change_of(record).shown, "nothing was measured");

  // 15 failures, all at the end of repetitions, would make a line that crosses the limit.
  record = run("success >= 99.9%");
  for (Repetition& repetition : record.repetitions) fail(repetition.slices[0][10], 1);
  fail(record.repetitions[0].slices[0][11], 12);
  EXPECT_EQ(change_of(record).passed, std::nullopt);
  EXPECT_EQ(change_of(record).shown,
            "17 of 60,000 requests are over: too few to show whether that changes while a "
            "repetition lasts; 50 could");
  // So few that no line of them does.
  record = run("success >= 99%");
  for (Repetition& repetition : record.repetitions) fail(repetition.slices[0][11], 1);
  EXPECT_EQ(change_of(record).passed, true);
}

TEST(Stationarity, VerdictsNameWhatCouldNotBeChecked) {
  RunRecord record = run();
  EXPECT_EQ(judge(record).claims[0].verdict, Verdict::proven);
  EXPECT_THAT(judge(record).claims[0].why, testing::Not(HasSubstr("could not be checked")));
  for (Repetition& repetition : record.repetitions) repetition.slices.clear();
  EXPECT_EQ(judge(record).claims[0].verdict, Verdict::proven);
  EXPECT_THAT(judge(record).claims[0].why,
              HasSubstr("Gate `stationarity` could not be checked: the file is of an earlier"));
}

TEST(Stationarity, IsOfWholeRunsOnly) {
  RunRecord record = run();
  moving(record, 300us, 900us);
  const Judgement judgement = judge(record);
  EXPECT_EQ(gate_named(judgement, "stationarity").passed, false);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::invalid);
  EXPECT_THAT(judgement.repetitions, ::testing::Each(Verdict::proven));
}

TEST(Stationarity, IsReadForEveryClaimThatChangesWithTime) {
  for (const auto& [claim, is_read] :
       {std::pair{"response max < 1ms", true}, std::pair{"response mean < 1ms", true},
        std::pair{"throughput >= 1/s", false}, std::pair{"success >= 100%", false}}) {
    bool found = false;
    for (const GateResult& gate : judge(run(claim)).gates) found |= gate.name == "stationarity";
    EXPECT_EQ(found, is_read) << claim;
  }
}

}  // namespace
}  // namespace natsproof
