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
  // What the hiccup thread found (hiccup_thread.h). A wake-up or a stall belongs to the measurement
  // when a part of it lies there.
  Histogram hiccups;              // how late it woke; one value a wake-up
  Duration shortest_stall{};      // that counts as one
  std::uint64_t stall_count = 0;  // in the measurement
  // Those of the whole repetition that found no room in the list by which requests are excused.
  std::uint64_t missed_stalls = 0;
  Duration stalled{};         // their parts in the measurement, together
  std::vector<Stall> stalls;  // by start; the longest ones where they are many
  static constexpr std::size_t kMostStalls = 200;
  std::optional<Duration> hiccup_cpu;  // CPU time that the looking took

  // All over the measurement (machine_watch.h).
  std::optional<double> steal;        // share of all cores' time that the hypervisor took
  std::optional<Duration> throttled;  // by the container's CPU limit, all cores together
  // Of the generator, without the hiccup thread's own.
  std::optional<std::uint64_t> voluntary_switches, involuntary_switches;
  std::optional<Duration> suspended;        // the machine slept; 0: it did not
  std::optional<Duration> wall_clock_step;  // how far the wall clock was set; negative: back
};

}  // namespace natsproof
