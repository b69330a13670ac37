// Instants and durations, and the clock they come from.
//
// Everything that measures takes its Clock through the constructor, so that tests run on a
// ManualClock with exact nanoseconds. Inside the program time is std::chrono; a raw number crosses
// a wire or a log only with `_ns` in its name.
#pragma once

#include <atomic>
#include <chrono>

namespace natsproof {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using namespace std::chrono_literals;

[[nodiscard]] constexpr double to_seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

// CLOCK_MONOTONIC. Safe on any thread.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
};

// Moves only when told to. Starts at one second, so that no test relies on an instant being zero.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{Duration{now_ns_.load()}}; }
  void advance(Duration by) { now_ns_ += by.count(); }
  void advance_to(Instant when) {
    if (when > now()) now_ns_ = when.time_since_epoch().count();
  }

 private:
  std::atomic<Duration::rep> now_ns_{1'000'000'000};
};

}  // namespace natsproof
