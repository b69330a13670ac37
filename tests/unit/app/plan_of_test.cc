// What `check` and the first lines of `run` say of a plan.
#include "loadgen/app/plan_of.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/plan_file.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string described(const std::string& arrivals,
                      const std::string& claims = "success >= 99%, b success >= 99%") {
  const PlanReading read = read_plan(
      {.file = "p.yaml",
       .text = "name: p\nload: {rate: 1000/s, duration: 2s, repetitions: 5, arrivals: " + arrivals +
               "}\ntasks: [{name: a, subject: a}, {name: b, subject: b}]\n"
               "claims: [" +
               claims + "]\n",
       .set = {}});
  EXPECT_TRUE(read.mistakes.empty());
  return describe_plan(read.plan, false);
}

// So many on average, and another seed plans others.
TEST(DescribePlan, NumbersDrawnByChanceAreAbout) {
  EXPECT_THAT(described("poisson"),
              AllOf(HasSubstr(", about 10,000 measured requests"),
                    HasSubstr("n = about 10,000, at most about 83 may break it"),
                    HasSubstr("n = about 5,000, at most about ")));
}

TEST(DescribePlan, NoneMayBreakItIsNotAbout) {
  EXPECT_THAT(described("poisson", "success >= 100%"),
              HasSubstr("n = about 10,000, at most 0 may break it"));
}

TEST(DescribePlan, OfConstantArrivalsOnlyTheTasksAreDrawn) {
  EXPECT_THAT(described("constant"), AllOf(HasSubstr(" s, 10,000 measured requests"),
                                           HasSubstr("n = 10,000, at most 83 may break it"),
                                           HasSubstr("n = about 5,000, at most about ")));
}

std::string profile_described(const std::string& rate) {
  const PlanReading reading = read_plan({.file = "made.yaml", .text = R"(name: made
about: Echo, as a profile has it.
services: [echo]
load: {rate: )" + rate + R"(, repetitions: 5}
tasks:
  - {name: echo, endpoint: echo, payload: {bytes: 128}, timeout: 500ms}
claims: [response p99.9 < 50ms]
)"});
  EXPECT_TRUE(reading.mistakes.empty());
  return describe_plan(reading.plan, false);
}

TEST(DescribePlan, CoversWhatTheLoadFills) {
  EXPECT_THAT(profile_described("[{for: 5s, rate: 500/s}]"),
              HasSubstr("covers disturbances up to 1.67 ms\n         note: PROVEN needs 5 "
                        "repetitions of 9.00 s for this quantile; the plan has 5 of 5.00 s.\n"));
  EXPECT_THAT(profile_described("[{for: 1s, rate: 50000/s}, {for: 4s, rate: 0/s}]"),
              HasSubstr("covers disturbances up to 333 µs\n         note: PROVEN needs 5 "
                        "repetitions of 45.0 s for this quantile; the plan has 5 of 5.00 s, of "
                        "which the load fills 5.00 s."));
  std::string bursts;
  for (int second = 0; second < 5; ++second)
    bursts +=
        std::string(second > 0 ? ", " : "") + "{for: 5ms, rate: 4000/s}, {for: 995ms, rate: 0/s}";
  EXPECT_THAT(profile_described("[" + bursts + "]"),
              AllOf(HasSubstr("covers disturbances up to 96.4 µs"),
                    HasSubstr("the plan has 5 of 5.00 s, of which the load fills 1.45 s.")));
  for (const char* steady : {"1/s", "5/s", "64/s", "2000/s"}) {
    EXPECT_THAT(profile_described("[{for: 5s, rate: " + std::string(steady) + "}]"),
                HasSubstr("the plan has 5 of 5.00 s.\n"));
  }
}

}  // namespace
}  // namespace natsproof
