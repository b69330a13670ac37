#include "loadgen/judge/platform_noise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/judge/gates.h"
#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GateReading read(const RunRecord& record, std::size_t claim = 0) {
  return read_platform_noise(record.repetitions, record.claims[claim], claim, 2, 0.01);
}

RunRecord quiet(const std::string& claim = "response p99 < 1ms") {
  return made_record({.claims = {claim}}, {{.per_s = 100}});
}

TEST(PlatformNoise, QuietMachine) {
  const GateReading reading = read(quiet());
  EXPECT_EQ(reading.passed, true);
  EXPECT_EQ(reading.figure, 0);
  EXPECT_EQ(reading.shown,
            "steal 0 % of the cores' time, throttled 0 % of the time, stalls over 100 µs: 0 % of "
            "requests; limit 1.00 %");
}

TEST(PlatformNoise, FigureIsTheWorstOfTheThree) {
  RunRecord record = quiet();
  record.repetitions[0].platform->steal = 0.02;       // 0.4 % of all
  record.repetitions[1].platform->throttled = 150ms;  // of 25 s
  record.repetitions[2].blocks[0][0].stalled = 20;    // of 2,500
  EXPECT_NEAR(read(record).figure.value(), 0.008, 1e-12);
  EXPECT_EQ(read(record).passed, true);
  EXPECT_THAT(read(record).shown,
              HasSubstr("steal 0.40 % of the cores' time, throttled 0.60 % of the time, stalls "
                        "over 100 µs: 0.80 % of requests (the worst); limit 1.00 %"));
  record.repetitions[3].platform->throttled = 200ms;
  EXPECT_NEAR(read(record).figure.value(), 0.014, 1e-12);
  EXPECT_EQ(read(record).passed, false);
  EXPECT_THAT(read(record).shown, HasSubstr("throttled 1.40 % of the time (the worst)"));
  record.repetitions[4].platform->steal = 0.08;
  EXPECT_NEAR(read(record).figure.value(), 0.02, 1e-12);
}

TEST(PlatformNoise, ShorterStallsThanAreRecordedAreNotSpokenOf) {
  RunRecord record = quiet();
  record.repetitions[1].platform->shortest_stall = 150us;
  EXPECT_THAT(read(record).shown, HasSubstr("stalls over 150 µs: 0 % of requests"));
}

// 0.02 % of 25 s of two cores: 10 ms.
TEST(PlatformNoise, WhatNoRequestCanHaveLostMuchByDoesNotCount) {
  const auto with = [](const char* claim, double share) {
    RunRecord record = quiet(claim);
    for (Repetition& repetition : record.repetitions) repetition.platform->steal = share;
    return read_platform_noise(record.repetitions, record.claims[0], 0, 2, 0);
  };
  EXPECT_EQ(with("response max < 100ms", 0.0002).passed, true);
  EXPECT_EQ(with("response max < 100ms", 0.0002).figure, 0);
  EXPECT_THAT(with("response max < 100ms", 0.0002).shown,
              HasSubstr("steal 0.02 % of the cores' time, throttled 0 % of the time (steal and "
                        "throttling 10.0 ms in all: too little to matter to a request), stalls"));
  EXPECT_EQ(with("response max < 100ms", 0.00021).passed, false);
  EXPECT_EQ(with("response max < 99ms", 0.0002).passed, false);
  EXPECT_THAT(with("response max < 99ms", 0.0002).shown, Not(HasSubstr("in all")));
  EXPECT_EQ(with("success >= 100%", 0.0005).passed, true);  // 250 ms of timeout
  EXPECT_EQ(with("success >= 100%", 0.00051).passed, false);
  EXPECT_EQ(with("response mean < 1s", 0.0002).passed, false);  // every request has its part
}

TEST(PlatformNoise, StealCountsByHowLongARepetitionWas) {
  RunRecord record =
      made_record({.claims = {"response p99 < 1ms"}, .repetitions = 1}, {{.per_s = 100}});
  add_repetition(record, 15, {{.per_s = 100}});
  record.repetitions[0].platform->steal = 0.04;  // 5 s of 20
  EXPECT_NEAR(read(record).figure.value(), 0.01, 1e-12);
}

TEST(PlatformNoise, WhatIsNotKnownIsNamedAndTheRestDecides) {
  RunRecord record = quiet();
  for (Repetition& repetition : record.repetitions) repetition.platform->steal.reset();
  EXPECT_EQ(read(record).passed, true);
  EXPECT_THAT(read(record).shown, HasSubstr("steal not known, throttled 0 %"));
  for (Repetition& repetition : record.repetitions) repetition.platform->throttled.reset();
  record.repetitions[0].blocks[0][0].stalled = 100;
  EXPECT_EQ(read(record).passed, false);
  for (Repetition& repetition : record.repetitions) repetition.platform->hiccups.reset();
  EXPECT_EQ(read(record).passed, std::nullopt);
  EXPECT_EQ(read(record).figure, std::nullopt);
  EXPECT_EQ(read(record).shown, "steal not known, throttled not known, stalls not known");
  for (Repetition& repetition : record.repetitions) repetition.platform.reset();
  EXPECT_EQ(read(record).passed, std::nullopt);
  EXPECT_EQ(read(record).shown, "nobody looked at what the machine did");
}

TEST(PlatformNoise, WhereSomeRepetitionsKnowItIsTheirs) {
  RunRecord record = quiet();
  for (std::size_t r = 1; r < 5; ++r) record.repetitions[r].platform->steal.reset();
  record.repetitions[0].platform->steal = 0.03;
  EXPECT_NEAR(read(record).figure.value(), 0.03, 1e-12);
}

// 250 ms of timeout: what takes a tenth of it, in the measurement.
TEST(PlatformNoise, OtherClaimsCountTheTimeInStallsLongEnoughForATimeout) {
  RunRecord record = quiet("success >= 99%");
  Repetition& repetition = record.repetitions[0];
  repetition.warmup = 1s;
  repetition.platform->stalls = {{.start = 0s, .length = 900ms},     // in the warm-up
                                 {.start = 900ms, .length = 200ms},  // a half of it measured
                                 {.start = 3s, .length = 25ms},
                                 {.start = 5900ms, .length = 200ms}};
  EXPECT_NEAR(read(record).figure.value(), 0.2 / 25, 1e-12);
  EXPECT_THAT(read(record).shown, HasSubstr("stalls over 25.0 ms: 0.80 % of the time"));
  for (const char* claim : {"response mean < 1ms", "throughput >= 1/s"}) {
    EXPECT_TRUE(read(quiet(claim)).passed.has_value()) << claim;
  }
}

// 1,000 stalls of 30 ms and longer, of which the record lists two.
TEST(PlatformNoise, StallsThatAreNotListedCountAsLongAsTheyMayBe) {
  RunRecord record = quiet("success >= 99%");
  PlatformRecord& platform = *record.repetitions[0].platform;
  platform.stall_count = 1000;
  platform.stalled = 2s;
  platform.stalls = {{.start = 1s, .length = 40ms}, {.start = 3s, .length = 30ms}};
  EXPECT_NEAR(read(record).figure.value(), 2.0 / 25, 1e-12);
  EXPECT_EQ(time_in_stalls(record.repetitions[0], 25ms).count, 1000u);
  // None of them is longer than the shortest that is listed.
  EXPECT_EQ(time_in_stalls(record.repetitions[0], 30ms).time, 40ms);
  EXPECT_EQ(time_in_stalls(record.repetitions[0], 30ms).count, 1u);
  platform.stalls[1].length = 25ms;
  EXPECT_NEAR(read(record).figure.value(), 0.04 / 25, 1e-12);
  // All of them are listed.
  platform.stalls[1].length = 30ms;
  platform.stall_count = 2;
  EXPECT_NEAR(read(record).figure.value(), 0.07 / 25, 1e-12);
}

TEST(PlatformNoise, MissedStallsLeaveItUnchecked) {
  for (const char* claim : {"response p99 < 1ms", "success >= 99%"}) {
    RunRecord record = quiet(claim);
    PlatformRecord& platform = *record.repetitions[3].platform;
    platform.missed_stalls = 1200;
    EXPECT_EQ(read(record).passed, std::nullopt) << claim;
    EXPECT_EQ(read(record).figure, 0) << claim;
    EXPECT_THAT(read(record).shown,
                HasSubstr("limit 1.00 %; 1,200 more stalls found no room in the list"))
        << claim;
    record.repetitions[0].platform->steal = 0.3;
    EXPECT_EQ(read(record).passed, false) << claim << ": what is known is enough";
  }
}

// A missed one may be longer than any that is listed.
TEST(PlatformNoise, MissedStallsAreAsLongAsTheyMayBe) {
  RunRecord record = quiet("success >= 99%");
  PlatformRecord& platform = *record.repetitions[0].platform;
  platform.stall_count = 2;
  platform.stalled = 1s;
  platform.stalls = {{.start = 1s, .length = 10ms}};
  EXPECT_EQ(read(record).passed, true);
  platform.missed_stalls = 1;
  EXPECT_EQ(read(record).passed, false);
  EXPECT_NEAR(read(record).figure.value(), 0.99 / 25, 1e-12);
}

// `*` has the longest of its tasks' timeouts.
TEST(PlatformNoise, AClaimOnAllTasksCaresForTheShortestTimeout) {
  RunRecord record = quiet("success >= 99%");
  for (Repetition& repetition : record.repetitions) {
    repetition.tasks.push_back(repetition.tasks[1]);
    repetition.tasks[0].timeout = repetition.tasks[2].timeout = 10s;
  }
  record.repetitions[0].platform->stalls = {{.start = 3s, .length = 26ms}};
  EXPECT_THAT(read(record).shown, HasSubstr("stalls over 25.0 ms: 0.10 % of the time"));
  for (Repetition& repetition : record.repetitions) {
    std::swap(repetition.tasks[1], repetition.tasks[2]);
  }
  EXPECT_THAT(read(record).shown, HasSubstr("stalls over 25.0 ms: 0.10 % of the time"));
  for (Repetition& repetition : record.repetitions) repetition.tasks[1].name = "slow";
  record.claims[0].task = "slow";
  EXPECT_THAT(read(record).shown, HasSubstr("stalls over 1.00 s: 0 % of the time"));
}

TEST(PlatformNoise, StallsAccountForWhatTheyShow) {
  EXPECT_FALSE(stalls_account_for({.steal = 0.0}, 2, 0.01));  // nobody looked for them
  EXPECT_TRUE(stalls_account_for({.steal = 0.0, .stalled = 0.0}, 2, 0.01));
  EXPECT_FALSE(stalls_account_for({.stalled = 0.0}, 2, 0.01));  // nobody knows what was stolen
  EXPECT_TRUE(stalls_account_for({.steal = 0.03, .stalled = 0.02}, 2, 0.01));
  EXPECT_FALSE(stalls_account_for({.steal = 0.031, .stalled = 0.02}, 2, 0.01));
  // Two cores are throttled at once.
  EXPECT_TRUE(stalls_account_for({.steal = 0.0, .throttled = 0.06, .stalled = 0.02}, 2, 0.01));
  EXPECT_FALSE(stalls_account_for({.steal = 0.0, .throttled = 0.062, .stalled = 0.02}, 2, 0.01));
}

TEST(PlatformNoise, StallsOfARepetitionThatDidNotLookAreNotKnown) {
  RunRecord record = quiet();
  EXPECT_TRUE(platform_noise(record.repetitions, record.claims[0], 0).stalled.has_value());
  record.repetitions[2].platform.reset();
  EXPECT_FALSE(platform_noise(record.repetitions, record.claims[0], 0).stalled.has_value());
}

// --- the benefit of the doubt ---

// 5 % over 1 ms by response and service time; stalls met 2 % of the requests, and explain so many
// of those that were over.
RunRecord stalled(const std::string& claim, std::uint64_t explained_per_s) {
  RunRecord record = made_record(
      {.claims = {claim}}, {{.per_s = 1900}, {.per_s = 100, .response = 5ms, .service = 5ms}});
  for (Repetition& repetition : record.repetitions) {
    repetition.floor.reset();
    for (std::vector<Block>& blocks : repetition.blocks) {
      for (Block& block : blocks) {
        block.stalled = 40;
        block.over_granted -= std::min(block.over_granted, explained_per_s);
      }
    }
  }
  return record;
}

TEST(BenefitOfStalls, WhatTheyExplainIsGranted) {
  for (const char* claim : {"response p99 < 1ms", "service p99 < 1ms"}) {
    EXPECT_EQ(judge(stalled(claim, 0)).verdict, Verdict::refuted) << claim;
    EXPECT_EQ(judge(stalled(claim, 50)).verdict, Verdict::refuted) << claim;
    const Judgement judgement = judge(stalled(claim, 90));
    EXPECT_EQ(judgement.verdict, Verdict::invalid) << claim;
    EXPECT_THAT(judgement.claims[0].blocked_by, ::testing::ElementsAre("platform noise")) << claim;
  }
}

// What stalls do not explain is refuted, as long as it is known what was stolen besides.
TEST(BenefitOfStalls, IsNoneWhereNobodyKnowsWhatWasStolen) {
  RunRecord record = stalled("service p99 < 1ms", 0);
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
  for (Repetition& repetition : record.repetitions) repetition.platform->steal.reset();
  EXPECT_EQ(judge(record).verdict, Verdict::invalid);
}

// 0.3 % over and 0.3 % stalled, where 0.1 % may be over: less than a hundredth all the same.
TEST(BenefitOfStalls, IsAskedForByAClaimAsStrictAsTheStallsAreRare) {
  for (const char* claim : {"response p99.9 < 1ms", "service p99.9 < 1ms"}) {
    const auto with = [claim](std::uint64_t explained_per_s) {
      RunRecord record = made_record(
          {.claims = {claim}}, {{.per_s = 1994}, {.per_s = 6, .response = 5ms, .service = 5ms}});
      for (Repetition& repetition : record.repetitions) {
        for (Block& block : repetition.blocks[0]) {
          block.stalled = 6;
          block.over_granted -= explained_per_s;
        }
      }
      return judge(record);
    };
    EXPECT_EQ(with(0).verdict, Verdict::refuted) << claim << ": by its service";
    EXPECT_EQ(with(1).verdict, Verdict::refuted) << claim;
    EXPECT_EQ(with(6).verdict, Verdict::invalid) << claim << ": by the machine";
    EXPECT_THAT(with(6).claims[0].blocked_by, ::testing::ElementsAre("platform noise")) << claim;
  }
}

// The floor's own quantile is granted, as its gate was read.
TEST(BenefitOfTheFloor, IsOfTheClaimsQuantile) {
  const auto with = [](const char* claim, Duration slow) {
    RunRecord record =
        made_record({.claims = {claim}}, {{.per_s = 1994}, {.per_s = 6, .service = slow}});
    for (Repetition& repetition : record.repetitions) repetition.floor.record(500us, 5);
    return judge(record).verdict;
  };
  for (const char* claim : {"service p99.9 < 1ms", "service max < 1ms"}) {
    EXPECT_EQ(with(claim, 1400us), Verdict::invalid) << claim;
    EXPECT_EQ(with(claim, 1700us), Verdict::refuted) << claim;
  }
}

TEST(PlatformNoise, NoRequestHasLostMoreThanWasTaken) {
  EXPECT_EQ(time_taken({}, 2, 10s), 0s);
  EXPECT_EQ(time_taken({.steal = 0.01}, 2, 10s), 200ms);  // of each core for itself
  EXPECT_EQ(time_taken({.steal = 0.01, .throttled = 0.03}, 2, 10s), 300ms);
  // As no machine is, but a file may say so.
  EXPECT_GT(time_taken({.steal = 1}, 4'294'967'295, Duration{1'000'000'000'000'000}), 24h * 365);
}

TEST(BenefitOfStalls, MissedOnesMayExplainTheRest) {
  RunRecord record = stalled("response p99 < 1ms", 50);
  record.repetitions[1].platform->missed_stalls = 1;
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.claims[0].blocked_by, ::testing::ElementsAre("platform noise"));
}

TEST(BenefitOfStalls, OneOverAMaximumMayHaveMetOne) {
  EXPECT_EQ(judge(stalled("response max < 1ms", 99)).verdict, Verdict::refuted);
  EXPECT_EQ(judge(stalled("response max < 1ms", 100)).verdict, Verdict::invalid);
}

TEST(BenefitOfStalls, IsGrantedWhateverSlanderFailed) {
  RunRecord record = stalled("response p99 < 1ms", 90);
  for (Repetition& repetition : record.repetitions) {
    for (Block& block : repetition.blocks[0]) block.stalled = 0;
    for (TaskRecord& task : repetition.tasks) task.send_lag.record(5ms, 1000);
  }
  const Judgement judgement = judge(record);
  EXPECT_EQ(gate_named(judgement, "platform noise").passed, true);
  EXPECT_THAT(judgement.claims[0].blocked_by, ::testing::ElementsAre("send lag"));
}

TEST(BenefitOfStalls, WithoutAFailedGateNothingIsGranted) {
  RunRecord record = stalled("response p99 < 1ms", 90);
  for (Repetition& repetition : record.repetitions) {
    for (Block& block : repetition.blocks[0]) block.stalled = 0;
  }
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
}

// What the floor excuses and what stalls excuse may be different requests.
TEST(BenefitOfStalls, AddsToTheFloors) {
  const auto with = [](std::uint64_t explained) {
    RunRecord record = made_record(
        {.claims = {"service p99 < 1ms"}},
        {{.per_s = 1900}, {.per_s = 50, .service = 1200us}, {.per_s = 50, .service = 5ms}});
    for (Repetition& repetition : record.repetitions) {
      repetition.floor.record(400us, 100'000);
      for (Block& block : repetition.blocks[0]) block.over_granted -= explained;
    }
    return judge(record).verdict;
  };
  EXPECT_EQ(with(0), Verdict::refuted);
  EXPECT_EQ(with(40), Verdict::invalid);
}

TEST(BenefitOfStalls, AMeanDoesNotKnowItsStalls) {
  RunRecord record = made_record({.claims = {"service mean < 100us"}}, {{.per_s = 100}});
  for (Repetition& repetition : record.repetitions) {
    repetition.platform->stalls = {{.start = 1s, .length = 100ms}};
  }
  const Judgement judgement = judge(record);
  EXPECT_EQ(gate_named(judgement, "platform noise").passed, false);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
}

// A stall of more than the timeout makes timeouts, of a share and of a latency.
TEST(BenefitOfStalls, TimeoutsThatAStallMayHaveMade) {
  for (const char* claim : {"success >= 99%", "response p99 < 1ms"}) {
    const auto with = [claim](Duration stall, RequestClass failed) {
      RunRecord record = made_record({.claims = {claim}},
                                     {{.per_s = 1920}, {.per_s = 80, .request_class = failed}});
      for (Repetition& repetition : record.repetitions) {
        repetition.floor.reset();
        repetition.platform->stalled = stall;
        repetition.platform->stalls = {{.start = 1s, .length = stall}};
        for (std::vector<Block>& blocks : repetition.blocks) {
          for (Block& block : blocks) block.stalled = 40;
        }
      }
      return judge(record).verdict;
    };
    EXPECT_EQ(with(260ms, RequestClass::timeout), Verdict::invalid) << claim;
    EXPECT_EQ(with(260ms, RequestClass::wrong_reply), Verdict::refuted) << claim;
  }
}

// Of all tasks together, each timeout is its own task's: the longest of them is nobody's else.
TEST(BenefitOfStalls, TimeoutsOfAClaimOnAllTasksAreGrantedTaskByTask) {
  const auto with = [](Duration timeout, Duration of_another_task) {
    RunRecord record =
        made_record({.claims = {"response p99 < 1ms"}},
                    {{.per_s = 1920}, {.per_s = 80, .request_class = RequestClass::timeout}});
    for (Repetition& repetition : record.repetitions) {
      repetition.tasks[1].timeout = timeout;
      TaskRecord& other = repetition.tasks.emplace_back();
      other.name = "other";
      other.timeout = of_another_task;
      repetition.tasks[0].timeout = std::max(timeout, of_another_task);
      repetition.platform->stalls = {{.start = 1s, .length = 260ms}};
      for (Block& block : repetition.blocks[0]) block.stalled = 40;
    }
    return judge(record).verdict;
  };
  EXPECT_EQ(with(250ms, 10s), Verdict::invalid);
  EXPECT_EQ(with(250ms, 10ms), Verdict::invalid);
  EXPECT_EQ(with(10s, 250ms), Verdict::refuted);
}

// 5.5 % timed out. A stall of 100 ms excuses those that met it in flight: 140 ms of 5 s, 2.8 %. The
// record lists one.
TEST(BenefitOfStalls, TimeoutsAreGrantedToStallsThatAreNotListed) {
  const auto with = [](int stalls) {
    RunRecord record =
        made_record({.claims = {"response p99 < 40ms"}},
                    {{.per_s = 1890}, {.per_s = 110, .request_class = RequestClass::timeout}});
    for (Repetition& repetition : record.repetitions) {
      for (TaskRecord& task : repetition.tasks) task.timeout = 100ms;
      repetition.floor.reset();
      PlatformRecord& platform = *repetition.platform;
      platform.stall_count = static_cast<std::uint64_t>(stalls);
      platform.stalled = Duration{100ms} * stalls;
      platform.stalls = {{.start = 1s, .length = 100ms}};
      for (Block& block : repetition.blocks[0]) block.stalled = 40;
    }
    return judge(record).verdict;
  };
  EXPECT_EQ(with(1), Verdict::refuted);
  EXPECT_EQ(with(2), Verdict::invalid);
}

TEST(BenefitOfStalls, NoShortStallMakesATimeoutOfALatency) {
  RunRecord record =
      made_record({.claims = {"response p99 < 1ms"}},
                  {{.per_s = 1920}, {.per_s = 80, .request_class = RequestClass::timeout}});
  for (Repetition& repetition : record.repetitions) {
    repetition.platform->stalls = {{.start = 1s, .length = 240ms}};
    for (Block& block : repetition.blocks[0]) block.stalled = 40;
  }
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
}

}  // namespace
}  // namespace natsproof
