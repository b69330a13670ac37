// When a plan's abort limit is broken.
#include "loadgen/engine/abort_watch.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

Interval second(std::uint64_t ok, std::uint64_t timeouts, std::uint64_t refused = 0) {
  Interval interval;
  interval.classes[static_cast<std::size_t>(RequestClass::ok)] = ok;
  interval.classes[static_cast<std::size_t>(RequestClass::timeout)] = timeouts;
  interval.classes[static_cast<std::size_t>(RequestClass::refused)] = refused;
  return interval;
}

AbortWatch half_for(Duration lasting) {
  return AbortWatch({.errors = 0.5, .lasting = lasting, .text = "errors > 50% for it"});
}

TEST(AbortWatch, IsBrokenByAsManySecondsInARowAsItSays) {
  AbortWatch watch = half_for(3s);
  EXPECT_FALSE(watch.add(second(0, 10)));
  EXPECT_FALSE(watch.add(second(28, 72)));
  EXPECT_TRUE(watch.add(second(10, 20, 10)));
  EXPECT_EQ(watch.why(),
            "errors > 50% for it: 3 seconds in a row with 72.00 % to 100 % of requests failed");
  EXPECT_TRUE(watch.add(second(10, 0))) << "it stays broken";
}

TEST(AbortWatch, ASecondAtTheLimitEndsTheRow) {
  AbortWatch watch = half_for(2s);
  EXPECT_FALSE(watch.add(second(0, 10)));
  EXPECT_FALSE(watch.add(second(10, 10)));
  EXPECT_FALSE(watch.add(second(9, 11)));
  EXPECT_TRUE(watch.add(second(9, 11)));
  EXPECT_EQ(watch.why(), "errors > 50% for it: 2 seconds in a row with 55.00 % of requests failed");
}

TEST(AbortWatch, ASecondWithoutADecisionSaysNothing) {
  AbortWatch watch = half_for(2s);
  EXPECT_FALSE(watch.add(second(0, 10)));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(watch.add(second(0, 0)));
  EXPECT_TRUE(watch.add(second(0, 1)));
}

TEST(AbortWatch, OneSecondIsEnoughWhereItSaysSo) {
  AbortWatch watch = half_for(1s);
  EXPECT_FALSE(watch.add(second(1, 1)));
  EXPECT_TRUE(watch.add(second(0, 1)));
  EXPECT_EQ(watch.why(), "errors > 50% for it: a second with 100 % of requests failed");
}

}  // namespace
}  // namespace natsproof
