// A fixed ring from many producers to one consumer, without locks: a full ring refuses, an empty
// one gives nothing.
//
// After Dmitry Vyukov's bounded queue (1024cores.net): a slot's turn says whose it is. Publishing a
// slot and looking at it are sequentially consistent, so that "publish, then look whether the
// consumer sleeps" and "say one sleeps, then look for a published slot" cannot both look too early.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace natsproof {

template <typename T>
class EventRing {
 public:
  // REQUIRES: a power of two above one.
  explicit EventRing(std::size_t capacity)
      : mask_(capacity - 1), slots_(std::make_unique<Slot[]>(capacity)) {
    for (std::size_t i = 0; i < capacity; ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
  }

  // False when full; `item` is untouched then. Any thread.
  bool try_push(T& item) {
    std::uint64_t at = tail_.load(std::memory_order_relaxed);
    while (true) {
      Slot& slot = slots_[at & mask_];
      const auto ahead = static_cast<std::int64_t>(slot.turn.load(std::memory_order_acquire) - at);
      if (ahead < 0) return false;
      if (ahead > 0) {
        at = tail_.load(std::memory_order_relaxed);
      } else if (tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        slot.item = std::move(item);
        slot.turn.store(at + 1, std::memory_order_seq_cst);
        return true;
      }
    }
  }

  // The consumer's thread only.
  bool try_pop(T& item) {
    if (empty()) return false;
    Slot& slot = slots_[head_ & mask_];
    item = std::move(slot.item);
    slot.turn.store(head_ + mask_ + 1, std::memory_order_release);
    ++head_;
    return true;
  }
  [[nodiscard]] bool empty() const {
    return slots_[head_ & mask_].turn.load(std::memory_order_seq_cst) != head_ + 1;
  }
  [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

 private:
  struct Slot {
    std::atomic<std::uint64_t> turn{0};
    T item{};
  };
  const std::size_t mask_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::uint64_t head_ = 0;
};

}  // namespace natsproof
