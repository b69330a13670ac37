// What processes took while a repetition ran, sampled about once a second. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace natsproof {

// Of one or of several processes together.
struct ResourceSample {
  Duration at{};   // from the repetition's start
  Duration cpu{};  // user and system, since the processes began
  std::uint64_t resident_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
};

struct ResourceRecord {
  std::string of;  // `server`, `services`, `generator`: all of its processes together
  std::uint64_t processes = 0;
  std::vector<ResourceSample> samples;  // by time, warm-up included
  std::string not_available;            // why there are none; empty: there are
};

}  // namespace natsproof
