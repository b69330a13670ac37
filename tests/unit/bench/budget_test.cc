#include "bench/report/budget.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/pooled_tasks.h"
#include "tests/golden/report/fixed_records.h"
#include "tests/unit/bench/made_costs.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Budget : public testing::Test {
 protected:
  Budget() {
    std::string name = (fs::temp_directory_path() / "natsproof-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Budget() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(Budget, IsOfTheServiceTimeInTheSavedRun) {
  const RunRecord record = sound_run();
  ASSERT_TRUE(write_results(folder_, record, judge(record)));
  const auto run = read_round_trips(folder_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->plan, "baseline");
  EXPECT_EQ(run->verdict, "PROVEN");
  EXPECT_EQ(run->cpu, "a processor");
  ASSERT_EQ(run->tasks.size(), 1U);  // all tasks together are the one
  EXPECT_EQ(run->tasks[0].name, "echo");
  EXPECT_EQ(run->tasks[0].p50_service, pooled_tasks(record)[1].service.value_at(Quantile{0.5}));
}

TEST_F(Budget, OfSeveralTasksHasThemTogetherToo) {
  const auto run = round_trips_of(slow_orders(), "x");
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->tasks.size(), 3U);
  EXPECT_EQ(run->tasks[0].name, "*");
  EXPECT_EQ(run->tasks[1].name, "echo");
  EXPECT_EQ(run->tasks[2].name, "place_order");
  EXPECT_LT(run->tasks[1].p50_service, run->tasks[2].p50_service);
}

TEST_F(Budget, NeedsAFolder) {
  const auto run = read_round_trips(folder_ / "nowhere");
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("nowhere: No such file or directory"));
  EXPECT_THAT(run.error().message, HasSubstr("the folder that `natsproof run` has written"));
}

TEST_F(Budget, NeedsARunFile) {
  std::ofstream(folder_ / "run.json") << R"({"schema": "something.else/1"})";
  const auto run = read_round_trips(folder_);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("run.json: "));
  EXPECT_THAT(run.error().message, HasSubstr("something.else/1"));
}

TEST_F(Budget, AnInvalidRunIsNoEvidence) {
  RunRecord record = sound_run();
  for (Repetition& repetition : record.repetitions) repetition.tasks[0].measured.planned += 1;
  ASSERT_EQ(judge(record).verdict, Verdict::invalid);
  const auto run = round_trips_of(record, "results/x");
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("the run in results/x is INVALID"));
  EXPECT_THAT(run.error().message, HasSubstr("Repeat it"));
}

TEST_F(Budget, AnInterruptedRunIsNoEvidence) {
  const auto run = round_trips_of(stopped_run(), "results/x");
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("the run in results/x was interrupted"));
}

TEST_F(Budget, AFailedRunIsNoEvidence) {
  const auto run = round_trips_of(dead_service(), "results/x");
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("natsproof-orders was killed by signal 9"));
}

TEST_F(Budget, ARefutedClaimIsStillARun) {
  ASSERT_EQ(judge(slow_orders()).verdict, Verdict::refuted);
  EXPECT_EQ(round_trips_of(slow_orders(), "x")->verdict, "REFUTED");
}

TEST_F(Budget, ThereIsNoMedianOfAFewReplies) {
  const auto told = [](std::uint64_t requests) {
    Story story;
    story.seconds = 1;
    story.rate_per_s = requests;
    story.repetitions = story.planned_repetitions = 1;
    story.tell = [](std::uint64_t, std::uint64_t) {
      return ToldRequest{.lag = 1us, .service = 100us};
    };
    return told_run(story);
  };
  const auto run = round_trips_of(told(19), "results/x");
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("too few replies for a p50, which needs 20"));
  EXPECT_TRUE(round_trips_of(told(20), "results/x"));
}

RoundTrips echo_run() {
  return {.folder = "results/x",
          .plan = "baseline",
          .verdict = "PROVEN",
          .cpu = "a processor",
          .tasks = {{.name = "echo", .p50_service = 520us}}};
}

TEST_F(Budget, GivesEachCostItsShare) {
  const auto costs = made_costs("order-10", {{kProtobuf, kEncode, 260},
                                             {kProtobufArena, kDecode, 5'200},
                                             {kJson, kDecode, 21'320},
                                             {kJson, kDecodeAndValidate, 22'000},
                                             {kJsonByProtobuf, kRoundTrip, 1'040'000},
                                             {kMessage, kValidate, 1'100}});
  EXPECT_EQ(render_budget(echo_run(), costs, "a processor"),
            R"(Shares of a round trip in results/x (plan baseline, verdict PROVEN)

encoding order-10 as Protobuf: 260 ns = 0.05 % of the 520 µs p50 service time of `echo`
decoding order-10 as Protobuf on an arena: 5.20 µs = 1.0 % of the 520 µs p50 service time of `echo`
decoding order-10 as JSON: 21.3 µs = 4.1 % of the 520 µs p50 service time of `echo`
decoding and validating order-10 as JSON: 22.0 µs = 4.2 % of the 520 µs p50 service time of `echo`
encoding and decoding order-10 as JSON by protobuf's utility: 1.04 ms = 200.0 % of the 520 µs p50 service time of `echo`
validating order-10: 1.10 µs = 0.2 % of the 520 µs p50 service time of `echo`
)");
}

TEST_F(Budget, NamesEachTask) {
  RoundTrips run = echo_run();
  run.tasks = {{.name = "*", .p50_service = 1ms},
               {.name = "echo", .p50_service = 100us},
               {.name = "place", .p50_service = {}}};
  const std::string text =
      render_budget(run, made_costs("probe", {{kJson, kDecode, 1'000}}), "a processor");
  EXPECT_THAT(text, HasSubstr("1.00 µs = 0.1 % of the 1.00 ms p50 service time of all tasks"));
  EXPECT_THAT(text, HasSubstr("1.00 µs = 1.0 % of the 100 µs p50 service time of `echo`"));
  EXPECT_THAT(text, HasSubstr("`place`: too few replies for a p50"));
}

TEST_F(Budget, WarnsOfAnotherMachine) {
  const auto costs = made_costs("probe", {{kJson, kDecode, 1'000}});
  EXPECT_THAT(render_budget(echo_run(), costs, "a processor"), Not(HasSubstr("WARNING")));
  EXPECT_THAT(render_budget(echo_run(), costs, "a better one"),
              HasSubstr("on another machine (a processor), the costs on this one (a better one)"));
}

}  // namespace
}  // namespace natsproof
