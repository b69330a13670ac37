// The gates: for every defect of the instrument, the figure that shows it, its limit, and which
// verdict it could have faked.
//
// gates.cc holds one table; a new gate is a new row there and a function that reads its figure.
// docs/measurement.md, "Gates", has the same table for people, and the reasons.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "loadgen/judge/judgement.h"

namespace natsproof {

// The gates on change over time: within the repetitions, and from one to the next.
inline constexpr std::string_view kStationarity = "stationarity";
inline constexpr std::string_view kRepetitionTrend = "repetition trend";

// The part of a record that gates are read on: all of it, or one repetition by itself.
struct GateScope {
  const Conditions& conditions;
  std::span<const Claim> claims;
  std::span<const Repetition> repetitions;
  bool is_whole_run = true;  // only then can the gates on change be read
};

// Every gate that applies, in the table's order; those about a claim once for each.
std::vector<GateResult> read_gates(const GateScope& scope);
std::vector<std::string_view> gate_names();  // in the table's order

// What must be granted to a claim to see whether its refutation depends on a failed gate:
// docs/measurement.md, "Benefit of the doubt".
enum class Benefit {
  none,        // nothing makes up for it: the refutation is blocked
  scheduling,  // service time in the place of response time, and the lag off that, for a generator
               // that sends late reads late; timeouts as with slowness
  refusals,    // what the full table refused counts as answered in time
  slowness,    // the floor off every time, and timeouts of a success claim count as answered
  stalls,      // requests that recorded stalls explain count as fast; timeouts as with slowness
};
Benefit benefit_against(std::string_view gate_name);

}  // namespace natsproof
