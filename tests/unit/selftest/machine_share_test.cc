// What the machine took from a repetition, as far as the kernel and the platform record tell.
#include "loadgen/app/selftest/machine_share.h"

#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace natsproof {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

TEST(MachineShare, CountsNothingThatWasBeforeTheFirstLook) {
  if (!std::filesystem::exists("/proc/self/schedstat")) GTEST_SKIP() << "the kernel does not tell";
  MachineWatch watch;
  watch.begin();
  watch.look({{.pid = getpid(), .is_server = true}});
  const MachineShare share = watch.share({});
  EXPECT_EQ(share.generator_waited, 0ns);
  EXPECT_EQ(share.server_waited, 0ns);
  EXPECT_FALSE(share.services_waited) << "nobody looked";
  EXPECT_EQ(share.at_most(), 0ns);
  EXPECT_FALSE(share.known());
}

TEST(MachineShare, KnowsNothingOfAProcessThatIsGone) {
  MachineWatch watch;
  watch.begin();
  watch.look({{.pid = -1, .is_server = false}});
  EXPECT_FALSE(watch.share({}).services_waited);
}

TEST(MachineShare, HasTheLongestStallOfThePlatformRecord) {
  Repetition repetition;
  repetition.platform.emplace();
  repetition.platform->stalls = {{.start = 1s, .length = 3ms}, {.start = 2s, .length = 38ms}};
  const MachineShare share = MachineWatch{}.share(repetition);
  EXPECT_EQ(share.at_most(), 38ms);
}

TEST(MachineShare, HasWhatWasStolenAndThrottled) {
  Repetition repetition;
  repetition.window = 500ms;
  repetition.platform.emplace();
  EXPECT_EQ(MachineWatch{}.share(repetition).stolen, 0ns);
  repetition.platform->steal = 0.02;
  repetition.platform->throttled = 3ms;
  EXPECT_EQ(MachineWatch{}.share(repetition).stolen, 13ms);
}

TEST(MachineShare, KnowsTheThreadThatHadACoreMostOften) {
  if (!std::filesystem::exists("/proc/self/schedstat")) GTEST_SKIP() << "the kernel does not tell";
  MachineWatch watch;
  watch.begin();
  watch.look({});
  std::uint64_t slept = 0;
  for (; slept < 20; ++slept) std::this_thread::sleep_for(1us);
  watch.look({});
  const MachineShare share = watch.share({});
  ASSERT_TRUE(share.busiest);
  EXPECT_GE(share.busiest->times, slept);
  EXPECT_GE(share.busiest->looked, 20us);
}

TEST(MachineShare, AddsWaitsAndKeepsTheLongestAtOnce) {
  const MachineShare shares[] = {
      {.generator_waited = 2ms,
       .server_waited = 4ms,
       .services_waited = 0ms,
       .longest_wait = 1ms,
       .longest_stall = 5ms,
       .measured = 500ms,
       .stolen = 4ms,
       .busiest = MachineShare::Waits{.looked = 1s, .waited = 1ms, .times = 10}},
      {.generator_waited = 4ms,
       .server_waited = 0ms,
       .services_waited = 2ms,
       .longest_wait = 3ms,
       .longest_stall = 0ms,
       .measured = 500ms,
       .stolen = 1ms,
       .busiest = MachineShare::Waits{.looked = 1s, .waited = 2ms, .times = 20}}};
  const MachineShare all = together(shares);
  EXPECT_TRUE(all.known());
  EXPECT_EQ(all.per_request(4), 3ms);
  EXPECT_EQ(all.at_most(), 8ms);
  EXPECT_EQ(all.stolen, 5ms);
  EXPECT_EQ(all.measured, 1s);
  ASSERT_TRUE(all.busiest);
  EXPECT_EQ(all.busiest->waited, 3ms);
  EXPECT_EQ(all.busiest->times, 30U);
  EXPECT_THAT(all.text(), HasSubstr("server and services waited 6.00 ms for a core"));
  EXPECT_THAT(all.text(), HasSubstr("the machine stalled for 5.00 ms"));
}

TEST(MachineShare, IsKnownWhereAllOfItIs) {
  const MachineShare known = {
      .generator_waited = 0ns, .server_waited = 0ns, .services_waited = 0ns, .longest_stall = 0ns};
  EXPECT_TRUE(known.known());
  EXPECT_FALSE(MachineShare{}.known());
  EXPECT_FALSE(together({}).known());
  const auto without = [&](std::optional<Duration> MachineShare::*part) {
    MachineShare share = known;
    share.*part = std::nullopt;
    return share;
  };
  for (const auto part : {&MachineShare::generator_waited, &MachineShare::server_waited,
                          &MachineShare::services_waited, &MachineShare::longest_stall}) {
    for (const std::vector<MachineShare>& shares :
         {std::vector{known, without(part)}, std::vector{without(part), known}}) {
      EXPECT_FALSE(together(shares).known());
      EXPECT_THAT(together(shares).text(), AnyOf(HasSubstr("not available"), HasSubstr("nobody")));
    }
  }
}

TEST(MachineShare, ExcusesWhatItMayHaveMadeAndAccusesWhereItIsKnown) {
  const MachineShare known = {
      .generator_waited = 0ns, .server_waited = 0ns, .services_waited = 0ns, .longest_stall = 0ns};
  EXPECT_EQ(known.outcome(2ms, 2ms), Outcome::not_shown);
  EXPECT_EQ(known.outcome(2ms, 1ms), Outcome::fails);
  EXPECT_EQ(MachineShare{}.outcome(2ms, 1ms), Outcome::not_shown);
}

}  // namespace
}  // namespace natsproof
