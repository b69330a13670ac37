// How evenly a claim's requests lie within their seconds.
//
// A block tells how many requests a second has, not whether they all went out in the same instant
// of it. What disturbs the rest of such a second meets none of them. So each block also has a mask
// of the slots, 64 to a second, in which at least one of its requests was intended. What that is
// for: docs/measurement.md, "Coverage".
#pragma once

#include <cstdint>
#include <span>

#include "base/time.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

inline constexpr int kSlots = 64;
inline constexpr Duration kSlot = Duration{1s} / kSlots;

// The slot's bit in Block::slots. REQUIRES: 0 <= `into_second` < 1 s.
inline std::uint64_t slot_bit(Duration into_second) {
  return std::uint64_t{1} << (static_cast<std::uint64_t>(into_second / 1ns) * kSlots /
                              1'000'000'000);
}

// The slots that requests took, against those that as many would take at evenly random instants.
class LoadSpread {
 public:
  // A second, or a part of one, that has `slots` of them.
  void add(double requests, double taken, double slots = kSlots);
  // In (0..1]: by what part the time is shorter that the load fills. 1 where it is within chance
  // (three deviations) or within a tenth: the users of a closed loop wait together while the
  // service pauses, which leaves slots empty that the load would have filled. 1 as well where
  // there are too few requests to tell.
  [[nodiscard]] double value() const;

 private:
  double requests_ = 0, taken_ = 0, expected_ = 0, variance_ = 0;
};

// Of one claim's blocks in a repetition with such a window.
double spread_of(std::span<const Block> blocks, Duration window);

}  // namespace natsproof
