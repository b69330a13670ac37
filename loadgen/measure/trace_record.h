// Where the time of traced requests went. Plain data, of one extra repetition that is not judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace natsproof {

// One part of a request's way, in the order of the way. The parts of depth 0 sum to the whole;
// those of depth 1 lie in the part of depth 0 before them, and sum to it.
struct TracePart {
  std::string name;
  std::uint32_t depth = 0;
  double mean_ns = 0;
};

// The mean parts of the requests whose total lies between two quantiles.
//
// The total goes from the intended send (in a closed loop: from the actual one) until the reply was
// verified: the response time (the service time), and what the generator took to look at the reply.
struct TraceGroup {
  std::string name;  // `typical`, `slow`
  double from_quantile = 0, to_quantile = 0;
  std::uint64_t requests = 0;  // 0: there were too few to tell any apart
  double total_ns = 0;
  std::vector<TracePart> parts;  // the same ones in all groups of a task
};

// Of ok requests in the measurement. The groups are of the traced ones; of the untraced ones where
// none was traced.
struct TracedTask {
  std::string name;
  std::uint64_t ok = 0;        // all of them; the others are counts of a sample, where that is less
  std::uint64_t traced = 0;    // requests whose stages are known
  std::uint64_t untraced = 0;  // answered without, or with stamps that cannot be compared:
  std::uint64_t other_host = 0;  // of those, the ones that a clock of another host stamped
  std::uint64_t unreadable = 0;  // and the ones whose stamps are in no format of ours
  std::vector<TraceGroup> groups;
};

struct TraceRecord {
  std::vector<TracedTask> tasks;
  std::string not_available;  // why there is nothing; empty: there is
  // Median service time with tracing and, in the judged repetitions together, without.
  Duration p50_traced{}, p50_untraced{};
  // Of the judged repetitions' own medians: what repetitions differ by without tracing.
  Duration least_p50_untraced{}, most_p50_untraced{};
};

}  // namespace natsproof
