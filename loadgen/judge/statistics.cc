#include "loadgen/judge/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

namespace natsproof {
namespace {

namespace policies = boost::math::policies;
// Bounds next to 0 underflow to 0, which is what they are.
using Policy = policies::policy<policies::promote_double<false>,
                                policies::underflow_error<policies::ignore_error>,
                                policies::overflow_error<policies::ignore_error>,
                                policies::evaluation_error<policies::ignore_error>>;

// P(Bin(n, q) <= j), which the incomplete beta function continues to real n. REQUIRES: 0 <= j < n.
double binomial_cdf(double n, double q, double j) {
  return boost::math::ibeta(n - j, j + 1, 1 - q, Policy());
}

struct Moments {
  double n = 0, mean = 0, variance = 0;
};
// REQUIRES: at least two values.
Moments moments_of(std::span<const double> values) {
  Moments moments{.n = static_cast<double>(values.size())};
  for (const double value : values) moments.mean += value / moments.n;
  double squares = 0;
  for (const double value : values) squares += (value - moments.mean) * (value - moments.mean);
  moments.variance = squares / (moments.n - 1);
  return moments;
}

}  // namespace

Bounds clopper_pearson(EffectiveCount count) {
  const auto [n, k] = count;
  assert(k >= 0 && k <= n);
  Bounds bounds;
  if (k > 0) bounds.lower = boost::math::ibeta_inv(k, n - k + 1, 1 - kConfidence, Policy());
  if (k < n) bounds.upper = boost::math::ibeta_inv(k + 1, n - k, kConfidence, Policy());
  return bounds;
}

double design_effect(std::span<const ShareCount> blocks) {
  double planned = 0, over = 0, filled = 0;
  for (const ShareCount& block : blocks) {
    planned += static_cast<double>(block.planned);
    over += static_cast<double>(block.over);
    filled += block.planned > 0 ? 1 : 0;
  }
  if (over == 0 || over == planned || filled < 2) return 1;
  const double p = over / planned;
  double sum = 0;
  for (const ShareCount& block : blocks) {
    if (block.planned == 0) continue;
    const auto n_b = static_cast<double>(block.planned);
    const double deviation = static_cast<double>(block.over) - p * n_b;
    sum += deviation * deviation / (p * (1 - p) * n_b);
  }
  return std::max(1.0, sum / (filled - 1));
}

double design_effect(std::span<const std::vector<ShareCount>> repetitions, Duration covered) {
  const std::size_t length = block_seconds(covered);
  std::vector<ShareCount> blocks;
  for (const std::vector<ShareCount>& seconds : repetitions) {
    for (std::size_t second = 0; second < seconds.size(); ++second) {
      if (second % length == 0) blocks.emplace_back();
      blocks.back().planned += seconds[second].planned;
      blocks.back().over += seconds[second].over;
    }
  }
  return design_effect(blocks);
}

std::size_t block_seconds(Duration covered) {
  const auto up_to_whole = (2 * covered + 1s - 1ns) / 1s;
  return static_cast<std::size_t>(std::max<Duration::rep>(1, up_to_whole));
}

std::optional<std::uint32_t> sign_rule_dissenters(std::uint32_t repetitions) {
  const boost::math::binomial_distribution<> coins(repetitions, 0.5);
  std::optional<std::uint32_t> dissenters;
  for (std::uint32_t m = 0; m < repetitions; ++m) {
    if (boost::math::cdf(coins, m) > 1 - kConfidence) break;
    dissenters = m;
  }
  return dissenters;
}

std::optional<Bounds> student_bounds(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const auto [n, mean, variance] = moments_of(values);
  const boost::math::students_t_distribution<> t(n - 1);
  const double reach = boost::math::quantile(t, kConfidence) * std::sqrt(variance / n);
  return Bounds{.lower = mean - reach, .upper = mean + reach};
}

double trend_score(std::span<const TimedCount> slices) {
  double planned = 0, counted = 0, at = 0;
  for (const TimedCount& slice : slices) {
    planned += slice.planned;
    counted += slice.counted;
    at += slice.planned * slice.at;
  }
  if (counted <= 0 || counted >= planned) return 0;
  at /= planned;
  double later = 0, spread = 0;
  for (const TimedCount& slice : slices) {
    later += slice.counted * (slice.at - at);
    spread += slice.planned * (slice.at - at) * (slice.at - at);
  }
  // So many drawn from the planned ones without replacement.
  const double variance = spread / (planned - 1) * counted * (1 - counted / planned);
  return variance > 0 ? later / std::sqrt(variance) : 0;
}

bool differs_from_zero(std::span<const double> values, double least_deviation, std::size_t tests) {
  const auto [n, mean, variance] = moments_of(values);
  const boost::math::students_t_distribution<> t(n - 1);
  const double tail = (1 - kConfidence) / 2 / static_cast<double>(std::max<std::size_t>(1, tests));
  const double reach = boost::math::quantile(boost::math::complement(t, tail)) *
                       std::max(least_deviation, std::sqrt(variance)) / std::sqrt(n);
  return std::abs(mean) > reach;
}

std::optional<FittedLine> fit_line(std::span<const TimedValue> points) {
  double weight = 0, at = 0, value = 0;
  for (const TimedValue& point : points) {
    weight += point.weight;
    at += point.weight * point.at;
    value += point.weight * point.value;
  }
  if (weight <= 0) return std::nullopt;
  at /= weight;
  value /= weight;
  double along = 0, together = 0;
  for (const TimedValue& point : points) {
    along += point.weight * (point.at - at) * (point.at - at);
    together += point.weight * (point.at - at) * (point.value - value);
  }
  if (along <= 0) return std::nullopt;
  return FittedLine{.mean = value, .slope = together / along};
}

std::optional<RepetitionTrend> repetition_trend(std::span<const double> values,
                                                double least_deviation) {
  if (values.size() < 3) return std::nullopt;
  std::vector<TimedValue> points;
  for (const double value : values)
    points.push_back({.at = static_cast<double>(points.size()), .value = value});
  RepetitionTrend trend{.line = *fit_line(points)};
  const auto n = static_cast<double>(values.size());
  const double middle = (n - 1) / 2, along = n * (n * n - 1) / 12;
  double squares = 0;
  for (const TimedValue& point : points) {
    const double off = point.value - trend.line.mean - trend.line.slope * (point.at - middle);
    squares += off * off;
  }
  // What arithmetic alone may leave of a flat line is no slope.
  constexpr double kRounding = 1e-9;
  if (std::abs(trend.line.slope) * n <= kRounding * std::abs(trend.line.mean)) {
    trend.line.slope = 0;
    return trend;
  }
  const boost::math::students_t_distribution<> t(n - 2);
  const double deviation = std::max(least_deviation, std::sqrt(squares / (n - 2)));
  const double reach =
      boost::math::quantile(t, (1 + kConfidence) / 2) * deviation / std::sqrt(along);
  trend.is_real = std::abs(trend.line.slope) > reach;
  return trend;
}

RankInterval rank_interval(Quantile q, std::uint64_t n, double design_effect) {
  constexpr double kTail = (1 - kConfidence) / 2;
  const double effective = static_cast<double>(n) / design_effect;
  const auto whole = static_cast<std::uint64_t>(effective);
  // The first j of 0..whole whose P(Bin <= j) is above `level`; the function rises with j.
  const auto first_above = [&](double level) {
    std::uint64_t low = 0, high = whole;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      const auto j = static_cast<double>(middle);
      if (j < effective && binomial_cdf(effective, q.value, j) <= level) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  RankInterval ranks;
  // The value of rank l is above the quantile when fewer than l values are below it: P(Bin <= l-1).
  if (const std::uint64_t l = first_above(kTail); l >= 1) {
    ranks.lower = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::floor(static_cast<double>(l) * design_effect)));
  }
  // The value of rank u is below the quantile when at least u are: 1 - P(Bin <= u-1).
  if (const std::uint64_t u = first_above(1 - kTail) + 1; u <= whole) {
    ranks.upper =
        std::min(n, static_cast<std::uint64_t>(std::ceil(static_cast<double>(u) * design_effect)));
  }
  return ranks;
}

}  // namespace natsproof
