// From the instants of traced requests to the parts of their time (docs/measurement.md,
// "Attribution"). Pure.
//
// A part is told only between two instants that are both known and in order; so the parts
// telescope, and whatever is missing or out of order makes its time `not explained`, and nothing
// else wrong: for any stamps, the parts of depth 0 are not negative and sum to the total.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/trace_stamps.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/measure/trace_record.h"

namespace natsproof {

enum class StampState : std::uint8_t { none, unreadable, other_host, comparable };

// What the generator and, where they can be compared, the service know of one request.
struct TracedRequest {
  std::size_t task = 0;              // in the plan's order
  Instant intended{}, sent{};        // as the schedule has it; just before the write
  std::optional<Instant> flushed{};  // that write had returned; nothing: not known
  Instant received{}, verified{};    // just after the read; the reply was looked at
  StampState state = StampState::none;
  std::optional<TraceStamps> stamps{};  // of a comparable one
};

// One request's parts. A part it does not have is not listed, but for `not explained`.
struct RequestParts {
  struct Part {
    std::string_view name;  // of a call: borrowed from the request
    std::uint32_t depth = 0;
    Duration time{};
  };
  Duration total{};
  std::vector<Part> parts;
};
RequestParts parts_of(const TracedRequest& request, bool open_loop);

// All requests of a task. `ok` and the counts are the caller's to add.
std::vector<TraceGroup> trace_groups(const std::vector<const TracedRequest*>& requests,
                                     bool open_loop);
// How many requests a group needs: that ten of them lie in it.
std::uint64_t requests_needed(const TraceGroup& group);

struct TraceSamples {
  std::vector<TracedRequest> requests;
  std::vector<std::uint64_t> ok;  // by task: how many requests they were drawn from
};
// `traced` is the extra repetition, `judged` the run's record so far, with a repetition at least.
TraceRecord trace_record(const TraceSamples& samples, const Repetition& traced,
                         const RunRecord& judged);

}  // namespace natsproof
