// Does what a claim is about rise or fall while a repetition lasts? Then how long the repetition
// was, and not the system, has decided the verdict.
//
// IS THERE A CHANGE? Of each repetition's slices (time_slices.h) the trend score says whether the
// requests over a threshold come later than the planned ones (Cochran-Armitage), and Student's t
// over the repetitions whether that is more than chance, bursts or not (statistics.h). The
// thresholds are the limit itself and, for a quantile or a maximum, times: the claim's own quantile
// of all slices together, and those that ten times as many requests exceed, and half of them. The
// own one sees what only the slowest do; the lower ones see what all do where too few requests
// exceed the own one. All tests of a claim together keep the 5 %.
//
// WHERE DOES IT LEAD? A line through the claim's share, or through its quantile in as many parts of
// the window as have ten requests over each (two at least), of all repetitions together; carried on
// from the mean by one window. Each part's quantile is taken with the line's own slope taken off,
// or it would be that of the part's end. Where only a lower threshold shows the change, the
// quantile is expected to move in proportion to it, and the smaller of both movements counts: that
// half of the requests get 2 % slower does not make noise in p99.9 a trend.
//
// A mean has its sums in the slices: a line's slope in each repetition, t over the repetitions, and
// the line of all together.
//
// tests/sim/judge/stationarity_rates_test.cc prints the rates. Student 1908 (t), Dunn 1961 (several
// tests), and statistics.h has the other sources. docs/measurement.md, "Change over time".
#pragma once

#include <cstddef>
#include <span>

#include "loadgen/judge/gate_reading.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// REQUIRES: has_slices(claim). `index`: its place in the record. The figure is part_of_way(); 0
// where there is no change. Not checked where repetitions are fewer than five or have no slices,
// and where the line would cross the limit but too few requests are over to tell a change from
// chance.
GateReading read_stationarity(std::span<const Repetition> repetitions, const Claim& claim,
                              std::size_t index, double limit);

// Whether a change was found, wherever it leads: for simulations of what the test alone sees.
bool changes_within(std::span<const Repetition> repetitions, const Claim& claim, std::size_t index);

}  // namespace natsproof
