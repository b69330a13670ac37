#include "loadgen/judge/judgement.h"

#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kClaim = "response p99 < 1ms";

// 10,000 requests in every repetition, of which so many per thousand take `slow`.
RunRecord run_of(std::uint64_t slow_per_1000, const std::string& claim = kClaim,
                 Duration slow = 10ms, std::uint32_t repetitions = 5) {
  return made_record({.claims = {claim}, .repetitions = repetitions},
                     {{.per_s = 2000 - 2 * slow_per_1000},
                      {.per_s = 2 * slow_per_1000, .response = slow, .service = slow}});
}

// A gate of each kind that fails, without touching any count.
void fail_flatter(RunRecord& record) {
  record.conditions.gate_limits["nothing happened"] = 1e9;
}
void fail_slander(RunRecord& record) {
  record.repetitions[0].workers[0].busy = 5s;
}  // headroom
void fail_both(RunRecord& record) {
  *record.repetitions[0].connections[0].received += 1;
}
void fail_void(RunRecord& record) {
  record.repetitions[0].clock_steps_back = 1;
}
void drop_floor(RunRecord& record) {
  for (Repetition& repetition : record.repetitions) repetition.floor.reset();
}

TEST(Judge, ProvenWithItsEvidence) {
  const Judgement judgement = judge(run_of(1));
  EXPECT_EQ(judgement.verdict, Verdict::proven);
  const ClaimResult& claim = judgement.claims.at(0);
  EXPECT_EQ(claim.verdict, Verdict::proven);
  EXPECT_EQ(claim.over, 50u);
  EXPECT_EQ(claim.planned, 50'000u);
  EXPECT_EQ(claim.unit, "ns");
  EXPECT_NEAR(claim.measured.value_or(0), 200e3, 200);
  EXPECT_EQ(claim.under, 5u);
  EXPECT_EQ(claim.repetitions, 5u);
  EXPECT_EQ(claim.covers, 16'666'667ns);
  EXPECT_THAT(claim.why, HasSubstr("Covers disturbances up to 16.7 ms"));
  EXPECT_THAT(claim.blocked_by, IsEmpty());
  EXPECT_THAT(judgement.repetitions, ElementsAre(Verdict::proven, Verdict::proven, Verdict::proven,
                                                 Verdict::proven, Verdict::proven));
}

TEST(Judge, RefutedWithItsEvidence) {
  const Judgement judgement = judge(run_of(20));
  EXPECT_EQ(judgement.verdict, Verdict::refuted);
  EXPECT_EQ(judgement.claims[0].over, 1000u);
  EXPECT_EQ(judgement.claims[0].under, 0u);
  EXPECT_NEAR(judgement.claims[0].measured.value_or(0), 10e6, 10e3);
  EXPECT_EQ(judgement.why, "`response p99 < 1ms` does not hold.");
  EXPECT_THAT(judgement.repetitions, ::testing::Each(Verdict::refuted));
}

// 90 of 10,000: what the same share would need is less than twice of it, and what it can be more.
TEST(Judge, InconclusiveNamesARunThatSettlesIt) {
  RunRecord record = made_record({.claims = {kClaim}, .seconds = 1},
                                 {{.per_s = 1982}, {.per_s = 18, .response = 10ms}});
  for (Repetition& repetition : record.repetitions) repetition.workers[0].busy = 0s;
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_THAT(judgement.claims[0].why, HasSubstr("At this share, a verdict needs about "));
  EXPECT_THAT(judgement.claims[0].why, HasSubstr("; this run has 5 of 1.00 s."));
}

// Of coverage, counts and repetitions the one that takes longest, and no other figure beside it.
TEST(Judge, InconclusiveAsksForWhatTakesLongest) {
  const RunRecord record = made_record(
      {.claims = {"response p99.99 < 200ms", "success >= 99%"}, .repetitions = 2, .seconds = 3},
      {{.per_s = 511}});
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].why,
            "0 of 3,066 requests took 200 ms or longer, or failed: 0 % (0 % to 0.10 %, each bound "
            "at 95 %) where 0.01 % may; 2 of 2 repetitions are within the claim, 0 against it. "
            "PROVEN needs 5 repetitions of 90.0 s for this quantile; this run has 2 of 3.00 s.");
  EXPECT_THAT(judgement.claims[1].why,
              HasSubstr("A verdict needs at least 5 repetitions; this run has 2."));
}

// Seconds do not help against a busy machine.
TEST(Judge, InconclusiveNamesWhatMayHaveBeenInTheWay) {
  RunRecord record = made_record({.claims = {kClaim}, .seconds = 1},
                                 {{.per_s = 1982}, {.per_s = 18, .response = 10ms}});
  for (Repetition& repetition : record.repetitions) repetition.workers[0].busy = 0s;
  EXPECT_THAT(judge(record).claims[0].why, Not(HasSubstr("in the way")));
  record.repetitions[3].workers[0].busy = record.repetitions[3].workers[0].wall;
  EXPECT_THAT(
      judge(record).claims[0].why,
      HasSubstr("Gate `headroom` failed: the instrument may have been in the way; mend that "
                "first."));
  EXPECT_THAT(judge(record).claims[0].why, Not(HasSubstr("needs")));
}

TEST(Judge, FewRepetitionsAreInconclusiveNeverInvalid) {
  for (const std::uint64_t slow : {1u, 500u}) {
    const Judgement judgement = judge(run_of(slow, kClaim, 10ms, 4));
    EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
    EXPECT_THAT(judgement.claims[0].why,
                slow == 1 ? HasSubstr("A verdict needs at least 5 repetitions; this run has 4.")
                          : HasSubstr("This is far beyond the limit, but 4 repetitions prove "
                                      "nothing by themselves: a verdict needs at least 5 "
                                      "repetitions (`--repetitions 5`)."));
  }
}

TEST(Judge, DisturbancesLongerThanCoveredForbidProvenOnly) {
  RunRecord record = run_of(0, "response p99.9 < 1ms");  // D* = 1.67 ms
  Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_THAT(judgement.claims[0].why,
              HasSubstr("PROVEN needs 5 repetitions of 9.00 s for this quantile; this run has 5 "
                        "of 5.00 s."));
  record.conditions.covers = 1ms;
  EXPECT_EQ(judge(record).verdict, Verdict::proven);
  EXPECT_EQ(judge(run_of(20, "response p99.9 < 1ms")).verdict, Verdict::refuted);
}

// All requests of a second go out in one of its slots.
TEST(Judge, ClumpsWithinASecondCoverLittle) {
  RunRecord record = run_of(0);
  for (Repetition& repetition : record.repetitions) repetition.spread = {1};
  EXPECT_EQ(judge(record).claims[0].covers, 16'666'667ns);
  for (Repetition& repetition : record.repetitions) repetition.spread = {0.0625};
  Judgement judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(judgement.claims[0].covers, 1'041'667ns);
  EXPECT_THAT(judgement.claims[0].why,
              HasSubstr("PROVEN needs 5 repetitions of 15.0 s for this quantile; this run has 5 of "
                        "5.00 s, of which the load fills 1.56 s in all."));
  record.conditions.covers = 1ms;
  judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::proven);
  EXPECT_THAT(judgement.claims[0].why, HasSubstr("25.0 s, of which the load fills 1.56 s."));
  // One repetition is enough to hold a fifth of all requests together.
  for (Repetition& repetition : record.repetitions) repetition.spread = {1};
  record.repetitions[1].spread = {0.0625};
  EXPECT_NEAR(static_cast<double>(judge(record).claims[0].covers.count()), 16'666'667 * 5 / 20., 1);
}

// The load of a profile that sends nothing for four seconds of five.
TEST(Judge, IdleSecondsCoverNothing) {
  RunRecord record = run_of(0);
  for (Repetition& repetition : record.repetitions) {
    std::vector<Block>& blocks = repetition.blocks[0];
    blocks[2].planned *= blocks.size();
    for (Block& block : blocks) {
      if (&block != &blocks[2]) block = {};
    }
  }
  Judgement judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::proven);
  EXPECT_NEAR(static_cast<double>(judgement.claims[0].covers.count()), 16'666'667 / 5.0, 1e3);
  EXPECT_THAT(judgement.claims[0].why,
              HasSubstr("Covers disturbances up to 3.33 ms in 25.0 s, of which the load fills "
                        "5.00 s."));
  record.conditions.covers = 4ms;
  judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::inconclusive);
  EXPECT_THAT(judgement.claims[0].why,
              HasSubstr("PROVEN needs 5 repetitions of 6.00 s for this quantile; this run has 5 of "
                        "5.00 s, of which the load fills 5.00 s in all."));
  // A window that was cut short, and a last second that is a part of one.
  record = run_of(0);
  for (Repetition& repetition : record.repetitions) {
    repetition.window = 4500ms;
    repetition.blocks[0].back().planned /= 2;
  }
  EXPECT_EQ(judge(record).claims[0].covers, 15ms);
}

// p50: seconds are judged in twos, but one by one where most of them are idle.
TEST(Judge, DesignEffectIsOfBlocksAsTheLoadIs) {
  RunRecord record = run_of(0, "response p50 < 1ms");
  for (Repetition& repetition : record.repetitions) {
    for (std::size_t second = 0; second < 5; ++second) {
      Block& block = repetition.blocks[0][second];
      block = second < 2 ? Block{.planned = 2000, .over = second == 0 ? 400u : 0u} : Block{};
    }
  }
  // p = 0.1, ten seconds 200 away from 200 of 2,000
  EXPECT_NEAR(judge(record).claims[0].design_effect, 10 * 200.0 * 200 / 180 / 9, 1e-9);
}

TEST(Judge, OneRepetitionAgainstTheOthersIsInconclusive) {
  RunRecord record = run_of(1);
  record.repetitions.pop_back();
  add_repetition(record, 5, {{.per_s = 1960}, {.per_s = 40, .response = 10ms}});
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_THAT(judgement.claims[0].why,
              HasSubstr("As the repetitions differ, a verdict needs about "));
  EXPECT_THAT(judgement.repetitions, ElementsAre(Verdict::proven, Verdict::proven, Verdict::proven,
                                                 Verdict::proven, Verdict::refuted));
}

// p50 in 5 x 5 s: D* = 833 ms, so seconds are judged in twos.
TEST(Judge, DesignEffectIsOfBlocksThatHoldTheCoveredDisturbance) {
  const auto with = [](const std::array<int, 5>& moved) {
    RunRecord record = run_of(100, "response p50 < 1ms");
    for (Repetition& repetition : record.repetitions) {
      for (std::size_t second = 0; second < moved.size(); ++second) {
        Block& block = repetition.blocks[0][second];
        block.over = static_cast<std::uint64_t>(static_cast<int>(block.over) + moved[second]);
      }
    }
    return judge(record).claims[0].design_effect;
  };
  EXPECT_EQ(with({90, -90, -90, 90, 0}), 1);
  // p = 0.1, 10 pairs 180 away from 400 of 4,000 and 5 seconds as expected: 10 * 180^2 / 360 / 14
  EXPECT_NEAR(with({90, 90, -90, -90, 0}), 900.0 / 14, 1e-9);
}

// --- which gate blocks which verdict ---

struct Blocking {
  const char* name;
  void (*fail)(RunRecord&);
  Verdict proven, refuted, inconclusive;  // what becomes of the claim
};

TEST(Blocking, Matrix) {
  const Blocking kMatrix[] = {
      {"nothing happened", fail_flatter, Verdict::invalid, Verdict::refuted, Verdict::inconclusive},
      {"headroom", fail_slander, Verdict::proven, Verdict::invalid, Verdict::inconclusive},
      {"server agrees", fail_both, Verdict::invalid, Verdict::invalid, Verdict::inconclusive},
      {"clock", fail_void, Verdict::invalid, Verdict::invalid, Verdict::inconclusive},
  };
  for (const Blocking& row : kMatrix) {
    const std::pair<std::uint64_t, Verdict> kSides[] = {
        {1, row.proven}, {20, row.refuted}, {10, row.inconclusive}};
    for (const auto& [slow, expected] : kSides) {
      RunRecord record = run_of(slow);
      drop_floor(record);  // no benefit to be had
      row.fail(record);
      const Judgement judgement = judge(record);
      const ClaimResult& claim = judgement.claims[0];
      EXPECT_EQ(claim.verdict, expected) << row.name << ", " << slow << ": " << claim.why;
      if (expected == Verdict::invalid) {
        EXPECT_THAT(claim.blocked_by, ElementsAre(row.name));
        EXPECT_THAT(claim.why, HasSubstr(gate_named(judgement, row.name).shown));
        EXPECT_THAT(claim.why, HasSubstr(gate_named(judgement, row.name).advice));
      } else {
        EXPECT_THAT(claim.blocked_by, IsEmpty()) << row.name;
      }
      EXPECT_EQ(judgement.verdict,
                std::string_view(row.name) == "clock" ? Verdict::invalid : expected)
          << row.name;
    }
  }
}

TEST(Blocking, GateThatCouldNotBeCheckedBlocksNothing) {
  RunRecord record = run_of(1);
  drop_floor(record);
  record.conditions.clock_source.clear();
  for (Repetition& repetition : record.repetitions) repetition.connections.clear();
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::proven);
  EXPECT_EQ(gate_named(judgement, "server agrees").passed, std::nullopt);
}

TEST(Blocking, GateAboutOneClaimLeavesTheOthers) {
  RunRecord record =
      made_record({.claims = {"service p50 < 300us", "service p50 < 100ms"}}, {{.per_s = 2000}});
  for (Repetition& repetition : record.repetitions) {
    for (TaskRecord& task : repetition.tasks) task.send_lag.record(100us, 1000);
  }
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::invalid);
  EXPECT_THAT(judgement.claims[0].blocked_by, ElementsAre("send lag"));
  EXPECT_EQ(judgement.claims[1].verdict, Verdict::proven);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
}

void lag(RunRecord& record) {
  for (Repetition& repetition : record.repetitions) {
    for (TaskRecord& task : repetition.tasks) task.send_lag.record(5ms, 1000);
  }
}

TEST(BenefitOfTheDoubt, RefutedByLateSendingAloneIsInvalid) {
  RunRecord record =
      made_record({.claims = {kClaim}}, {{.per_s = 1900}, {.per_s = 100, .response = 5ms}});
  drop_floor(record);  // the blocks alone know the service times then
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
  lag(record);
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.claims[0].blocked_by, ElementsAre("send lag"));
}

TEST(BenefitOfTheDoubt, RefutedByServiceTimeTooStaysRefuted) {
  RunRecord record = run_of(50, kClaim, 7ms);
  lag(record);
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::refuted);
  EXPECT_THAT(judgement.claims[0].blocked_by, IsEmpty());
  EXPECT_THAT(judgement.claims[0].why, HasSubstr("with the benefit of the doubt"));
}

// A worker that was held up for 5 ms found answers as well as requests to send.
TEST(BenefitOfTheDoubt, WhoSendsLateReadsLate) {
  for (const char* claim : {kClaim, "response p50 < 1ms", "response p99.9 < 1ms",
                            "response max < 1ms", "response mean < 1ms"}) {
    for (const auto& [slow, expected] :
         {std::pair{5900us, Verdict::invalid}, std::pair{6200us, Verdict::refuted}}) {
      RunRecord record = run_of(1000, claim, slow);
      lag(record);
      EXPECT_EQ(judge(record).verdict, expected) << claim << ", " << slow.count();
    }
  }
}

// 50 of 2,000 are slow, and 20 may be.
TEST(BenefitOfTheDoubt, AsManyReadLaterAsLeftLater) {
  for (const auto& [later, expected] :
       {std::pair{80, Verdict::invalid}, std::pair{40, Verdict::refuted}}) {
    RunRecord record = run_of(18, kClaim, 300ms);
    for (Repetition& repetition : record.repetitions) {
      for (TaskRecord& task : repetition.tasks) {
        task.send_lag.record(1ms, 1000);
        task.send_lag.record(200ms, static_cast<std::uint64_t>(later));
      }
    }
    EXPECT_EQ(judge(record).verdict, expected) << later;
  }
}

// What recorded stalls made late they have excused themselves.
TEST(BenefitOfTheDoubt, LagOfRecordedStallsIsNotGrantedTwice) {
  const auto with = [](std::uint64_t met) {
    RunRecord record = run_of(50, kClaim, 5ms);
    lag(record);
    for (Repetition& repetition : record.repetitions) {
      repetition.platform->stall_count = 50;
      repetition.platform->stalled = 500ms;
      for (Block& block : repetition.blocks[0]) block.stalled = met;
    }
    return judge(record).verdict;
  };
  EXPECT_EQ(with(100), Verdict::invalid);
  EXPECT_EQ(with(200), Verdict::refuted);  // as many as lagged
}

TEST(BenefitOfTheDoubt, LagOfAMeanIsThatOfAllItsRequests) {
  for (const auto& [slow, expected] :
       {std::pair{3ms, Verdict::invalid}, std::pair{15ms, Verdict::refuted}}) {
    RunRecord record = run_of(1000, "response mean < 1ms", slow);
    for (Repetition& repetition : record.repetitions) {
      for (TaskRecord& task : repetition.tasks) {
        task.send_lag.record(150us, 200);
        task.send_lag.record(1s, 90);  // 0.9 %
      }
    }
    EXPECT_EQ(judge(record).verdict, expected) << slow.count();
  }
}

// A proxy answered all in time; the worker was held up on a core of its own, and read 202 too late.
TEST(BenefitOfTheDoubt, TimeoutsOfAGeneratorThatLagsAreNotTheServices) {
  const auto with = [](const char* claim, RequestClass failed) {
    RunRecord record = made_record({.claims = {claim}},
                                   {{.per_s = 1900}, {.per_s = 100, .request_class = failed}});
    EXPECT_EQ(judge(record).verdict, Verdict::refuted);
    for (Repetition& repetition : record.repetitions)
      for (TaskRecord& task : repetition.tasks) task.send_lag.record(292ms, 500);
    return judge(record).verdict;
  };
  for (const char* claim : {"success >= 99%", "errors < 1%", "achieved >= 99%"}) {
    EXPECT_EQ(with(claim, RequestClass::timeout), Verdict::invalid) << claim;
    EXPECT_EQ(with(claim, RequestClass::wrong_reply), Verdict::refuted) << claim;
  }
}

TEST(BenefitOfTheDoubt, LateSendingBunchesRequestsSoServiceIsNotRefuted) {
  RunRecord record = run_of(50, "service p99 < 1ms", 5ms);
  lag(record);
  EXPECT_EQ(judge(record).verdict, Verdict::invalid);
}

// A quarter of 1 ms is the floor's limit; the floor's p99 is granted to every time.
TEST(BenefitOfTheDoubt, FloorIsSubtracted) {
  for (const auto& [slow, expected] :
       {std::pair{1400us, Verdict::invalid}, std::pair{1700us, Verdict::refuted}}) {
    RunRecord record = run_of(50, "service p99 < 1ms", slow);
    for (Repetition& repetition : record.repetitions) repetition.floor.record(500us, 1000);
    EXPECT_EQ(judge(record).verdict, expected) << slow.count();
  }
}

TEST(BenefitOfTheDoubt, FailuresStayFailures) {
  RunRecord record =
      made_record({.claims = {"service p99 < 1ms"}},
                  {{.per_s = 1900}, {.per_s = 100, .request_class = RequestClass::no_responders}});
  for (Repetition& repetition : record.repetitions) repetition.floor.record(500us, 1000);
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
}

TEST(BenefitOfTheDoubt, TimeoutsOfABusyGeneratorAreNotTheServices) {
  const auto with = [](RequestClass failed) {
    RunRecord record = made_record({.claims = {"success >= 99%"}},
                                   {{.per_s = 1900}, {.per_s = 100, .request_class = failed}});
    fail_slander(record);
    return judge(record).verdict;
  };
  EXPECT_EQ(with(RequestClass::timeout), Verdict::invalid);
  EXPECT_EQ(with(RequestClass::wrong_reply), Verdict::refuted);
}

TEST(BenefitOfTheDoubt, RefusalsOfAFullTableAreOurs) {
  const auto with = [](std::uint64_t others) {
    RunRecord record = made_record({.claims = {"success >= 99%"}},
                                   {{.per_s = 1900 - others},
                                    {.per_s = others, .request_class = RequestClass::timeout},
                                    {.per_s = 100, .request_class = RequestClass::refused}});
    for (Repetition& repetition : record.repetitions) {
      for (TaskRecord& task : repetition.tasks) {
        std::swap(task.measured.refused[static_cast<std::size_t>(RefusedReason::table_full)],
                  task.measured.refused[static_cast<std::size_t>(RefusedReason::down)]);
      }
    }
    return judge(record).verdict;
  };
  EXPECT_EQ(with(0), Verdict::invalid);
  EXPECT_EQ(with(100), Verdict::refuted);
}

TEST(BenefitOfTheDoubt, NothingMakesUpForABusyGeneratorInAThroughput) {
  RunRecord record = made_record({.claims = {"throughput >= 3000/s"}}, {{.per_s = 2000}});
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
  fail_slander(record);
  EXPECT_EQ(judge(record).verdict, Verdict::invalid);
}

// --- the run as a whole ---

TEST(RunVerdict, ExitStatuses) {
  EXPECT_EQ(exit_status(Verdict::proven), 0);
  EXPECT_EQ(exit_status(Verdict::refuted), 1);
  EXPECT_EQ(exit_status(Verdict::inconclusive), 3);
  EXPECT_EQ(exit_status(Verdict::invalid), 4);
  EXPECT_EQ(exit_status(Verdict::none), 0);
  EXPECT_EQ(verdict_name(Verdict::inconclusive), "INCONCLUSIVE");
  EXPECT_EQ(could_name(Could::slander), "slander");
}

TEST(RunVerdict, WorstClaimDecidesRefutedBeforeInvalidBeforeInconclusive) {
  const auto verdict_of = [](std::vector<std::string> claims, bool lagging) {
    RunRecord record = made_record({.claims = std::move(claims)},
                                   {{.per_s = 1800},
                                    {.per_s = 180, .response = 5ms},
                                    {.per_s = 20, .response = 50ms, .service = 50ms}});
    if (lagging) lag(record);
    return judge(record).verdict;
  };
  const std::string proven = "response p50 < 100ms", inconclusive = "response p99 < 20ms";
  EXPECT_EQ(verdict_of({proven}, true), Verdict::proven);
  EXPECT_EQ(verdict_of({proven, inconclusive}, false), Verdict::inconclusive);
  EXPECT_EQ(verdict_of({"response p95 < 1ms", inconclusive}, true), Verdict::invalid);
  EXPECT_EQ(verdict_of({inconclusive, "response p95 < 1ms", "response p99.9 < 20ms"}, true),
            Verdict::refuted);
}

TEST(RunVerdict, NoClaims) {
  RunRecord record = made_record({}, {{.per_s = 100}});
  EXPECT_EQ(judge(record).verdict, Verdict::none);
  EXPECT_THAT(judge(record).repetitions, ::testing::Each(Verdict::none));
  fail_slander(record);
  EXPECT_EQ(judge(record).verdict, Verdict::none);
  fail_void(record);
  EXPECT_EQ(judge(record).verdict, Verdict::invalid);
}

TEST(RunVerdict, NoClaimsAndNothingHappened) {
  const RunRecord record =
      made_record({}, {{.per_s = 100, .request_class = RequestClass::timeout}});
  EXPECT_EQ(judge(record).verdict, Verdict::invalid);
  EXPECT_EQ(judge(RunRecord{}).verdict, Verdict::invalid);
}

TEST(RunVerdict, VoidGateOutweighsARefutation) {
  RunRecord record = run_of(50);
  record.repetitions[0].tasks[0].failed_after[0].record(61s);  // recorder: flatters, and is void
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::refuted);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.why, HasSubstr("`recorder`"));
}

TEST(RunVerdict, RunThatIsNotWhatWasPlannedIsInvalid) {
  for (const std::uint64_t slow : {1u, 50u}) {
    RunRecord interrupted = run_of(slow), failed = run_of(slow), part = run_of(slow),
              fewer = run_of(slow);
    interrupted.interrupted = true;
    failed.failure = "the server was killed by signal 9";
    part.repetitions[4].failure = "no connection";
    fewer.conditions.planned_repetitions = 6;
    for (const RunRecord& record : {interrupted, failed, part, fewer}) {
      const Judgement judgement = judge(record);
      EXPECT_EQ(judgement.verdict, Verdict::invalid);
      EXPECT_EQ(judgement.claims[0].verdict, Verdict::invalid);
      EXPECT_FALSE(judgement.why.empty());
    }
  }
  RunRecord failed = run_of(1);
  failed.failure = "the server was killed by signal 9";
  EXPECT_THAT(judge(failed).why, HasSubstr("The run failed: the server was killed by signal 9."));
}

// The limit is the plan's own, so nothing has failed; but it is not the run that was planned.
TEST(RunVerdict, AnAbortedRunIsInvalidAndSaysWhatBrokeTheLimit) {
  RunRecord record = run_of(1);
  record.repetitions[4].aborted = "errors > 50% for 1s: a second with 100 % of requests failed";
  record.failure = "aborted in repetition 5 of 5: " + record.repetitions[4].aborted;
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::invalid);
  EXPECT_EQ(judgement.repetitions[4], Verdict::invalid);
  EXPECT_EQ(judgement.repetitions[3], Verdict::proven);
  EXPECT_THAT(judgement.why, HasSubstr("The run was aborted in repetition 5 of 5: errors > 50% for "
                                       "1s: a second with 100 % of requests failed."));
}

TEST(RunVerdict, RepetitionIsInvalidAloneWhereAGateCouldHaveFakedItsSide) {
  const auto with = [](std::uint64_t slow, void (*fail)(RunRecord&)) {
    RunRecord record = run_of(slow);
    fail(record);
    return judge(record).repetitions[0];
  };
  EXPECT_EQ(with(1, fail_slander), Verdict::proven);
  EXPECT_EQ(with(20, fail_slander), Verdict::invalid);
  EXPECT_EQ(with(1, fail_flatter), Verdict::invalid);
  EXPECT_EQ(with(20, fail_flatter), Verdict::refuted);
  for (const std::uint64_t slow : {1u, 20u}) {
    EXPECT_EQ(with(slow, fail_both), Verdict::invalid);
    EXPECT_EQ(with(slow, fail_void), Verdict::invalid);
  }
  RunRecord record = run_of(1);
  fail_void(record);
  EXPECT_EQ(judge(record).repetitions[1], Verdict::proven);
}

TEST(RunVerdict, OneClaimsGateLeavesTheOthersOfARepetition) {
  RunRecord record =
      made_record({.claims = {"service p50 < 300us", "response p50 < 100us"}}, {{.per_s = 2000}});
  for (Repetition& repetition : record.repetitions) {
    for (TaskRecord& task : repetition.tasks) task.send_lag.record(20us, 1000);
  }
  // 20 µs are 20 % of 100 µs and could slander; of 300 µs they are 7 %.
  EXPECT_EQ(judge(record).repetitions[0], Verdict::invalid);
  record.claims.pop_back();
  EXPECT_EQ(judge(record).repetitions[0], Verdict::proven);
}

// --- the trap of HACKING.md: 810 requests, 810 failures, and a latency all the same ---

TEST(Cliffracer, AllFailedIsNeverProvenAndHasNoLatency) {
  for (const RequestClass failed : {RequestClass::timeout, RequestClass::no_responders,
                                    RequestClass::refused, RequestClass::wrong_reply}) {
    const RunRecord record =
        made_record({.claims = {"response p50 < 1ms", "response p90 < 10s", "response p99 < 1ms",
                                "response max < 10s", "response mean < 1ms", "service p50 < 1ms",
                                "success >= 50%", "errors <= 50%", "achieved >= 1%",
                                "throughput >= 0/s", "throughput >= 1/s"},
                     .repetitions = 5,
                     .seconds = 2},
                    {{.per_s = 81, .request_class = failed}});
    const Judgement judgement = judge(record);
    EXPECT_TRUE(judgement.verdict == Verdict::refuted || judgement.verdict == Verdict::invalid);
    for (const ClaimResult& claim : judgement.claims) {
      EXPECT_TRUE(claim.verdict == Verdict::refuted || claim.verdict == Verdict::invalid)
          << claim.text << ": " << verdict_name(claim.verdict);
      EXPECT_EQ(claim.planned, 810u);
      if (claim.unit == "ns") {
        EXPECT_FALSE(claim.measured.has_value()) << claim.text;
      }
    }
    EXPECT_TRUE(judgement.claims[0].beyond_timeout);
  }
}

TEST(Cliffracer, TaskOfItsOwnWithoutASuccessIsNotProvenByTheOthers) {
  const Made made{.claims = {"echo throughput >= 0/s"}};
  RunRecord record = made_record(made, {{.per_s = 100, .request_class = RequestClass::timeout}});
  const RunRecord answered = made_record(made, {{.per_s = 100}});
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    Repetition& repetition = record.repetitions[r];
    const Repetition& other = answered.repetitions[r];
    repetition.tasks[0].merge(other.tasks[0]);
    repetition.tasks.push_back(other.tasks[1]);
    repetition.tasks.back().name = "other";
  }
  EXPECT_EQ(judge(answered).claims[0].verdict, Verdict::proven);
  const Judgement judgement = judge(record);
  EXPECT_EQ(gate_named(judgement, "conservation").passed, true);
  EXPECT_EQ(gate_named(judgement, "nothing happened").passed, true);
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::invalid);
  EXPECT_THAT(judgement.claims[0].why, HasSubstr("Not one request succeeded"));
}

TEST(Cliffracer, ClaimsThatAskForNothingAreNotProvenByIt) {
  const RunRecord record = made_record({.claims = {"success >= 0%", "errors <= 100%"}},
                                       {{.per_s = 2000, .request_class = RequestClass::timeout}});
  for (const ClaimResult& claim : judge(record).claims) EXPECT_NE(claim.verdict, Verdict::proven);
}

// --- what a machine that takes some of the time can have done, and what not ---

// 29 ms of each core's second: about 6 % of the requests may have been kept waiting by it.
RunRecord with_steal(const Made& made, const std::vector<Answers>& answers) {
  RunRecord record = made_record(made, answers);
  for (Repetition& repetition : record.repetitions) repetition.platform->steal = 0.0145;
  return record;
}

TEST(Steal, CannotHaveTurnedEveryAnswerIntoATimeout) {
  for (const char* claim : {"success >= 99%", "achieved >= 99%", "response p99 < 5ms"}) {
    const Judgement judgement = judge(
        with_steal({.claims = {claim}}, {{.per_s = 300, .request_class = RequestClass::timeout}}));
    EXPECT_EQ(gate_named(judgement, "platform noise").passed, false);
    EXPECT_EQ(judgement.claims[0].verdict, Verdict::refuted) << claim;
    EXPECT_THAT(judgement.claims[0].why, HasSubstr("refuted with the benefit of the doubt, too"));
  }
}

TEST(Steal, MayHaveMadeAFewTimeouts) {
  for (const char* claim : {"success >= 99%", "response p99 < 5ms"}) {
    const Judgement judgement = judge(
        with_steal({.claims = {claim}},
                   {{.per_s = 1900}, {.per_s = 100, .request_class = RequestClass::timeout}}));
    EXPECT_EQ(judgement.claims[0].verdict, Verdict::invalid) << claim;
  }
}

// What only came late would have come in time on another machine.
TEST(Steal, MayHaveMadeTimeoutsWhoseRepliesCameLate) {
  RunRecord record = with_steal({.claims = {"success >= 99%"}},
                                {{.per_s = 300, .request_class = RequestClass::timeout}});
  for (Repetition& repetition : record.repetitions) {
    for (TaskRecord& task : repetition.tasks) {
      task.measured.late = task.measured.planned;
      task.measured.replies = task.measured.planned;
    }
  }
  EXPECT_EQ(judge(record).claims[0].verdict, Verdict::invalid);
}

TEST(Steal, ExplainsWhatIsLittleOverALimitAndNotWhatIsManyTimesIt) {
  const auto verdict = [](Duration time) {
    return judge(with_steal({.claims = {"response p99 < 5ms"}},
                            {{.per_s = 300, .response = time, .service = time}}))
        .claims[0]
        .verdict;
  };
  EXPECT_EQ(verdict(6ms), Verdict::invalid);
  EXPECT_EQ(verdict(9ms), Verdict::invalid);
  EXPECT_EQ(verdict(50ms), Verdict::refuted);
}

// --- the measured figure ---

TEST(Measured, FailuresAreSlowerThanAnything) {
  const auto measured = [](const std::string& claim) {
    return judge(made_record(
                     {.claims = {claim}},
                     {{.per_s = 1900}, {.per_s = 100, .request_class = RequestClass::timeout}}))
        .claims[0];
  };
  // 95 % are answered: p95 is the slowest answer, what lies beyond has no number.
  EXPECT_NEAR(measured("response p95 < 1ms").measured.value_or(0), 200e3, 200);
  EXPECT_FALSE(measured("response p95 < 1ms").beyond_timeout);
  EXPECT_FALSE(measured("response p95.1 < 1ms").measured.has_value());
  EXPECT_TRUE(measured("response p95.1 < 1ms").beyond_timeout);
  EXPECT_TRUE(measured("response max < 1ms").beyond_timeout);
  EXPECT_TRUE(measured("response mean < 1ms").beyond_timeout);
  EXPECT_FALSE(measured("response mean < 1ms").measured.has_value());
}

TEST(Measured, UnsupportedQuantileHasNoFigure) {
  const auto measured = [](std::uint64_t per_s) {
    return judge(made_record({.claims = {"response p99 < 1ms"}}, {{.per_s = per_s}})).claims[0];
  };
  EXPECT_FALSE(measured(39).measured.has_value());  // 975 requests
  EXPECT_FALSE(measured(39).beyond_timeout);
  EXPECT_TRUE(measured(40).measured.has_value());  // 1,000
}

TEST(Measured, SharesAndRates) {
  const std::vector<Answers> answers{{.per_s = 90},
                                     {.per_s = 6, .in_window = false},
                                     {.per_s = 4, .request_class = RequestClass::timeout}};
  const Judgement judgement = judge(made_record(
      {.claims = {"success >= 90%", "errors <= 10%", "achieved >= 85%", "throughput >= 50/s"}},
      answers));
  EXPECT_NEAR(judgement.claims[0].measured.value_or(0), 0.96, 1e-12);
  EXPECT_EQ(judgement.claims[0].unit, "share");
  EXPECT_NEAR(judgement.claims[1].measured.value_or(0), 0.04, 1e-12);
  EXPECT_NEAR(judgement.claims[2].measured.value_or(0), 0.90, 1e-12);
  EXPECT_EQ(judgement.claims[2].over, 250u);
  EXPECT_NEAR(judgement.claims[3].measured.value_or(0), 90, 1e-12);
  EXPECT_EQ(judgement.claims[3].unit, "per_s");
  for (const ClaimResult& claim : judgement.claims) {
    EXPECT_EQ(claim.verdict, Verdict::proven) << claim.text << ": " << claim.why;
  }
}

TEST(Measured, ThroughputAtTheEdgeOfTheWindowIsNotRefuted) {
  // 100/s succeed, 99/s of them within the window: 99.5/s is neither proven nor refuted.
  const Judgement judgement = judge(
      made_record({.claims = {"throughput >= 99.5/s", "throughput >= 99/s", "throughput >= 101/s"}},
                  {{.per_s = 99}, {.per_s = 1, .in_window = false}}));
  EXPECT_EQ(judgement.claims[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(judgement.claims[1].verdict, Verdict::proven);
  EXPECT_EQ(judgement.claims[2].verdict, Verdict::refuted);
}

// --- kinds of claims ---

TEST(Maximum, OnceIsEnoughHoweverFewTheRepetitions) {
  RunRecord record = run_of(0, "response max < 1ms", 10ms, 2);
  EXPECT_EQ(judge(record).verdict, Verdict::inconclusive);
  record.repetitions.pop_back();
  add_repetition(record, 5, {{.per_s = 99}, {.per_s = 1, .response = 2ms}});
  EXPECT_EQ(judge(record).verdict, Verdict::refuted);
}

TEST(Maximum, ProvenOnlyOfTheseRequests) {
  const ClaimResult claim = judge(run_of(0, "response max < 1ms")).claims[0];
  EXPECT_EQ(claim.verdict, Verdict::proven);
  EXPECT_EQ(claim.covers, 0ns);
  EXPECT_EQ(
      claim.why,
      "0 of 50,000 requests took 1.00 ms or longer, or failed. This speaks of these requests "
      "only: of others like them, up to 1 in 16,690 could still break it, at 95 %, and no run "
      "brings that to none.");
  EXPECT_EQ(judge(run_of(0, "success >= 100%")).claims[0].verdict, Verdict::proven);
}

// Few requests prove little, and it says so.
TEST(Maximum, SaysWhatShareOfOthersCouldStillBeOver) {
  for (const char* text : {"response max < 1ms", "success >= 100%", "errors <= 0%"}) {
    const RunRecord record = made_record({.claims = {text}, .seconds = 1}, {{.per_s = 2}});
    const ClaimResult claim = judge(record).claims[0];
    EXPECT_EQ(claim.verdict, Verdict::proven) << text;
    EXPECT_NEAR(claim.upper, 1 - std::pow(0.05, 1.0 / 10), 1e-9) << text;
    EXPECT_THAT(claim.why, HasSubstr("up to 1 in 3 could still break it")) << text;
  }
  EXPECT_EQ(judge(run_of(0, "success >= 100%", 10ms, 4)).claims[0].verdict, Verdict::inconclusive);
}

TEST(Mean, IsProvenByStudentAndNeverWithAFailure) {
  EXPECT_EQ(judge(run_of(0, "response mean < 1ms")).verdict, Verdict::proven);
  EXPECT_EQ(judge(run_of(0, "response mean < 100us")).verdict, Verdict::refuted);
  const std::vector<Answers> one_failed{{.per_s = 1999},
                                        {.per_s = 1, .request_class = RequestClass::timeout}};
  EXPECT_EQ(judge(made_record({.claims = {"response mean < 1ms"}}, one_failed)).verdict,
            Verdict::inconclusive);
  EXPECT_EQ(judge(made_record({.claims = {"response mean < 100us"}}, one_failed)).verdict,
            Verdict::refuted);
}

TEST(ClosedLoop, HasNoResponseTimeToClaim) {
  RunRecord record =
      made_record({.claims = {"service p50 < 1ms"}, .open_loop = false}, {{.per_s = 2000}});
  EXPECT_EQ(judge(record).verdict, Verdict::proven);
  record.claims[0].metric = Metric::response;
  EXPECT_EQ(judge(record).claims[0].verdict, Verdict::invalid);
}

}  // namespace
}  // namespace natsproof
