#include "loadgen/report/latency_table.h"

#include <gtest/gtest.h>

#include "loadgen/report/console_report.h"
#include "loadgen/report/pooled_tasks.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using State = LatencyFigure::State;
constexpr auto kService = LatencyTime::service;

// `answered` of `planned` requests took 1, 2, 3 ... µs.
Repetition repetition_of(std::uint64_t planned, std::uint64_t answered,
                         std::uint64_t slower_by = 0) {
  Repetition repetition;
  TaskRecord& all = repetition.tasks.emplace_back();
  all.name = kAllTasks;
  all.measured.planned = planned;
  all.measured.of(RequestClass::ok) = answered;
  all.measured.of(RequestClass::timeout) = planned - answered;
  for (std::uint64_t i = 1; i <= answered; ++i) all.service.record(Duration{i + slower_by} * 1000);
  return repetition;
}

TEST(LatencyTable, AFailureIsSlowerThanAnyAnswer) {
  RunRecord record;
  record.repetitions = {repetition_of(1000, 950)};
  const TaskRecord all = pooled_tasks(record)[0];
  const auto at = [&](double q) { return quantile_figure(record, all, kService, Quantile{q}, 1); };
  EXPECT_EQ(at(0.5).value,
            all.service.value_at_rank(500));  // of the answered alone it would be the 475th
  EXPECT_EQ(at(0.95).value, all.service.value_at_rank(950));
  EXPECT_EQ(at(0.95).state, State::value);
  EXPECT_EQ(at(0.951).state, State::beyond_timeout);
  EXPECT_EQ(at(0.99).state, State::beyond_timeout);
  EXPECT_EQ(at(0.991).state, State::needs_more);
}

TEST(LatencyTable, MarksThinSupport) {
  RunRecord record;
  record.repetitions = {repetition_of(1000, 1000)};
  const TaskRecord all = pooled_tasks(record)[0];
  EXPECT_FALSE(quantile_figure(record, all, kService, Quantile{0.9}, 1).thin);  // 100 beyond
  EXPECT_TRUE(quantile_figure(record, all, kService, Quantile{0.91}, 1).thin);  // 90
}

TEST(LatencyTable, TheIntervalHoldsTheQuantileAndWidensWithTheDesignEffect) {
  RunRecord record;
  record.repetitions = {repetition_of(2000, 1900)};
  const TaskRecord all = pooled_tasks(record)[0];
  const auto narrow = quantile_figure(record, all, kService, Quantile{0.5}, 1);
  const auto wide = quantile_figure(record, all, kService, Quantile{0.5}, 4);
  ASSERT_TRUE(narrow.interval.lower && narrow.interval.upper);
  EXPECT_LT(*narrow.interval.lower, narrow.value);
  EXPECT_GT(*narrow.interval.upper, narrow.value);
  ASSERT_TRUE(wide.interval.lower && wide.interval.upper);
  EXPECT_LT(*wide.interval.lower, *narrow.interval.lower);
  EXPECT_GT(*wide.interval.upper, *narrow.interval.upper);
}

TEST(LatencyTable, AnIntervalMayBeOpen) {
  EXPECT_EQ(format_interval({.lower = 405us, .upper = 420us}), "405–420 µs");
  EXPECT_EQ(format_interval({.lower = 405us, .upper = {}}), "≥ 405 µs");
  EXPECT_EQ(format_interval({.lower = {}, .upper = 420us}), "≤ 420 µs");
  EXPECT_EQ(format_interval({}), "");
}

TEST(LatencyTable, TheRangeIsOfRepetitionsThatAllHaveTheFigure) {
  RunRecord record;
  record.repetitions = {repetition_of(1000, 1000), repetition_of(1000, 1000, 500)};
  TaskRecord all = pooled_tasks(record)[0];
  auto figure = quantile_figure(record, all, kService, Quantile{0.5}, 1);
  EXPECT_EQ(figure.lowest, record.repetitions[0].tasks[0].service.value_at_rank(500));
  EXPECT_EQ(figure.highest, record.repetitions[1].tasks[0].service.value_at_rank(500));
  EXPECT_EQ(max_figure(record, all, kService).highest, all.service.max());

  record.repetitions.push_back(repetition_of(1000, 100));  // its p50 lies beyond the timeout
  all = pooled_tasks(record)[0];
  figure = quantile_figure(record, all, kService, Quantile{0.5}, 1);
  EXPECT_EQ(figure.state, State::value);
  EXPECT_FALSE(figure.lowest || figure.highest);
}

TEST(LatencyTable, ValuesOutOfRangeLeaveTheMaximumUnknown) {
  RunRecord record;
  record.repetitions = {repetition_of(1000, 1000)};
  record.repetitions[0].tasks[0].service.record(Histogram::kOutOfRange, 1);
  EXPECT_EQ(max_figure(record, pooled_tasks(record)[0], kService).state, State::unknown);
}

TEST(LatencyTable, TheDesignEffectIsOneForEvenSecondsAndMoreForBursts) {
  const auto effect = [](bool bursts) {
    Story story;
    story.tell = [bursts](std::uint64_t i, std::uint64_t) {
      const bool slow = bursts ? i / 2000 % 5 == 0 && i % 10 == 0 : i % 50 == 0;
      return ToldRequest{.service = slow ? 10ms + 1us * static_cast<int>(i % 2000) : 1ms};
    };
    return design_effects(told_run(story), {Quantile{0.985}}).front();
  };
  EXPECT_EQ(effect(false), 1);
  EXPECT_GT(effect(true), 50);
}

TEST(LatencyTable, TheWarmUpHasNoPartInTheDesignEffect) {
  RunRecord record = sound_run();
  const double effect = design_effects(record, {Quantile{0.99}}).front();
  Histogram slow;
  slow.record(40ms, 2000);
  Interval& warmup = record.repetitions[0].intervals.front();
  ASSERT_TRUE(warmup.warmup);
  warmup.classes[0] = warmup.count = 2000;
  warmup.hdr = slow.encode();
  EXPECT_EQ(design_effects(record, {Quantile{0.99}}).front(), effect);
}

TEST(LatencyTable, ShowsTheQuantilesThatAreClaimed) {
  RunRecord record;
  record.claims = {{.statistic = Statistic::quantile, .quantile = {0.95}},
                   {.statistic = Statistic::quantile, .quantile = {0.99}},
                   {.statistic = Statistic::max}};
  EXPECT_EQ(reported_quantiles(record),
            (std::vector<Quantile>{{0.5}, {0.9}, {0.95}, {0.99}, {0.999}}));
}

TEST(PooledTasks, AddUpByName) {
  RunRecord record = slow_orders();
  const auto pooled = pooled_tasks(record);
  ASSERT_EQ(pooled.size(), 3u);
  EXPECT_EQ(pooled[0].name, "*");
  EXPECT_EQ(pooled[0].timeout, 250ms);
  EXPECT_EQ(pooled[2].name, "place_order");
  EXPECT_EQ(pooled[2].measured.planned, 30'000u);
  EXPECT_EQ(pooled[0].service.count(), pooled[1].service.count() + pooled[2].service.count());
  EXPECT_EQ(pooled_tasks(RunRecord{}).size(), 1u);
}

TEST(ConsoleReport, ColoursOnlyWhenAsked) {
  const RunRecord record = short_run();
  const Judgement judgement = judge(record);
  const std::string plain = render_console_report(record, judgement, {});
  std::string coloured = render_console_report(record, judgement, {.colour = true});
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[1;33mINCONCLUSIVE"), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[90m   ~"), std::string::npos);  // thin support is grey
  // Colour adds nothing else.
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(ConsoleReport, GivesTheSameAdviceOnce) {
  const RunRecord record = sound_run();
  Judgement judgement = judge(record);
  const GateResult lag{.name = "send lag",
                       .passed = false,
                       .could = Could::slander,
                       .shown = "late",
                       .advice = "hurry"};
  judgement.gates = {
      lag, lag, {.name = "floor", .passed = false, .shown = "high", .advice = "go nearer"}};
  const std::string report = render_console_report(record, judgement, {});
  EXPECT_EQ(report.find("hurry"), report.rfind("hurry"));
  EXPECT_GT(report.find("hurry"), report.rfind("send lag: late"));
  EXPECT_LT(report.find("hurry"), report.find("go nearer"));
}

TEST(ConsoleReport, NoTimesWithoutSuccess) {
  const RunRecord record = nobody_home();
  const std::string report = render_console_report(record, judge(record), {});
  const auto latency = report.find("LATENCY"), requests = report.find("REQUESTS");
  ASSERT_LT(latency, requests);
  const std::string section = report.substr(latency, requests - latency);
  EXPECT_EQ(section.find("µs"), std::string::npos) << section;
  EXPECT_EQ(section.find("ms"), std::string::npos) << section;
  EXPECT_NE(report.find("nobody listens on the subject"), std::string::npos);
}

TEST(ConsoleReport, AnEmptyRecordHasAReport) {
  RunRecord record;
  record.failure = "no server";
  const std::string report = render_console_report(record, judge(record), {});
  EXPECT_NE(report.find("FAILED  no server"), std::string::npos) << report;
  EXPECT_NE(report.find("VERDICT  INVALID"), std::string::npos) << report;
}

TEST(QuantileWords, HaveTheIntervalInBrackets) {
  Histogram times;
  for (int i = 1; i <= 5000; ++i) times.record(i * 1us);
  const std::string narrow = quantile_words(times, Quantile{0.5}, 1);
  EXPECT_TRUE(narrow.starts_with("p50 2.50 ms (2.4") && narrow.ends_with(" ms)")) << narrow;
  EXPECT_NE(quantile_words(times, Quantile{0.5}, 9), narrow) << "a design effect widens it";
  EXPECT_TRUE(quantile_words(times, Quantile{0.99}, 1).starts_with("p99 ~4.95 ms (")) << "thin";
  EXPECT_EQ(quantile_words(times, Quantile{0.999}, 1), "p99.9 needs 10,000, there are 5,000");
}

TEST(NeedsWords, SayHowManyMoreAndHowMuchLonger) {
  EXPECT_EQ(needs_words(Quantile{0.9999}, 5'000, 25s),
            "needs 100,000 requests, this run has 5,000: 95,000 more, 475 s at this rate");
  EXPECT_EQ(needs_words(Quantile{0.99}, 0, 25s),
            "needs 1,000 requests, this run has 0: 1,000 more");
  EXPECT_EQ(needs_words(Quantile{0.99}, 400, 0s),
            "needs 1,000 requests, this run has 400: 600 more");
}

}  // namespace
}  // namespace natsproof
