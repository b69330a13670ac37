// The requests of one worker that may still be answered: a power-of-two ring of slots, indexed by
// sequence number.
//
// A reply finds its slot with a mask. A slot that has moved on tells a late reply or a duplicate
// from a first one: its state says what became of the request, until the ring comes round. Timeouts
// are constant per task, so one FIFO per task finds the overdue; there is no timer heap. All memory
// is taken by the constructor.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

enum class SlotState : std::uint8_t {
  free,
  queued,     // accepted by the transport, not yet carried by a write
  in_flight,  // carried
  answered,
  lost,  // decided without a reply: timeout or disconnected
};

struct Slot {
  Sequence sequence = kNoSequence;
  Instant intended;
  Instant actual;  // until it is carried: when it was queued
  ConnectionId connection = 0;
  std::uint32_t user = 0;  // closed loop
  std::uint16_t task = 0;
  std::uint16_t payload = 0;  // of the task's pool
  SlotState state = SlotState::free;

  [[nodiscard]] bool is_open() const {
    return state == SlotState::queued || state == SlotState::in_flight;
  }
};

class RequestTable {
 public:
  // Holds at least `slots` requests, for tasks 0 .. tasks-1.
  RequestTable(std::size_t slots, std::size_t tasks)
      : slots_(std::bit_ceil(slots)), mask_(slots_.size() - 1), due_(tasks, Fifo(slots_.size())) {}

  [[nodiscard]] std::size_t size() const { return slots_.size(); }

  // The slot for a new request, nullptr if the table is full: its place is held by a request that
  // may still be answered, or was lost less than twice its timeout ago.
  [[nodiscard]] Slot* claim(Sequence sequence, std::size_t task, Duration timeout, Instant now) {
    Slot& slot = slots_[sequence & mask_];
    if (slot.is_open() || due_[task].full()) return nullptr;
    if (slot.state == SlotState::lost && now < slot.actual + 2 * timeout) return nullptr;
    due_[task].push(sequence);
    slot.sequence = sequence;
    slot.task = static_cast<std::uint16_t>(task);
    slot.state = SlotState::queued;
    return &slot;
  }
  // Takes back the claim() made last for this task.
  void withdraw(Slot& slot) {
    due_[slot.task].pop_back();
    slot.state = SlotState::free;
    slot.sequence = kNoSequence;
  }

  // nullptr: no slot has this number (any more).
  [[nodiscard]] Slot* find(Sequence sequence) {
    Slot& slot = slots_[sequence & mask_];
    return slot.sequence == sequence && slot.state != SlotState::free ? &slot : nullptr;
  }

  // Calls `expire(Slot&)` for every open request of a task whose deadline has come; it must close
  // the slot.
  template <typename Expire>
  void expire(std::size_t task, Duration timeout, Instant now, Expire&& expire) {
    Fifo& due = due_[task];
    while (Slot* slot = oldest_open(due)) {
      if (slot->actual + timeout > now) return;
      due.pop();
      expire(*slot);
    }
  }
  // The next deadline of a task; Instant::max() if nothing is open.
  [[nodiscard]] Instant next_deadline(std::size_t task, Duration timeout) {
    const Slot* slot = oldest_open(due_[task]);
    return slot == nullptr ? Instant::max() : slot->actual + timeout;
  }

  // Calls `visit(Slot&)` for every open request. Cold: walks the whole ring.
  template <typename Visit>
  void for_each_open(Visit&& visit) {
    for (Slot& slot : slots_) {
      if (slot.is_open()) visit(slot);
    }
  }

 private:
  class Fifo {
   public:
    explicit Fifo(std::size_t capacity) : ring_(capacity), mask_(capacity - 1) {}
    [[nodiscard]] bool empty() const { return head_ == tail_; }
    [[nodiscard]] bool full() const { return tail_ - head_ == ring_.size(); }
    [[nodiscard]] Sequence front() const { return ring_[head_ & mask_]; }
    void push(Sequence sequence) { ring_[tail_++ & mask_] = sequence; }
    void pop() { ++head_; }
    void pop_back() { --tail_; }

   private:
    std::vector<Sequence> ring_;
    std::size_t mask_;
    std::size_t head_ = 0, tail_ = 0;
  };

  Slot* oldest_open(Fifo& due) {
    for (; !due.empty(); due.pop()) {
      Slot& slot = slots_[due.front() & mask_];
      if (slot.sequence == due.front() && slot.is_open()) return &slot;
    }
    return nullptr;
  }

  std::vector<Slot> slots_;
  std::size_t mask_;
  std::vector<Fifo> due_;
};

}  // namespace natsproof
