// A pause of known length must be found in response time, whole and for every request that it met:
// once the service stands still (SIGSTOP), once the generator does. And a closed loop must be shown
// to hide it.
//
// A stop counts only where the whole of it lies in the measurement, by our own clock, and where it
// is known to have been about as long as it was meant: on a busy machine it may begin late, or be
// known only roughly. Else nothing is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/app/selftest/check_row.h"
#include "loadgen/app/selftest/disturbance.h"
#include "loadgen/app/selftest/measured_run.h"

namespace natsproof {

inline constexpr Duration kStop = 200ms;
inline constexpr Duration kOverLimit = 50ms;  // requests that a stop met are counted over this
inline constexpr Rate kStopRate{1000};        // of the open loop

struct StopMeasured {
  MeasuredRun run;
  std::optional<Length> stop, stall;  // of the service, of the generator; nothing: see `failed`
  std::string failed{};
};

// When a repetition began, by what its watch sees about ten times a second, and from that when a
// stop must begin and end.
class StopWindow {
 public:
  // Whether a stop may begin now.
  bool may_begin(const LiveFigures& live, std::uint32_t repetition, Instant now);
  // Of a stop that is over now: nothing, or why it counts for nothing.
  [[nodiscard]] std::string too_late(Instant now) const;

 private:
  std::optional<std::uint32_t> repetition_;
  Instant began_;  // not earlier than the repetition did
  Duration total_{};
};

// Open loop, three repetitions: undisturbed, the service stopped, the generator stalled.
StopMeasured measure_stops();
std::vector<CheckRow> find_stops(const StopMeasured& measured);

// A closed loop of one user, one repetition with the service stopped.
StopMeasured measure_closed_loop();
std::vector<CheckRow> find_closed_loop(const StopMeasured& measured);

}  // namespace natsproof
