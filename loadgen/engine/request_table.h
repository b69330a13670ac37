// The requests of one worker that may still be answered: a power-of-two ring of slots, indexed by
// sequence number.
//
// A reply finds its slot with a mask. A slot that has moved on tells a late reply or a duplicate
// from a first one: its state says what became of the request, until another takes the slot. One
// that was lost is kept for twice its timeout; one that was answered until the ring comes round.
// Timeouts are constant per task, so the open requests of a task, linked in the order in which they
// were made, have the overdue in front; there is no timer heap. All memory is taken by the
// constructor, and is the same for any number of tasks and however long one request stays open.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
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
  std::uint32_t before = 0, after = 0;  // the table's: the task's open requests beside this one

  [[nodiscard]] bool is_open() const {
    return state == SlotState::queued || state == SlotState::in_flight;
  }
};

class RequestTable {
 public:
  // Steps over this many held slots at most for one request, well below 0.1 ms.
  static constexpr std::size_t kMostSkipped = 1 << 14;

  // Holds at least `slots` requests, at most 2^31, for tasks 0 .. timeouts.size()-1.
  RequestTable(std::size_t slots, std::vector<Duration> timeouts)
      : slots_(std::bit_ceil(slots)),
        mask_(slots_.size() - 1),
        timeouts_(std::move(timeouts)),
        open_(timeouts_.size()) {}

  [[nodiscard]] std::size_t size() const { return slots_.size(); }

  // The slot for a new request, nullptr if the table is full: its place is held by a request that
  // may still be answered, or was lost less than twice its timeout ago.
  [[nodiscard]] Slot* claim(Sequence sequence, std::size_t task, Instant now) {
    Slot& slot = slots_[sequence & mask_];
    if (is_held(slot, now)) return nullptr;
    slot.sequence = sequence;
    slot.task = static_cast<std::uint16_t>(task);
    slot.state = SlotState::queued;
    link(slot);
    return &slot;
  }
  // The same for the first number from `next` on whose place is not held; `next` becomes the one
  // after it. A closed loop's way: its table is made for the requests that its users can have open,
  // so a quick user comes round to the place of a slow one's.
  [[nodiscard]] Slot* claim_next(Sequence& next, std::size_t task, Instant now) {
    for (std::size_t skipped = 0; skipped < std::min(slots_.size(), kMostSkipped); ++skipped) {
      if (Slot* slot = claim(next++, task, now)) return slot;
    }
    return nullptr;
  }
  // Takes back a claim().
  void withdraw(Slot& slot) {
    unlink(slot);
    slot.state = SlotState::free;
    slot.sequence = kNoSequence;
  }
  // The request is decided. REQUIRES: the slot is open; `state` is answered or lost.
  void close(Slot& slot, SlotState state) {
    unlink(slot);
    slot.state = state;
  }

  // nullptr: no slot has this number (any more).
  [[nodiscard]] Slot* find(Sequence sequence) {
    Slot& slot = slots_[sequence & mask_];
    return slot.sequence == sequence && slot.state != SlotState::free ? &slot : nullptr;
  }

  // Calls `expire(Slot&)` for every open request of a task whose deadline has come; it must close
  // the slot.
  template <typename Expire>
  void expire(std::size_t task, Instant now, Expire&& expire) {
    while (Slot* slot = oldest_open(task)) {
      if (slot->actual + timeouts_[task] > now) return;
      expire(*slot);
    }
  }
  // The next deadline of a task; Instant::max() if nothing is open.
  [[nodiscard]] Instant next_deadline(std::size_t task) {
    const Slot* slot = oldest_open(task);
    return slot == nullptr ? Instant::max() : slot->actual + timeouts_[task];
  }

  // Calls `visit(Slot&)` for every open request. Cold: walks the whole ring.
  template <typename Visit>
  void for_each_open(Visit&& visit) {
    for (Slot& slot : slots_) {
      if (slot.is_open()) visit(slot);
    }
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct OpenRequests {
    std::uint32_t oldest = kNone, newest = kNone;
  };

  [[nodiscard]] bool is_held(const Slot& slot, Instant now) const {
    return slot.is_open() ||
           (slot.state == SlotState::lost && now < slot.actual + 2 * timeouts_[slot.task]);
  }

  void link(Slot& slot) {
    OpenRequests& open = open_[slot.task];
    const auto index = static_cast<std::uint32_t>(&slot - slots_.data());
    slot.before = open.newest;
    slot.after = kNone;
    (open.newest == kNone ? open.oldest : slots_[open.newest].after) = index;
    open.newest = index;
  }
  void unlink(Slot& slot) {
    OpenRequests& open = open_[slot.task];
    (slot.before == kNone ? open.oldest : slots_[slot.before].after) = slot.after;
    (slot.after == kNone ? open.newest : slots_[slot.after].before) = slot.before;
  }

  Slot* oldest_open(std::size_t task) {
    const std::uint32_t oldest = open_[task].oldest;
    return oldest == kNone ? nullptr : &slots_[oldest];
  }

  std::vector<Slot> slots_;
  std::size_t mask_;
  std::vector<Duration> timeouts_;
  std::vector<OpenRequests> open_;  // by task
};

}  // namespace natsproof
