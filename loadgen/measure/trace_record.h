// Where the time of traced requests went. Plain data, of one extra repetition that is not judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace natsproof {

// One part of a request's way, in the order of the way. The parts of depth 0 sum to the whole;
// those of depth 1 lie in the part of depth 0 before them.
struct TracePart {
  std::string name;
  std::uint32_t depth = 0;
  double mean_ns = 0;
};

// The mean parts of the requests whose total lies between two quantiles.
struct TraceGroup {
  std::string name;  // `typical`, `slow`
  double from_quantile = 0, to_quantile = 0;
  std::uint64_t requests = 0;
  double total_ns = 0;
  std::vector<TracePart> parts;
};

struct TracedTask {
  std::string name;
  std::uint64_t traced = 0;    // requests whose stages are known
  std::uint64_t untraced = 0;  // answered without, or with stamps that cannot be compared
  std::vector<TraceGroup> groups;
};

struct TraceRecord {
  std::vector<TracedTask> tasks;
  std::string not_available;  // why there is nothing; empty: there is
  // Median service time with tracing and, in the judged repetitions, without.
  Duration p50_traced{}, p50_untraced{};
};

}  // namespace natsproof
