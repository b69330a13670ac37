// Counters of the machine, read twice: what it did in between.
//
// Everything is optional: a file that is missing, may not be read or does not say gives nothing,
// and a counter that went back says nothing either. Cold: a reading takes some 100 us, on whatever
// thread asks.
#pragma once

#include <filesystem>
#include <optional>

#include "base/time.h"
#include "loadgen/measure/platform_record.h"
#include "loadgen/platform/hiccup_thread.h"
#include "loadgen/platform/proc_text.h"

namespace natsproof {

struct MachineReading {
  std::optional<CpuTicks> cpu;
  // Of our control group and all above it: any of them may have the limit. As the kernel has it,
  // the sum over cores.
  std::optional<Duration> throttled;
  std::optional<Usage> generator;  // this process
  // What CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC: the time the machine was suspended.
  std::optional<Duration> suspended;
  // What CLOCK_REALTIME is ahead of CLOCK_BOOTTIME: changes when the wall clock is set, not when
  // NTP slews it, for that bends the others too.
  std::optional<Duration> wall;
};

// `root`: where /proc and /sys lie.
MachineReading read_machine(const std::filesystem::path& root = "/");

// Less than these is the readings' own inexactness, or a step that no file's times suffer from.
inline constexpr Duration kLeastSuspension = 1ms;
inline constexpr Duration kLeastClockStep = 50ms;

// Fills in the differences; of the generator without `hiccups`, which are of the same time.
void add_differences(const MachineReading& before, const MachineReading& after,
                     const std::optional<Usage>& hiccups, PlatformRecord& record);

}  // namespace natsproof
