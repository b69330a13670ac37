#include "loadgen/engine/user_profile.h"

#include <algorithm>
#include <cmath>

namespace natsproof {

UserProfile::UserProfile(const Load& load) {
  Duration start{};
  const auto add = [&](const UserStretch& stretch) {
    if (stretch.length <= Duration::zero()) return;
    pieces_.push_back({start, stretch});
    start += stretch.length;
  };
  const double first = load.user_profile.front().from;
  add({.length = load.warmup, .from = first, .to = first});
  for (const UserStretch& stretch : load.user_profile) add(stretch);
}

std::optional<Duration> UserProfile::next_there(std::uint32_t user, Duration at) const {
  auto piece =
      std::upper_bound(pieces_.begin(), pieces_.end(), at,
                       [](Duration t, const Piece& candidate) { return t < candidate.start; });
  if (piece != pieces_.begin()) --piece;
  for (; piece != pieces_.end(); ++piece) {
    if (const auto there = next_in(*piece, user, std::max(at, piece->start))) return there;
  }
  return std::nullopt;
}

std::optional<Duration> UserProfile::next_in(const Piece& piece, std::uint32_t user, Duration at) {
  const double from = piece.stretch.from;
  const double to = piece.stretch.to;
  const Duration length = piece.stretch.length;
  const auto reaches = [&] {
    const long double part = (static_cast<long double>(user) - from) / (to - from);
    return piece.start + Duration{std::llround(part * static_cast<long double>(length.count()))};
  };
  const Duration end = piece.start + length;
  Duration there = at;
  if (user >= from) {
    if (user >= to) return std::nullopt;
    there = std::max(at, reaches());
  } else if (user >= to) {
    if (at >= reaches()) return std::nullopt;
  }
  if (there >= end) return std::nullopt;
  return there;
}

}  // namespace natsproof
