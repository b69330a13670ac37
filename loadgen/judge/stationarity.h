// Does what a claim is about rise or fall while a repetition lasts? Then how long the run was, and
// not the system, has decided the verdict.
//
// A line is drawn through the seconds of all repetitions, with an intercept for each. Where its
// slope is different from 0 at 95 % and, carried on by one run length (the window of a repetition)
// from the mean, it crosses the limit, a longer run would have said something else: the run
// flatters where it rises, and slanders where it falls. The share of requests over is looked at in
// blocks as long as the design effect's, and a quantile second by second as well, for a quantile
// that creeps towards its limit may have nobody over yet.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "loadgen/judge/gate_reading.h"
#include "loadgen/judge/statistics.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// The quantiles of all measured seconds whose answers support them, for the claims that can be seen
// there: intervals know all tasks together, and one kind of time. Each interval is decoded at most
// once; what p50 and p99 need is there without.
class SecondQuantiles {
 public:
  SecondQuantiles(std::span<const Claim> claims, std::span<const Repetition> repetitions,
                  bool open_loop);
  // [repetition]: by seconds from the repetition's start, in ns. Empty: the claim cannot be seen.
  [[nodiscard]] std::span<const std::vector<TrendPoint>> of(const Claim& claim) const;

 private:
  using Points = std::vector<std::vector<TrendPoint>>;  // [repetition]
  bool open_loop_;
  bool one_task_;
  std::map<double, Points> points_;  // by quantile

  [[nodiscard]] bool sees(const Claim& claim) const;
};

// REQUIRES: a claim with a share that may be over, above 0. `index`: its place in the record. The
// figure is the part of the way to the limit that the trend covers in one run length; 0 where there
// is no trend, or it leads away; at most kFarthest.
inline constexpr double kFarthest = 100;
GateReading read_stationarity(std::span<const Repetition> repetitions, const Claim& claim,
                              std::size_t index, const SecondQuantiles& quantiles, double limit);

}  // namespace natsproof
