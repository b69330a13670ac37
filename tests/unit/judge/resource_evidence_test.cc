#include "loadgen/judge/resource_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/judge/made_record.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::uint64_t kMiB = 1 << 20;

// A sample a second through a repetition of a second's warm-up and ten seconds.
ResourceRecord services(double cores, double bytes_per_s, std::uint64_t base = 20 * kMiB) {
  ResourceRecord record{.of = kServicesRole, .processes = 1};
  for (int second = 0; second <= 11; ++second) {
    record.samples.push_back(
        {.at = 1s * second,
         .cpu = Duration{static_cast<std::int64_t>(cores * second * 1e9)},
         .resident_bytes = base + static_cast<std::uint64_t>(bytes_per_s * second),
         .threads = 4});
  }
  return record;
}

RunRecord run_of(const std::string& claim, const std::vector<ResourceRecord>& records) {
  RunRecord record = made_record(
      {.claims = {claim}, .repetitions = static_cast<std::uint32_t>(records.size()), .seconds = 10},
      {{.per_s = 100}});
  for (std::size_t r = 0; r < records.size(); ++r) {
    record.repetitions[r].warmup = 1s;
    record.repetitions[r].resources = {records[r]};
  }
  return record;
}

ClaimResult judged(const std::string& claim, const std::vector<ResourceRecord>& records) {
  return judge(run_of(claim, records)).claims.front();
}

std::vector<ResourceRecord> times(std::size_t n, const ResourceRecord& record) {
  return std::vector<ResourceRecord>(n, record);
}

TEST(CpuUse, IsOfTheMeasurementAlone) {
  ResourceRecord record = services(0.4, 0);
  record.samples.front().cpu = 0s;
  for (std::size_t i = 1; i < record.samples.size(); ++i) record.samples[i].cpu += 5s;  // warm-up
  Repetition repetition;
  repetition.warmup = 1s;
  repetition.window = 10s;
  const auto use = cpu_use(record, repetition);
  ASSERT_TRUE(use);
  EXPECT_NEAR(use->mean, 0.4, 1e-9);
  EXPECT_NEAR(use->error, 0.002, 1e-9);
  EXPECT_NEAR(use->most, 0.4, 1e-9);
  record.samples.resize(6);  // the process was lost half-way
  EXPECT_FALSE(cpu_use(record, repetition));
  repetition.window = 500ms;
  EXPECT_FALSE(cpu_use(services(0.4, 0), repetition));
}

TEST(CpuClaim, ABoundBelowNothingIsPrintedAsNothing) {
  const ClaimResult result =
      judged("cpu(services) < 80%",
             {services(0, 0), services(0, 0), services(0, 0), services(0, 0), services(0.1, 0)});
  EXPECT_THAT(result.why,
              testing::StartsWith("Mean share of one core over the repetitions 0.00 % to "));
}

TEST(MemoryGrowthOf, ASlopeIsTheMedianAndAStepIsSeenFromEndToEnd) {
  ResourceRecord record = services(0, 1000);
  Repetition repetition;
  repetition.warmup = 1s;
  repetition.window = 10s;
  auto growth = memory_growth(record, repetition);
  ASSERT_TRUE(growth);
  EXPECT_NEAR(growth->slope, 60'000, 1e-6);
  EXPECT_NEAR(growth->end_to_end, 60'000, 1e-6);
  record = services(0, 0);
  record.samples.back().resident_bytes += kMiB;  // late enough to be no trend
  growth = memory_growth(record, repetition);
  ASSERT_TRUE(growth);
  EXPECT_EQ(growth->slope, 0);
  EXPECT_NEAR(growth->end_to_end, 6.0 * kMiB, 1);
}

TEST(MemoryGrowthOf, FewSamplesOrSecondsAreNoEvidence) {
  Repetition repetition;
  repetition.warmup = 1s;
  repetition.window = 4s;
  EXPECT_FALSE(memory_growth(services(0, 1000), repetition));
  repetition.window = 10s;
  ResourceRecord sparse = services(0, 1000);
  sparse.samples = {sparse.samples[1], sparse.samples[4], sparse.samples[8], sparse.samples[11]};
  EXPECT_FALSE(memory_growth(sparse, repetition));
}

TEST(MemoryGrowthOf, ALongMeasurementIsThinnedAndTakesBoundedTime) {
  ResourceRecord record{.of = kServicesRole, .processes = 1};
  for (int second = 0; second <= 20'001; ++second)
    record.samples.push_back(
        {.at = 1s * second, .resident_bytes = 1000 * static_cast<std::uint64_t>(second)});
  Repetition repetition;
  repetition.warmup = 1s;
  repetition.window = 20'000s;
  const auto growth = memory_growth(record, repetition);
  ASSERT_TRUE(growth);
  EXPECT_NEAR(growth->slope, 60'000, 1e-6);
}

TEST(ClaimOnProcesses, CpuTakesItsSide) {
  const ClaimResult proven = judged("cpu(services) < 80%", times(5, services(0.4, 0)));
  EXPECT_EQ(proven.verdict, Verdict::proven) << proven.why;
  EXPECT_EQ(proven.unit, "cores");
  EXPECT_NEAR(proven.measured.value(), 0.4, 1e-9);
  EXPECT_THAT(proven.why, HasSubstr("5 of 5 repetitions are within the claim"));
  EXPECT_EQ(judged("cpu(services) < 80%", times(5, services(1.6, 0))).verdict, Verdict::refuted);
  EXPECT_EQ(judged("cpu(services) < 170%", times(5, services(1.6, 0))).verdict, Verdict::proven);
  const ClaimResult few = judged("cpu(services) < 80%", times(4, services(0.4, 0)));
  EXPECT_EQ(few.verdict, Verdict::inconclusive);
  EXPECT_THAT(few.why, HasSubstr("A verdict needs at least 5 repetitions; this run has 4."));
}

// A tick or two is what the kernel rounds: no verdict may hang on it.
TEST(ClaimOnProcesses, TheKernelsTicksDecideNothing) {
  EXPECT_EQ(judged("cpu(services) < 40.1%", times(5, services(0.4, 0))).verdict,
            Verdict::inconclusive);
  EXPECT_EQ(judged("cpu(services) < 39.9%", times(5, services(0.4, 0))).verdict,
            Verdict::inconclusive);
}

TEST(ClaimOnProcesses, MemoryGrowthTakesItsSide) {
  const ClaimResult leak =
      judged("memory_growth(services) < 1MiB/min", times(5, services(0, 300 * 1024)));
  EXPECT_EQ(leak.verdict, Verdict::refuted) << leak.why;
  EXPECT_EQ(leak.unit, "bytes_per_min");
  EXPECT_NEAR(leak.measured.value(), 300 * 1024 * 60, 1);
  const ClaimResult still = judged("memory_growth(services) < 1MiB/min", times(5, services(0, 0)));
  EXPECT_EQ(still.verdict, Verdict::proven) << still.why;
  EXPECT_THAT(still.why, HasSubstr("steps less often than about every 16.7 s may be missed"));
}

double precision_of(std::uint64_t threads, std::uint64_t processes, std::uint32_t cores) {
  ResourceRecord record = services(0, 0);
  record.processes = processes;
  for (ResourceSample& sample : record.samples) sample.threads = threads;
  const RunRecord run = run_of("memory_growth(services) < 1MiB/min", times(6, record));
  return test_resource(run.repetitions, run.claims.front(), cores).precision;
}

// Over a minute: 64 pages of a thread, or 32 of a core; twice as many of four times as many.
TEST(ClaimOnProcesses, TheKernelsCountersLagByThreadAndByCore) {
  constexpr double kKiB = 1024;
  EXPECT_NEAR(precision_of(1, 1, 1), 256 * kKiB, 1);
  EXPECT_NEAR(precision_of(0, 1, 1), 256 * kKiB, 1) << "it has one thread at least";
  EXPECT_NEAR(precision_of(4, 1, 1), 512 * kKiB, 1);
  EXPECT_NEAR(precision_of(4, 4, 1), 512 * kKiB, 1) << "of all processes together";
  EXPECT_NEAR(precision_of(1, 1, 16), 512 * kKiB, 1);
  EXPECT_NEAR(precision_of(1, 4, 16), 1024 * kKiB, 1);
  EXPECT_NEAR(precision_of(1, 1, 64), 4096 * kKiB, 1) << "a core of many keeps more back";
}

TEST(ClaimOnProcesses, AGrowthWithinTheLagOfManyThreadsDecidesNothing) {
  auto records = times(5, services(0, 30 * 1024));  // 1.8 MiB/min
  EXPECT_EQ(judged("memory_growth(services) < 1MiB/min", records).verdict, Verdict::refuted);
  for (ResourceRecord& record : records) {
    for (ResourceSample& sample : record.samples) sample.threads = 16;  // 1.2 MiB in 50 s
  }
  const ClaimResult result = judged("memory_growth(services) < 1MiB/min", records);
  EXPECT_EQ(result.verdict, Verdict::inconclusive) << result.why;
  EXPECT_THAT(result.why, HasSubstr("measure for 15.0 s in each repetition"));
}

// Gone after 85 % of the last repetition.
TEST(ClaimOnProcesses, AProcessThatIsGoneAtTheEndProvesNothing) {
  for (const char* claim : {"cpu(services) < 80%", "memory_growth(services) < 1MiB/min"}) {
    auto records = times(5, services(0.1, 0));
    EXPECT_EQ(judged(claim, records).verdict, Verdict::proven);
    ResourceRecord& last = records.back();
    last.samples.pop_back();
    last.samples.back().at = 9500ms;
    last.ended = "echo (pid 5) is gone";
    const ClaimResult gone = judged(claim, records);
    EXPECT_EQ(gone.verdict, Verdict::inconclusive) << claim;
    EXPECT_THAT(gone.why, HasSubstr("Not all could be measured: echo (pid 5) is gone"));
    last.ended.clear();
    EXPECT_EQ(judged(claim, records).verdict, Verdict::proven) << "a sample is missing, no more";
  }
}

TEST(ClaimOnProcesses, SamplesThatEndTwoSecondsBeforeTheMeasurementAreIncomplete) {
  RunRecord record = run_of("cpu(services) < 80%", times(5, services(0.1, 0)));
  for (Repetition& repetition : record.repetitions) repetition.window = 13s;
  const ClaimResult early = judge(record).claims.front();
  EXPECT_EQ(early.verdict, Verdict::inconclusive);
  EXPECT_THAT(early.why, HasSubstr("the samples end 3.00 s before the measurement does"));
}

TEST(ClaimOnProcesses, WarmUpOfFreshProcessesIsExcusedAndSaid) {
  auto records = times(5, services(0, 0));
  records.front() = services(0, 500 * 1024);
  EXPECT_EQ(judged("memory_growth(services) < 1MiB/min", records).verdict, Verdict::inconclusive);
  records.front().fresh = true;
  const ClaimResult excused = judged("memory_growth(services) < 1MiB/min", records);
  EXPECT_EQ(excused.verdict, Verdict::proven) << excused.why;
  EXPECT_THAT(excused.why, HasSubstr("Repetition 1, 29.3 MiB/min, is taken for the warm-up"));
  records[3] = services(0, 500 * 1024);
  EXPECT_EQ(judged("memory_growth(services) < 1MiB/min", records).verdict, Verdict::inconclusive);
  // Where every repetition has fresh processes, there is no other to excuse one by.
  records = times(5, services(0, 500 * 1024));
  for (ResourceRecord& record : records) record.fresh = true;
  EXPECT_EQ(judged("memory_growth(services) < 1MiB/min", records).verdict, Verdict::refuted);
}

TEST(ClaimOnProcesses, TheFirstRepetitionCountsAgainstByItself) {
  auto records = times(5, services(0, 500 * 1024));
  records.front() = services(0, 0);
  records.front().fresh = true;
  EXPECT_EQ(judged("memory_growth(services) < 1MiB/min", records).verdict, Verdict::inconclusive);
}

TEST(ClaimOnProcesses, WhatIsNotAvailableIsNeverProven) {
  ResourceRecord none{.of = kServicesRole, .not_available = "it runs elsewhere"};
  for (const char* claim : {"cpu(services) < 80%", "memory_growth(services) < 1MiB/min"}) {
    const ClaimResult result = judged(claim, times(5, none));
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_EQ(result.why, "Not available: it runs elsewhere.");
    EXPECT_FALSE(result.measured);
  }
  auto records = times(5, services(0.1, 0));
  records[2].samples.resize(5);
  records[2].ended = "echo (pid 5) is gone";
  const ClaimResult partly = judged("cpu(services) < 80%", records);
  EXPECT_EQ(partly.verdict, Verdict::inconclusive);
  EXPECT_THAT(partly.why, HasSubstr("Not all could be measured: echo (pid 5) is gone"));
  EXPECT_THAT(judged("cpu(server) < 80%", times(5, services(0.1, 0))).why,
              HasSubstr("nobody looked at what server took"));
}

TEST(ClaimOnProcesses, ALoadThatWasNotOfferedProvesNothing) {
  RunRecord record = run_of("cpu(services) < 80%", times(5, services(0.1, 0)));
  for (Repetition& repetition : record.repetitions) {
    for (TaskRecord& task : repetition.tasks) {
      RequestCounts& counts = task.measured;
      counts.planned += 100;
      counts.of(RequestClass::refused) += 100;
      counts.refused[static_cast<std::size_t>(RefusedReason::down)] += 100;
    }
  }
  const ClaimResult result = judge(record).claims.front();
  EXPECT_EQ(result.verdict, Verdict::invalid) << result.why;
  EXPECT_THAT(result.blocked_by, ::testing::ElementsAre("offered rate"));
}

TEST(ClaimOnProcesses, ALoadThatOthersTookOverProvesNothing) {
  RunRecord record = run_of("cpu(services) < 80%", times(5, services(0.1, 0)));
  for (Repetition& repetition : record.repetitions)
    repetition.ledger = LedgerCounts{.answered = 100, .taken = 40};
  const ClaimResult result = judge(record).claims.front();
  EXPECT_EQ(result.verdict, Verdict::invalid) << result.why;
  EXPECT_THAT(result.blocked_by, ::testing::ElementsAre("foreign answers"));
}

TEST(ClaimOnProcesses, ABusyMachineFakesNoMemory) {
  RunRecord record =
      run_of("memory_growth(services) < 1MiB/min", times(5, services(0, 300 * 1024)));
  for (Repetition& repetition : record.repetitions) repetition.workers[0].busy = 10s;  // headroom
  const Judgement judgement = judge(record);
  EXPECT_EQ(gate_named(judgement, "headroom").passed, false);
  EXPECT_EQ(judgement.claims.front().verdict, Verdict::refuted);
  EXPECT_THAT(judgement.claims.front().why, ::testing::Not(HasSubstr("headroom")));
}

TEST(ClaimOnProcesses, ARunInWhichNothingSucceededProvesNothing) {
  RunRecord record = made_record({.claims = {"cpu(services) < 80%"}, .seconds = 10},
                                 {{.per_s = 100, .request_class = RequestClass::timeout}});
  for (Repetition& repetition : record.repetitions) {
    repetition.warmup = 1s;
    repetition.resources = {services(0.1, 0)};
  }
  EXPECT_EQ(judge(record).claims.front().verdict, Verdict::invalid);
}

TEST(ForecastOfProcesses, SaysWhatLengthIsNeeded) {
  const Claim growth = parse_claim("memory_growth(services) < 1MiB/min", {}).value();
  EXPECT_EQ(forecast(growth, 1000, 2s, 5, 3ms).note,
            "PROVEN needs 5 repetitions of 5.00 s; the plan has 5 of 2.00 s.");
  EXPECT_EQ(forecast(growth, 1000, 5s, 5, 3ms).note, "");
  const Claim cpu = parse_claim("cpu(services) < 80%", {}).value();
  EXPECT_EQ(forecast(cpu, 1000, 2s, 5, 3ms).note, "");
  EXPECT_EQ(forecast(cpu, 1000, 500ms, 2, 3ms).note,
            "PROVEN needs 5 repetitions of 1.00 s; the plan has 2 of 500 ms.");
}

}  // namespace
}  // namespace natsproof
