#include "services/runtime/request_trace.h"

#include <algorithm>

namespace natsproof {

RequestTrace::RequestTrace(Instant received, Instant begun) {
  const std::string_view boot = boot_id();
  stamps_.boot_id_bytes.fill('?');  // nobody's, where it is not known
  std::copy(boot.begin(), boot.end(), stamps_.boot_id_bytes.begin());
  stamps_.set(TraceStage::received, received);
  stamps_.set(TraceStage::begun, begun);
}

std::size_t RequestTrace::begin_call(std::string_view neighbour, Instant at) {
  TraceCall call{.begun = at, .ended = at};
  call.set_name(neighbour);
  for (std::size_t i = 0; i < stamps_.call_count; ++i) {
    if (under_way_[i] == 0 || stamps_.calls[i].name() != call.name()) continue;
    ++under_way_[i];
    return i;
  }
  if (stamps_.call_count == TraceStamps::kMostCalls) return TraceStamps::kMostCalls;
  stamps_.calls[stamps_.call_count] = call;
  under_way_[stamps_.call_count] = 1;
  return stamps_.call_count++;
}

void RequestTrace::end_call(std::size_t place, Instant at) {
  if (place == TraceStamps::kMostCalls) return;
  stamps_.calls[place].ended = at;
  --under_way_[place];
}

std::string RequestTrace::with_stamps(std::string_view headers) const {
  constexpr std::string_view kVersion = "NATS/1.0\r\n", kEnd = "\r\n";
  std::string block;
  block.reserve(headers.size() + kVersion.size() + kTraceHeader.size() + kMostTraceBytes + 8);
  block += headers.empty() ? kVersion : headers.substr(0, headers.size() - kEnd.size());
  block.append(kTraceHeader).append(": ");
  write_trace_stamps(stamps_, block);
  block.append(kEnd).append(kEnd);
  return block;
}

}  // namespace natsproof
