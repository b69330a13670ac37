// What `check` and the first lines of `run` say of a plan.
#include "loadgen/app/plan_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/plan_file.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string described(const std::string& arrivals) {
  const PlanReading read = read_plan(
      {.file = "p.yaml",
       .text = "name: p\nload: {rate: 1000/s, duration: 2s, repetitions: 5, arrivals: " + arrivals +
               "}\ntasks: [{name: a, subject: a}, {name: b, subject: b}]\n"
               "claims: [success >= 99%, b success >= 99%]\n",
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

TEST(DescribePlan, OfConstantArrivalsOnlyTheTasksAreDrawn) {
  EXPECT_THAT(described("constant"), AllOf(HasSubstr(" s, 10,000 measured requests"),
                                           HasSubstr("n = 10,000, at most 83 may break it"),
                                           HasSubstr("n = about 5,000, at most about ")));
}

}  // namespace
}  // namespace natsproof
