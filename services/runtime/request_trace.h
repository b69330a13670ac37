// The stages of one request that asked to be traced, while they pass (base/trace_stamps.h).
//
// It lives as long as somebody may still add to it: the handler, a late answer, a call under way.
// Not thread-safe: the Service it belongs to has the mutex.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/trace_stamps.h"

namespace natsproof {

class RequestTrace {
 public:
  RequestTrace(Instant received, Instant begun);

  void stamp(TraceStage stage, Instant at) { stamps_.set(stage, at); }
  // Only where nobody has yet.
  void stamp_once(TraceStage stage, Instant at) {
    if (!stamps_.at(stage)) stamps_.set(stage, at);
  }
  // Calls to the same neighbour that are under way together count as one. The place to end it;
  // kMostCalls: there is no room, and it is not told.
  std::size_t begin_call(std::string_view neighbour, Instant at);
  void end_call(std::size_t place, Instant at);

  // A block of headers (messaging/headers.h; may be empty) and the stamps behind it.
  [[nodiscard]] std::string with_stamps(std::string_view headers) const;

 private:
  TraceStamps stamps_;
  std::array<std::uint32_t, TraceStamps::kMostCalls> under_way_{};
};

}  // namespace natsproof
