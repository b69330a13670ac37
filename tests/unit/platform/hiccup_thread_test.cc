#include "loadgen/platform/hiccup_thread.h"

#include <thread>

#include <gtest/gtest.h>

namespace natsproof {
namespace {

constexpr Instant kFrom{1h};
constexpr Instant kUntil = kFrom + 10s;

TEST(HiccupMeter, RecordsHowLateItWokeInTheMeasurement) {
  StallList stalls;
  HiccupMeter meter(stalls);
  meter.begin(kFrom, 500us);
  meter.wake(kFrom - 2ms, kFrom - 1ms, kUntil, 1ms);  // before it: a stall all the same
  meter.wake(kFrom + 1ms, kFrom + 1ms, kUntil, 1ms);
  meter.wake(kFrom + 3ms, kFrom + 2ms, kUntil, 1ms);  // a signal woke it early
  meter.wake(kFrom + 4ms, kFrom + 4ms + 499us, kUntil, 1ms);
  meter.wake(kFrom + 6ms, kFrom + 6ms + 500us, kUntil, 1ms);
  meter.wake(kUntil + 1ms, kUntil + 5ms, kUntil, 1ms);  // after it
  EXPECT_EQ(meter.hiccups().count(), 4u);
  EXPECT_EQ(meter.hiccups().min(), 0ns);
  EXPECT_EQ(meter.hiccups().max() / 1us, 500);
  EXPECT_EQ(meter.stall_count(), 1u);
  EXPECT_EQ(meter.stalled(), 500us);
  ASSERT_EQ(stalls.size(), 3u);
  EXPECT_EQ(stalls[0].start, kFrom - 3ms);
  EXPECT_EQ(stalls[1].start + stalls[1].unseen, kFrom + 6ms);
  EXPECT_EQ(stalls[1].length() - stalls[1].unseen, 500us);
}

TEST(HiccupMeter, AStallAtTheEdgeCountsWithItsPartInTheMeasurement) {
  StallList stalls;
  HiccupMeter meter(stalls);
  meter.begin(kFrom, 1ms);
  meter.wake(kFrom - 30ms, kFrom + 10ms, kUntil, 1ms);
  meter.wake(kUntil - 5ms, kUntil + 20ms, kUntil, 1ms);
  EXPECT_EQ(meter.hiccups().count(), 2u);
  EXPECT_EQ(meter.stall_count(), 2u);
  EXPECT_EQ(meter.stalled(), 15ms);
  EXPECT_EQ(stalls[0].length() - stalls[0].unseen, 40ms) << "whole in the list";
}

TEST(HiccupMeter, OfWhatItSleptThroughAllowsAsMuchAsItSawAndNoMoreThanItSlept) {
  StallList stalls;
  HiccupMeter meter(stalls);
  meter.begin(kFrom, 100us);
  meter.wake(kFrom + 5ms, kFrom + 5200us, kUntil, 5ms);
  meter.wake(kFrom + 10200us, kFrom + 50200us, kUntil, 5ms);
  ASSERT_EQ(stalls.size(), 2u);
  EXPECT_EQ(stalls[0].start, kFrom + 4800us);
  EXPECT_EQ(stalls[0].end, kFrom + 5200us);
  EXPECT_EQ(stalls[1].start, stalls[0].end) << "it was awake then";
  EXPECT_EQ(stalls[1].unseen, 5ms);
  EXPECT_EQ(stalls.within(kFrom, kUntil), 45'400us);
  EXPECT_EQ(meter.stalled(), 40'200us) << "what was seen";
}

TEST(HiccupThread, SleepsLongerWhereAWakeUpIsDear) {
  EXPECT_EQ(HiccupThread::affordable_sleep(0us), 1ms);
  EXPECT_EQ(HiccupThread::affordable_sleep(2us), 1ms);
  EXPECT_EQ(HiccupThread::affordable_sleep(4us), 1ms);
  EXPECT_EQ(HiccupThread::affordable_sleep(10us), 2500us);
  EXPECT_EQ(HiccupThread::affordable_sleep(20us), 5ms);
  EXPECT_EQ(HiccupThread::affordable_sleep(1s), 10ms);
}

TEST(HiccupThread, SleepsNoLongerThanHalfTheSmallestLimit) {
  EXPECT_EQ(HiccupThread::affordable_sleep(20us, 3ms), 3ms);
  EXPECT_EQ(HiccupThread::affordable_sleep(10us, 3ms), 2500us);
  EXPECT_EQ(HiccupThread::affordable_sleep(20us, 500us), 1ms);
  EXPECT_EQ(HiccupThread::affordable_sleep(1s, 1h), 10ms);
}

TEST(HiccupThread, WakesAgainAndAgainAndTellsWhatItTook) {
  const SteadyClock clock;
  StallList stalls;
  HiccupThread hiccups(stalls);
  const Instant start = clock.now();
  hiccups.begin(start + 20ms, start + 1h, 100us);
  while (clock.now() < start + 100ms) std::this_thread::sleep_until(start + 100ms);
  hiccups.stop();
  const Duration took = clock.now() - start;
  const Histogram& late = hiccups.meter().hiccups();
  EXPECT_GE(late.count(), 1u);
  EXPECT_LE(late.count(), static_cast<std::uint64_t>(took / HiccupThread::kShortestSleep));
  ASSERT_TRUE(hiccups.usage());
  EXPECT_GE(hiccups.usage()->voluntary_switches + 1, late.count());
  EXPECT_LE(hiccups.usage()->cpu, took);
  for (std::size_t i = 0; i < stalls.size(); ++i) {
    EXPECT_GE(stalls[i].length() - stalls[i].unseen, 100us);
    EXPECT_GE(stalls[i].start, start);
    EXPECT_GE(stalls[i].start, i == 0 ? start : stalls[i - 1].end);
  }
}

TEST(HiccupThread, IsStoppedWithoutHavingBegunAndTwice) {
  StallList stalls;
  HiccupThread never(stalls);
  never.stop();
  EXPECT_FALSE(never.usage());
  HiccupThread hiccups(stalls);
  const Instant now = SteadyClock().now();
  hiccups.begin(now + 1h, now + 2h, 100us);
  hiccups.stop();
  hiccups.stop();
  EXPECT_EQ(hiccups.meter().hiccups().count(), 0u) << "not in the measurement";
  EXPECT_FALSE(hiccups.usage());
}

}  // namespace
}  // namespace natsproof
