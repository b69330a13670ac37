#include "loadgen/platform/platform_watch.h"

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/platform/hiccup_thread.h"
#include "tests/unit/platform/fake_root.h"

namespace natsproof {
namespace {

Claim claim(std::string_view text) {
  const auto parsed = parse_claim(text, std::vector<std::string>{});
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

TEST(PlatformWatch, ReadsAtTheEndsOfTheMeasurement) {
  const FakeRoot root;
  root.write("proc/stat", "cpu 1000 0 0 0 0 0 0 0\n");
  const SteadyClock clock;
  const Instant start = clock.now();
  const RecordedWindow window{start, start + 1h, start + 2h};
  const std::vector<Claim> claims = {claim("response p99 < 20ms")};
  PlatformWatch watch(root.path());
  watch.begin(window, claims);
  EXPECT_EQ(watch.look(start), window.measured_from);
  root.write("proc/stat", "cpu 1100 0 0 0 0 0 0 0\n");
  EXPECT_EQ(watch.look(window.measured_from), window.measured_until);
  root.write("proc/stat", "cpu 1290 0 0 0 0 0 0 10\n");
  EXPECT_EQ(watch.look(window.measured_until - 1ns), window.measured_until);
  EXPECT_EQ(watch.look(window.measured_until), Instant::max());
  root.write("proc/stat", "cpu 9000 0 0 0 0 0 0 9000\n");
  EXPECT_EQ(watch.look(window.measured_until + 1s), Instant::max());
  watch.end();
  const PlatformRecord record = watch.record();
  EXPECT_DOUBLE_EQ(*record.steal, 0.05);
  EXPECT_FALSE(record.throttled) << "there is no such file";
  EXPECT_EQ(record.shortest_stall, 2ms);
}

TEST(PlatformWatch, ACutEndsTheMeasurement) {
  const FakeRoot root;
  root.write("proc/stat", "cpu 1000 0 0 0 0 0 0 0\n");
  const SteadyClock clock;
  const Instant start = clock.now();
  PlatformWatch watch(root.path());
  watch.begin({start, start, start + 1h}, {});
  EXPECT_EQ(watch.look(start), start + 1h);
  root.write("proc/stat", "cpu 1090 0 0 0 0 0 0 10\n");
  watch.cut(clock.now());
  root.write("proc/stat", "cpu 9000 0 0 0 0 0 0 9000\n");
  watch.end();
  EXPECT_DOUBLE_EQ(*watch.record().steal, 0.1);
}

TEST(PlatformWatch, WhatNeverCameToTheMeasurementSaysNothing) {
  const SteadyClock clock;
  const Instant start = clock.now();
  PlatformWatch watch;
  watch.begin({start, start + 1h, start + 2h}, {});
  watch.look(start);
  watch.cut(clock.now());
  watch.end();
  const PlatformRecord record = watch.record();
  EXPECT_TRUE(record.hiccups.empty());
  EXPECT_FALSE(record.steal);
  EXPECT_FALSE(record.suspended);
  EXPECT_FALSE(record.hiccup_cpu);
}

// The hiccup thread runs; whatever it found is told the same everywhere.
TEST(PlatformWatch, AddsToARepetitionWhatItFound) {
  const SteadyClock clock;
  const Instant start = clock.now();
  const RecordedWindow window{start, start, start + 50ms};
  const std::vector<Claim> claims = {claim("service p99 < 1ms"), claim("success >= 99%"),
                                     claim("throughput > 5/s")};
  PlatformWatch watch;
  watch.begin(window, claims);
  watch.look(clock.now());
  while (clock.now() < window.measured_until) std::this_thread::sleep_until(window.measured_until);
  watch.look(clock.now());
  watch.end();
  Repetition repetition;
  repetition.window = 50ms;
  repetition.tasks.resize(1);
  repetition.tasks[0].name = kAllTasks;
  repetition.blocks = {{Block{.planned = 1'000'000}}, {Block{.planned = 1000}}, {}};
  watch.add_to(repetition);
  ASSERT_TRUE(repetition.platform);
  const PlatformRecord& found = *repetition.platform;
  EXPECT_EQ(found.shortest_stall, 100us);
  EXPECT_GE(found.hiccups.count(), found.stall_count);
  EXPECT_LE(found.stalled, repetition.window);
  EXPECT_EQ(found.stalls.size(), found.stall_count);
  EXPECT_EQ(found.missed_stalls, 0u);
  EXPECT_LE(repetition.blocks[0][0].stalled, 1'000'000u);
  // Of a request that takes no time, what is beyond a tenth of the limit of each stall; of a stall
  // as much again as was seen of it, and of one that goes on after the end up to a whole sleep.
  const auto met = [](Duration time) { return 20 * static_cast<std::uint64_t>(time / 1us + 1); };
  EXPECT_LE(repetition.blocks[0][0].stalled,
            met(2 * found.stalled) + met(HiccupThread::kShortestSleep));
  EXPECT_EQ(repetition.blocks[1][0].stalled, 0u) << "no claim about latency";
}

TEST(StallsOfAMeasurement, AreAsLongAsTheyWereSeen) {
  constexpr Instant kStart{1h};
  StallList list;
  list.add(kStart + 1s, kStart + 1100ms, 5ms);
  list.add(kStart + 1990ms, kStart + 2010ms, 5ms);
  list.add(kStart + 2500ms, kStart + 2510ms, 5ms);
  list.add(kStart + 3s, kStart + 3100ms, 5ms);  // what was seen of it comes after the end
  const auto stalls = seen_in(list, {kStart, kStart + 2s, kStart + 3s});
  ASSERT_EQ(stalls.size(), 2u);
  EXPECT_EQ(stalls[0].start, 1990ms);
  EXPECT_EQ(stalls[0].length, 20ms);
  EXPECT_EQ(stalls[1].start, 2500ms);
  EXPECT_EQ(stalls[1].length, 10ms);
}

TEST(LongestStalls, AreKeptInTheOrderOfTheirStarts) {
  std::vector<Stall> stalls;
  for (int i = 0; i < 10; ++i) stalls.push_back({i * 1s, (i * 7 % 10) * 1ms});
  EXPECT_EQ(longest_stalls(stalls, 10).size(), 10u);
  const auto longest = longest_stalls(stalls, 3);
  ASSERT_EQ(longest.size(), 3u);
  EXPECT_EQ(longest[0].start, 1s);
  EXPECT_EQ(longest[0].length, 7ms);
  EXPECT_EQ(longest[1].start, 4s);
  EXPECT_EQ(longest[1].length, 8ms);
  EXPECT_EQ(longest[2].start, 7s);
  EXPECT_EQ(longest[2].length, 9ms);
  EXPECT_TRUE(longest_stalls({}, 3).empty());
}

TEST(EventsOfAMachine, AreItsSleepAndStepsOfItsWallClock) {
  PlatformRecord record;
  EXPECT_THAT(events_of(record), testing::IsEmpty()) << "nothing is known";
  record.suspended = record.wall_clock_step = 0ns;
  EXPECT_THAT(events_of(record), testing::IsEmpty());
  record.suspended = 90s;
  record.wall_clock_step = -1500ms;
  EXPECT_THAT(events_of(record),
              testing::ElementsAre(testing::HasSubstr("suspended for 90.0 s"),
                                   testing::HasSubstr("wall clock was set back by 1.50 s")));
  record.suspended.reset();
  record.wall_clock_step = 2h;
  EXPECT_THAT(events_of(record), testing::ElementsAre(testing::HasSubstr("set forward by")));
}

}  // namespace
}  // namespace natsproof
