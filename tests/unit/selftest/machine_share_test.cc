// What the machine took from a repetition, as far as the kernel and the platform record tell.
#include "loadgen/app/selftest/machine_share.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace natsproof {
namespace {

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

TEST(MachineShare, AddsWaitsAndKeepsTheLongestAtOnce) {
  MachineShare all{.generator_waited = 2ms, .longest_wait = 1ms, .longest_stall = 5ms};
  all.add({.generator_waited = 4ms, .server_waited = 6ms, .longest_wait = 3ms});
  EXPECT_EQ(all.per_request(4), 3ms);
  EXPECT_EQ(all.at_most(), 8ms);
  EXPECT_THAT(all.text(), HasSubstr("server and services waited 6.00 ms for a core"));
  EXPECT_THAT(all.text(), HasSubstr("the machine stalled for 5.00 ms"));
  EXPECT_THAT(MachineShare{}.text(), HasSubstr("does not tell"));
}

}  // namespace
}  // namespace natsproof
