#include "loadgen/engine/pacer.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

constexpr Duration kStretch = 50us;
const Instant kStart{1s};
const Instant kNow = kStart + 1s;

Pacer pacer_of(Pacing pacing, const Clock& clock) {
  Pacer pacer(pacing, clock, kStretch);
  pacer.start(kStart);
  return pacer;
}

TEST(Pacer, SleepsUntilWhateverComesFirst) {
  const ManualClock clock;
  const Pacer pacer = pacer_of(Pacing::sleep, clock);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 1ms, kNow + 2ms), kNow + 1ms);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 3ms, kNow + 2ms), kNow + 2ms);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 1us, kNow + 2ms), kNow + 1us);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow, kNow + 2ms), std::nullopt) << "something is due";
}

TEST(Pacer, SpinNeverSleeps) {
  const ManualClock clock;
  const Pacer pacer = pacer_of(Pacing::spin, clock);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 1s, Instant::max()), std::nullopt);
}

TEST(Pacer, HybridSleepsAndSpinsTheLastStretchBeforeASend) {
  const ManualClock clock;
  const Pacer pacer = pacer_of(Pacing::hybrid, clock);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 1ms, Instant::max()), kNow + 1ms - kStretch);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + kStretch, Instant::max()), std::nullopt);
  EXPECT_EQ(pacer.sleep_until(kNow, Instant::max(), kNow + kStretch), kNow + kStretch)
      << "nobody spins for a deadline";
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 1ms, kNow + 10us), kNow + 10us);
}

TEST(Pacer, HybridDoesNotSaveUpWhatTheTimeBeforeDidNotSpin) {
  const ManualClock clock;
  Pacer pacer = pacer_of(Pacing::hybrid, clock);
  pacer.spun(1ms);
  pacer.start(kNow);
  const Instant soon = kNow + 100us;
  EXPECT_EQ(pacer.sleep_until(soon, soon + 14us, Instant::max()), std::nullopt);
  EXPECT_EQ(pacer.sleep_until(soon, soon + 16us, Instant::max()), soon + 16us)
      << "it would be more than 15 % with this one";
}

TEST(Pacer, HybridGivesUpSpinningAt15PercentOfTheWallTime) {
  const ManualClock clock;
  Pacer pacer = pacer_of(Pacing::hybrid, clock);
  pacer.spun(149ms);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 10us, Instant::max()), std::nullopt);
  pacer.spun(1ms);
  EXPECT_EQ(pacer.sleep_until(kNow, kNow + 10us, Instant::max()), kNow + 10us);
}

}  // namespace
}  // namespace natsproof
