// The console report of fixed records against the files beside this one. NATSPROOF_UPDATE_GOLDEN=1
// writes them anew: read them then as the user would.
#include "loadgen/report/console_report.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "loadgen/report/text_layout.h"
#include "tests/golden/report/fixed_judgements.h"
#include "tests/golden/report/fixed_records.h"
#include "tests/golden/report/fixed_resources.h"

namespace natsproof {
namespace {

struct RunExample {
  const char* name;
  RunRecord (*record)();
  Judgement (*judgement)();
};

RunRecord unclaimed_run() {
  RunRecord record = sound_run();
  record.claims.clear();
  return record;
}

RunRecord dead_service_with_lost_times() {
  RunRecord record = dead_service();
  for (const std::size_t task : {0u, 1u}) {
    record.repetitions[0].tasks[task].response.record(Histogram::kOutOfRange, 2);
    record.repetitions[0].tasks[task].service.record(Histogram::kOutOfRange, 2);
  }
  return record;
}

class ConsoleReport : public testing::TestWithParam<RunExample> {};

TEST_P(ConsoleReport, IsTheGoldenOne) {
  const RunExample& example = GetParam();
  const std::string rendered = render_console_report(example.record(), example.judgement(), {});
  const auto path =
      std::filesystem::path(__FILE__).parent_path() / (std::string(example.name) + ".txt");
  if (std::getenv("NATSPROOF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << rendered;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path << " is missing";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(rendered, golden.str());
}

TEST_P(ConsoleReport, KeepsWithinItsColumnsAndLeavesTheTerminalAlone) {
  const RunExample& example = GetParam();
  std::istringstream lines(render_console_report(example.record(), example.judgement(), {}));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), kReportColumns) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Examples, ConsoleReport,
    testing::Values(RunExample{"proven", sound_run, proven_baseline},
                    RunExample{"refuted", slow_orders, refuted_orders},
                    RunExample{"inconclusive", short_run, inconclusive_quick},
                    RunExample{"invalid", late_generator, invalid_late},
                    RunExample{"closed_loop", closed_loop, proven_closed},
                    RunExample{"all_failed", nobody_home, refuted_nobody},
                    RunExample{"interrupted", stopped_run, invalid_stopped},
                    RunExample{"disconnected", restarted_server, invalid_restarts},
                    RunExample{"service_died", dead_service_with_lost_times, invalid_dead},
                    RunExample{"given_up", given_up, invalid_given_up},
                    RunExample{"kinds_of_users", kinds_of_users, proven_closed},
                    RunExample{"processes", sampled_processes, judged_processes},
                    RunExample{"processes_of_others", processes_of_others, judged_processes},
                    RunExample{"no_claims", unclaimed_run, nothing_claimed}),
    [](const auto& example) { return std::string(example.param.name); });

}  // namespace
}  // namespace natsproof
