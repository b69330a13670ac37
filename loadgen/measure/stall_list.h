// The stalls of a run, written by one thread and read by others while it writes.
//
// Everything is allocated by the constructor: kCapacity stalls, 2 MiB. What comes after them is
// counted only. A stall that has been added is never changed, so nobody locks: readers see the
// first size() stalls whole. They lie in order and apart, as the one thread that is late cannot be
// late twice at a time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace natsproof {

// Somebody should have been awake from `start + unseen` on, and was at `end`. They slept before
// that, and would not have noticed a stall that had begun already: `unseen` is what is allowed for
// it.
struct StallSpan {
  Instant start, end;
  Duration unseen{};
  Duration before{};  // the lengths of all earlier ones together
  [[nodiscard]] Duration length() const { return end - start; }
};

class StallList {
 public:
  static constexpr std::size_t kCapacity = 65'536;

  StallList() : spans_(kCapacity) {}
  StallList(const StallList&) = delete;
  StallList& operator=(const StallList&) = delete;

  // The writer. REQUIRES: start - unseen is not before the last one's end, end not before start.
  void add(Instant start, Instant end, Duration unseen = {}) noexcept {
    const std::size_t size = size_.load(std::memory_order_relaxed);
    if (size == kCapacity) {
      missed_.store(missed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return;
    }
    const Duration before =
        size == 0 ? Duration{0} : spans_[size - 1].before + spans_[size - 1].length();
    spans_[size] = {start - unseen, end, unseen, before};
    size_.store(size + 1, std::memory_order_release);
  }

  // Readers.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  // REQUIRES: index < a size() that this thread has seen.
  [[nodiscard]] const StallSpan& operator[](std::size_t index) const noexcept {
    return spans_[index];
  }
  // How many found no room.
  [[nodiscard]] std::uint64_t missed() const noexcept {
    return missed_.load(std::memory_order_relaxed);
  }
  // How much of [from, until) the stalls known so far take.
  [[nodiscard]] Duration within(Instant from, Instant until) const noexcept {
    if (until <= from) return Duration{0};
    const std::size_t size = this->size();
    return stalled_before(until, size) - stalled_before(from, size);
  }

 private:
  // REQUIRES: size is one that this thread has seen.
  [[nodiscard]] Duration stalled_before(Instant when, std::size_t size) const noexcept {
    const auto begin = spans_.begin();
    const auto after =
        std::partition_point(begin, begin + static_cast<std::ptrdiff_t>(size),
                             [when](const StallSpan& span) { return span.start < when; });
    if (after == begin) return Duration{0};
    const StallSpan& last = *(after - 1);
    return last.before + std::min(last.end, when) - last.start;
  }

  std::vector<StallSpan> spans_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> missed_{0};
};

}  // namespace natsproof
