// What one worker keeps of the requests of a traced repetition: the instants that it knows itself,
// and the bytes of the stamps that came with the replies, to be read after the run.
//
// All memory is taken by the constructor; where more requests are answered than there is room for,
// those that are kept are an even sample of all (reservoir sampling). For the worker's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "base/trace_stamps.h"
#include "loadgen/engine/request_table.h"
#include "loadgen/measure/waterfall.h"
#include "messaging/transport.h"

namespace natsproof {

class TraceLog {
 public:
  // Of all workers together.
  static constexpr std::size_t kMostRequests = 50'000;

  // `slots`: of the request table; a power of two.
  TraceLog(std::size_t slots, std::size_t tasks, std::size_t most_requests, std::uint64_t seed);

  // It was carried by a write that began then.
  void sent(Sequence sequence, Instant write_began);
  // All writes so far have returned.
  void flushed(Instant now);
  // It was answered as it should be.
  void answered(const Slot& slot, const Message& reply, Instant verified);

  // Adds what was kept. Allocates.
  void take(TraceSamples& into) const;

 private:
  struct Written {
    Sequence sequence = kNoSequence;
    Instant returned{};
  };
  // Without initializers: memory that is not needed is not touched.
  struct Entry {
    std::uint16_t task;
    bool flush_known;
    std::uint16_t stamp_bytes;  // kTooLong: more than there is room for
    Instant::rep intended, sent, flushed, received, verified;
    std::array<char, kMostTraceBytes> stamps;
  };
  static constexpr std::uint16_t kTooLong = UINT16_MAX;
  static_assert(kMostTraceBytes < kTooLong);

  [[nodiscard]] std::size_t next_place();
  [[nodiscard]] static TracedRequest read(const Entry& entry);

  std::size_t mask_;
  std::vector<Written> written_;     // by sequence number
  std::vector<Sequence> unwritten_;  // of the write that was told last
  Instant write_began_{};
  std::vector<std::uint64_t> ok_;  // by task
  std::uint64_t seen_ = 0;         // of all tasks
  Random random_;
  std::size_t room_;
  std::size_t kept_ = 0;
  std::unique_ptr<Entry[]> entries_;
};

}  // namespace natsproof
