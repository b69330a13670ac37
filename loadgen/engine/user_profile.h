// When each user of a closed loop is there.
//
// Users are numbered; user u is there at t when u < users(t), a piecewise linear function of time.
// So the number falls by the users with the highest numbers and rises by the same again. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

class UserProfile {
 public:
  // The load's profile after its warm-up, which has as many users as the profile begins with.
  // REQUIRES: load.user_profile is not empty.
  explicit UserProfile(const Load& load);

  // The first instant from `at` on at which the user is there, in time since the start of the
  // warm-up, to the nearest nanosecond; nothing: it does not come any more. A user comes at the
  // instant at which a rise reaches its number, and has gone at that at which a fall does.
  [[nodiscard]] std::optional<Duration> next_there(std::uint32_t user, Duration at) const;

 private:
  struct Piece {
    Duration start{};
    UserStretch stretch;
  };
  static std::optional<Duration> next_in(const Piece& piece, std::uint32_t user, Duration at);

  std::vector<Piece> pieces_;
};

}  // namespace natsproof
