// Tables of series made of fixed records, against the files beside this one.
// NATSPROOF_UPDATE_GOLDEN=1 writes them anew: read them then as the user would.
#include "loadgen/report/series_table.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "loadgen/report/text_layout.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

Story short_story(Duration longer) {
  Story story;
  story.seconds = 1;
  story.rate_per_s = 1500;
  story.claims = {"success >= 99%"};
  story.tell = [longer](std::uint64_t i, std::uint64_t chance) {
    // Repetitions that differ, so that their ranges have a width.
    const Duration drift{static_cast<Duration::rep>(i / 1500) * 8000};
    return ToldRequest{.lag = told_lag(chance), .service = told_service(chance) + drift + longer};
  };
  return story;
}

void add(SeriesTable& table, SeriesRow row, const RunRecord& record) {
  table.rows.push_back(std::move(row));
  add_run(table, table.rows.size() - 1, record, judge(record));
}

SeriesRow point(std::vector<std::pair<std::string, std::string>> set, std::size_t against) {
  std::string folder;
  for (const auto& [key, value] : set) folder += (folder.empty() ? "" : ",") + value;
  return {.set = std::move(set), .folder = std::move(folder), .against = against};
}

// Two keys, each row against the one with the first codec; one point that could not be run, one
// with too few requests for a p99, one whose requests were answered wrongly.
SeriesTable sweep() {
  SeriesTable table{.kind = SeriesKind::sweep,
                    .name = "encoding",
                    .about = "What does JSON cost against Protobuf?",
                    .keys = {"tasks.0.payload.bytes", "tasks.0.codec"},
                    .labels = {"bytes", "codec"},
                    .rounds = 5};
  const auto set = [](const char* bytes, const char* codec) {
    return std::vector<std::pair<std::string, std::string>>{{"tasks.0.payload.bytes", bytes},
                                                            {"tasks.0.codec", codec}};
  };
  add(table, point(set("16", "protobuf"), 0), told_run(short_story(0ns)));
  add(table, point(set("16", "json"), 0), told_run(short_story(10us)));
  add(table, point(set("1KiB", "protobuf"), 2), told_run(short_story(300us)));
  add(table, point(set("1KiB", "json"), 2), told_run(short_story(5ms)));
  Story few = short_story(300us);
  few.rate_per_s = 50;
  add(table, point(set("64KiB", "protobuf"), 4), told_run(few));
  Story wrong = short_story(300us);
  wrong.tell = [](std::uint64_t i, std::uint64_t chance) {
    return ToldRequest{.request_class = i % 20 == 0 ? RequestClass::wrong_reply : RequestClass::ok,
                       .lag = told_lag(chance),
                       .service = told_service(chance)};
  };
  add(table, point(set("64KiB", "json"), 4), told_run(wrong));
  SeriesRow missing = point(set("512KiB", "protobuf"), 6);
  missing.not_run = "service echo did not come up within 10.0 s: it said nothing";
  missing.exit_status = 5;
  table.rows.push_back(missing);
  return table;
}

SeriesTable closed_sweep() {
  SeriesTable table{.kind = SeriesKind::sweep,
                    .name = "concurrency",
                    .about = "What does each of more users wait?",
                    .keys = {"load.users", "client+service_client"},
                    .labels = {"users", "client+service_client"},
                    .rounds = 2,
                    .fresh_stages = true,
                    .interrupted = true};
  for (const char* users : {"10", "400"}) {
    for (const char* client : {"wire", "nats.c-default"}) {
      Story story = short_story(client[0] == 'w' ? 0ns : 900us);
      story.open_loop = false;
      story.users = 400;
      story.planned_repetitions = story.repetitions = 2;
      story.claims.clear();
      add(table, point({{"load.users", users}, {"client+service_client", client}}, 0),
          told_run(story));
    }
  }
  SeriesRow missing = point({{"load.users", "1000"}, {"client+service_client", "wire"}}, 0);
  missing.not_run = "interrupted before it began";
  missing.exit_status = 4;
  table.rows.push_back(missing);
  return table;
}

// Plans of both loops; one broken claim, one plan without any, one that is a sweep.
SeriesTable pack() {
  SeriesTable table{.kind = SeriesKind::pack,
                    .name = "cliffracer",
                    .about = "Published: a median of 0.0109 ms from 810 failed requests of 810.",
                    .keys = {"tasks.0.payload.order.items", "service_client"},
                    .labels = {"items", "service_client"}};
  Story baseline = short_story(0ns);
  baseline.open_loop = false;
  baseline.users = 10;
  baseline.claims = {"service p50 < 50ms", "throughput > 5000/s", "errors < 1%"};
  add(table, {.plan = "baseline", .folder = "baseline"}, told_run(baseline));
  Story open = short_story(0ns);
  open.claims = {"response p50 < 50ms", "response p99.9 < 5ms"};
  add(table, {.plan = "open/baseline", .folder = "open/baseline"}, told_run(open));
  for (const char* items : {"100", "5000"}) {
    Story large = short_story(10ms);
    large.claims.clear();
    add(table,
        {.plan = "large_payloads",
         .set = {{"tasks.0.payload.order.items", items}, {"service_client", "nats.c-default"}},
         .folder = std::string("large_payloads/items=") + items},
        told_run(large));
  }
  return table;
}

struct SeriesExample {
  const char* name;
  SeriesTable (*table)();
};

class SeriesTables : public testing::TestWithParam<SeriesExample> {};

std::string path_of(const std::string& name) {
  return (std::filesystem::path(__FILE__).parent_path() / name).string();
}

void expect_golden(const std::string& rendered, const std::string& name) {
  if (std::getenv("NATSPROOF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path_of(name)) << rendered;
    return;
  }
  std::ifstream file(path_of(name));
  ASSERT_TRUE(file) << path_of(name) << " is missing";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(rendered, golden.str());
}

TEST_P(SeriesTables, AreTheGoldenOnes) {
  const SeriesTable table = GetParam().table();
  expect_golden(render_series_table(table, {}), std::string(GetParam().name) + ".txt");
  expect_golden(write_series_json(table), std::string(GetParam().name) + ".json");
}

TEST_P(SeriesTables, KeepWithinTheirColumnsAndLeaveTheTerminalAlone) {
  std::istringstream lines(render_series_table(GetParam().table(), {}));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), kReportColumns) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, SeriesTables,
                         testing::Values(SeriesExample{"series_sweep", sweep},
                                         SeriesExample{"series_closed", closed_sweep},
                                         SeriesExample{"series_pack", pack}),
                         [](const auto& example) { return std::string(example.param.name); });

}  // namespace
}  // namespace natsproof
