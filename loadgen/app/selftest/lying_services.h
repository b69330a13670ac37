// Services that lie: each would like a claim to be PROVEN that only its sound twin deserves.
//
// The control run, the same without faults, must come out PROVEN: else a refusal would show
// nothing. The counts of the control run are also what the server's own are compared with.
#pragma once

#include <span>
#include <vector>

#include "loadgen/app/selftest/check_row.h"
#include "loadgen/app/selftest/measured_run.h"

namespace natsproof {

struct Liar {
  const char* does;                                 // `answers errors`
  const char* faults;                               // models/faults/fault_spec.h; empty: none
  const char* counted;                              // how each of its requests is to be counted
  std::uint64_t (*count)(const RequestCounts& of);  // how many were
  double least;                                     // share of all requests that must be
};
std::span<const Liar> liars();

MeasuredRun measure_liar(const char* faults);

// Of the run without faults.
std::vector<CheckRow> find_sound(const MeasuredRun& control);
// The server's counts are ours; and one request more in ours would have been noticed.
std::vector<CheckRow> find_agreement(const MeasuredRun& control);
// `control_proven`: the control run was.
CheckRow find_liar(const Liar& liar, const MeasuredRun& run, bool control_proven);

}  // namespace natsproof
