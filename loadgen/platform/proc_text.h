// Reading the kernel's text files. Pure functions on what stands there, however little, large or
// damaged; nothing where it does not say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace natsproof {

// All cores' time since boot, in the kernel's ticks.
struct CpuTicks {
  std::uint64_t total = 0;  // idle included
  std::uint64_t steal = 0;  // taken by the hypervisor; stays 0 where that does not tell
};
// The first line of /proc/stat, `cpu  user nice system idle iowait irq softirq steal ...`.
std::optional<CpuTicks> parse_cpu_ticks(std::string_view proc_stat);

// `throttled_usec` of a control group's cpu.stat (v2), or `throttled_time`, in ns (v1).
std::optional<Duration> parse_throttled(std::string_view cpu_stat);

// The control groups of a process, as /proc/self/cgroup has them; nothing: in none of that kind.
struct ControlGroups {
  std::optional<std::string> unified;  // v2: `0::/a/b`
  std::optional<std::string> cpu;      // v1: `4:cpu,cpuacct:/a/b`
  std::optional<std::string> memory;   // v1
};
ControlGroups parse_control_groups(std::string_view proc_self_cgroup);

}  // namespace natsproof
