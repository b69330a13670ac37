#include <functional>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/judge/judgement.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/run_file.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

std::string file_of(const RunRecord& record) {
  return write_run_json(record, Judgement{});
}

RunRecord short_noisy_run() {
  RunRecord record = short_run();
  for (std::uint32_t r = 0; r < record.repetitions.size(); ++r)
    record.repetitions[r].platform = told_platform(false, r);
  return record;
}

Result<RunRecord> read_edited_noisy(const std::function<void(Json&)>& edit) {
  static const Json noisy = Json::parse(file_of(short_noisy_run()));
  Json json = noisy;
  edit(json);
  return read_run_json(json.dump());
}

std::string changed(const char* key, const Json& value) {
  const auto read =
      read_edited_noisy([&](Json& json) { json["repetitions"][0]["platform"][key] = value; });
  return read.ok() ? "no mistake" : read.error().message;
}

TEST(RunFilePlatform, GivesTheRecordBackWhole) {
  const RunRecord record = short_noisy_run();
  const std::string text = file_of(record);
  const auto read = read_run_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(file_of(*read), text);
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    const PlatformRecord& expected = *record.repetitions[r].platform;
    ASSERT_TRUE(read->repetitions[r].platform);
    const PlatformRecord& found = *read->repetitions[r].platform;
    EXPECT_EQ(found.hiccups, expected.hiccups);
    EXPECT_EQ(found.shortest_stall, expected.shortest_stall);
    EXPECT_EQ(found.stall_count, expected.stall_count);
    EXPECT_EQ(found.stalled, expected.stalled);
    ASSERT_EQ(found.stalls.size(), expected.stalls.size());
    for (std::size_t i = 0; i < found.stalls.size(); ++i) {
      EXPECT_EQ(found.stalls[i].start, expected.stalls[i].start);
      EXPECT_EQ(found.stalls[i].length, expected.stalls[i].length);
    }
    EXPECT_EQ(found.hiccup_cpu, expected.hiccup_cpu);
    EXPECT_EQ(found.steal, expected.steal);
    EXPECT_EQ(found.throttled, expected.throttled);
    EXPECT_EQ(found.voluntary_switches, expected.voluntary_switches);
    EXPECT_EQ(found.involuntary_switches, expected.involuntary_switches);
    EXPECT_EQ(found.suspended, expected.suspended);
    EXPECT_EQ(found.wall_clock_step, expected.wall_clock_step);
  }
}

TEST(RunFilePlatform, WhatIsNotKnownStaysSo) {
  RunRecord record = short_run();
  record.repetitions[0].platform = PlatformRecord{};
  const std::string text = file_of(record);
  const Json json = Json::parse(text);
  for (const char* key : {"hiccup_cpu_ns", "steal", "throttled_ns", "voluntary_switches",
                          "involuntary_switches", "suspended_ns", "wall_clock_step_ns"})
    EXPECT_TRUE(json["repetitions"][0]["platform"].at(key).is_null()) << key;
  EXPECT_TRUE(json["repetitions"][1]["platform"].is_null());
  const auto read = read_run_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(file_of(*read), text);
  EXPECT_FALSE(read->repetitions[0].platform->steal);
  EXPECT_FALSE(read->repetitions[1].platform);
  // As files of earlier versions are.
  const auto earlier = read_edited_noisy([](Json& earlier_json) {
    for (Json& repetition : earlier_json["repetitions"]) repetition.erase("platform");
  });
  ASSERT_TRUE(earlier) << earlier.error().message;
  EXPECT_FALSE(earlier->repetitions[0].platform);
}

TEST(RunFilePlatform, StallsWithoutRoomAreToldWhereThereAreAny) {
  RunRecord record = short_noisy_run();
  EXPECT_FALSE(
      Json::parse(file_of(record))["repetitions"][0]["platform"].contains("missed_stalls"));
  record.repetitions[0].platform->missed_stalls = 7;
  const auto read = read_run_json(file_of(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[0].platform->missed_stalls, 7u);
  EXPECT_EQ(read->repetitions[1].platform->missed_stalls, 0u);
  EXPECT_THAT(changed("missed_stalls", -1), HasSubstr("missed_stalls"));
}

TEST(RunFilePlatform, ClocksMayBeOffByAnyTime) {
  RunRecord record = short_noisy_run();
  PlatformRecord& platform = *record.repetitions[0].platform;
  platform.throttled = Duration::max();
  platform.suspended = Duration::max();
  for (const Duration step : {-Duration::max(), Duration::max()}) {
    platform.wall_clock_step = step;
    const auto read = read_run_json(file_of(record));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->repetitions[0].platform->wall_clock_step, step);
    EXPECT_EQ(read->repetitions[0].platform->suspended, Duration::max());
    RunRecord twice = *read;
    twice.repetitions[1].platform = twice.repetitions[0].platform;
    EXPECT_THAT(render_console_report(twice, Judgement{}, {}), HasSubstr("MACHINE"));
  }
}

TEST(RunFilePlatform, NamesTheKeyThatIsWrong) {
  for (const char* key :
       {"hiccups_ns", "shortest_stall_ns", "stall_count", "stalled_ns", "stalls"}) {
    const auto read =
        read_edited_noisy([&](Json& json) { json["repetitions"][0]["platform"].erase(key); });
    ASSERT_FALSE(read) << key;
    EXPECT_THAT(read.error().message,
                StartsWith("repetitions[0].platform." + std::string(key) + ": missing"));
  }
  const std::string at = "repetitions[0].platform.";
  EXPECT_THAT(changed("steal", 1.01), StartsWith(at + "steal: a share, 0 to 1"));
  EXPECT_THAT(changed("steal", -0.01), StartsWith(at + "steal: a share, 0 to 1"));
  EXPECT_THAT(changed("steal", "much"), StartsWith(at + "steal: a number expected"));
  EXPECT_THAT(changed("throttled_ns", -1), StartsWith(at + "throttled_ns: "));
  EXPECT_THAT(changed("suspended_ns", -1), StartsWith(at + "suspended_ns: "));
  EXPECT_THAT(changed("suspended_ns", std::numeric_limits<std::uint64_t>::max()),
              AllOf(StartsWith(at + "suspended_ns: "), HasSubstr("too large")));
  EXPECT_THAT(changed("wall_clock_step_ns", std::numeric_limits<std::int64_t>::min()),
              StartsWith(at + "wall_clock_step_ns: too far back"));
  EXPECT_THAT(changed("wall_clock_step_ns", 1.5), StartsWith(at + "wall_clock_step_ns: "));
  EXPECT_THAT(changed("wall_clock_step_ns", std::numeric_limits<std::uint64_t>::max()),
              AllOf(StartsWith(at + "wall_clock_step_ns: "), HasSubstr("too large")));
  EXPECT_THAT(changed("voluntary_switches", 0.5), StartsWith(at + "voluntary_switches: "));
  EXPECT_THAT(changed("stalls", 5), StartsWith(at + "stalls: an array expected"));
  const auto no_object =
      read_edited_noisy([](Json& json) { json["repetitions"][0]["platform"] = 7; });
  ASSERT_FALSE(no_object);
  EXPECT_THAT(no_object.error().message, StartsWith("repetitions[0].platform: an object expected"));
}

TEST(RunFilePlatform, SaysThatItWasEdited) {
  const std::string stalls = "repetitions[0].platform.stalls";
  const auto edited = [](const std::function<void(Json&)>& edit) {
    const auto read =
        read_edited_noisy([&](Json& json) { edit(json["repetitions"][0]["platform"]); });
    return read.ok() ? "no mistake" : read.error().message;
  };
  EXPECT_THAT(edited([](Json& json) { json["hiccups_ns"]["max"] = 5; }),
              StartsWith("repetitions[0].platform.hiccups_ns.max: 5"));
  EXPECT_THAT(changed("stall_count", 5013),
              StartsWith("repetitions[0].platform.stall_count: more stalls than wake-ups"));
  EXPECT_THAT(changed("stall_count", 11), StartsWith(stalls + ": 12 entries, but stall_count"));
  EXPECT_THAT(changed("stalled_ns", 1'000'000'000),
              StartsWith(stalls + ": shorter together than stalled_ns"));
  EXPECT_THAT(edited([](Json& json) { json["stalls"][3][1] = 1000; }),
              StartsWith(stalls + "[3]: shorter than shortest_stall_ns"));
  EXPECT_THAT(edited([](Json& json) { std::swap(json["stalls"][3], json["stalls"][4]); }),
              StartsWith(stalls + "[4]: begins before"));
  EXPECT_THAT(edited([](Json& json) { json["stalls"][3] = Json::array({1}); }),
              StartsWith(stalls + "[3]: [start_ns, length_ns] expected"));
  EXPECT_THAT(edited([](Json& json) { json["stalls"][3][0] = -1; }),
              StartsWith(stalls + "[3][0]: "));
  EXPECT_THAT(edited([](Json& json) {
                for (int i = 0; i < 200; ++i) json["stalls"].push_back(json["stalls"][0]);
              }),
              StartsWith(stalls + ": 212 entries, at most 200 are read"));
}

// 720 repetitions of 5 s; the limit of the whole file is 5 MB.
TEST(RunFilePlatform, ANoisyRepetitionStaysSmall) {
  RunRecord record = short_noisy_run();
  const std::size_t with = file_of(record).size();
  for (Repetition& repetition : record.repetitions) repetition.platform.reset();
  EXPECT_LE((with - file_of(record).size()) / record.repetitions.size(), 6'000u);
}

}  // namespace
}  // namespace natsproof
