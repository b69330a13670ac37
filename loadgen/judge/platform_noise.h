// What the machine took from a run: time that the hypervisor stole, time throttled by the
// container's limit, and the stalls that a hiccup thread saw. docs/measurement.md, "Gates" and
// "Benefit of the doubt".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "loadgen/judge/gate_reading.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// The measured time of a repetition that lay in stalls longer than that, and how many they were, at
// most: a record lists the longest ones only, and what it does not list counts as long as it may
// be.
struct StallTime {
  Duration time{};
  std::uint64_t count = 0;
};
StallTime time_in_stalls(const Repetition& repetition, Duration longer_than);

// Shares, 0..1; what no repetition knows is absent, and where some know it, it is theirs alone.
struct PlatformNoise {
  std::optional<double> steal;      // of the cores' time
  std::optional<double> throttled;  // of the measured time, all cores together
  // Of a latency claim's requests, those that a stall overlapped by more than 10 % of its limit. Of
  // any other claim: of the measured time, what lay in stalls longer than 10 % of the mean's limit
  // or of the shortest timeout of its tasks.
  std::optional<double> disturbed;
  // Of the measured time, all recorded stalls. Absent where one repetition did not look, or could
  // not list what it saw.
  std::optional<double> stalled;
};
// `index`: the claim's place in the record.
PlatformNoise platform_noise(std::span<const Repetition> repetitions, const Claim& claim,
                             std::size_t index);

// The figure is the largest of the three. Steal and throttling do not count where all of it
// together would overlap no request by more than 10 % of its limit. Not checked where they are
// within the limit and stalls are missing.
GateReading read_platform_noise(std::span<const Repetition> repetitions, const Claim& claim,
                                std::size_t index, std::uint32_t cores, double limit);

// Do stalls show the noise? Only where they were looked for all the time, it is known what was
// stolen, and what was stolen or throttled is in them: a hiccup thread that slept well through 3 %
// of steal has not seen what the requests have. What they do not show must be within the gate's
// limit itself. `cores` that are throttled together count as one.
bool stalls_account_for(const PlatformNoise& noise, std::uint32_t cores, double limit);
// Of one repetition's measurement, the time in which the machine may have run nothing of ours: its
// stalls, and what was stolen or throttled, one after the other. Nothing: not known.
std::optional<Duration> time_absent(const Repetition& repetition, std::uint32_t cores);
// The time that was stolen or throttled, of each core for itself: no request has lost more to it.
// `measured`: the seconds that the shares are of.
Duration time_taken(const PlatformNoise& noise, std::uint32_t cores, Duration measured);

}  // namespace natsproof
