#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/app/provenance.h"
#include "tests/unit/platform/fake_root.h"

namespace natsproof {
namespace {

// cores and kernel come from system calls.
TEST(PlatformFacts, AreNotAvailableWhereNothingCanBeRead) {
  const FakeRoot root;
  for (const auto& [name, value] : platform(root.path())) {
    if (name == "cores" || name == "kernel") continue;
    EXPECT_EQ(value, kNotAvailable) << name;
  }
}

TEST(PlatformFacts, NameTheIdleStatesAndThoseThatAreOff) {
  const FakeRoot root;
  const std::string idle = "sys/devices/system/cpu/cpu0/cpuidle/";
  root.write(idle + "state0/name", "POLL\n");
  root.write(idle + "state0/disable", "0\n");
  root.write(idle + "state1/name", "C1E\n");
  root.write(idle + "state1/disable", "1\n");
  root.write(idle + "state2/name", "C6\n");
  root.write("sys/devices/system/cpu/cpuidle/current_driver", "intel_idle\n");
  root.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  const auto facts = platform(root.path());
  EXPECT_EQ(facts.at("idle_states"), "POLL, C1E (off), C6 (whether on is not available)");
  EXPECT_EQ(facts.at("idle_driver"), "intel_idle");
  EXPECT_EQ(facts.at("governor"), "powersave");
}

TEST(PlatformFacts, FindTheNearestLimitOfTheGroups) {
  const FakeRoot root;
  root.write("proc/self/cgroup", "0::/pod/container\n");
  root.write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
  EXPECT_EQ(platform(root.path()).at("cpu_limit"), "none");
  EXPECT_EQ(platform(root.path()).at("memory_limit"), "none");
  root.write("sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  root.write("sys/fs/cgroup/pod/container/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/pod/memory.max", "1073741824\n");
  EXPECT_EQ(platform(root.path()).at("cpu_limit"), "1.50 cores (150000 us in 100000 us)");
  EXPECT_EQ(platform(root.path()).at("memory_limit"), "1.00 GiB");
  for (const char* damaged : {"", "\n", "-5 100000\n", "nan 100000\n", "5 0\n", "1e300 1\n", "x"}) {
    root.write("sys/fs/cgroup/pod/cpu.max", damaged);
    EXPECT_EQ(platform(root.path()).at("cpu_limit"), "none") << damaged;
  }
}

TEST(PlatformFacts, FindTheLimitsOfTheFirstVersion) {
  const FakeRoot root;
  root.write("proc/self/cgroup", "4:memory:/m\n1:cpu:/a\n0::/\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(platform(root.path()).at("cpu_limit"), "none");
  EXPECT_EQ(platform(root.path()).at("memory_limit"), "none");
  root.write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n");
  root.write("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/memory/m/memory.limit_in_bytes", "1048576\n");
  EXPECT_EQ(platform(root.path()).at("cpu_limit"), "0.50 cores (50000 us in 100000 us)");
  EXPECT_EQ(platform(root.path()).at("memory_limit"), "1.00 MiB");
}

}  // namespace
}  // namespace natsproof
