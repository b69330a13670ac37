// The statistics of the judge: exact intervals of a share, the design effect, the sign rule,
// Student's t.
//
// Everything is at 95 %, one-sided for each bound. Pure functions; the special functions are
// Boost.Math's.
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

// What was seen at one time, and how much it weighs: the inverse of its variance, but for a factor.
struct TrendPoint {
  double at = 0, value = 0, weight = 0;
};
// A straight line through the points of all repetitions, with an intercept for each repetition: a
// repetition that differs as a whole is no trend.
struct Trend {
  double mean = 0;       // weighted, of all points
  double slope = 0;      // of the value, in one unit of time
  bool is_real = false;  // different from 0 at 95 %, two-sided, by Student's t
};
inline constexpr std::size_t kFewestFreedoms = 3;  // points less repetitions less 1
// Nothing where too few points are left to tell a slope from their scatter.
std::optional<Trend> pooled_trend(std::span<const std::vector<TrendPoint>> repetitions);

// Ranks (1..n) between which the quantile q of the population lies with 95 %, two-sided, by the
// order statistics of a sample of n with a design effect. Nothing where the sample does not reach.
struct RankInterval {
  std::optional<std::uint64_t> lower, upper;
};
RankInterval rank_interval(Quantile q, std::uint64_t n, double design_effect);

}  // namespace natsproof
