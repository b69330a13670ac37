#include "bench/serialization/cost_reporter.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

using Reported = benchmark::BenchmarkReporter::Run;

class Silent final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Reported>&) override {}
};

CostReporter reporter() {
  return CostReporter(std::make_unique<Silent>());
}

Reported run(const std::string& name, double cpu_ns) {
  Reported made;
  made.run_name.function_name = name;
  made.run_type = Reported::RT_Iteration;
  made.iterations = 1000;
  made.time_unit = benchmark::kMicrosecond;
  made.cpu_accumulated_time = cpu_ns * 1e-9 * 1000;
  made.real_accumulated_time = 7;
  return made;
}

Reported aggregate(const std::string& name, const std::string& statistic, double cpu_ns) {
  Reported made = run(name, cpu_ns);
  made.run_type = Reported::RT_Aggregate;
  made.aggregate_name = statistic;
  return made;
}

// SkippedWithError, where there is one.
template <typename Run>
void set_error(Run& run) {
  if constexpr (requires { run.error_occurred; }) {
    run.error_occurred = true;
  } else {
    run.skipped = static_cast<decltype(run.skipped)>(2);
  }
}

constexpr const char* kName = "serialization/probe/json/decode";

TEST(CostReporter, KeepsTheCpuTimeOfAMessageAndItsCounters) {
  CostReporter reports = reporter();
  Reported one = run(kName, 300);
  one.counters["bytes"] = 120;
  one.counters["allocs"] = 3;
  reports.ReportRuns({one, run("histogram_record", 4)});
  ASSERT_EQ(reports.costs().size(), 1U);
  EXPECT_EQ(reports.costs()[0].model, "probe");
  EXPECT_NEAR(reports.costs()[0].time_ns, 300, 1e-6);
  EXPECT_EQ(reports.costs()[0].bytes, 120);
  EXPECT_EQ(reports.costs()[0].allocations, 3);
  EXPECT_FALSE(reports.failed());
}

TEST(CostReporter, WithoutCountersThereAreNoFigures) {
  CostReporter reports = reporter();
  reports.ReportRuns({run(kName, 300)});
  EXPECT_FALSE(reports.costs().at(0).bytes);
  EXPECT_FALSE(reports.costs().at(0).allocations);
}

TEST(CostReporter, OfRepetitionsKeepsTheMedian) {
  CostReporter reports = reporter();
  reports.ReportRuns({run(kName, 300), run(kName, 310), run(kName, 900)});
  reports.ReportRuns({aggregate(kName, "mean", 503), aggregate(kName, "median", 310),
                      aggregate(kName, "stddev", 300), aggregate(kName, "cv", 0.6)});
  ASSERT_EQ(reports.costs().size(), 1U);
  EXPECT_NEAR(reports.costs()[0].time_ns, 310, 1e-6);
}

TEST(CostReporter, AggregatesAloneAreEnough) {
  CostReporter reports = reporter();
  reports.ReportRuns({aggregate(kName, "mean", 503), aggregate(kName, "median", 310)});
  ASSERT_EQ(reports.costs().size(), 1U);
  EXPECT_NEAR(reports.costs()[0].time_ns, 310, 1e-6);
}

TEST(CostReporter, AnErrorIsNoCost) {
  CostReporter reports = reporter();
  Reported wrong = run(kName, 300);
  set_error(wrong);
  reports.ReportRuns({wrong, run("histogram_record", 4)});
  EXPECT_TRUE(reports.costs().empty());
  EXPECT_TRUE(reports.failed());
}

}  // namespace
}  // namespace natsproof
