// What would settle a claim that a run left open: the shortest run of the same load on the same
// system in which most likely both rules take one side, the pooled test (or Student's t) and the
// sign rule, and which covers what the plan asks for.
//
// A run that cannot tell knows little of the true share, too. A length at which its own share would
// just do comes out too short half of the time. So the prediction goes over what the true share can
// be after this run, and the length is that at which 85 % of such runs should take a side.
// tests/sim/judge/advice_test.cc follows the advice.
//
// Pure functions. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"
#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/statistics.h"

namespace natsproof {

// Repetitions of one length.
struct RunShape {
  std::uint32_t repetitions = 0;
  Duration each{};
  [[nodiscard]] Duration total() const { return each * repetitions; }
};

inline constexpr std::uint32_t kMostRepetitionsAdvised = 100;
// Longer than this no run is advised for the sake of statistics: an hour, or ten times the run.
Duration longest_advised(RunShape run);

struct OpenShare {
  std::span<const ShareCount> repetitions;
  double design_effect = 1;
  double allowed = 0;
  RunShape run;
  Duration to_cover{};  // what a run of the same load must measure in all to cover enough
};
// Nothing: no run up to longest_advised() most likely would. REQUIRES: something was planned.
std::optional<RunShape> run_to_settle(const OpenShare& open);

// A claim on a mean: what speaks for it and against it differs by an error that a longer repetition
// makes smaller in proportion.
struct OpenMean {
  std::span<const MeanEvidence> repetitions;  // with a value each
  bool is_upper_limit = true;
  bool refuting_is_exact = false;  // the error is that of the other value; else half of it of each
  double limit = 0;
  RunShape run;
};
// Nothing, too: no scatter is known of fewer than two repetitions.
std::optional<RunShape> run_to_settle(const OpenMean& open);

// Where nothing may be over: that every repetition has a request.
RunShape run_to_fill(std::uint64_t planned, RunShape run);

// To the nearest ns.
Duration scaled(Duration length, double factor);
// Up to two significant digits, upwards: `32.4 s` becomes `33 s`.
Duration rounded_up(Duration length);

// The measured seconds that D* needs to reach `covers`.
Duration length_to_cover(Duration covers, double allowed);

}  // namespace natsproof
