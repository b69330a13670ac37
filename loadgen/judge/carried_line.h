// A change over time, carried on: where does it lead, seen from a claim's limit?
//
// Both gates on change, within the repetitions and over them, ask the same: a change that differs
// from 0 at 95 % and, carried on by one run length from the mean, crosses the limit, has made the
// verdict depend on how long the run was (docs/measurement.md, "Change over time").
#pragma once

#include <string>

#include "loadgen/judge/gate_reading.h"
#include "loadgen/measure/claim.h"

namespace natsproof {

struct CarriedLine {
  double mean = 0;
  double moved = 0;  // in one run length

  [[nodiscard]] double start() const { return mean - moved / 2; }
  [[nodiscard]] double end() const { return mean + moved / 2; }
  [[nodiscard]] double later() const { return mean + moved; }
};

// The limit of a claim, and which side of it is the claim's.
struct ClaimedLimit {
  double value = 0;
  bool is_upper = true;
};

// The part of the way to the limit that the line covers in one run length: 0 where it leads away,
// at most kFarthest. At the limit itself all is within it, and any step to the other side crosses.
inline constexpr double kFarthest = 100;
double part_of_way(const CarriedLine& line, ClaimedLimit limit);

// Takes the worse of what was found into the reading: a line that crosses the limit flatters where
// it comes from the claim's side, and slanders where it comes from the other. `most`: the gate's
// limit.
void add_line(GateReading& reading, const CarriedLine& line, ClaimedLimit limit, double most,
              const std::string& shown);

// Whether what was added passes. A request over a maximum is a fact, which nothing slanders.
bool passes(const GateReading& reading, const Claim& claim, double most);

}  // namespace natsproof
