// Words that depend on what a judgement or a record holds: MACHINE and `Next:`.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/report/report_sections.h"
#include "tests/golden/report/fixed_judgements.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string machine_of(const RunRecord& record, const Judgement& judgement) {
  ReportPage page(record, judgement, {});
  add_platform_section(page);
  return page.take();
}

TEST(MachineWords, HaveTheGatesOwnLimit) {
  RunRecord record = sound_run();
  for (Repetition& repetition : record.repetitions) repetition.platform->steal = 0.03;
  EXPECT_THAT(machine_of(record, judge(record)), HasSubstr("matters  steal"));
  record.conditions.gate_limits["platform noise"] = 0.05;
  EXPECT_THAT(machine_of(record, judge(record)), HasSubstr("fine     steal"));
  EXPECT_THAT(machine_of(record, {}), HasSubstr("fine     steal")) << "nothing was judged";
  const auto gate = [](const std::string& claim, double limit) {
    return GateResult{.name = "platform noise", .limit = limit, .claim = claim};
  };
  const GateResult others = gate("response max < 1s", 0);
  const GateResult own = gate(record.claims[0].text, 0.04);
  EXPECT_THAT(machine_of(record, {.gates = {others, own}}), HasSubstr("fine     steal"));
  EXPECT_THAT(machine_of(record, {.gates = {own, others}}), HasSubstr("fine     steal"));
}

// No latency of such a run counts.
TEST(MachineWords, OfAMachineThatSleptNameTheGate) {
  RunRecord record = sound_run();
  record.repetitions[0].platform->suspended = 3s;
  EXPECT_THAT(machine_of(record, judge(record)),
              AllOf(HasSubstr("stood still"), HasSubstr("gate `clock`"),
                    Not(HasSubstr("no latency shows it"))));
}

std::string next_of(const std::string& claim, std::vector<Block> blocks) {
  RunRecord record = sound_run();
  record.claims = {parse_claim(claim, {}).value()};
  for (Repetition& repetition : record.repetitions) repetition.blocks = {blocks};
  const ClaimResult refuted{.text = claim, .verdict = Verdict::refuted};
  const Judgement judgement{.verdict = Verdict::refuted, .claims = {refuted}};
  ReportPage page(record, judgement, {});
  add_verdict_section(page);
  std::string text = page.take();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

TEST(NextWords, PointToWhatTheRefutedClaimHas) {
  EXPECT_THAT(next_of("response p99 < 1ms", {{.planned = 5, .over = 1}}),
              HasSubstr("claims[].blocks"));
  EXPECT_THAT(next_of("throughput > 1/s", {}),
              AllOf(HasSubstr("intervals in run.json"), Not(HasSubstr("blocks"))));
  for (const char* claim : {"cpu(server) < 80%", "memory_growth(services) < 1MiB/min"}) {
    EXPECT_THAT(next_of(claim, {}),
                AllOf(HasSubstr("RESOURCES"), HasSubstr("repetitions[].resources"),
                      Not(HasSubstr("blocks"))))
        << claim;
  }
}

// Nobody can remedy what was not asked for, but may want to know why.
TEST(VerdictWords, SayWhyAServerThatWasThereAlreadyIsNotChecked) {
  RunRecord record = sound_run();
  record.conditions.staged = false;
  for (Repetition& repetition : record.repetitions) {
    for (ConnectionRecord& connection : repetition.connections) connection.received.reset();
  }
  Judgement judgement = judge(record);
  judgement.verdict = Verdict::proven;
  ReportPage page(record, judgement, {});
  add_verdict_section(page);
  std::string text = page.take();
  std::replace(text.begin(), text.end(), '\n', ' ');
  text.erase(
      std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
      text.end());
  EXPECT_THAT(text, AllOf(HasSubstr(" Not checked: `server agrees` (the server was not started by "
                                    "this run, and its own counts are not asked for)."),
                          Not(HasSubstr("faked"))));
}

std::string section_of(const RunRecord& record, void (*add)(ReportPage&)) {
  const Judgement judgement;
  ReportPage page(record, judgement, {});
  add(page);
  return page.take();
}

TEST(RateWords, TellPoissonArrivalsFromTheRateThatWasAsked) {
  RunRecord record = sound_run();
  ASSERT_THAT(record.conditions.schedule, HasSubstr("Poisson"));
  EXPECT_THAT(section_of(record, add_rate_section), Not(HasSubstr("chance")));
  record.conditions.offered = {1234};
  EXPECT_THAT(section_of(record, add_rate_section), HasSubstr("(drawn by chance for 1,234/s), "));
  record.conditions.schedule = "1,234/s constant";
  EXPECT_THAT(section_of(record, add_rate_section), Not(HasSubstr("chance")));
}

TEST(RequestsWords, SayWhereRightRepliesAreAlike) {
  RunRecord record = sound_run();
  EXPECT_THAT(section_of(record, add_requests_section), Not(HasSubstr("alike")));
  for (Repetition& repetition : record.repetitions)
    for (TaskRecord& task : repetition.tasks) task.tells_apart = false;
  EXPECT_THAT(section_of(record, add_requests_section), HasSubstr("all right replies to `"));
  for (Repetition& repetition : record.repetitions)
    for (TaskRecord& task : repetition.tasks) task.content_verified = false;
  EXPECT_THAT(section_of(record, add_requests_section), Not(HasSubstr("alike")))
      << "nothing is right or wrong there";
}

}  // namespace
}  // namespace natsproof
