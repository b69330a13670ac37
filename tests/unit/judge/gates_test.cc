#include "loadgen/judge/gates.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

RunRecord sound() {
  return made_record({.claims = {"response p99 < 1ms", "service p50 < 500us"}}, {{.per_s = 100}});
}

// The gate of that name, and for the claim if one is named, after the record was changed.
GateResult gate_of(const RunRecord& record, std::string_view name, std::string_view claim = "") {
  for (GateResult& gate : read_gates({.conditions = record.conditions,
                          .claims = record.claims,
                          .repetitions = record.repetitions})) {
    if (gate.name == name && (claim.empty() || gate.claim == claim)) return gate;
  }
  ADD_FAILURE() << "no gate " << name;
  return {};
}

bool is_listed(const RunRecord& record, std::string_view name) {
  for (const GateResult& gate : read_gates({.conditions = record.conditions,
                                .claims = record.claims,
                                .repetitions = record.repetitions})) {
    if (gate.name == name) return true;
  }
  return false;
}

TaskRecord& all_tasks(RunRecord& record, std::size_t repetition = 0) {
  return record.repetitions[repetition].tasks[0];
}

TEST(Gates, SoundRecordPassesEveryGateInTheTablesOrder) {
  RunRecord record = sound();
  record.conditions.cores = 2;
  for (Repetition& repetition : record.repetitions)
    repetition.ledger = LedgerCounts{.answered = 100, .taken = 100};
  std::vector<std::string> names;
  for (const GateResult& gate : read_gates({.conditions = record.conditions,
                                .claims = record.claims,
                                .repetitions = record.repetitions})) {
    EXPECT_EQ(gate.passed, true) << gate.name << ": " << gate.shown;
    EXPECT_TRUE(gate.figure.has_value()) << gate.name;
    EXPECT_FALSE(gate.advice.empty()) << gate.name;
    EXPECT_FALSE(gate.limit_changed) << gate.name;
    names.push_back(gate.name);
  }
  // Those about a limit or a claim once for each.
  EXPECT_THAT(names, ElementsAre("conservation", "server agrees", "nothing happened", "one reply",
                                 "foreign answers", "offered rate", "table", "send lag", "send lag",
                                 "headroom", "pacing", "recorder", "clock", "floor", "floor",
                                 "platform noise", "platform noise", "stationarity", "stationarity",
                                 "repetition trend", "repetition trend"));
}

TEST(Gates, WhatEachCouldHaveFakedAndWhichAreVoid) {
  const RunRecord record = sound();
  const auto expect = [&](std::string_view name, Could could, bool is_void) {
    const GateResult gate = gate_of(record, name);
    EXPECT_EQ(gate.could, could) << name;
    EXPECT_EQ(gate.is_void, is_void) << name;
  };
  expect("conservation", Could::both, true);
  expect("server agrees", Could::both, false);
  expect("nothing happened", Could::flatter, false);
  expect("one reply", Could::flatter, false);
  expect("offered rate", Could::flatter, false);
  expect("table", Could::slander, false);
  expect("headroom", Could::slander, false);
  expect("pacing", Could::slander, false);
  expect("recorder", Could::flatter, true);
  expect("clock", Could::both, true);
  expect("floor", Could::slander, false);
  expect("platform noise", Could::slander, false);
  expect("stationarity", Could::both, false);  // until it is known which way
  expect("repetition trend", Could::both, false);
  EXPECT_EQ(gate_of(record, "send lag", "response p99 < 1ms").could, Could::slander);
  EXPECT_EQ(gate_of(record, "send lag", "service p50 < 500us").could, Could::both);
}

// One way to break the books each; every one must show.
TEST(Gates, ConservationFindsEveryBrokenSum) {
  const std::vector<std::function<void(RunRecord&)>> breaks = {
      [](RunRecord& r) { all_tasks(r, 3).measured.planned += 1; },
      [](RunRecord& r) { all_tasks(r).warmup.planned += 1; },
      [](RunRecord& r) { all_tasks(r).measured.replies -= 1; },
      [](RunRecord& r) { all_tasks(r).measured.late += 1; },
      [](RunRecord& r) { all_tasks(r).measured.duplicate += 1; },
      [](RunRecord& r) { all_tasks(r).measured.refused[0] += 1; },
      [](RunRecord& r) { all_tasks(r).service.record(1ms); },
      [](RunRecord& r) { all_tasks(r).response.record(1ms); },
      [](RunRecord& r) { r.repetitions[0].tasks.push_back(r.repetitions[0].tasks[1]); },
      [](RunRecord& r) { r.repetitions[4].blocks[0][2].planned -= 1; },
      [](RunRecord& r) { r.repetitions[0].blocks.clear(); },
      [](RunRecord& r) {  // in class and planned of "*", but of no task
        all_tasks(r).measured.planned += 1;
        all_tasks(r).measured.of(RequestClass::timeout) += 1;
      },
  };
  for (std::size_t i = 0; i < breaks.size(); ++i) {
    RunRecord record = sound();
    breaks[i](record);
    const GateResult gate = gate_of(record, "conservation");
    EXPECT_EQ(gate.passed, false) << i;
    EXPECT_GE(gate.figure.value_or(0), 1) << i;
  }
}

TEST(Gates, ConservationSaysWhatIsUneven) {
  RunRecord record = sound();
  record.repetitions[1].tasks[1].measured.planned = 501;
  EXPECT_THAT(gate_of(record, "conservation").shown,
              HasSubstr("repetition 2, echo, measurement, planned against the sum of classes: 501 "
                        "against 500"));
}

TEST(Gates, ConservationHoldsWithLateAndDuplicateReplies) {
  RunRecord record = made_record({.claims = {"success >= 99%"}},
                                 {{.per_s = 90},
                                  {.per_s = 5, .request_class = RequestClass::timeout},
                                  {.per_s = 5, .request_class = RequestClass::no_responders}});
  for (TaskRecord& task : record.repetitions[0].tasks) {
    task.measured.late = 3;
    task.measured.duplicate = 2;
    task.measured.replies += 5;
  }
  EXPECT_EQ(gate_of(record, "conservation").passed, true) << gate_of(record, "conservation").shown;
}

// The histogram knows what is over the limit, to a bucket: a block that forgets one is found.
TEST(Gates, ConservationComparesBlocksWithTheHistogram) {
  for (const char* claim : {"response p99 < 2ms", "service p99 < 2ms"}) {
    const RunRecord sound = made_record(
        {.claims = {claim}}, {{.per_s = 990}, {.per_s = 10, .response = 5ms, .service = 5ms}});
    EXPECT_EQ(gate_of(sound, "conservation").passed, true) << claim;
    for (const std::uint64_t over : {std::uint64_t{9}, std::uint64_t{11}, std::uint64_t{0}}) {
      RunRecord record = sound;
      record.repetitions[2].blocks[0][1].over = over;
      const GateResult result = gate_of(record, "conservation");
      EXPECT_EQ(result.passed, false) << claim;
      EXPECT_THAT(result.shown, HasSubstr("by the histogram and in the blocks")) << claim;
    }
  }
}

TEST(Gates, ConservationComparesBlocksWithShares) {
  for (const char* claim : {"success >= 99%", "errors <= 1%", "achieved >= 99%"}) {
    RunRecord record =
        made_record({.claims = {claim}}, {{.per_s = 90},
                                          {.per_s = 10, .in_window = false},
                                          {.per_s = 5, .request_class = RequestClass::timeout}});
    EXPECT_EQ(gate_of(record, "conservation").passed, true) << claim;
    record.repetitions[0].blocks[0][0].over -= 1;
    EXPECT_EQ(gate_of(record, "conservation").passed, false) << claim;
  }
}

TEST(Gates, ServerAgreesOnSoundConnections) {
  RunRecord record = sound();
  *record.repetitions[0].connections[0].received -= 1;
  EXPECT_EQ(gate_of(record, "server agrees").passed, false);
  EXPECT_EQ(gate_of(record, "server agrees").figure, 1);
  record.repetitions[0].connections[0].faulty = true;
  const GateResult gate = gate_of(record, "server agrees");
  EXPECT_EQ(gate.passed, true);
  EXPECT_THAT(gate.shown, HasSubstr("1 lost connection left out"));
}

TEST(Gates, ServerAgreesTellsOfWhichConnectionsItKnowsNothing) {
  RunRecord record = sound();
  record.repetitions[0].connections[0].received.reset();
  EXPECT_THAT(gate_of(record, "server agrees").shown,
              EndsWith("; the server could not tell of 1 connection"));
}

TEST(Gates, ServerAgreesDoesNotAskAServerThatWasThereAlready) {
  RunRecord record = sound();
  record.conditions.staged = false;
  for (Repetition& repetition : record.repetitions) {
    for (ConnectionRecord& connection : repetition.connections) connection.received.reset();
  }
  const GateResult gate = gate_of(record, "server agrees");
  EXPECT_EQ(gate.passed, std::nullopt);
  EXPECT_EQ(gate.shown, "not asked for: the server was not started by this run");
}

TEST(Gates, ServerAgreesDoesNotLetMoreMakeUpForLess) {
  RunRecord record = sound();
  *record.repetitions[0].connections[0].received -= 1;
  *record.repetitions[1].connections[0].received += 1;
  EXPECT_EQ(gate_of(record, "server agrees").figure, 2);
}

TEST(Gates, ServerThatCannotBeAskedIsNotChecked) {
  RunRecord record = sound();
  record.repetitions[0].connections[0].received.reset();
  EXPECT_EQ(gate_of(record, "server agrees").passed, std::nullopt);
  *record.repetitions[1].connections[0].received -= 1;  // one that can be asked disagrees
  EXPECT_EQ(gate_of(record, "server agrees").passed, false);
  for (Repetition& repetition : record.repetitions) repetition.connections.clear();
  EXPECT_EQ(gate_of(record, "server agrees").passed, std::nullopt);
}

TEST(Gates, NothingHappenedNeedsOneSuccess) {
  RunRecord record = made_record({}, {{.per_s = 100, .request_class = RequestClass::timeout}});
  EXPECT_EQ(gate_of(record, "nothing happened").passed, false);
  add_repetition(record, 1, {{.per_s = 1}});
  EXPECT_EQ(gate_of(record, "nothing happened").passed, true);
}

TEST(Gates, OneReplyBlocksWhatASecondAnswerFlatters) {
  RunRecord record = sound();
  EXPECT_EQ(gate_of(record, "one reply").passed, true);
  RequestCounts& counts = all_tasks(record).measured;
  counts.duplicate = 1;
  ++counts.replies;
  EXPECT_EQ(gate_of(record, "one reply").passed, false);
  EXPECT_EQ(gate_of(record, "one reply").figure, 1);
}

// Three requests of a repetition of 100 stayed unanswered.
RunRecord with_ledgers() {
  RunRecord record = sound();
  for (Repetition& repetition : record.repetitions) {
    repetition.ledger = LedgerCounts{.never_arrived = 1,
                                     .not_replied = 1,
                                     .reply_lost = 1,
                                     .replied_late = 7,
                                     .answered = 97,
                                     .taken = 99};
  }
  return record;
}

TEST(Gates, ForeignAnswersAreThoseOfRequestsThatNoStagedServiceTook) {
  EXPECT_FALSE(is_listed(sound(), "foreign answers")) << "nobody keeps a ledger";
  RunRecord record = with_ledgers();
  const auto runs = static_cast<double>(record.repetitions.size());
  EXPECT_EQ(gate_of(record, "foreign answers").passed, true);
  EXPECT_EQ(gate_of(record, "foreign answers").figure, 0);
  record.repetitions[0].ledger->taken = 1'000;  // is no excuse for the next one
  record.repetitions[1].ledger->taken = 98;
  EXPECT_EQ(gate_of(record, "foreign answers").passed, false);
  EXPECT_DOUBLE_EQ(*gate_of(record, "foreign answers").figure, 1 / (97 * runs));
  record.conditions.gate_limits["foreign answers"] = 0.5;
  EXPECT_EQ(gate_of(record, "foreign answers").passed, true);
}

TEST(Gates, ForeignAnswersAreNotKnownWhereALedgerCannotTell) {
  const auto expect = [](void (*change)(LedgerCounts&), std::optional<bool> passed,
                         const char* what) {
    RunRecord record = with_ledgers();
    change(*record.repetitions[1].ledger);
    EXPECT_EQ(gate_of(record, "foreign answers").passed, passed) << what;
    record.repetitions[0].ledger->taken = 0;
    EXPECT_EQ(gate_of(record, "foreign answers").passed, false) << what << ", and another knows";
  };
  expect([](LedgerCounts& of) { of.taken.reset(); }, std::nullopt, "taken");
  expect([](LedgerCounts& of) { of.answered.reset(); }, std::nullopt, "answered");
  expect([](LedgerCounts& of) { of.unknown = 1; }, std::nullopt, "one may have been taken");
  expect([](LedgerCounts& of) { of.unknown = 1, of.taken = 100; }, true, "it was taken");
  RunRecord record = with_ledgers();
  record.repetitions[1].ledger.reset();
  EXPECT_EQ(gate_of(record, "foreign answers").passed, std::nullopt);
  EXPECT_EQ(gate_of(record, "foreign answers").figure, std::nullopt);
}

TEST(Gates, OfferedRateFromNinetyNinePercent) {
  const auto with = [](std::uint64_t refused) {
    return gate_of(made_record({}, {{.per_s = 1000 - refused},
                                    {.per_s = refused, .request_class = RequestClass::refused}}),
                   "offered rate");
  };
  EXPECT_EQ(with(10).passed, true);
  EXPECT_EQ(with(11).passed, false);
  EXPECT_NEAR(*with(11).figure, 0.989, 1e-12);
}

TEST(Gates, ClosedLoopHasNeitherOfferedRateNorSendLag) {
  RunRecord record =
      made_record({.claims = {"service p50 < 1ms"}, .open_loop = false}, {{.per_s = 100}});
  EXPECT_FALSE(is_listed(record, "offered rate"));
  EXPECT_FALSE(is_listed(record, "send lag"));
  EXPECT_EQ(gate_of(record, "conservation").passed, true);
}

TEST(Gates, TableMayRefuseNothing) {
  RunRecord record = sound();
  all_tasks(record, 2).measured.refused[static_cast<std::size_t>(RefusedReason::table_full)] = 1;
  EXPECT_EQ(gate_of(record, "table").passed, false);
}

TEST(Gates, SendLagAgainstEachLimit) {
  RunRecord record = sound();
  // p99 of the pooled lags becomes 60 µs: 6 % of 1 ms, 12 % of 500 µs.
  all_tasks(record).send_lag.record(60us, 50);
  EXPECT_EQ(gate_of(record, "send lag", "response p99 < 1ms").passed, true);
  EXPECT_EQ(gate_of(record, "send lag", "service p50 < 500us").passed, false);
  EXPECT_NEAR(*gate_of(record, "send lag", "service p50 < 500us").figure, 0.12, 1e-4);
}

TEST(Gates, SendLagOfAClaimsOwnTask) {
  RunRecord record = made_record({.claims = {"echo response p99 < 1ms"}}, {{.per_s = 100}});
  all_tasks(record).send_lag.record(50ms, 1000);
  EXPECT_EQ(gate_of(record, "send lag").passed, true);
  record.repetitions[0].tasks[1].send_lag.record(50ms, 1000);
  EXPECT_EQ(gate_of(record, "send lag").passed, false);
}

// Who reads as late as it sends takes answers that came in time for timeouts.
TEST(Gates, SendLagAgainstTheShortestTimeoutOfAClaimOnFailures) {
  RunRecord record =
      made_record({.claims = {"success >= 99%", "echo errors < 1%", "achieved > 99%",
                              "success >= 99.9%", "throughput >= 1/s", "cpu(generator) < 90%"}},
                  {{.per_s = 2000}});
  for (Repetition& repetition : record.repetitions) {
    repetition.tasks[0].send_lag.record(292ms, 200);
    repetition.tasks[1].send_lag.record(12ms, 30);
    repetition.tasks.push_back(repetition.tasks[1]);
    repetition.tasks.back().name = "slow";
    repetition.tasks[0].timeout = repetition.tasks.back().timeout = 60s;
  }
  for (const char* claim : {"success >= 99%", "achieved > 99%"}) {
    const GateResult gate = gate_of(record, "send lag", claim);
    EXPECT_EQ(gate.passed, false);
    EXPECT_EQ(gate.could, Could::slander);
    EXPECT_EQ(gate.shown, "p99 lag 292 ms, 116.81 % of the timeout of 250 ms; limit 10.00 %");
  }
  EXPECT_EQ(gate_of(record, "send lag", "success >= 99.9%").shown,
            "p99.9 lag 292 ms, 116.81 % of the timeout of 250 ms; limit 10.00 %");
  EXPECT_EQ(gate_of(record, "send lag", "echo errors < 1%").passed, true);  // its own
  for (const GateResult& gate : read_gates({.conditions = record.conditions,
                                .claims = record.claims,
                                .repetitions = record.repetitions})) {
    if (gate.name != "send lag") continue;
    EXPECT_THAT(gate.claim, Not(HasSubstr("throughput")));
    EXPECT_THAT(gate.claim, Not(HasSubstr("cpu")));
  }
  for (Repetition& repetition : record.repetitions) repetition.tasks[1].timeout = 0s;
  EXPECT_EQ(gate_of(record, "send lag", "success >= 99%").passed, std::nullopt);
}

TEST(Gates, HeadroomOfTheBusiestWorker) {
  RunRecord record = sound();
  record.repetitions[2].workers.push_back({.wall = 10s, .busy = 7s});
  EXPECT_EQ(gate_of(record, "headroom").passed, true);
  record.repetitions[2].workers.back().busy = 7001ms;
  EXPECT_EQ(gate_of(record, "headroom").passed, false);
  for (Repetition& repetition : record.repetitions) repetition.workers.clear();
  EXPECT_EQ(gate_of(record, "headroom").passed, std::nullopt);
}

TEST(Gates, PacingWhereSpinningTakesACoreThatOthersNeed) {
  RunRecord record = sound();
  record.repetitions[0].workers[0] = {.wall = 100s, .busy = 1s, .spinning = 15s};
  EXPECT_EQ(gate_of(record, "pacing").passed, true);
  record.repetitions[0].workers[0].spinning = 16s;
  EXPECT_EQ(gate_of(record, "pacing").passed, false);
  record.conditions.cores = record.conditions.workers + 2;
  EXPECT_EQ(gate_of(record, "pacing").passed, false);
  record.conditions.cores = record.conditions.workers + 3;
  EXPECT_FALSE(is_listed(record, "pacing"));
  record.conditions.cores = 2;
  record.conditions.staged = false;
  EXPECT_FALSE(is_listed(record, "pacing"));
}

TEST(Gates, RecorderLosesNothing) {
  RunRecord record = sound();
  all_tasks(record).failed_after[static_cast<std::size_t>(RequestClass::timeout)].record(61s);
  EXPECT_EQ(gate_of(record, "recorder").passed, false);
  EXPECT_EQ(gate_of(record, "recorder").figure, 1);
}

TEST(Gates, ClockIsFineEnoughForTheShortestLimitAndNeverStepsBack) {
  RunRecord record = sound();  // shortest limit 500 µs
  record.conditions.clock_resolution = 5us;
  EXPECT_EQ(gate_of(record, "clock").passed, true);
  record.conditions.clock_resolution = 5001ns;
  EXPECT_EQ(gate_of(record, "clock").passed, false);
  record.conditions.clock_resolution = 1ns;
  record.repetitions[4].clock_steps_back = 1;
  EXPECT_EQ(gate_of(record, "clock").passed, false);
}

TEST(Gates, UnknownClockIsNotChecked) {
  RunRecord record = sound();
  record.conditions.clock_source.clear();
  EXPECT_EQ(gate_of(record, "clock").passed, std::nullopt);
  record.repetitions[0].clock_steps_back = 1;
  EXPECT_EQ(gate_of(record, "clock").passed, false);
}

TEST(Gates, ClockStandsStillWhereTheMachineSleeps) {
  RunRecord record = sound();
  EXPECT_THAT(gate_of(record, "clock").shown, Not(HasSubstr("slept")));
  record.repetitions[0].platform->suspended = 2s;
  record.repetitions[3].platform->suspended = 1500ms;
  EXPECT_EQ(gate_of(record, "clock").passed, false);
  EXPECT_THAT(gate_of(record, "clock").shown, HasSubstr("the machine slept for 3.50 s"));
  for (Repetition& repetition : record.repetitions) repetition.platform->suspended.reset();
  EXPECT_EQ(gate_of(record, "clock").passed, true);
  EXPECT_THAT(gate_of(record, "clock").shown, HasSubstr("not known whether the machine slept"));
  for (Repetition& repetition : record.repetitions) repetition.platform.reset();
  EXPECT_THAT(gate_of(record, "clock").shown, HasSubstr("not known whether the machine slept"));
}

TEST(Gates, ClockOnTheWallMayBeSet) {
  RunRecord record = sound();
  record.repetitions[1].platform->wall_clock_step = 500us;  // kept right
  EXPECT_THAT(gate_of(record, "clock").shown, Not(HasSubstr("wall clock")));
  record.repetitions[1].platform->wall_clock_step = -2s;
  record.repetitions[2].platform->wall_clock_step = 1s;
  EXPECT_EQ(gate_of(record, "clock").passed, true);
  EXPECT_THAT(gate_of(record, "clock").shown, HasSubstr("the wall clock was set back by 2.00 s"));
}

TEST(Gates, FloorAgainstEachLimit) {
  RunRecord record = sound();
  for (Repetition& repetition : record.repetitions) repetition.floor.record(150us, 100);
  EXPECT_EQ(gate_of(record, "floor", "response p99 < 1ms").passed, true);
  EXPECT_EQ(gate_of(record, "floor", "service p50 < 500us").passed, false);
  for (Repetition& repetition : record.repetitions) repetition.floor.reset();
  EXPECT_EQ(gate_of(record, "floor").passed, std::nullopt);
}

// --- a claim that allows less than 1 % over is not refuted by what 1 % met ---

TEST(Gates, SlanderIsReadWhereTheClaimIs) {
  RunRecord record = made_record(
      {.claims = {"response p50 < 1ms", "response p99 < 1ms", "response p99.9 < 1ms",
                  "response p99.99 < 1ms", "response max < 1ms", "response mean < 1ms"}},
      {{.per_s = 2000}});
  all_tasks(record).send_lag.record(80us, 60);  // 0.12 % of 50,060
  all_tasks(record).send_lag.record(300us, 2);  // what p99.99 would need twice as many for
  record.repetitions[0].floor.record(300us, 1);
  const auto shown = [&record](const std::string& gate, const std::string& claim) {
    return gate_of(record, gate, claim).shown;
  };
  for (const char* usual : {"response p50 < 1ms", "response p99 < 1ms", "response mean < 1ms"}) {
    EXPECT_EQ(shown("send lag", usual), "p99 lag 10.0 µs, 1.00 % of 1.00 ms; limit 10.00 %");
    EXPECT_EQ(shown("floor", usual),
              "p99 of PING round trips 50.0 µs, 5.00 % of 1.00 ms; limit 25.00 %");
  }
  EXPECT_EQ(shown("send lag", "response p99.9 < 1ms"),
            "p99.9 lag 80.1 µs, 8.01 % of 1.00 ms; limit 10.00 %");
  for (const char* strictest : {"response p99.99 < 1ms", "response max < 1ms"}) {
    EXPECT_EQ(shown("send lag", strictest),
              "longest lag 300 µs, 30.00 % of 1.00 ms; limit 10.00 %");
    EXPECT_EQ(gate_of(record, "send lag", strictest).passed, false);
    EXPECT_EQ(shown("floor", strictest),
              "longest of 5,001 PING round trips 300 µs, 30.00 % of 1.00 ms; limit 25.00 %");
    EXPECT_EQ(gate_of(record, "floor", strictest).passed, false);
  }
}

TEST(Gates, NoiseMayNotMakeMoreThanMayBeOver) {
  const RunRecord record = made_record(
      {.claims = {"response p90 < 1ms", "response p99 < 1ms", "response p99.95 < 1ms",
                  "service max < 1ms", "service mean < 1ms", "success >= 99.9%", "errors <= 0%",
                  "achieved >= 50%", "throughput >= 1/s", "cpu(generator) < 90%"}},
      {{.per_s = 100}});
  const double limits[] = {0.01, 0.01, 0.0005, 0, 0.01, 0.001, 0, 0.01, 0.01, 0.01};
  for (std::size_t c = 0; c < record.claims.size(); ++c) {
    const GateResult gate = gate_of(record, "platform noise", record.claims[c].text);
    EXPECT_EQ(gate.limit, limits[c]) << gate.claim;
    EXPECT_THAT(gate.shown, HasSubstr("; limit " + format_share(limits[c]))) << gate.claim;
    EXPECT_FALSE(gate.limit_changed);
  }
}

TEST(Gates, ALimitOfThePlanHoldsForEveryClaim) {
  RunRecord record =
      made_record({.claims = {"response p99.9 < 1ms", "response max < 1ms"}}, {{.per_s = 100}});
  record.conditions.gate_limits["platform noise"] = 0.05;
  for (const Claim& claim : record.claims) {
    const GateResult gate = gate_of(record, "platform noise", claim.text);
    EXPECT_EQ(gate.limit, 0.05);
    EXPECT_TRUE(gate.limit_changed);
  }
}

TEST(Gates, PlanMayChangeALimitAndTheResultSaysSo) {
  RunRecord record = sound();
  record.conditions.gate_limits["headroom"] = 0.1;
  const GateResult gate = gate_of(record, "headroom");
  EXPECT_EQ(gate.passed, false);
  EXPECT_EQ(gate.limit, 0.1);
  EXPECT_TRUE(gate.limit_changed);
  EXPECT_FALSE(gate_of(record, "floor").limit_changed);
}

}  // namespace
}  // namespace natsproof
