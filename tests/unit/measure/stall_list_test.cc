#include "loadgen/measure/stall_list.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/measure/start.h"

namespace natsproof {
namespace {

TEST(StallList, TellsHowMuchOfAnIntervalIsStalled) {
  StallList stalls;
  EXPECT_EQ(stalls.within(kStart, kStart + 1s), 0ns);
  stalls.add(kStart + 10ms, kStart + 12ms);
  stalls.add(kStart + 20ms, kStart + 25ms);
  stalls.add(kStart + 25ms, kStart + 26ms);
  EXPECT_EQ(stalls.size(), 3u);
  EXPECT_EQ(stalls.within(kStart, kStart + 1s), 8ms) << "all of them";
  EXPECT_EQ(stalls.within(kStart, kStart + 10ms), 0ns) << "the end does not belong to it";
  EXPECT_EQ(stalls.within(kStart + 12ms, kStart + 20ms), 0ns) << "between two";
  EXPECT_EQ(stalls.within(kStart + 11ms, kStart + 21ms), 2ms) << "clipped at both ends";
  EXPECT_EQ(stalls.within(kStart + 21ms, kStart + 23ms), 2ms) << "inside of one";
  EXPECT_EQ(stalls.within(kStart + 22ms, kStart + 26ms), 4ms) << "two that touch";
  EXPECT_EQ(stalls.within(kStart + 21ms, kStart + 11ms), 0ns) << "the wrong way round";
}

TEST(StallList, CountsOnlyWhatFindsNoRoom) {
  StallList stalls;
  Instant at = kStart;
  for (std::size_t i = 0; i < StallList::kCapacity + 3; ++i, at += 2ms) stalls.add(at, at + 1ms);
  EXPECT_EQ(stalls.size(), StallList::kCapacity);
  EXPECT_EQ(stalls.missed(), 3u);
  EXPECT_EQ(stalls.within(kStart, at), StallList::kCapacity * Duration{1ms});
}

// For the thread sanitizer, and for a size that is told before its stall is there.
TEST(StallList, IsReadWhileItIsWritten) {
  StallList stalls;
  std::atomic<bool> wrong{false};
  std::thread reader([&] {
    while (stalls.size() < StallList::kCapacity) {
      const std::size_t size = stalls.size();
      if (size == 0) continue;
      const StallSpan& last = stalls[size - 1];
      const bool whole = last.length() == 1ms && last.before == (size - 1) * Duration{1ms};
      const bool sum = stalls.within(kStart, last.end) == size * Duration{1ms};
      if (!whole || !sum) wrong = true;
    }
  });
  Instant at = kStart;
  for (std::size_t i = 0; i < StallList::kCapacity; ++i, at += 2ms) stalls.add(at, at + 1ms);
  reader.join();
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace natsproof
