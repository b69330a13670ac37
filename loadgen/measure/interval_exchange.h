// One-second intervals, handed from a worker to whoever watches the run, without a lock on the
// worker's path.
//
// The worker counts in current(). When a second is over, roll() swaps in the spare, if the
// collector has given it back; if not, the interval simply grows longer. The collector (one thread)
// takes full intervals and gives them back empty.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/request_class.h"

namespace natsproof {

struct IntervalCounts {
  std::int64_t second = 0;  // since the repetition's start; of its beginning
  std::uint64_t sent = 0;
  std::array<std::uint64_t, kRequestClasses> classes{};
  Histogram latency;
};

class IntervalExchange {
 public:
  explicit IntervalExchange(Instant start) : start_(start) {
    for (IntervalCounts& counts : buffers_) counts.latency.reserve();
  }
  IntervalExchange(const IntervalExchange&) = delete;
  IntervalExchange& operator=(const IntervalExchange&) = delete;

  // Worker.
  [[nodiscard]] IntervalCounts& current() { return *current_; }
  void roll(Instant now) {
    if (now < next_roll_) return;
    swap(now);
  }

  // Collector: calls `take(const IntervalCounts&)` for a full interval, if there is one.
  template <typename Take>
  void collect(Take&& take) {
    IntervalCounts* full = full_.exchange(nullptr, std::memory_order_acquire);
    if (full == nullptr) return;
    take(static_cast<const IntervalCounts&>(*full));
    clear(*full);
    spare_.store(full, std::memory_order_release);
  }
  // After the worker has ended: what is left, the unfinished second last.
  template <typename Take>
  void finish(Take&& take) {
    collect(take);
    take(static_cast<const IntervalCounts&>(*current_));
  }

 private:
  void swap(Instant now) {
    IntervalCounts* spare = spare_.exchange(nullptr, std::memory_order_acquire);
    if (spare == nullptr) return;
    const auto second = (now - start_) / 1s;
    spare->second = second;
    full_.store(current_, std::memory_order_release);
    current_ = spare;
    next_roll_ = start_ + (second + 1) * 1s;
  }
  static void clear(IntervalCounts& counts) {
    counts.sent = 0;
    counts.classes = {};
    counts.latency.reset();
  }

  Instant start_;
  Instant next_roll_ = start_ + 1s;
  std::array<IntervalCounts, 2> buffers_;
  IntervalCounts* current_ = &buffers_[0];
  std::atomic<IntervalCounts*> full_{nullptr};
  std::atomic<IntervalCounts*> spare_{&buffers_[1]};
};

}  // namespace natsproof
