#include "loadgen/platform/proc_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace natsproof {
namespace {

constexpr std::string_view kBlanks = " \t";

// The part of `text` before `separator`, taken away from it with the separator.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// A whole word that is a number; one that is too large is none.
std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<CpuTicks> parse_cpu_ticks(std::string_view proc_stat) {
  constexpr std::size_t kFields = 8;  // guests' time, which follows, is part of user and nice
  constexpr std::size_t kSteal = 7;
  std::string_view line = take(proc_stat, '\n');
  if (take_word(line) != "cpu") return std::nullopt;
  CpuTicks ticks;
  for (std::size_t field = 0; field < kFields; ++field) {
    const auto value = number(take_word(line));
    if (!value || *value > std::numeric_limits<std::uint64_t>::max() - ticks.total)
      return std::nullopt;
    ticks.total += *value;
    if (field == kSteal) ticks.steal = *value;
  }
  return ticks;
}

std::optional<Duration> parse_throttled(std::string_view cpu_stat) {
  struct Key {
    std::string_view name;
    Duration::rep ns;
  };
  static constexpr std::array<Key, 2> kKeys = {{{"throttled_usec", 1000}, {"throttled_time", 1}}};
  while (!cpu_stat.empty()) {
    std::string_view line = take(cpu_stat, '\n');
    const std::string_view name = take_word(line);
    for (const Key& key : kKeys) {
      if (name != key.name) continue;
      const auto value = number(take_word(line));
      const auto most = static_cast<std::uint64_t>(Duration::max().count() / key.ns);
      if (!value || *value > most) return std::nullopt;
      return Duration{static_cast<Duration::rep>(*value) * key.ns};
    }
  }
  return std::nullopt;
}

ControlGroups parse_control_groups(std::string_view proc_self_cgroup) {
  ControlGroups groups;
  while (!proc_self_cgroup.empty()) {
    std::string_view line = take(proc_self_cgroup, '\n');
    const std::string_view hierarchy = take(line, ':');
    std::string_view controllers = take(line, ':');
    if (!line.starts_with('/')) continue;
    if (hierarchy == "0" && controllers.empty()) groups.unified = line;
    while (!controllers.empty()) {
      const std::string_view controller = take(controllers, ',');
      if (controller == "cpu") groups.cpu = line;
      if (controller == "memory") groups.memory = line;
    }
  }
  return groups;
}

}  // namespace natsproof
