// Where a run's figures come from: what was built, from what, and on what it ran. Goes into every
// run.json.
//
// What cannot be found out is "not available". The host's name and logins are left out: run files
// are passed on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace natsproof {

inline constexpr const char* kNotAvailable = "not available";

// version, git_revision, git_dirty ("yes" or "no"), compiler, flags, build_type, libraries,
// command_line.
std::map<std::string, std::string> provenance(const std::vector<std::string>& command_line);

// The words as one line for a shell, with the logins in addresses and after --user, --password and
// the like replaced by
// `...`.
std::string command_line_without_logins(const std::vector<std::string>& words);

// cpu, cores (those we may run on), governor, idle_driver, idle_states (of the first core, those
// that are switched off named so), memory, kernel, os, clock_source, cpu_limit and memory_limit (of
// the container or cgroup; "none" where there is none). `root`: where /proc, /sys and /etc lie.
std::map<std::string, std::string> platform(const std::filesystem::path& root = "/");

// How many cores this process may run on.
unsigned cores();

// What the clock behind Clock::now() is worth.
struct ClockFacts {
  std::string source;  // of the kernel, such as `tsc`
  Duration
      resolution{};  // the smallest step seen between two readings, at least what the kernel states
  Duration cost{};   // of one reading
  std::uint64_t readings = 0;
  std::uint64_t steps_back = 0;  // readings earlier than the one before
};
// Takes about 10 ms.
ClockFacts clock_facts(const Clock& clock);

}  // namespace natsproof
