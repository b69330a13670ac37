#include <algorithm>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/run_file_json.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

// A suspended machine or a wall clock that was never set may be off by any time.
std::optional<Duration> read_long(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  if (!found) return std::nullopt;
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<Duration::rep>::max());
  return Duration{static_cast<Duration::rep>(found->whole(kMost))};
}

std::optional<Duration> read_step(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  if (!found) return std::nullopt;
  const nlohmann::json& value = found->value();
  if (!value.is_number_integer() || value.is_number_unsigned()) return read_long(node, key);
  const Duration step{value.get<Duration::rep>()};
  if (step < -Duration::max()) found->fail("too far back");
  return std::max(step, -Duration::max());
}

std::optional<std::uint64_t> read_count(const JsonNode& node, const char* key) {
  const auto found = node.find(key);
  if (!found) return std::nullopt;
  return found->whole();
}

void read_stalls(const JsonNode& node, PlatformRecord& platform) {
  const std::size_t stalls = node.items(PlatformRecord::kMostStalls);
  const std::uint64_t listed =
      std::min<std::uint64_t>(platform.stall_count, PlatformRecord::kMostStalls);
  if (node.ok() && stalls > listed) {
    return node.fail(
        fmt::format("{} entries, but stall_count gives {}: the file was edited", stalls, listed));
  }
  Duration sum{};
  for (std::size_t i = 0; i < stalls && node.ok(); ++i) {
    const JsonNode item = node.item(i);
    if (item.items() != 2) return item.fail("[start_ns, length_ns] expected");
    const Stall stall{item.item(0).duration(), item.item(1).duration()};
    // The first one may have begun before the repetition did.
    if (stall.length < platform.shortest_stall && stall.start > 0ns)
      return item.fail("shorter than shortest_stall_ns: the file was edited");
    if (i > 0) {
      const Stall& before = platform.stalls.back();
      if (stall.start < before.start + before.length)
        return item.fail("begins before the one before it ended: the file was edited");
    }
    sum += stall.length;
    platform.stalls.push_back(stall);
  }
  if (stalls == platform.stall_count && platform.stalled > sum)
    node.fail("shorter together than stalled_ns: the file was edited");
}

}  // namespace

Json platform_json(const PlatformRecord& platform) {
  Json stalls = Json::array();
  for (const Stall& stall : platform.stalls)
    stalls.push_back(Json::array({ns(stall.start), ns(stall.length)}));
  Json json = {{"hiccups_ns", histogram_json(platform.hiccups)},
               {"shortest_stall_ns", ns(platform.shortest_stall)},
               {"stall_count", platform.stall_count},
               {"stalled_ns", ns(platform.stalled)},
               {"stalls", std::move(stalls)},
               {"hiccup_cpu_ns", optional_json(platform.hiccup_cpu)},
               {"steal", optional_json(platform.steal)},
               {"throttled_ns", optional_json(platform.throttled)},
               {"voluntary_switches", optional_json(platform.voluntary_switches)},
               {"involuntary_switches", optional_json(platform.involuntary_switches)},
               {"suspended_ns", optional_json(platform.suspended)},
               {"wall_clock_step_ns", optional_json(platform.wall_clock_step)}};
  if (platform.missed_stalls > 0) json["missed_stalls"] = platform.missed_stalls;
  return json;
}

PlatformRecord read_platform(const JsonNode& node) {
  PlatformRecord platform;
  read_histogram(node.at("hiccups_ns"), platform.hiccups);
  platform.shortest_stall = node.at("shortest_stall_ns").duration();
  platform.stall_count = node.at("stall_count").whole();
  platform.stalled = node.at("stalled_ns").duration();
  // A stall is a wake-up.
  if (platform.stall_count > platform.hiccups.count() + platform.hiccups.out_of_range())
    node.at("stall_count").fail("more stalls than wake-ups: the file was edited");
  read_stalls(node.at("stalls"), platform);
  if (const auto cpu = node.find("hiccup_cpu_ns")) platform.hiccup_cpu = cpu->duration();
  if (const auto steal = node.find("steal")) {
    platform.steal = steal->number();
    if (*platform.steal < 0 || *platform.steal > 1) steal->fail("a share, 0 to 1, expected");
  }
  platform.throttled = read_long(node, "throttled_ns");
  platform.voluntary_switches = read_count(node, "voluntary_switches");
  platform.involuntary_switches = read_count(node, "involuntary_switches");
  platform.suspended = read_long(node, "suspended_ns");
  platform.wall_clock_step = read_step(node, "wall_clock_step_ns");
  platform.missed_stalls = read_count(node, "missed_stalls").value_or(0);
  return platform;
}

}  // namespace natsproof
