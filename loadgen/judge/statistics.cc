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
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const boost::math::students_t_distribution<> t(n - 1);
  const double reach = boost::math::quantile(t, kConfidence) * std::sqrt(squares / (n - 1) / n);
  return Bounds{.lower = mean - reach, .upper = mean + reach};
}

std::optional<Trend> pooled_trend(std::span<const std::vector<TrendPoint>> repetitions) {
  // Around each repetition's own means: that is what an intercept of its own comes to.
  double weight = 0, sum = 0, along = 0, together = 0, up = 0;
  double first = 0, last = 0;
  std::size_t points = 0, lines = 0;
  for (const std::vector<TrendPoint>& repetition : repetitions) {
    TrendPoint mean;
    for (const TrendPoint& point : repetition) {
      mean.weight += point.weight;
      mean.at += point.weight * point.at;
      mean.value += point.weight * point.value;
    }
    if (mean.weight <= 0) continue;
    weight += mean.weight;
    sum += mean.value;
    mean.at /= mean.weight;
    mean.value /= mean.weight;
    ++lines;
    for (const TrendPoint& point : repetition) {
      if (point.weight <= 0) continue;
      const double at = point.at - mean.at, value = point.value - mean.value;
      along += point.weight * at * at;
      together += point.weight * at * value;
      up += point.weight * value * value;
      first = std::min(first, at);
      last = std::max(last, at);
      ++points;
    }
  }
  if (points < lines + 1 + kFewestFreedoms || along <= 0) return std::nullopt;
  Trend trend{.mean = sum / weight, .slope = together / along};
  // What arithmetic alone may leave of a flat line is no slope.
  constexpr double kRounding = 1e-9;
  if (std::abs(trend.slope) * (last - first) <= kRounding * std::abs(trend.mean)) {
    trend.slope = 0;
    return trend;
  }
  const auto freedoms = static_cast<double>(points - lines - 1);
  const double scatter = std::max(0.0, up - trend.slope * together) / freedoms;
  const boost::math::students_t_distribution<> t(freedoms);
  const double reach = boost::math::quantile(t, (1 + kConfidence) / 2) * std::sqrt(scatter / along);
  trend.is_real = std::abs(trend.slope) > reach;
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
