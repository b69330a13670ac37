#include "loadgen/measure/stall_blocks.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/measure/over_log.h"
#include "loadgen/measure/recorder.h"
#include "tests/unit/measure/start.h"

namespace natsproof {
namespace {

using testing::ElementsAre;

Claim claim(std::string_view text) {
  const auto parsed = parse_claim(text, std::vector<std::string>{});
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

TEST(ShortestStall, IsATenthOfTheSmallestLimitButNotTooShort) {
  EXPECT_EQ(shortest_stall(std::vector{claim("response p99 < 20ms"), claim("service p50 < 5ms"),
                                       claim("success >= 99%")},
                           {}),
            500us);
  EXPECT_EQ(shortest_stall(std::vector{claim("response p99 < 1ms")}, {}), 100us);
  EXPECT_EQ(shortest_stall(std::vector{claim("response p99 < 200us")}, {}), 100us);
  EXPECT_EQ(shortest_stall(std::vector{claim("success >= 99%")}, {}), 1ms);
  EXPECT_EQ(shortest_stall({}, {}), 1ms);
}

// A long limit must not hide the stalls that a short timeout cares about.
TEST(ShortestStall, IsATenthOfTheTimeoutsThatOtherClaimsAreAbout) {
  const std::vector<RecordedTask> tasks = {{.name = "slow", .timeout = 20s},
                                           {.name = "quick", .timeout = 50ms}};
  const auto with = [&](const std::string& text) {
    Claim of_task = claim(text.substr(text.find(' ') + 1));
    of_task.task = text.substr(0, text.find(' '));
    return shortest_stall(std::vector{claim("response p99 < 5s"), of_task}, tasks);
  };
  EXPECT_EQ(with("slow response mean < 10s"), 500ms);
  for (const std::string metric : {"success >= 99%", "errors <= 0%", "achieved >= 50%"}) {
    EXPECT_EQ(with("* " + metric), 5ms) << metric;
    EXPECT_EQ(with("quick " + metric), 5ms) << metric;
    EXPECT_EQ(with("slow " + metric), 500ms) << metric;
  }
  EXPECT_EQ(with("quick throughput >= 1/s"), 5ms);
  EXPECT_EQ(with("* cpu(generator) < 90%"), 500ms);
  EXPECT_EQ(shortest_stall(std::vector{claim("success >= 99%")}, tasks), 1ms);
}

TEST(IsExplained, NeedsMoreThanATenthOfTheLimitAndARestWithinIt) {
  const Claim below_10ms = claim("service p99 < 10ms");
  const auto explained = [&](Duration stall, Duration service, Duration begin = 2ms) {
    StallList stalls;
    stalls.add(kStart + begin, kStart + begin + stall);
    return is_explained(below_10ms, kStart, kStart + service, stalls);
  };
  EXPECT_TRUE(explained(5ms, 12ms));
  EXPECT_FALSE(explained(1ms, Duration{10'500us})) << "a tenth is not more than a tenth";
  EXPECT_TRUE(explained(1ms + 1ns, Duration{10'500us}));
  EXPECT_FALSE(explained(2ms, 12ms)) << "the rest is the limit, which `<` is broken by";
  EXPECT_TRUE(explained(2ms + 1ns, 12ms));
  EXPECT_FALSE(explained(5ms, 30ms)) << "too slow without it too";
  // What lies before its receipt, and after twice its time before its send.
  EXPECT_TRUE(explained(20ms, 12ms));
  EXPECT_FALSE(explained(20ms, 12ms, 11ms)) << "1 ms of it";
  EXPECT_FALSE(explained(20ms, 12ms, 12ms)) << "after it was received";
  EXPECT_TRUE(explained(5ms, 12ms, -5ms)) << "the queue of a stall before it was sent";
  EXPECT_TRUE(explained(5ms, 12ms, -26ms)) << "3 ms of it";
  EXPECT_FALSE(explained(5ms, 12ms, -27ms)) << "2 ms of it";
  EXPECT_FALSE(explained(5ms, 12ms, -29ms)) << "long before it was sent";
  EXPECT_TRUE(is_explained(claim("service p99 <= 10ms"), kStart, kStart + 12ms,
                           [] {
                             static StallList stalls;
                             stalls.add(kStart + 1ms, kStart + 3ms);
                             return std::cref(stalls);
                           }()))
      << "the limit itself is within `<=`";
}

TEST(IsExplained, AddsStallsUp) {
  StallList stalls;
  stalls.add(kStart + 1ms, kStart + 2ms);
  stalls.add(kStart + 3ms, kStart + 4ms);
  EXPECT_TRUE(
      is_explained(claim("service p99 < 10ms"), kStart, kStart + Duration{11'500us}, stalls));
}

std::vector<std::uint64_t> stalled(const Claim& claim, const StallList& stalls, Duration window,
                                   Duration typical, std::vector<std::uint64_t> planned) {
  std::vector<Block> blocks(planned.size());
  for (std::size_t i = 0; i < planned.size(); ++i) blocks[i].planned = planned[i];
  count_stalled(claim, stalls, kStart, window, typical, blocks);
  std::vector<std::uint64_t> met;
  for (const Block& block : blocks) met.push_back(block.stalled);
  return met;
}

TEST(CountStalled, TakesTheShareOfTheSecondThatAStallMeets) {
  const Claim below_10ms = claim("response p99 < 10ms");
  StallList stalls;
  stalls.add(kStart + 500ms, kStart + 551ms);
  // Sent from 2 ms before until 1 ms before its end: 52 ms of the second.
  EXPECT_THAT(stalled(below_10ms, stalls, 3s, 2ms, {1000, 1000, 1000}), ElementsAre(52, 0, 0));
  EXPECT_THAT(stalled(below_10ms, stalls, 3s, 0ms, {1000, 1000, 1000}), ElementsAre(50, 0, 0));
  EXPECT_THAT(stalled(below_10ms, stalls, 3s, 2ms, {10, 10, 10}), ElementsAre(1, 0, 0))
      << "rounded";
  EXPECT_THAT(stalled(claim("response p99 < 510ms"), stalls, 3s, 2ms, {1000, 1000, 1000}),
              ElementsAre(0, 0, 0))
      << "51 ms is a tenth of that, not more";
}

TEST(CountStalled, CountsARequestOnceHoweverManyStallsItMeets) {
  StallList stalls;
  stalls.add(kStart + 100ms, kStart + 120ms);
  stalls.add(kStart + 130ms, kStart + 150ms);
  // [50, 119) and [80, 149) together.
  EXPECT_THAT(stalled(claim("response p99 < 10ms"), stalls, 1s, 50ms, {1000}), ElementsAre(99));
}

TEST(CountStalled, KeepsWithinItsSecondsAndTheirRequests) {
  StallList stalls;
  stalls.add(kStart - 1s, kStart + 11ms);              // 10 ms of the first
  stalls.add(kStart + 1900ms, kStart + 2201ms);        // 100 ms of the second, 200 of the third
  stalls.add(kStart + Duration{2250ms}, kStart + 1h);  // to the end of the half second left
  EXPECT_THAT(stalled(claim("response p99 < 10ms"), stalls, 2500ms, 0ms, {1000, 1000, 500}),
              ElementsAre(10, 100, 450));
  EXPECT_THAT(stalled(claim("response p99 < 10ms"), stalls, 2500ms, 1h, {7, 0, 5}),
              ElementsAre(7, 0, 5))
      << "never above planned";
  EXPECT_THAT(stalled(claim("response p99 < 10ms"), stalls, 0s, 0ms, {0, 0}), ElementsAre(0, 0));
  EXPECT_THAT(stalled(claim("response p99 < 10ms"), stalls, 2500ms, 0ms, {}), ElementsAre());
}

class RecordingStalls : public testing::Test {
 protected:
  static constexpr RecordedWindow kWindow{kStart, kStart + 1s, kStart + 3s};

  void record(Duration intended, Duration lag, Duration service,
              RequestClass request_class = RequestClass::ok) {
    const Instant at = kStart + intended;
    recorder_.planned(0, at);
    recorder_.decided({.task = 0,
                       .request_class = request_class,
                       .intended = at,
                       .actual = at + lag,
                       .at = at + lag + service});
  }

  StallList stalls_;
  std::vector<RecordedTask> tasks_ = {{.name = "echo"}};
  std::vector<Claim> claims_ = {claim("response p99 < 10ms"), claim("service p99 < 10ms"),
                                claim("success >= 99%")};
  Recorder recorder_{tasks_, claims_, true, kWindow, &stalls_};
};

TEST_F(RecordingStalls, ARequestIsGrantedWhatAStallMadeItLate) {
  record(1100ms, 0ms, 15ms);  // met a stall of 8 ms, told later
  record(1100ms, 0ms, 30ms);  // the same, but slow without it too
  record(1200ms, 0ms, 15ms);  // met none
  record(1100ms, 15ms, 1ms);  // over by response time only
  record(1100ms, 0ms, 15ms, RequestClass::timeout);
  record(2100ms, 4ms, 15ms);  // in the next second, its send was late as well
  record(2100ms, 0ms, 1ms);
  stalls_.add(kStart + 1102ms, kStart + 1110ms);
  stalls_.add(kStart + 2106ms, kStart + 2114ms);
  const auto blocks = recorder_.take_blocks();
  for (const std::size_t of_latency : {0u, 1u}) {
    const Block& first = blocks[of_latency][0];
    EXPECT_EQ(first.planned, 5u);
    EXPECT_EQ(first.over, of_latency == 0 ? 5u : 4u);
    EXPECT_EQ(first.over_service, 4u);
    EXPECT_EQ(first.over_granted, 3u) << "slow, unexplained, failed";
    const Block& second = blocks[of_latency][1];
    EXPECT_EQ(second.over_service, 1u);
    EXPECT_EQ(second.over_granted, 0u);
  }
  EXPECT_EQ(blocks[2][0].over_service, 1u);
  EXPECT_EQ(blocks[2][0].over_granted, 1u) << "no stall excuses a failure";
}

TEST_F(RecordingStalls, WithoutARecordOfStallsNothingIsExplained) {
  Recorder alone(tasks_, claims_, true, kWindow);
  alone.decided({.intended = kStart + 1s, .actual = kStart + 1s, .at = kStart + 1015ms});
  const auto blocks = alone.take_blocks();
  EXPECT_EQ(blocks[0][0].over_granted, 1u);
}

// Those that leave a full log are settled by what is known then, those that stay by what is known
// at the end.
TEST_F(RecordingStalls, AFullLogSettlesTheOldest) {
  std::vector<std::vector<Block>> blocks(2, std::vector<Block>(2));
  OverLog log(claims_, stalls_, blocks);
  const std::size_t requests = OverLog::kMostOpen + 100;
  blocks[1][1].over_granted = requests;
  for (std::size_t i = 0; i < OverLog::kMostOpen; ++i) log.add(1, 1, kStart, kStart + 15ms);
  EXPECT_EQ(blocks[1][1].over_granted, requests) << "nothing is settled before it must";
  for (int i = 0; i < 60; ++i) log.add(1, 1, kStart, kStart + 15ms);
  EXPECT_EQ(blocks[1][1].over_granted, requests) << "no stall is known yet";
  stalls_.add(kStart, kStart + 10ms);
  for (int i = 0; i < 40; ++i) log.add(1, 1, kStart, kStart + 15ms);
  EXPECT_EQ(blocks[1][1].over_granted, requests - 40);
  log.settle_all();
  EXPECT_EQ(blocks[1][1].over_granted, 60u);
  EXPECT_EQ(blocks[0][1].over_granted, 0u);
  log.settle_all();
  EXPECT_EQ(blocks[1][1].over_granted, 60u) << "nobody is settled twice";
}

}  // namespace
}  // namespace natsproof
