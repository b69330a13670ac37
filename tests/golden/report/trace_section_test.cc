// The waterfall of a fixed record against trace.txt. NATSPROOF_UPDATE_GOLDEN=1 writes it anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"
#include "tests/golden/report/fixed_judgements.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

std::string section_of(TraceRecord trace) {
  RunRecord record = sound_run();
  record.trace = std::move(trace);
  const Judgement judgement;
  ReportPage page(record, judgement, {});
  add_trace_section(page);
  return page.take();
}

TraceGroup group_of(const char* name, double from, double to, std::uint64_t requests,
                    std::vector<TracePart> parts) {
  TraceGroup group{.name = name, .from_quantile = from, .to_quantile = to, .requests = requests};
  for (const TracePart& part : parts)
    if (part.depth == 0) group.total_ns += part.mean_ns;
  group.parts = std::move(parts);
  return group;
}

std::vector<TracePart> order_parts(double lag_us, double fraud_us) {
  const auto us = [](double value) { return value * 1000; };
  const double others = 60;
  return {{"generator lag", 0, us(lag_us)},
          {"client out", 0, us(8.25)},
          {"on the way there", 0, us(31)},
          {"queueing in the service", 0, us(4.2)},
          {"decode", 0, us(3.1)},
          {"validate", 0, us(1.4)},
          {"work", 0, us(fraud_us + 2 * others + 9)},
          {"fraud", 1, us(fraud_us)},
          {"inventory", 1, us(others)},
          {"payment", 1, us(others)},
          {"own", 1, us(9)},
          {"encode", 0, us(0.9)},
          {"on the way back", 0, us(33)},
          {"client in", 0, us(1.5)},
          {"not explained", 0, 0}};
}

TraceRecord whole_trace() {
  TraceRecord trace{.p50_traced = 275us,
                    .p50_untraced = 266us,
                    .least_p50_untraced = 262us,
                    .most_p50_untraced = 281us};
  trace.tasks = {{.name = "place_order",
                  .ok = 60'000,
                  .traced = 49'990,
                  .untraced = 10,
                  .unreadable = 10,
                  .groups = {group_of("typical", 0.45, 0.55, 4999, order_parts(12, 58)),
                             group_of("slow", 0.985, 0.995, 500, order_parts(410, 5100))}},
                 {.name = "elsewhere\x1b[2J",
                  .ok = 412,
                  .untraced = 412,
                  .other_host = 400,
                  .groups = {group_of("typical", 0.45, 0.55, 41,
                                      {{"generator lag", 0, 11'000},
                                       {"client out", 0, 9000},
                                       {"elsewhere", 0, 1'204'000},
                                       {"client in", 0, 1000},
                                       {"not explained", 0, 2000}}),
                             {.name = "slow", .from_quantile = 0.985, .to_quantile = 0.995}}},
                 {.name = "never",
                  .groups = {{.name = "typical", .from_quantile = 0.45, .to_quantile = 0.55},
                             {.name = "slow", .from_quantile = 0.985, .to_quantile = 0.995}}}};
  return trace;
}

TEST(TraceSection, IsTheGoldenOne) {
  const std::string rendered = section_of(whole_trace());
  const auto path = std::filesystem::path(__FILE__).parent_path() / "trace.txt";
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

TEST(TraceSection, KeepsWithinItsColumnsAndLeavesTheTerminalAlone) {
  std::istringstream lines(section_of(whole_trace()));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), kReportColumns) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
  }
}

// As files of earlier versions have it.
TEST(TraceSection, PartsAreMatchedByTheirNames) {
  const std::string section =
      section_of({.tasks = {{.name = "asked",
                             .ok = 1000,
                             .traced = 1000,
                             .groups = {group_of("typical", 0.45, 0.55, 100,
                                                 {{"work", 0, 60'000},
                                                  {"fraud", 1, 10'000},
                                                  {"payment", 1, 20'000},
                                                  {"stock", 1, 5000},
                                                  {"own", 1, 25'000},
                                                  {"not explained", 0, 40'000}}),
                                        group_of("slow", 0.985, 0.995, 10,
                                                 {{"work", 0, 90'000},
                                                  {"payment", 1, 80'000},
                                                  {"audit", 1, 7000},
                                                  {"stock", 1, 0},
                                                  {"own", 1, 3000},
                                                  {"not explained", 0, 10'000}})}}}});
  for (const char* line :
       {"      fraud                      10.0 µs   10 %  ##                       -\n",
        "      payment                    20.0 µs   20 %    ###              80.0 µs   80 %  ####",
        "      audit                            -                            7.00 µs    7 %   ",
        "      stock                      5.00 µs    5 %       #                   -\n",
        "      own                        25.0 µs   25 %        ####         3.00 µs    3 %   "})
    EXPECT_NE(section.find(line), std::string::npos) << line << section;
}

TEST(TraceSection, IsNotThereWhereNobodyAsked) {
  const RunRecord record = sound_run();
  const Judgement judgement;
  ReportPage page(record, judgement, {});
  add_trace_section(page);
  EXPECT_EQ(page.take(), "");
}

TEST(TraceSection, SaysWhyThereIsNothing) {
  EXPECT_EQ(section_of({.tasks = {}, .not_available = "aborted: \x1b[2J"}),
            "\nWHERE THE TIME WENT  not known: aborted: ?[2J\n");
}

TEST(TraceSection, SaysWhatTracingCost) {
  TraceRecord trace{.p50_traced = 200us,
                    .p50_untraced = 160us,
                    .least_p50_untraced = 155us,
                    .most_p50_untraced = 165us};
  EXPECT_NE(section_of(trace).find("took 40.0 µs (25 %) longer"), std::string::npos);
  EXPECT_EQ(section_of(trace).find("themselves"), std::string::npos);
  trace.p50_traced = 156us;
  EXPECT_NE(section_of(trace).find("took 4.00 µs (2 %) less"), std::string::npos);
  EXPECT_NE(section_of(trace).find("themselves"), std::string::npos);
  trace.p50_untraced = 0us;
  EXPECT_EQ(section_of(trace).find("cost of tracing"), std::string::npos);
}

}  // namespace
}  // namespace natsproof
