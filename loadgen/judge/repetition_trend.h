// Does what a claim is about rise or fall from one repetition to the next? Then how many there were
// has decided the verdict: a leak over the whole run is seen here, and in no single repetition.
//
// A line by least squares through the repetitions' own figures: the claim's quantile or maximum of
// the planned requests (failures slower than anything), its mean or rate, and the share over. Where
// its slope differs from 0 at 95 %, two-sided, by Student's t with R-2 degrees and, carried on by
// as many repetitions from the mean, it crosses the limit, more repetitions would have said
// something else. With five, a rise over all of them of six times their scatter is found in 86 % of
// runs and of seven times in 94 %.
//
// The scatter around the line counts as at least four fifths of what chance alone gives quantiles,
// means and shares of so many requests (with the design effect of each repetition's blocks). Five
// values lie near a line by luck in one run of twenty; with that bound in one of two hundred, and
// the power is the same to half a percent. Where repetitions differ by more than chance, t alone
// counts. Repetitions that depend on each other raise the rate of false alarms:
// tests/sim/judge/stationarity_rates_test.cc prints by how much. The rule: docs/measurement.md,
// "Change over time".
#pragma once

#include <cstddef>
#include <span>

#include "loadgen/judge/gate_reading.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// REQUIRES: !claim.is_resource(). `index`: its place in the record. The figure is part_of_way() of
// the worse of both lines; 0 where there is no change. Not checked with fewer than five
// repetitions, or where one has no figure.
GateReading read_repetition_trend(std::span<const Repetition> repetitions, const Claim& claim,
                                  std::size_t index, double limit);

}  // namespace natsproof
