#include "loadgen/app/provenance.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include "base/units.h"
#include "loadgen/platform/proc_text.h"
#include "loadgen/platform/system_file.h"
#include "revision.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

std::string first_line_or_not(const fs::path& path) {
  return first_line(path).value_or(kNotAvailable);
}

// The value of the first line `key<blanks><separator><blanks>value`.
std::string value_in(const fs::path& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find(separator);
    if (at == std::string::npos) continue;
    const auto begin = line.find_first_not_of(" \t\"", at + 1);
    if (begin == std::string::npos) continue;
    return line.substr(begin, line.find_last_not_of(" \t\"") - begin + 1);
  }
  return kNotAvailable;
}

// The nearest limit of our control group and those above it: a container's own files lie at the
// hierarchy's root. `limit_in`: of a group's folder; nothing: it sets none there.
template <typename LimitIn>
std::string nearest_limit(const fs::path& hierarchy, const std::optional<std::string>& group,
                          LimitIn limit_in) {
  const bool is_outside = !group || group->find("/..") != std::string::npos;  // of what we can see
  for (fs::path here = is_outside ? fs::path() : fs::path(*group).relative_path();;
       here = here.parent_path()) {
    if (const std::optional<std::string> limit = limit_in(hierarchy / here)) return *limit;
    if (here.empty()) return "none";
  }
}

std::string cpu_limit(const fs::path& root, const ControlGroups& groups) {
  const auto limit = [](double quota_us, double period_us) -> std::optional<std::string> {
    constexpr double kMost = 1e15;  // and no `nan` or `inf`
    if (!(quota_us > 0 && quota_us < kMost && period_us > 0 && period_us < kMost))
      return std::nullopt;
    return fmt::format("{:.2f} cores ({} us in {} us)", quota_us / period_us, quota_us, period_us);
  };
  const fs::path mounts = root / "sys/fs/cgroup";
  if (first_line(mounts / "cgroup.controllers")) {
    return nearest_limit(mounts, groups.unified, [&](const fs::path& group) {
      double quota = 0, period = 0;  // `<quota> <period>`, or `max <period>`
      const std::string text = first_line(group / "cpu.max").value_or("");
      const int found = std::sscanf(text.c_str(), "%lf %lf", &quota, &period);
      return found == 2 ? limit(quota, period) : std::nullopt;
    });
  }
  if (!first_line(mounts / "cpu/cpu.cfs_quota_us") || !groups.cpu) return kNotAvailable;
  return nearest_limit(mounts / "cpu", groups.cpu, [&](const fs::path& group) {
    double quota = 0, period = 0;
    std::sscanf(first_line(group / "cpu.cfs_quota_us").value_or("").c_str(), "%lf", &quota);
    std::sscanf(first_line(group / "cpu.cfs_period_us").value_or("").c_str(), "%lf", &period);
    return limit(quota, period);
  });
}

std::string memory_limit(const fs::path& root, const ControlGroups& groups) {
  const auto limit_in = [](const fs::path& file) -> std::optional<std::string> {
    constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 62;  // v1 writes about 2^63
    const auto bytes = parse_bytes(first_line(file).value_or("max"));
    if (!bytes || *bytes >= kUnlimited) return std::nullopt;
    return format_bytes(*bytes);
  };
  const fs::path mounts = root / "sys/fs/cgroup";
  if (first_line(mounts / "cgroup.controllers")) {
    return nearest_limit(mounts, groups.unified,
                         [&](const fs::path& group) { return limit_in(group / "memory.max"); });
  }
  if (!first_line(mounts / "memory/memory.limit_in_bytes") || !groups.memory) return kNotAvailable;
  return nearest_limit(mounts / "memory", groups.memory, [&](const fs::path& group) {
    return limit_in(group / "memory.limit_in_bytes");
  });
}

std::string memory(const fs::path& root) {
  const std::string text = value_in(root / "proc/meminfo", "MemTotal", ':');  // `1234 kB`
  const auto kib = parse_bytes(text.substr(0, text.find(' ')));
  return kib ? format_bytes(*kib * 1024) : text;
}

std::string kernel() {
  utsname names{};
  if (uname(&names) != 0) return kNotAvailable;
  return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

std::string clock_source(const fs::path& root = "/") {
  return first_line_or_not(root /
                           "sys/devices/system/clocksource/clocksource0/current_clocksource");
}

// `POLL, C1, C6 (off)`: how deep the first core may sleep, which is what it takes to wake it.
std::string idle_states(const fs::path& root) {
  constexpr int kMostStates = 32;
  std::string states;
  for (int i = 0; i < kMostStates; ++i) {
    const fs::path state =
        root / "sys/devices/system/cpu/cpu0/cpuidle" / ("state" + std::to_string(i));
    const auto name = first_line(state / "name");
    if (!name) break;
    const auto disabled = first_line(state / "disable");
    states += (states.empty() ? "" : ", ") + *name;
    if (!disabled) states += " (whether on is not available)";
    if (disabled && *disabled != "0") states += " (off)";
  }
  return states.empty() ? kNotAvailable : states;
}

std::string quoted_for_a_shell(const std::string& word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_=+./,:@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// Replaces the logins in all addresses of a word, of which there may be several with commas
// between. Only what is known to be an address is one without a scheme.
std::string without_logins(const std::string& word, bool is_address) {
  if (!is_address && word.find("://") == std::string::npos) return word;
  std::string shown;
  for (std::size_t begin = 0; begin <= word.size();) {
    const std::size_t end = std::min(word.find(',', begin), word.size());
    const std::string part = word.substr(begin, end - begin);
    const std::size_t scheme = part.find("://");
    const std::size_t after = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t login = part.rfind('@');
    const bool has_login = login != std::string::npos && login >= after;
    if (has_login && (is_address || scheme != std::string::npos)) {
      shown += part.substr(0, after) + "..." + part.substr(login);
    } else {
      shown += part;
    }
    if (end < word.size()) shown += ',';
    begin = end + 1;
  }
  return shown;
}

}  // namespace

std::string command_line_without_logins(const std::vector<std::string>& words) {
  static constexpr std::array<std::string_view, 5> kSecrets = {"--user", "--password", "--token",
                                                               "--creds", "--nkey"};
  std::string line;
  std::string_view before;
  for (const std::string& word : words) {
    const auto is_secret = [](std::string_view flag) {
      return std::find(kSecrets.begin(), kSecrets.end(), flag) != kSecrets.end();
    };
    const std::string flag = word.substr(0, word.find('='));
    std::string shown;
    if (is_secret(before)) {
      shown = "...";
    } else if (is_secret(flag) && flag.size() < word.size()) {
      shown = flag + "=...";
    } else {
      shown = without_logins(word, before == "--server" || before == "-s");
    }
    line += (line.empty() ? "" : " ") + quoted_for_a_shell(shown);
    before = word;
  }
  return line;
}

std::map<std::string, std::string> provenance(const std::vector<std::string>& command_line) {
  return {{"version", NATSPROOF_VERSION},
          {"git_revision", NATSPROOF_GIT_REVISION},
          {"git_dirty", NATSPROOF_GIT_DIRTY},
          {"compiler", NATSPROOF_COMPILER},
          {"flags", NATSPROOF_CXX_FLAGS},
          {"build_type", NATSPROOF_BUILD_TYPE},
          {"libraries", NATSPROOF_LIBRARIES},
          {"command_line", command_line_without_logins(command_line)}};
}

std::map<std::string, std::string> platform(const fs::path& root) {
  const ControlGroups groups =
      parse_control_groups(read_system_file(root / "proc/self/cgroup").value_or(""));
  const fs::path cpus = root / "sys/devices/system/cpu";
  return {{"cpu", value_in(root / "proc/cpuinfo", "model name", ':')},
          {"cores", std::to_string(cores())},
          {"governor", first_line_or_not(cpus / "cpu0/cpufreq/scaling_governor")},
          {"idle_driver", first_line_or_not(cpus / "cpuidle/current_driver")},
          {"idle_states", idle_states(root)},
          {"memory", memory(root)},
          {"kernel", kernel()},
          {"os", value_in(root / "etc/os-release", "PRETTY_NAME", '=')},
          {"clock_source", clock_source(root)},
          {"cpu_limit", cpu_limit(root, groups)},
          {"memory_limit", memory_limit(root, groups)}};
}

unsigned cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

ClockFacts clock_facts(const Clock& clock) {
  constexpr int kBatches = 20;
  constexpr int kReadings = 10'000;
  ClockFacts facts;
  facts.source = clock_source();
  facts.readings = std::uint64_t{kBatches} * kReadings;
  facts.cost = Duration::max();
  Duration smallest = Duration::max();
  Instant before = clock.now();
  for (int batch = 0; batch < kBatches; ++batch) {
    const Instant start = before;
    for (int i = 0; i < kReadings; ++i) {
      const Instant now = clock.now();
      if (now < before) ++facts.steps_back;
      if (now > before) smallest = std::min(smallest, now - before);
      before = now;
    }
    // The cheapest batch: the others were interrupted.
    facts.cost = std::min(facts.cost, (before - start) / kReadings);
  }
  timespec stated{};
  clock_getres(CLOCK_MONOTONIC, &stated);
  const Duration kernels = std::chrono::seconds(stated.tv_sec) + Duration(stated.tv_nsec);
  facts.resolution = std::max(kernels, smallest == Duration::max() ? Duration{0} : smallest);
  return facts;
}

}  // namespace natsproof
