#include "loadgen/platform/proc_text.h"

#include <string>

#include <gtest/gtest.h>

namespace natsproof {
namespace {

constexpr std::string_view kHuge = "18446744073709551615";

TEST(ProcStat, GivesAllTicksAndTheStolenOnes) {
  const auto ticks = parse_cpu_ticks(
      "cpu  100 20 30 4000 5 0 6 70 1000 1000\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n");
  ASSERT_TRUE(ticks);
  EXPECT_EQ(ticks->total, 4231u) << "guests are in user and nice already";
  EXPECT_EQ(ticks->steal, 70u);
  EXPECT_EQ(parse_cpu_ticks("cpu 1 2 3 4 5 6 7 8")->total, 36u);
}

TEST(ProcStat, GivesNothingWhereItDoesNotSay) {
  EXPECT_FALSE(parse_cpu_ticks(""));
  EXPECT_FALSE(parse_cpu_ticks("\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu\n1 2 3 4 5 6 7 8"));
  EXPECT_FALSE(parse_cpu_ticks("cpu0 1 2 3 4 5 6 7 8\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu 1 2 3 4 5 6 7\n")) << "before Linux 2.6.11 nobody told";
  EXPECT_FALSE(parse_cpu_ticks("cpu 1 2 3 4 5 6 7 8x\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu 1 -2 3 4 5 6 7 8\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu 1 2 3 4 5 6 7 18446744073709551616\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu " + std::string(kHuge) + " 1 0 0 0 0 0 0\n"))
      << "the sum does not fit";
  EXPECT_TRUE(parse_cpu_ticks("cpu " + std::string(kHuge) + " 0 0 0 0 0 0 0\n"));
  EXPECT_FALSE(parse_cpu_ticks(std::string("cpu 1 2 3 4 5 6 7 \0", 19)));
}

TEST(CpuStat, GivesThrottledTimeOfBothVersions) {
  EXPECT_EQ(parse_throttled("usage_usec 9\nnr_periods 3\nnr_throttled 1\nthrottled_usec 1500\n"),
            1500us);
  EXPECT_EQ(parse_throttled("nr_periods 3\nnr_throttled 1\nthrottled_time 1500\n"), 1500ns);
  EXPECT_EQ(parse_throttled("throttled_usec 0"), 0ns);
}

TEST(CpuStat, GivesNothingWhereItDoesNotSay) {
  for (const char* text :
       {"", "\n\n", "usage_usec 9\n", "throttled_usec\n", "throttled_usec x\n",
        "throttled_usec -1\n", "throttled_usec 1.5\n", "throttled_usec 9223372036854776\n",
        "throttled_time 9223372036854775808\n", "throttled_time 99999999999999999999\n",
        "throttled_usecs 5\n", "not_throttled_usec 5\n"})
    EXPECT_FALSE(parse_throttled(text)) << text;
  EXPECT_EQ(parse_throttled("throttled_time 9223372036854775807\n"), Duration::max());
}

TEST(ControlGroups, AreFoundInBothVersions) {
  const auto v2 = parse_control_groups("0::/user.slice/a b:c\n");
  EXPECT_EQ(v2.unified, "/user.slice/a b:c");
  EXPECT_FALSE(v2.cpu);
  const auto v1 = parse_control_groups(
      "5:memory:/m\n4:cpu,cpuacct:/docker/1\n3:cpuset:/\n2:name=systemd:/x\n0::/\n");
  EXPECT_EQ(v1.cpu, "/docker/1");
  EXPECT_EQ(v1.memory, "/m");
  EXPECT_EQ(v1.unified, "/");
}

TEST(ControlGroups, AreNotGuessed) {
  for (const char* text : {"", "\n", "0", "0:", "0::", "0::relative", "::/x", "4:cpuset:/x",
                           "4:cpuacct:/x", "4:xcpu:/x", "no text of this kind"}) {
    const auto groups = parse_control_groups(text);
    EXPECT_FALSE(groups.cpu) << text;
    EXPECT_FALSE(groups.unified) << text;
    EXPECT_FALSE(groups.memory) << text;
  }
}

}  // namespace
}  // namespace natsproof
