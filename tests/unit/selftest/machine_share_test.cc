// What the machine took from a repetition, as far as the kernel and the platform record tell.
#include "loadgen/app/selftest/machine_share.h"

#include <filesystem>
#include <optional>
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

TEST(MachineShare, AddsWaitsAndKeepsTheLongestAtOnce) {
  const MachineShare shares[] = {{.generator_waited = 2ms,
                                  .server_waited = 4ms,
                                  .services_waited = 0ms,
                                  .longest_wait = 1ms,
                                  .longest_stall = 5ms},
                                 {.generator_waited = 4ms,
                                  .server_waited = 0ms,
                                  .services_waited = 2ms,
                                  .longest_wait = 3ms,
                                  .longest_stall = 0ms}};
  const MachineShare all = together(shares);
  EXPECT_TRUE(all.known());
  EXPECT_EQ(all.per_request(4), 3ms);
  EXPECT_EQ(all.at_most(), 8ms);
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
