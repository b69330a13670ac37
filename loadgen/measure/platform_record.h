// What the machine did while a repetition ran. Plain data; what could not be read is absent, and
// nothing is assumed in its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "loadgen/measure/histogram.h"

namespace natsproof {

// The hiccup thread should have been awake from `start` on, and was not for so long.
struct Stall {
  Duration start{};  // from the repetition's start
  Duration length{};
};

struct PlatformRecord {
  Histogram hiccups;              // how late the hiccup thread woke, in the measurement
  Duration shortest_stall{};      // that counts as one
  std::uint64_t stall_count = 0;  // in the measurement
  Duration stalled{};             // their lengths together
  std::vector<Stall> stalls;      // by start; the longest ones where they are many
  static constexpr std::size_t kMostStalls = 200;
  // All over the measurement.
  std::optional<double> steal;        // share of the cores' time that the hypervisor took
  std::optional<Duration> throttled;  // by the container's CPU limit
  std::optional<std::uint64_t> voluntary_switches, involuntary_switches;  // of the generator
  std::optional<Duration> suspended;                                      // the machine slept
  std::optional<Duration> wall_clock_step;  // how far the wall clock was set; negative: back
};

}  // namespace natsproof
