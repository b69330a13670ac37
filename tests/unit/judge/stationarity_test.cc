#include "loadgen/judge/stationarity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/judge/gates.h"
#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kClaim = "response p90 < 1ms";

RunRecord run(std::uint64_t over_per_s, const char* claim = kClaim, std::uint32_t seconds = 5) {
  return made_record(
      {.claims = {claim}, .seconds = seconds},
      {{.per_s = 2000 - over_per_s}, {.per_s = over_per_s, .response = 5ms, .service = 5ms}});
}

// So many more over in every second than in the one before, around what they were.
void tilt(RunRecord& record, int steps) {
  for (Repetition& repetition : record.repetitions) {
    for (std::vector<Block>& blocks : repetition.blocks) {
      const int middle = static_cast<int>(blocks.size()) / 2;
      for (int second = 0; second < static_cast<int>(blocks.size()); ++second) {
        Block& block = blocks[static_cast<std::size_t>(second)];
        const int over = static_cast<int>(block.over) + steps * (second - middle);
        block.over = block.over_service = block.over_granted = static_cast<std::uint64_t>(over);
      }
    }
  }
}

GateReading read(const RunRecord& record, double limit = 1) {
  const SecondQuantiles quantiles(record.claims, record.repetitions, record.conditions.open_loop);
  return read_stationarity(record.repetitions, record.claims[0], 0, quantiles, limit);
}

// One second of answers that all took so long.
Interval second_of(Duration start, Duration time, std::uint64_t count) {
  Histogram times;
  times.record(time, count);
  return {.start = start,
          .length = 1s,
          .count = count,
          .p50 = time,
          .p99 = time,
          .max = time,
          .hdr = times.encode()};
}

// From `first` on, so much longer every second.
void creep(RunRecord& record, Duration first, Duration step, std::uint64_t count = 2000) {
  for (Repetition& repetition : record.repetitions) {
    for (Duration second{}; second < repetition.window; second += 1s) {
      repetition.intervals.push_back(
          second_of(repetition.warmup + second, first + step * (second / 1s), count));
    }
  }
}

TEST(Stationarity, NothingChanges) {
  const GateReading reading = read(run(160));
  EXPECT_EQ(reading.passed, true);
  EXPECT_EQ(reading.figure, 0);
  EXPECT_EQ(reading.shown, "share over 8.00 % on average, no trend");
}

// 8 % and 0.4 % more a second: 10 % after another 5 s is not yet more than 10 %.
TEST(Stationarity, RisingShareFlattersWhereItLeadsAcrossTheLimit) {
  RunRecord record = run(160);
  tilt(record, 7);
  EXPECT_EQ(read(record).passed, true);
  EXPECT_NEAR(read(record).figure.value(), 7.0 / 8, 1e-9);
  record = run(160);
  tilt(record, 9);
  const GateReading reading = read(record);
  EXPECT_EQ(reading.passed, false);
  EXPECT_EQ(reading.could, Could::flatter);
  EXPECT_NEAR(reading.figure.value(), 9.0 / 8, 1e-9);
  EXPECT_EQ(reading.shown,
            "share over 8.00 % on average and rising: 10.25 % after another 5.00 s, limit 10.00 %");
  EXPECT_EQ(read(record, 1.2).passed, true);  // by the plan
}

TEST(Stationarity, FallingShareSlandersWhereItLeadsAcrossTheLimit) {
  RunRecord record = run(240);
  tilt(record, -7);
  EXPECT_EQ(read(record).passed, true);
  record = run(240);
  tilt(record, -9);
  EXPECT_EQ(read(record).passed, false);
  EXPECT_EQ(read(record).could, Could::slander);
  EXPECT_THAT(read(record).shown, HasSubstr("12.00 % on average and falling: 9.75 %"));
}

TEST(Stationarity, TrendsAwayFromTheLimitChangeNothing) {
  for (const auto& [over, steps] : {std::pair{160u, -30}, std::pair{300u, 60}}) {
    RunRecord record = run(over);
    tilt(record, steps);
    EXPECT_EQ(read(record).passed, true);
    EXPECT_EQ(read(record).figure, 0);
  }
}

// Repetition by repetition it rises, but never within one.
TEST(Stationarity, RepetitionsThatDifferAreNoTrend) {
  RunRecord record = run(160);
  for (std::size_t r = 0; r < 5; ++r) {
    for (Block& block : record.repetitions[r].blocks[0]) block.over += 10 * r;
  }
  EXPECT_EQ(read(record).figure, 0);
}

TEST(Stationarity, ScatterIsNoTrend) {
  RunRecord record = run(160);
  const int scatter[] = {90, -90, -90, 60, 90};
  for (Repetition& repetition : record.repetitions) {
    for (std::size_t second = 0; second < 5; ++second) {
      Block& block = repetition.blocks[0][second];
      block.over = static_cast<std::uint64_t>(static_cast<int>(block.over) + scatter[second]);
    }
  }
  EXPECT_EQ(read(record).passed, true) << read(record).shown;
}

TEST(Stationarity, SharesThatAreNoLatencyToo) {
  RunRecord record =
      made_record({.claims = {"success >= 90%"}},
                  {{.per_s = 1840}, {.per_s = 160, .request_class = RequestClass::timeout}});
  tilt(record, 9);
  EXPECT_EQ(read(record).passed, false);
}

TEST(Stationarity, TooShortToTell) {
  const RunRecord record = run(160, kClaim, 1);
  EXPECT_EQ(read(record).passed, std::nullopt);
  EXPECT_FALSE(read(record).shown.empty());
  EXPECT_EQ(read({.claims = record.claims}).passed, std::nullopt);
}

// p50 in 5 x 5 s: D* = 833 ms, so blocks of 2 s, the last of 1 s. What goes up and down within a
// block is no scatter to hide a trend in.
TEST(Stationarity, BlocksAreTheDesignEffects) {
  RunRecord record = run(960, "response p50 < 1ms");
  for (Repetition& repetition : record.repetitions) {
    const int moved[] = {-40 + 300, -40 - 300, 0 + 300, 0 - 300, 50};
    for (std::size_t second = 0; second < 5; ++second) {
      Block& block = repetition.blocks[0][second];
      block.over = static_cast<std::uint64_t>(static_cast<int>(block.over) + moved[second]);
    }
  }
  EXPECT_EQ(read(record).passed, false);
  EXPECT_EQ(read(record).could, Could::flatter);
}

// --- the quantile, second by second ---

// Nobody is over yet: 0.3, 0.45 ... 0.9 ms, and 1.35 ms after another 5 s.
TEST(Stationarity, QuantileThatCreepsTowardsTheLimit) {
  for (const char* claim : {"response p50 < 1ms", "response p90 < 1ms", "response p99 < 1ms"}) {
    RunRecord record = run(0, claim);
    creep(record, 300us, 150us);
    const GateReading reading = read(record);
    EXPECT_EQ(reading.passed, false) << claim;
    EXPECT_EQ(reading.could, Could::flatter) << claim;
    EXPECT_NEAR(reading.figure.value(), 0.75 / 0.4, 0.01) << claim;
    EXPECT_THAT(reading.shown, HasSubstr("of a second 600 µs on average and rising: 1.35 ms after "
                                         "another 5.00 s, limit 1.00 ms"))
        << claim;
    EXPECT_THAT(reading.shown, HasSubstr("share over 0 % on average, no trend; ")) << claim;
  }
}

TEST(Stationarity, QuantileThatComesDown) {
  RunRecord record = run(300);
  creep(record, 1700us, -150us);
  EXPECT_EQ(read(record).passed, false);
  EXPECT_EQ(read(record).could, Could::slander);
}

TEST(Stationarity, BothWaysAtOnceCouldFakeBoth) {
  RunRecord record = run(240);
  tilt(record, -9);
  creep(record, 300us, 150us);
  EXPECT_EQ(read(record).passed, false);
  EXPECT_EQ(read(record).could, Could::both);
}

// What intervals hold: response time of all tasks in an open loop, service time in a closed one.
TEST(Stationarity, QuantilesAreSeenOnlyWhereIntervalsHoldThem) {
  RunRecord record = made_record({.claims = {"service p90 < 1ms"}}, {{.per_s = 2000}});
  creep(record, 300us, 150us);
  EXPECT_EQ(read(record).passed, true);
  record.conditions.open_loop = false;
  EXPECT_EQ(read(record).passed, false);
  record = run(0, "echo response p90 < 1ms");
  creep(record, 300us, 150us);
  EXPECT_EQ(read(record).passed, false);  // its only task
  for (Repetition& repetition : record.repetitions) {
    repetition.tasks.push_back(repetition.tasks[1]);
    repetition.tasks.back().name = "other";
  }
  EXPECT_EQ(read(record).passed, true);
}

TEST(Stationarity, SecondsThatDoNotSupportTheQuantileAreLeftOut) {
  RunRecord record = run(0);
  creep(record, 300us, 150us, 99);
  const SecondQuantiles none(record.claims, record.repetitions, true);
  EXPECT_THAT(none.of(record.claims[0]), IsEmpty());
  for (Repetition& repetition : record.repetitions) repetition.intervals.clear();
  creep(record, 300us, 150us, 100);
  const SecondQuantiles all(record.claims, record.repetitions, true);
  ASSERT_EQ(all.of(record.claims[0]).size(), 5u);
  EXPECT_EQ(all.of(record.claims[0])[0].size(), 5u);
}

// Warm-up, what came after the window, and what cannot be decoded.
TEST(Stationarity, OnlyMeasuredSecondsCount) {
  RunRecord record = run(0);
  for (Repetition& repetition : record.repetitions) repetition.warmup = 2s;
  creep(record, 300us, 0us);
  for (Repetition& repetition : record.repetitions) {
    Interval before = second_of(1s, 9ms, 2000);
    before.warmup = true;
    repetition.intervals.insert(repetition.intervals.begin(), before);
    repetition.intervals.push_back(second_of(7s, 200ms, 100));
    repetition.intervals[3].hdr = "HISTFAAAA";
  }
  const SecondQuantiles quantiles(record.claims, record.repetitions, true);
  for (const std::vector<TrendPoint>& repetition : quantiles.of(record.claims[0])) {
    ASSERT_EQ(repetition.size(), 4u);
    EXPECT_EQ(repetition[0].at, 2.5);
    for (const TrendPoint& point : repetition) EXPECT_NEAR(point.value, 300e3, 300);
  }
}

TEST(Stationarity, IsOfWholeRunsOnly) {
  RunRecord record = run(160);
  tilt(record, 9);
  const Judgement judgement = judge(record);
  EXPECT_EQ(gate_named(judgement, "stationarity").passed, false);
  EXPECT_THAT(judgement.repetitions, ::testing::Each(Verdict::proven));
}

TEST(Stationarity, OfClaimsThatAllowAShare) {
  for (const char* claim :
       {"response max < 1ms", "response mean < 1ms", "throughput >= 1/s", "success >= 100%"}) {
    for (const GateResult& gate : judge(run(0, claim)).gates) {
      EXPECT_NE(gate.name, "stationarity") << claim;
    }
  }
}

}  // namespace
}  // namespace natsproof
