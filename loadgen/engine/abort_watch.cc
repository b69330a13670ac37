#include "loadgen/engine/abort_watch.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"

namespace natsproof {

bool AbortWatch::add(const Interval& interval) {
  if (broken_) return true;
  std::uint64_t decided = 0;
  std::uint64_t failed = 0;
  for (std::size_t c = 0; c < kRequestClasses; ++c) {
    decided += interval.classes[c];
    if (!is_success(static_cast<RequestClass>(c))) failed += interval.classes[c];
  }
  if (decided == 0) return false;
  const double share = static_cast<double>(failed) / static_cast<double>(decided);
  if (share <= limit_.errors) {
    in_a_row_ = 0;
    least_ = 1;
    most_ = 0;
    return false;
  }
  least_ = std::min(least_, share);
  most_ = std::max(most_, share);
  broken_ = ++in_a_row_ * Duration{1s} >= limit_.lasting;
  return broken_;
}

std::string AbortWatch::why() const {
  const std::string shares =
      least_ == most_ ? format_share(most_)
                      : fmt::format("{} to {}", format_share(least_), format_share(most_));
  return fmt::format("{}: {} with {} of requests failed", limit_.text,
                     in_a_row_ == 1 ? "a second" : fmt::format("{} seconds in a row", in_a_row_),
                     shares);
}

}  // namespace natsproof
