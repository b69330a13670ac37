// A pause of known length must be found in response time, whole and for every request that it met:
// once the service stands still (SIGSTOP), once the generator does. And a closed loop must be shown
// to hide it.
#pragma once

#include <optional>
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

// Open loop, three repetitions: undisturbed, the service stopped, the generator stalled.
StopMeasured measure_stops();
std::vector<CheckRow> find_stops(const StopMeasured& measured);

// A closed loop of one user, one repetition with the service stopped.
StopMeasured measure_closed_loop();
std::vector<CheckRow> find_closed_loop(const StopMeasured& measured);

}  // namespace natsproof
