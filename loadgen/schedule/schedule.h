// When requests are intended to go out: a pure function of their index.
//
// An open loop's arrivals are a unit-rate process (0, 1, 2, ... or a seeded Poisson sequence)
// carried through the inverse of the profile's cumulative rate, so a late request moves no other,
// rounding never accumulates and a stalled generator skips nothing. One thread at a time; every
// worker has its own Schedule of the same seed and takes every W-th arrival.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "base/units.h"

namespace natsproof {

enum class Arrivals { constant, poisson };

// A part of a profile: the rate goes linearly from `from` to `to`; equal for a step.
struct Stretch {
  Duration length{};
  Rate from, to;
  bool operator==(const Stretch&) const = default;
};

// The profile's cumulative number of arrivals and its inverse.
class Profile {
 public:
  // REQUIRES: at least one stretch, no negative rate or length, not all rates 0.
  explicit Profile(std::span<const Stretch> stretches);
  [[nodiscard]] Duration length() const { return length_; }
  [[nodiscard]] double arrivals_until(Duration t) const;  // t clamped to 0..length()
  // To the nearest nanosecond; length() if x is not reached. An arrival due at the edge of a pause
  // comes at its end.
  [[nodiscard]] Duration time_of_arrival(double x) const;
  [[nodiscard]] Rate peak() const;
  [[nodiscard]] double total() const { return total_; }

 private:
  struct Piece {
    Duration start{};
    Stretch stretch;
    long double before = 0;  // arrivals before its start
  };
  std::vector<Piece> pieces_;
  Duration length_{};
  double total_ = 0;
};

// A request's place in the schedule.
struct Arrival {
  std::uint64_t index = 0;
  Duration intended{};  // from the start of the schedule
};

class Schedule {
 public:
  // This worker's share: indices worker, worker + workers, ...
  Schedule(Profile profile, Arrivals arrivals, std::uint64_t seed, std::uint32_t worker,
           std::uint32_t workers);

  // The next arrival of this worker, all before the profile's end (10 s at 100/s are 1,000: at 0
  // ms, 10 ms, ... 9,990 ms), then nothing. Intended times never decrease.
  [[nodiscard]] std::optional<Arrival> next();

 private:
  void step(std::uint32_t arrivals);

  Profile profile_;
  Arrivals arrivals_;
  Random random_;
  std::uint32_t workers_;
  Duration last_{};          // this worker's latest intended time
  std::uint64_t index_ = 0;  // of the next arrival of all workers
  double position_ = 0;      // of that arrival in the unit-rate process
};

}  // namespace natsproof
