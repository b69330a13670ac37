#include "loadgen/judge/coverage.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

TEST(Coverage, NoMoreThanFivePercentAreWrongEitherWay) {
  const Coverage coverage = simulate_coverage(10'000, 1);
  fmt::print("{} claims at the edge: {:.2f} % PROVEN, {:.2f} % REFUTED\n", coverage.claims,
             0.01 * coverage.falsely_proven, 0.01 * coverage.falsely_refuted);
  EXPECT_EQ(coverage.claims, 10'000u);
  EXPECT_LE(coverage.falsely_proven, 500u);
  EXPECT_LE(coverage.falsely_refuted, 500u);
  // A simulation that decides nothing would show nothing.
  EXPECT_GE(coverage.falsely_proven, 50u);
  EXPECT_GE(coverage.falsely_refuted, 50u);
}

TEST(Coverage, IsTheSameForTheSameSeed) {
  const Coverage once = simulate_coverage(500, 7), again = simulate_coverage(500, 7);
  EXPECT_EQ(once.falsely_proven, again.falsely_proven);
  EXPECT_EQ(once.falsely_refuted, again.falsely_refuted);
  EXPECT_EQ(simulate_coverage(0, 7).claims, 0u);
}

}  // namespace
}  // namespace natsproof
