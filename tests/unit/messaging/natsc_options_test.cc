#include "messaging/natsc/natsc_options.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

TEST(ReconnectBackoffTest, DoublesWithJitterBetweenItsLimits) {
  const ReconnectBackoff backoff{.min = 50ms, .max = 2s, .seed = 1};
  Duration longest = 50ms;
  for (int attempt = 1; attempt <= 100; ++attempt) {
    const Duration delay = backoff.delay(attempt);
    EXPECT_GE(delay, std::max<Duration>(50ms, longest / 2)) << attempt;
    EXPECT_LE(delay, longest) << attempt;
    longest = std::min<Duration>(2s, longest * 2);
  }
}

TEST(ReconnectBackoffTest, ASeedDecidesAndAnotherDiffers) {
  const ReconnectBackoff one{.min = 50ms, .max = 2s, .seed = 1};
  const ReconnectBackoff same = one;
  const ReconnectBackoff other{.min = 50ms, .max = 2s, .seed = 1000};
  EXPECT_EQ(one.delay(5), same.delay(5));
  EXPECT_NE(one.delay(5), other.delay(5));
  EXPECT_NE(one.delay(10), one.delay(11)) << "jitter differs from attempt to attempt";
}

}  // namespace
}  // namespace natsproof
