#include "loadgen/platform/machine_watch.h"

#include <algorithm>
#include <ctime>
#include <initializer_list>
#include <string>

#include <sys/resource.h>

#include "loadgen/platform/system_file.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

std::optional<Duration> reading_of(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return std::nullopt;
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

// What `clock` is ahead of `other`, from the reading that was interrupted least.
std::optional<Duration> ahead(clockid_t clock, clockid_t other) {
  constexpr int kReadings = 5;
  Duration least = Duration::max(), found{};
  for (int i = 0; i < kReadings; ++i) {
    const auto before = reading_of(other), there = reading_of(clock), after = reading_of(other);
    if (!before || !there || !after) return std::nullopt;
    if (*after - *before >= least) continue;
    least = *after - *before;
    found = *there - *before - least / 2;
  }
  return found;
}

// The counters of a group and of those above it, up to the root of the hierarchy: a container's
// own lie there, whatever path it is told.
std::optional<Duration> throttled_from(const fs::path& hierarchy, const std::string& group) {
  std::optional<Duration> sum;
  const bool is_outside = group.find("/..") != std::string::npos;  // of what we can see
  for (fs::path here = is_outside ? fs::path() : fs::path(group).relative_path();;
       here = here.parent_path()) {
    if (const auto text = read_system_file(hierarchy / here / "cpu.stat")) {
      const auto throttled = parse_throttled(*text);
      if (throttled && *throttled <= Duration::max() - sum.value_or(0ns))
        sum = sum.value_or(0ns) + *throttled;
    }
    if (here.empty()) return sum;
  }
}

std::optional<Duration> throttled(const fs::path& root) {
  const auto text = read_system_file(root / "proc/self/cgroup");
  if (!text) return std::nullopt;
  const ControlGroups groups = parse_control_groups(*text);
  const auto look = [](std::initializer_list<fs::path> hierarchies,
                       const std::optional<std::string>& group) -> std::optional<Duration> {
    for (const fs::path& hierarchy : hierarchies) {
      if (!group) break;
      if (const auto found = throttled_from(hierarchy, *group)) return found;
    }
    return std::nullopt;
  };
  // CPU time is in one hierarchy only; a machine with both kinds mounts v2 at `unified`.
  const fs::path mounts = root / "sys/fs/cgroup";
  if (const auto v1 = look({mounts / "cpu", mounts / "cpu,cpuacct"}, groups.cpu)) return v1;
  return look({mounts, mounts / "unified"}, groups.unified);
}

std::uint64_t without(std::uint64_t all, std::uint64_t own) {
  return all - std::min(all, own);
}

}  // namespace

MachineReading read_machine(const fs::path& root) {
  MachineReading reading;
  if (const auto text = read_system_file(root / "proc/stat")) reading.cpu = parse_cpu_ticks(*text);
  reading.throttled = throttled(root);
  reading.generator = usage_of(RUSAGE_SELF);
  reading.suspended = ahead(CLOCK_BOOTTIME, CLOCK_MONOTONIC);
  reading.wall = ahead(CLOCK_REALTIME, CLOCK_BOOTTIME);
  return reading;
}

void add_differences(const MachineReading& before, const MachineReading& after,
                     const std::optional<Usage>& hiccups, PlatformRecord& record) {
  if (before.cpu && after.cpu && after.cpu->total > before.cpu->total &&
      after.cpu->steal >= before.cpu->steal) {
    record.steal = std::min(1.0, static_cast<double>(after.cpu->steal - before.cpu->steal) /
                                     static_cast<double>(after.cpu->total - before.cpu->total));
  }
  if (before.throttled && after.throttled && *after.throttled >= *before.throttled)
    record.throttled = *after.throttled - *before.throttled;
  if (before.generator && after.generator && hiccups) {
    record.voluntary_switches =
        without(without(after.generator->voluntary_switches, before.generator->voluntary_switches),
                hiccups->voluntary_switches);
    record.involuntary_switches = without(
        without(after.generator->involuntary_switches, before.generator->involuntary_switches),
        hiccups->involuntary_switches);
  }
  if (before.suspended && after.suspended) {
    const Duration slept = *after.suspended - *before.suspended;
    record.suspended = slept < kLeastSuspension ? Duration{0} : slept;
  }
  if (before.wall && after.wall) {
    const Duration step = *after.wall - *before.wall;
    record.wall_clock_step = std::chrono::abs(step) < kLeastClockStep ? Duration{0} : step;
  }
}

}  // namespace natsproof
