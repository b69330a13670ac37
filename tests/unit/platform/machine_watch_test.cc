#include "loadgen/platform/machine_watch.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/fake_root.h"

namespace natsproof {
namespace {

TEST(MachineReading, OfAMachineWithoutFilesKnowsOnlyWhatIsNotInFiles) {
  const FakeRoot root;
  const MachineReading reading = read_machine(root.path());
  EXPECT_FALSE(reading.cpu);
  EXPECT_FALSE(reading.throttled);
  EXPECT_TRUE(reading.generator);
  EXPECT_TRUE(reading.suspended);
  EXPECT_TRUE(reading.wall);
  EXPECT_FALSE(read_machine("/nowhere/at/all").cpu);
}

TEST(MachineReading, OfFilesThatCannotBeReadIsTheSame) {
  const FakeRoot root;
  // Folders where files should be: what even root may not read.
  std::filesystem::create_directories(root.path() / "proc/stat");
  std::filesystem::create_directories(root.path() / "proc/self/cgroup");
  EXPECT_FALSE(read_machine(root.path()).cpu);
  EXPECT_FALSE(read_machine(root.path()).throttled);
}

TEST(MachineReading, AddsUpTheGroupsOfTheSecondVersion) {
  const FakeRoot root;
  root.write("proc/stat", "cpu  1 2 3 4 5 6 7 8 0 0\n");
  root.write("proc/self/cgroup", "0::/pod/container\n");
  root.write("sys/fs/cgroup/cpu.stat", "usage_usec 5\n");
  root.write("sys/fs/cgroup/pod/cpu.stat", "throttled_usec 30\n");
  root.write("sys/fs/cgroup/pod/container/cpu.stat", "throttled_usec 4\n");
  root.write("sys/fs/cgroup/other/cpu.stat", "throttled_usec 1000\n");
  const MachineReading reading = read_machine(root.path());
  EXPECT_EQ(reading.cpu->steal, 8u);
  EXPECT_EQ(reading.throttled, 34us);
}

TEST(MachineReading, FindsAContainersOwnFilesAtTheRoot) {
  const FakeRoot root;
  root.write("proc/self/cgroup", "0::/kubepods/not/visible/here\n");
  root.write("sys/fs/cgroup/cpu.stat", "throttled_usec 7\n");
  EXPECT_EQ(read_machine(root.path()).throttled, 7us);
  root.write("proc/self/cgroup", "0::/../../elsewhere\n");
  EXPECT_EQ(read_machine(root.path()).throttled, 7us);
}

TEST(MachineReading, FindsTheGroupsOfTheFirstVersion) {
  for (const char* mount : {"cpu", "cpu,cpuacct"}) {
    const FakeRoot root;
    root.write("proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/\n");
    root.write(std::string("sys/fs/cgroup/") + mount + "/a/cpu.stat", "throttled_time 12\n");
    root.write("sys/fs/cgroup/unified/cpu.stat", "usage_usec 5\n");
    EXPECT_EQ(read_machine(root.path()).throttled, 12ns) << mount;
  }
}

MachineReading reading(std::uint64_t total, std::uint64_t steal) {
  MachineReading reading;
  reading.cpu = CpuTicks{total, steal};
  reading.throttled = 10ms;
  reading.generator = Usage{.voluntary_switches = 100, .involuntary_switches = 10};
  reading.suspended = 5s;
  reading.wall = 1000h;
  return reading;
}

TEST(MachineDifferences, AreOfTheTimeInBetween) {
  const MachineReading before = reading(1000, 50);
  MachineReading after = reading(1400, 60);
  after.throttled = 35ms;
  after.generator = Usage{.voluntary_switches = 190, .involuntary_switches = 25};
  after.suspended = 8s;
  after.wall = 1000h - 2s;
  PlatformRecord record;
  add_differences(before, after, Usage{.voluntary_switches = 60, .involuntary_switches = 5},
                  record);
  EXPECT_DOUBLE_EQ(*record.steal, 0.025);
  EXPECT_EQ(record.throttled, 25ms);
  EXPECT_EQ(record.voluntary_switches, 30u);
  EXPECT_EQ(record.involuntary_switches, 10u);
  EXPECT_EQ(record.suspended, 3s);
  EXPECT_EQ(record.wall_clock_step, -2s);
}

TEST(MachineDifferences, OfWhatWasNotReadAreNotThere) {
  for (const bool before_is_empty : {true, false}) {
    PlatformRecord record;
    add_differences(before_is_empty ? MachineReading{} : reading(1, 0),
                    before_is_empty ? reading(1, 0) : MachineReading{}, Usage{}, record);
    EXPECT_FALSE(record.steal);
    EXPECT_FALSE(record.throttled);
    EXPECT_FALSE(record.voluntary_switches);
    EXPECT_FALSE(record.involuntary_switches);
    EXPECT_FALSE(record.suspended);
    EXPECT_FALSE(record.wall_clock_step);
  }
  PlatformRecord record;
  add_differences(reading(1, 0), reading(2, 0), std::nullopt, record);
  EXPECT_FALSE(record.voluntary_switches) << "whose they are is not known";
  EXPECT_EQ(record.steal, 0.0);
}

TEST(MachineDifferences, OfCountersThatWentBackAreNotThere) {
  MachineReading after = reading(1000, 40);
  after.throttled = 9ms;
  PlatformRecord record;
  add_differences(reading(900, 50), after, Usage{}, record);
  EXPECT_FALSE(record.steal);
  EXPECT_FALSE(record.throttled);
  add_differences(reading(1000, 40), reading(1000, 40), Usage{}, record);
  EXPECT_FALSE(record.steal) << "no time went by";
}

TEST(MachineDifferences, TooSmallToBeASuspensionOrAStepAreNone) {
  MachineReading after = reading(2, 0);
  *after.suspended += 1ms - 1ns;
  *after.wall -= 50ms - 1ns;
  PlatformRecord record;
  add_differences(reading(1, 0), after, Usage{}, record);
  EXPECT_EQ(record.suspended, 0ns);
  EXPECT_EQ(record.wall_clock_step, 0ns);
  *after.suspended += 1ns;
  *after.wall -= 1ns;
  add_differences(reading(1, 0), after, Usage{}, record);
  EXPECT_EQ(record.suspended, 1ms);
  EXPECT_EQ(record.wall_clock_step, -50ms);
}

}  // namespace
}  // namespace natsproof
