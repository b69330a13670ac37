#include "loadgen/judge/claim_test.h"

#include <algorithm>
#include <cmath>

namespace natsproof {
namespace {

constexpr double kDisturbancesInARun = 15;

ShareCount sum_of(std::span<const ShareCount> repetitions) {
  ShareCount sum;
  for (const ShareCount& repetition : repetitions) {
    sum.planned += repetition.planned;
    sum.over += repetition.over;
  }
  return sum;
}

EffectiveCount divided(ShareCount count, double design_effect) {
  return {.planned = static_cast<double>(count.planned) / design_effect,
          .over = static_cast<double>(count.over) / design_effect};
}

bool holds(Comparison comparison, double value, double limit) {
  switch (comparison) {
    case Comparison::less:
      return value < limit;
    case Comparison::less_equal:
      return value <= limit;
    case Comparison::greater:
      return value > limit;
    case Comparison::greater_equal:
      return value >= limit;
  }
  return false;
}

}  // namespace

std::uint32_t ClaimTest::on(Side side) const {
  return static_cast<std::uint32_t>(std::count(sides.begin(), sides.end(), side));
}

bool ClaimTest::sign_rule(Side side) const {
  const auto repetitions = static_cast<std::uint32_t>(sides.size());
  const auto dissenters = sign_rule_dissenters(repetitions);
  return dissenters.has_value() && on(side) + *dissenters >= repetitions;
}

Verdict ClaimTest::verdict() const {
  if (supports && sign_rule(Side::claim)) return Verdict::proven;
  if (refutes && sign_rule(Side::against)) return Verdict::refuted;
  return Verdict::inconclusive;
}

bool within_share(ShareCount count, double allowed) {
  // 1 - 0.9 is a little less than a tenth in binary; 1,000 of 10,000 are within it all the same.
  constexpr double kRounding = 1 + 1e-12;
  return static_cast<double>(count.over) <=
         allowed * static_cast<double>(count.planned) * kRounding;
}

ClaimTest test_share(std::span<const ShareCount> repetitions, double design_effect,
                     double allowed) {
  ClaimTest test;
  test.counts.assign(repetitions.begin(), repetitions.end());
  const ShareCount pooled = sum_of(repetitions);
  if (pooled.over > 0 && pooled.over < pooled.planned) test.design_effect = design_effect;
  test.bounds = clopper_pearson(divided(pooled, test.design_effect));
  test.supports = test.bounds.upper < allowed;
  test.refutes = test.bounds.lower > allowed;
  for (const ShareCount& repetition : repetitions) {
    test.sides.push_back(repetition.planned == 0             ? Side::neither
                         : within_share(repetition, allowed) ? Side::claim
                                                             : Side::against);
  }
  return test;
}

ClaimTest test_maximum(std::span<const ShareCount> repetitions) {
  ClaimTest test;
  test.counts.assign(repetitions.begin(), repetitions.end());
  const ShareCount pooled = sum_of(repetitions);
  test.bounds = clopper_pearson(divided(pooled, 1));
  test.supports = pooled.planned > 0 && pooled.over == 0;
  test.refutes = pooled.over > 0;
  for (const ShareCount& repetition : repetitions) {
    test.sides.push_back(repetition.planned == 0 ? Side::neither
                         : repetition.over == 0  ? Side::claim
                                                 : Side::against);
  }
  return test;
}

ClaimTest test_mean(std::span<const MeanEvidence> repetitions, Comparison comparison,
                    double limit) {
  ClaimTest test;
  test.means.assign(repetitions.begin(), repetitions.end());
  std::vector<double> supporting, refuting;
  bool can_support = true, some_failed_whole = false;
  for (const MeanEvidence& repetition : repetitions) {
    if (repetition.is_empty) {
      can_support = false;
      some_failed_whole |= repetition.all_failed;
      test.sides.push_back(repetition.all_failed ? Side::against : Side::neither);
      continue;
    }
    supporting.push_back(repetition.supporting);
    refuting.push_back(repetition.refuting);
    can_support &= repetition.can_support;
    const bool on_claims_side =
        repetition.can_support && holds(comparison, repetition.supporting, limit);
    test.sides.push_back(on_claims_side                                  ? Side::claim
                         : holds(comparison, repetition.refuting, limit) ? Side::neither
                                                                         : Side::against);
  }
  const auto for_it = student_bounds(supporting);
  const auto against_it = student_bounds(refuting);
  if (!for_it) {
    test.bounds = {};
    test.refutes = some_failed_whole && test.on(Side::against) == test.sides.size();
    return test;
  }
  if (is_upper_limit(comparison)) {
    test.bounds = {.lower = against_it->lower, .upper = for_it->upper};
    test.supports = can_support && holds(comparison, for_it->upper, limit);
    test.refutes = !holds(comparison, against_it->lower, limit);
  } else {
    test.bounds = {.lower = for_it->lower, .upper = against_it->upper};
    test.supports = can_support && holds(comparison, for_it->lower, limit);
    test.refutes = !holds(comparison, against_it->upper, limit);
  }
  return test;
}

Duration loaded_time(std::span<const LoadedSecond> seconds) {
  constexpr double kNegligible = 0.05, kDeviations = 3;
  Duration measured{};
  double sum = 0, together = 0, clumped = 0;
  for (const LoadedSecond& second : seconds) {
    if (second.length <= 0ns) continue;
    const double length_s = static_cast<double>(second.length.count()) * 1e-9;
    measured += second.length;
    sum += second.planned;
    const double in_second = second.planned * std::max(0.0, second.planned - 1) / length_s;
    together += in_second;
    clumped += in_second / second.spread;
  }
  const double measured_s = static_cast<double>(measured.count()) * 1e-9;
  if (sum <= 0 || together <= 0) return measured;
  // Of a Poisson sequence, m seconds with r requests each, the share deviates by sqrt(2 / m) / r.
  const double by_chance = kDeviations * std::sqrt(2 * measured_s) / sum;
  const double share = sum * sum / together / measured_s;
  const bool is_constant = share >= 1 - std::max(kNegligible, by_chance);
  const double filled_s = is_constant ? measured_s : sum * sum / together;
  return Duration{std::llround(filled_s * (together / clumped) * 1e9)};
}

Duration covered_disturbance(Duration loaded, double allowed) {
  return Duration{
      std::llround(static_cast<double>(loaded.count()) * allowed / kDisturbancesInARun)};
}

}  // namespace natsproof
