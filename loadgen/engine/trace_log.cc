#include "loadgen/engine/trace_log.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "messaging/headers.h"

namespace natsproof {

TraceLog::TraceLog(std::size_t slots, std::size_t tasks, std::size_t most_requests,
                   std::uint64_t seed)
    : mask_(slots - 1),
      written_(slots),
      ok_(tasks),
      random_(seed),
      room_(std::max<std::size_t>(most_requests, 1)),
      entries_(new Entry[room_]) {
  assert(std::has_single_bit(slots));
  unwritten_.reserve(slots);
}

void TraceLog::sent(Sequence sequence, Instant write_began) {
  // With several connections a pass has several writes: the next one begins when this one is over.
  if (write_began != write_began_) flushed(write_began);
  write_began_ = write_began;
  if (unwritten_.size() < unwritten_.capacity()) unwritten_.push_back(sequence);
}

void TraceLog::flushed(Instant now) {
  for (const Sequence sequence : unwritten_) written_[sequence & mask_] = {sequence, now};
  unwritten_.clear();
}

// Vitter's algorithm R: room_: this one is not kept.
std::size_t TraceLog::next_place() {
  ++seen_;
  if (kept_ < room_) return kept_++;
  return static_cast<std::size_t>(std::min<std::uint64_t>(random_.below(seen_), room_));
}

void TraceLog::answered(const Slot& slot, const Message& reply, Instant verified) {
  ++ok_[slot.task];
  const std::size_t place = next_place();
  if (place == room_) return;
  Entry& entry = entries_[place];
  const Written& written = written_[slot.sequence & mask_];
  entry.task = slot.task;
  entry.flush_known = written.sequence == slot.sequence;
  entry.intended = slot.intended.time_since_epoch().count();
  entry.sent = slot.actual.time_since_epoch().count();
  entry.flushed = written.returned.time_since_epoch().count();
  entry.received = reply.received.time_since_epoch().count();
  entry.verified = verified.time_since_epoch().count();
  entry.stamp_bytes = 0;
  if (reply.headers.empty()) return;
  const auto stamps = find_header(reply.headers, kTraceHeader);
  if (!stamps) return;
  if (stamps->empty() || stamps->size() > entry.stamps.size()) {
    entry.stamp_bytes = kTooLong;
    return;
  }
  entry.stamp_bytes = static_cast<std::uint16_t>(stamps->size());
  std::memcpy(entry.stamps.data(), stamps->data(), stamps->size());
}

TracedRequest TraceLog::read(const Entry& entry) {
  const auto instant = [](Instant::rep ns) { return Instant{Duration{ns}}; };
  TracedRequest request{.task = entry.task,
                        .intended = instant(entry.intended),
                        .sent = instant(entry.sent),
                        .received = instant(entry.received),
                        .verified = instant(entry.verified)};
  if (entry.flush_known) request.flushed = instant(entry.flushed);
  if (entry.stamp_bytes == 0) return request;
  request.state = StampState::unreadable;
  if (entry.stamp_bytes == kTooLong) return request;
  const std::string_view value(entry.stamps.data(), entry.stamp_bytes);
  if (value == kTraceWanted) {
    // A library that answers with the request's headers gives back what was asked: no stamps.
    request.state = StampState::none;
    return request;
  }
  auto stamps = read_trace_stamps(value);
  if (!stamps) return request;
  const bool comparable = stamps->boot_id() == boot_id();
  request.state = comparable ? StampState::comparable : StampState::other_host;
  if (comparable) request.stamps = *stamps;
  return request;
}

void TraceLog::take(TraceSamples& into) const {
  into.ok.resize(std::max(into.ok.size(), ok_.size()));
  for (std::size_t task = 0; task < ok_.size(); ++task) into.ok[task] += ok_[task];
  into.requests.reserve(into.requests.size() + kept_);
  for (std::size_t i = 0; i < kept_; ++i) into.requests.push_back(read(entries_[i]));
}

}  // namespace natsproof
