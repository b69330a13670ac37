// Each check's evaluation, on made runs: what it must accept, and what it must not.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/app/selftest/claim_coverage.h"
#include "loadgen/app/selftest/known_delays.h"
#include "loadgen/app/selftest/lying_services.h"
#include "loadgen/app/selftest/starved_generator.h"
#include "loadgen/app/selftest/stopped_service.h"
#include "tests/unit/judge/made_record.h"
#include "tests/unit/selftest/made_runs.h"

namespace natsproof {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Outcome> outcomes(const std::vector<CheckRow>& rows) {
  std::vector<Outcome> found;
  for (const CheckRow& row : rows) found.push_back(row.outcome);
  return found;
}

// ---- Known delays

// An instrument that finds `factor` times the delay, and `more`.
DelaysMeasured delays(double factor, Duration more, const MachineShare& share) {
  const auto times = [](Duration service) {
    return std::vector<Times>{{.count = 100, .response = service, .service = service}};
  };
  MeasuredRun run;
  run.record.repetitions.emplace_back();
  auto& tasks = run.record.repetitions.front().tasks;
  tasks.push_back(task_with("*", times(1ms)));
  tasks.push_back(task_with(kNoDelayTask, times(150us)));
  for (const KnownDelay& delay : kKnownDelays) {
    const Duration found{
        static_cast<std::int64_t>(factor * static_cast<double>(delay.length.count()))};
    tasks.push_back(task_with(delay.task, times(150us + found + more)));
  }
  run.shares.push_back(share);
  return {.run = std::move(run), .sleeps_end_late = 90us};
}

TEST(KnownDelays, HoldWithWhatATimerEndsLate) {
  EXPECT_THAT(outcomes(find_delays(delays(1, 40us, calm()))), Each(Outcome::holds));
}

TEST(KnownDelays, FailWhereTheyAreNotFound) {
  EXPECT_THAT(outcomes(find_delays(delays(0, 0us, calm()))), Each(Outcome::fails));
  EXPECT_THAT(outcomes(find_delays(delays(0.8, 0us, calm()))), Each(Outcome::fails));
  EXPECT_THAT(outcomes(find_delays(delays(1, 200us, calm()))), Each(Outcome::fails));
}

TEST(KnownDelays, AreNotShownWhereTheMachineTookAsMuch) {
  EXPECT_THAT(outcomes(find_delays(delays(1, 200us, busy()))), Each(Outcome::not_shown));
}

TEST(KnownDelays, AreNotShownWhereSleepsEndLaterThanTheDelay) {
  DelaysMeasured measured = delays(1, 40us, calm());
  measured.sleeps_end_late = 300us;
  EXPECT_THAT(outcomes(find_delays(measured)),
              ElementsAre(Outcome::not_shown, Outcome::holds, Outcome::holds));
}

TEST(KnownDelays, FailWhereRightAnswersAreNotCounted) {
  DelaysMeasured measured = delays(1, 40us, calm());
  RequestCounts& counts = measured.run.record.repetitions.front().tasks[1].measured;
  std::swap(counts.of(RequestClass::ok), counts.of(RequestClass::wrong_reply));
  EXPECT_THAT(outcomes(find_delays(measured)), Each(Outcome::fails));
}

// What is not known excuses nobody, and accuses nobody.
TEST(KnownDelays, AreNotShownWhereNobodyKnowsWhatTheMachineTook) {
  EXPECT_THAT(outcomes(find_delays(delays(1, 200us, unknown()))), Each(Outcome::not_shown));
  EXPECT_THAT(outcomes(find_delays(delays(1, 40us, unknown()))), Each(Outcome::holds));
  EXPECT_THAT(outcomes(find_delays(delays(0, 0us, unknown()))), Each(Outcome::fails));
}

// ---- Stops

const std::vector<Times> kUsual = {{.count = 1000, .response = 200us, .service = 200us}};
constexpr Length kStopped{.at_least = 200ms, .at_most = 200ms};

StopMeasured stops(const std::vector<Times>& stopped, const std::vector<Times>& stalled,
                   const MachineShare& share) {
  return {.run = run_of({task_with("*", kUsual), task_with("*", stopped), task_with("*", stalled)},
                        share),
          .stop = kStopped,
          .stall = kStopped};
}

TEST(Stops, AreFoundWholeAndForEveryRequestTheyMet) {
  EXPECT_THAT(outcomes(find_stops(stops(backlog(200ms, true), backlog(200ms, false), calm()))),
              Each(Outcome::holds));
}

TEST(Stops, FailWhereTheMaximumIsAnother) {
  EXPECT_EQ(find_stops(stops(backlog(206ms, true), backlog(200ms, false), calm()))[0].outcome,
            Outcome::fails);
  EXPECT_EQ(find_stops(stops(backlog(190ms, true), backlog(200ms, false), calm()))[0].outcome,
            Outcome::fails);
}

TEST(Stops, FailWhereOneRequestOnlyHasThem) {
  std::vector<Times> one = kUsual;
  one.push_back({.count = 1, .response = 200ms, .service = 200ms});
  EXPECT_THAT(
      outcomes(find_stops(stops(one, backlog(200ms, false), calm()))),
      ElementsAre(Outcome::holds, Outcome::fails, Outcome::holds, Outcome::holds, Outcome::holds));
}

// An instrument that calls service time response time.
TEST(Stops, FailWhereTheGeneratorHidesItsOwn) {
  EXPECT_THAT(
      outcomes(find_stops(stops(backlog(200ms, true), kUsual, calm()))),
      ElementsAre(Outcome::holds, Outcome::holds, Outcome::fails, Outcome::fails, Outcome::holds));
}

// The other way round.
TEST(Stops, FailWhereTheServiceIsBlamedForTheGenerators) {
  EXPECT_EQ(find_stops(stops(backlog(200ms, true), backlog(200ms, true), calm())).back().outcome,
            Outcome::fails);
}

TEST(Stops, AreNotShownWhereTheMachineTookAsMuch) {
  EXPECT_EQ(find_stops(stops(backlog(206ms, true), backlog(200ms, false), busy()))[0].outcome,
            Outcome::not_shown);
  MachineShare stalled = calm();
  stalled.longest_stall = 10ms;
  EXPECT_EQ(find_stops(stops(backlog(206ms, true), backlog(200ms, false), stalled))[0].outcome,
            Outcome::not_shown);
}

TEST(Stops, AreNotShownWhereNobodyKnowsWhatTheMachineTook) {
  EXPECT_EQ(find_stops(stops(backlog(206ms, true), backlog(200ms, false), unknown()))[0].outcome,
            Outcome::not_shown);
  EXPECT_EQ(find_stops(stops(backlog(190ms, true), backlog(200ms, false), unknown()))[0].outcome,
            Outcome::fails);
}

// A machine makes requests slower, never faster.
TEST(Stops, FailWhereTheyAreTooShortWhateverTheMachineTook) {
  EXPECT_THAT(
      outcomes(find_stops(stops(backlog(190ms, true), kUsual, busy()))),
      ElementsAre(Outcome::fails, Outcome::holds, Outcome::fails, Outcome::fails, Outcome::holds));
  EXPECT_EQ(find_delays(delays(0.8, 0us, busy())).back().outcome, Outcome::fails);
}

// The thread that looks for stalls was stalled with the others.
TEST(Stops, AreNotExcusedByTheStallThatWasMade) {
  StopMeasured measured = stops(backlog(200ms, true), backlog(250ms, false), calm());
  Repetition& repetition = measured.run.record.repetitions.back();
  measured.run.shares.back().longest_stall = 200ms;
  repetition.platform.emplace();
  repetition.platform->stalls = {{.start = 400ms, .length = 200ms}};
  EXPECT_EQ(find_stops(measured)[2].outcome, Outcome::fails);
  repetition.platform->stalls.push_back({.start = 700ms, .length = 60ms});
  EXPECT_EQ(find_stops(measured)[2].outcome, Outcome::not_shown);
}

TEST(Stops, FailWhereSlowServiceWouldHaveShownInResponseTime) {
  EXPECT_EQ(find_stops(stops(backlog(200ms, true), backlog(200ms, true), busy())).back().outcome,
            Outcome::fails);
  EXPECT_EQ(find_stops(stops(backlog(200ms, true), backlog(290ms, true), busy())).back().outcome,
            Outcome::not_shown);
}

TEST(Stops, AreNotShownWhereNothingWasStopped) {
  StopMeasured measured = stops(backlog(200ms, true), backlog(200ms, false), calm());
  measured.stop.reset();
  measured.failed = "process 1 ended";
  const auto rows = find_stops(measured);
  EXPECT_THAT(outcomes(rows), Each(Outcome::not_shown));
  EXPECT_EQ(rows.front().why, "process 1 ended");
}

TEST(Stops, AreNotShownWhereNormalResponsesTakeAsLong) {
  StopMeasured measured = stops(backlog(200ms, true), backlog(200ms, false), calm());
  measured.run.record.repetitions[0].tasks[0] =
      task_with("*", {{.count = 100, .response = 80ms, .service = 80ms}});
  EXPECT_EQ(find_stops(measured)[0].outcome, Outcome::not_shown);
}

// Nothing is over the limit by so little, and nothing is counted.
TEST(Stops, MayBeShorterThanTheLimitThatIsCounted) {
  StopMeasured measured = stops(kUsual, kUsual, calm());
  measured.stop = Length{.at_least = 10ms, .at_most = 20ms};
  measured.stall = Length{.at_least = -5ms, .at_most = 20ms};
  const auto rows = find_stops(measured);
  EXPECT_THAT(rows[1].expected, HasSubstr("0 to 0 over 50.0 ms"));
  EXPECT_THAT(rows[3].expected, HasSubstr("0 to 0 over 50.0 ms"));
  EXPECT_EQ(rows[1].outcome, Outcome::holds);
}

TEST(StopWindow, LetsNoStopBeginThatCannotEndInTime) {
  constexpr Instant kBegan{100s};
  const auto may_begin = [&](Duration elapsed, Duration seen) {
    StopWindow window;
    window.may_begin({.elapsed = 100ms, .total = 1200ms}, 1, kBegan + 100ms);
    return window.may_begin({.elapsed = elapsed, .total = 1200ms}, 1, kBegan + seen);
  };
  EXPECT_FALSE(may_begin(399ms, 399ms)) << "warm-up, and a while";
  EXPECT_TRUE(may_begin(400ms, 400ms));
  EXPECT_TRUE(may_begin(950ms, 950ms));
  EXPECT_FALSE(may_begin(951ms, 951ms));
  EXPECT_FALSE(may_begin(500ms, 951ms)) << "when it was seen is later than when it was so";
}

TEST(StopWindow, KnowsAStopThatWasOverTooLate) {
  constexpr Instant kBegan{100s};
  StopWindow window;
  ASSERT_TRUE(window.may_begin({.elapsed = 500ms, .total = 1200ms}, 1, kBegan + 500ms));
  EXPECT_EQ(window.too_late(kBegan + 1180ms), "");
  EXPECT_THAT(window.too_late(kBegan + 1190ms), HasSubstr("10.0 ms before"));
  EXPECT_THAT(window.too_late(kBegan + 1300ms), HasSubstr("100 ms after"));
  // The next repetition begins anew.
  ASSERT_TRUE(window.may_begin({.elapsed = 500ms, .total = 1200ms}, 2, kBegan + 2500ms));
  EXPECT_EQ(window.too_late(kBegan + 2700ms), "");
}

StopMeasured closed_loop(const std::vector<Times>& times, const MachineShare& share = calm()) {
  return {.run = run_of({task_with("*", times)}, share), .stop = kStopped, .stall = {}};
}

// What held it back took from the stop that it waited for.
TEST(ClosedLoop, IsNotShownWhereTheMachineHeldTheUserBack) {
  std::vector<Times> times = kUsual;
  times.push_back({.count = 1, .response = 180ms, .service = 180ms});
  MachineShare held = calm();
  held.longest_wait = 30ms;
  EXPECT_EQ(find_closed_loop(closed_loop(times, held)).front().outcome, Outcome::not_shown);
  EXPECT_EQ(find_closed_loop(closed_loop(times)).front().outcome, Outcome::fails);
}

TEST(ClosedLoop, ShowsAStopInItsMaximumOnly) {
  std::vector<Times> times = kUsual;
  times.push_back({.count = 1, .response = 200ms, .service = 200ms});
  EXPECT_THAT(outcomes(find_closed_loop(closed_loop(times))), Each(Outcome::holds));
  EXPECT_THAT(outcomes(find_closed_loop(closed_loop(kUsual))),
              ElementsAre(Outcome::fails, Outcome::holds));
  EXPECT_THAT(outcomes(find_closed_loop(closed_loop(backlog(200ms, true)))),
              ElementsAre(Outcome::holds, Outcome::fails));
}

// ---- Liars

MeasuredRun answers_of(RequestClass request_class, Duration response = 200us) {
  MeasuredRun run;
  run.record = made_record(
      {.claims = {"response p99 < 50ms", "success >= 99%"}},
      {{.per_s = 1000, .request_class = request_class, .response = response, .service = response}});
  run.shares.assign(run.record.repetitions.size(), calm());
  return run;
}

const Liar& liar_that(std::string_view does) {
  return *std::find_if(liars().begin(), liars().end(),
                       [&](const Liar& liar) { return liar.does == does; });
}

TEST(Liars, HoldWhereTheyAreRefusedAndCounted) {
  EXPECT_EQ(
      find_liar(liar_that("answers wrong content"), answers_of(RequestClass::wrong_reply), true)
          .outcome,
      Outcome::holds);
  EXPECT_EQ(find_liar(liar_that("is silent"), answers_of(RequestClass::timeout), true).outcome,
            Outcome::holds);
}

TEST(Liars, MayBeSoundMostOfTheTime) {
  const auto silent_of_thousand = [](std::uint64_t silent) {
    MeasuredRun run;
    run.record =
        made_record({.claims = {"response p99 < 50ms", "success >= 99%"}},
                    {{.per_s = 1000 - silent, .request_class = RequestClass::ok},
                     {.per_s = silent, .request_class = RequestClass::timeout, .response = 1s}});
    run.shares.assign(run.record.repetitions.size(), calm());
    return find_liar(liar_that("is silent at times"), run, true).outcome;
  };
  EXPECT_EQ(silent_of_thousand(100), Outcome::holds);
  EXPECT_EQ(silent_of_thousand(20), Outcome::fails) << "where are the others?";
}

TEST(Liars, FailWhereTheyAreProven) {
  for (const Liar& liar : liars()) {
    for (const bool control_proven : {false, true}) {
      EXPECT_EQ(find_liar(liar, answers_of(RequestClass::ok), control_proven).outcome,
                Outcome::fails)
          << liar.does;
    }
  }
}

TEST(Liars, FailWhereTheyAreCountedAsSomethingElse) {
  EXPECT_EQ(
      find_liar(liar_that("answers wrong content"), answers_of(RequestClass::service_error), true)
          .outcome,
      Outcome::fails);
}

TEST(Liars, AreNotShownWhereNobodyKnowsWhyTheyAreCountedAsSomethingElse) {
  MeasuredRun run = answers_of(RequestClass::service_error);
  run.shares.assign(run.record.repetitions.size(), unknown());
  EXPECT_EQ(find_liar(liar_that("answers wrong content"), run, true).outcome, Outcome::not_shown);
}

TEST(Liars, AreNotShownWhereASoundServiceIsNotProvenEither) {
  EXPECT_EQ(
      find_liar(liar_that("answers wrong content"), answers_of(RequestClass::wrong_reply), false)
          .outcome,
      Outcome::not_shown);
}

TEST(ASoundService, IsProvenOrTheMachineTookTimeFromIt) {
  EXPECT_THAT(outcomes(find_sound(answers_of(RequestClass::ok))), ElementsAre(Outcome::holds));
  MeasuredRun slow = answers_of(RequestClass::ok, 80ms);
  EXPECT_THAT(outcomes(find_sound(slow)), ElementsAre(Outcome::fails));
  // What one repetition lost may have decided.
  slow.shares.back().longest_wait = 5ms;
  EXPECT_THAT(outcomes(find_sound(slow)), ElementsAre(Outcome::not_shown));
  slow.shares.back() = calm();
  slow.shares.front().stolen = 5ms;
  EXPECT_THAT(outcomes(find_sound(slow)), ElementsAre(Outcome::fails)) << "of 500 ms: 1 %";
  slow.shares.back().stolen = 1ms;
  EXPECT_THAT(outcomes(find_sound(slow)), ElementsAre(Outcome::not_shown));
  slow.shares.front() = unknown();
  EXPECT_THAT(outcomes(find_sound(slow)), ElementsAre(Outcome::not_shown));
}

TEST(ServersCounters, MustAgreeAndMustNotWithAFalsifiedCount) {
  MeasuredRun run = answers_of(RequestClass::ok);
  EXPECT_THAT(outcomes(find_agreement(run)), Each(Outcome::holds));
  ++run.record.repetitions.back().connections.front().sent;
  EXPECT_EQ(find_agreement(run).front().outcome, Outcome::fails);
  for (Repetition& repetition : run.record.repetitions)
    repetition.connections.front().received.reset();
  EXPECT_THAT(outcomes(find_agreement(run)), Each(Outcome::not_shown));
}

// ---- A starved generator

// All responses late by `lag`, of which response time has `counted`.
StarvedMeasured starved(Duration lag, Duration counted, Duration service) {
  const auto record_with = [](Duration sent_late, Duration response, Duration took) {
    MeasuredRun run;
    run.record = made_record({.claims = {"response p99 < 5ms"}},
                             {{.per_s = 1000, .response = response, .service = took}});
    for (Repetition& repetition : run.record.repetitions) {
      for (TaskRecord& task : repetition.tasks) {
        task.send_lag.reset();
        task.send_lag.record(sent_late, task.measured.planned);
      }
    }
    run.shares.assign(run.record.repetitions.size(), calm());
    return run;
  };
  return {.undisturbed = record_with(10us, 210us, 200us),
          .starved = record_with(lag, counted + service, service)};
}

TEST(StarvedGenerator, SaysSoAndDoesNotBlameTheService) {
  const auto rows = find_starved(starved(20ms, 20ms, 200us));
  EXPECT_THAT(outcomes(rows), Each(Outcome::holds));
  EXPECT_THAT(rows.front().found, HasSubstr("`send lag` failed"));
}

// The kernel counted what the busiest thread waited for its core.
TEST(StarvedGenerator, FailsWhereItWasStarvedAndNoGateTells) {
  StarvedMeasured measured = starved(10us, 10us, 200us);
  const auto outcomes_with = [&](Duration waited) {
    for (MachineShare& share : measured.starved.shares) {
      share.busiest = MachineShare::Waits{.looked = 300ms, .waited = waited, .times = 500};
    }
    return outcomes(find_starved(measured));
  };
  EXPECT_THAT(outcomes_with(200ms), ElementsAre(Outcome::fails, Outcome::holds, Outcome::holds));
  EXPECT_THAT(outcomes_with(100ms),
              ElementsAre(Outcome::not_shown, Outcome::holds, Outcome::holds));
  EXPECT_THAT(find_starved(measured).front().why, HasSubstr("it was not starved"));
  measured.starved.shares.back().busiest.reset();
  EXPECT_THAT(outcomes(find_starved(measured)),
              ElementsAre(Outcome::not_shown, Outcome::holds, Outcome::holds));
  EXPECT_THAT(find_starved(measured).front().why, HasSubstr("not available"));
}

TEST(StarvedGenerator, FailsWhereAnswersAreLostThatTheMachineDidNotTake) {
  StarvedMeasured measured = starved(20ms, 20ms, 200us);
  RequestCounts& counts = measured.starved.record.repetitions.front().tasks.front().measured;
  --counts.of(RequestClass::ok);
  ++counts.of(RequestClass::timeout);
  EXPECT_EQ(find_starved(measured).back().outcome, Outcome::fails);
  measured.starved.shares.front() = busy();
  EXPECT_EQ(find_starved(measured).back().outcome, Outcome::not_shown);
}

TEST(StarvedGenerator, FailsWhereItsLagIsMissingInResponseTime) {
  EXPECT_THAT(outcomes(find_starved(starved(20ms, 0ms, 200us))),
              ElementsAre(Outcome::holds, Outcome::holds, Outcome::fails));
}

// 19,922,944 ns is the lowest value of a bucket of two digits.
TEST(StarvedGenerator, IsGrantedWhatItsLagHasTooFewDigitsFor) {
  constexpr Duration kLag = 19'922'944ns;
  StarvedMeasured measured = starved(kLag, kLag, 200us);
  const auto outcome_with = [&](Duration lag) {
    for (Repetition& repetition : measured.starved.record.repetitions) {
      for (TaskRecord& task : repetition.tasks) {
        task.send_lag.reset();
        task.send_lag.record(lag, task.measured.planned);
        task.send_lag = task.send_lag.coarse();
      }
    }
    return find_starved(measured).back().outcome;
  };
  EXPECT_EQ(outcome_with(kLag), Outcome::holds);
  EXPECT_EQ(outcome_with(kLag * 102 / 100), Outcome::fails);
  EXPECT_EQ(outcome_with(kLag * 99 / 100), Outcome::fails) << "digits add, they take nothing";
}

TEST(StarvedGenerator, FailsWhereTheServiceIsBlamed) {
  // Refuted with the benefit of the doubt, too: the service itself took longer than the lag and the
  // limit together.
  StarvedMeasured measured = starved(20ms, 20ms, 26ms);
  EXPECT_EQ(find_starved(measured)[1].outcome, Outcome::fails);
  measured.undisturbed = measured.starved;
  EXPECT_EQ(find_starved(measured)[1].outcome, Outcome::fails) << "nothing was in its way before";
  measured.undisturbed.shares.front() = busy();
  EXPECT_EQ(find_starved(measured)[1].outcome, Outcome::not_shown);
}

TEST(StarvedGenerator, IsNotShownWhereItWasNotStarved) {
  StarvedMeasured measured;
  measured.failed = "no busy process could be started";
  EXPECT_THAT(outcomes(find_starved(measured)), ElementsAre(Outcome::not_shown));
}

// ---- Verdicts at the edge

TEST(ClaimCoverage, HoldsUpToOneInTwenty) {
  EXPECT_THAT(
      outcomes(find_coverage({.claims = 10'000, .falsely_proven = 500, .falsely_refuted = 400})),
      Each(Outcome::holds));
  EXPECT_THAT(
      outcomes(find_coverage({.claims = 10'000, .falsely_proven = 600, .falsely_refuted = 400})),
      ElementsAre(Outcome::fails, Outcome::holds));
  EXPECT_THAT(
      outcomes(find_coverage({.claims = 10'000, .falsely_proven = 500, .falsely_refuted = 600})),
      ElementsAre(Outcome::holds, Outcome::fails));
  EXPECT_THAT(outcomes(find_coverage({})), Each(Outcome::not_shown));
}

}  // namespace
}  // namespace natsproof
