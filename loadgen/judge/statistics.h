// The statistics of the judge: exact intervals of a share, the design effect, the sign rule,
// Student's t.
//
// Everything is at 95 %, one-sided for each bound. Pure functions; the special functions are
// Boost.Math's. docs/measurement.md, "The claim test" and "Change over time", names the sources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace natsproof {

inline constexpr double kConfidence = 0.95;

// Requests of which some broke a claim.
struct ShareCount {
  std::uint64_t planned = 0, over = 0;
};

// The same after division by a design effect: no longer whole numbers.
struct EffectiveCount {
  double planned = 0, over = 0;
};

struct Bounds {
  double lower = 0, upper = 1;
};

// Clopper-Pearson: each bound holds with 95 %. lower is 0 when none is over, upper is 1 when all
// are (or none is planned).
Bounds clopper_pearson(EffectiveCount count);

// How many times the variance of the blocks' counts exceeds a binomial's:
// max(1, sum((k_b - p n_b)^2 / (p (1-p) n_b)) / (m-1)) over the m non-empty blocks; 1 when none or
// all are over.
double design_effect(std::span<const ShareCount> blocks);

// The same of a run's one-second blocks, [repetition][second], of which neighbours are pooled into
// blocks of max(1 s, ceil(2 D*) whole seconds) first. A block must be longer than what disturbs it:
// a disturbance cut into several blocks counts as so many independent ones, which hides most of its
// variance; at twice D* most disturbances lie whole within one block. No block spans two
// repetitions; the last one of a repetition may be shorter, and none is longer than it.
// `covered`: D*, the longest disturbance the run covers.
// tests/sim/judge shows which rates of false verdicts follow, and the known limits.
double design_effect(std::span<const std::vector<ShareCount>> repetitions, Duration covered);
// The length of those blocks, in seconds.
std::size_t block_seconds(Duration covered);

// How many of R repetitions may dissent: the largest m with P(Bin(R, 1/2) <= m) <= 5 %. Nothing: R
// is too small.
std::optional<std::uint32_t> sign_rule_dissenters(std::uint32_t repetitions);
inline constexpr std::uint32_t kFewestRepetitions = 5;  // the first R that has an m

// Bounds of the mean by Student's t. Nothing below two values.
std::optional<Bounds> student_bounds(std::span<const double> values);

// Do requests of one kind come later in a repetition than the others, or earlier? The score of the
// trend test on proportions (Cochran 1954; Armitage 1955): the sum over slices of
// counted * (at - mean time of all planned), divided by its deviation where which of the planned
// ones are counted is chance. About 0 with a deviation of 1 where nothing changes, positive where
// they come later; 0 where none or all are counted.
struct TimedCount {
  double at = 0, planned = 0, counted = 0;
};
double trend_score(std::span<const TimedCount> slices);

// Does the mean of values, one from each repetition, differ from 0 at 95 %, two-sided? Student's t
// over the repetitions, which are independent of each other, whatever lies within one: bursts that
// make requests of one repetition alike widen the scatter and are so accounted for, as they are not
// by a test on single requests. (Ibragimov and Mueller 2010: t over groups holds its level where
// groups differ in variance, too.) The deviation counts as `least_deviation` at least, where it is
// known that it cannot be less: few values may agree by luck. `tests`: so many such tests are made
// of one claim, and all together keep the level (Bonferroni).
// REQUIRES: at least 2 values.
bool differs_from_zero(std::span<const double> values, double least_deviation = 0,
                       std::size_t tests = 1);

struct TimedValue {
  double at = 0, value = 0, weight = 1;
};
// A straight line by weighted least squares: its value at the mean time, and the slope. Nothing
// where all weight lies at one time.
struct FittedLine {
  double mean = 0, slope = 0;
};
std::optional<FittedLine> fit_line(std::span<const TimedValue> points);

// The same through the values of successive repetitions, at 0, 1, 2 ...; and whether its slope
// differs from 0 at 95 %, two-sided, by Student's t with R-2 degrees. Nothing below 3 values.
// The scatter around the line counts as `least_deviation` at least, as in differs_from_zero().
struct RepetitionTrend {
  FittedLine line;
  bool is_real = false;
};
std::optional<RepetitionTrend> repetition_trend(std::span<const double> values,
                                                double least_deviation = 0);

// Ranks (1..n) between which the quantile q of the population lies with 95 %, two-sided, by the
// order statistics of a sample of n with a design effect. Nothing where the sample does not reach.
struct RankInterval {
  std::optional<std::uint64_t> lower, upper;
};
RankInterval rank_interval(Quantile q, std::uint64_t n, double design_effect);

}  // namespace natsproof
