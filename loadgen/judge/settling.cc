#include "loadgen/judge/settling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace natsproof {
namespace {

constexpr double kSettled = 0.85;  // of the runs that follow the advice, as predicted

// sign_rule_dissenters(), of those that are asked for often. REQUIRES: kFewestRepetitions at least.
std::uint32_t dissenters_of(std::uint32_t repetitions) {
  static const auto known = [] {
    std::array<std::uint32_t, kMostRepetitionsAdvised + 1> dissenters{};
    for (std::uint32_t r = kFewestRepetitions; r <= kMostRepetitionsAdvised; ++r)
      dissenters[r] = sign_rule_dissenters(r).value_or(0);
    return dissenters;
  }();
  return repetitions < known.size() ? known[repetitions]
                                    : sign_rule_dissenters(repetitions).value_or(0);
}

// The repetitions worth trying: this run's, and some of those at which one more may dissent.
std::vector<std::uint32_t> repetitions_to_try(std::uint32_t now) {
  constexpr double kStep = 1.2;
  std::vector<std::uint32_t> tried = {std::max(now, kFewestRepetitions)};
  for (std::uint32_t r = tried.front() + 1; r <= kMostRepetitionsAdvised; ++r) {
    if (dissenters_of(r) > dissenters_of(r - 1) && r >= kStep * tried.back()) tried.push_back(r);
  }
  return tried;
}

double probability_below(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

// P(Bin(n, p) <= k) by Peizer and Pratt's normal approximation, good to three digits: a prediction
// needs no more, and takes it thousands of times. Real n and k.
double roughly_at_most(double k, double n, double p) {
  if (k < 0) return 0;
  if (k >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  const auto g = [](double x) {
    if (x <= 0) return 1.0;
    if (std::abs(x - 1) < 1e-6) return 0.0;
    return (1 - x * x + 2 * x * std::log(x)) / ((1 - x) * (1 - x));
  };
  const double q = 1 - p;
  const double distance =
      k + 2.0 / 3 - (n + 1.0 / 3) * p + 0.02 * (q / (k + 1) - p / (n - k) + (q - 0.5) / (n + 1));
  const double skew = 1 + q * g((k + 0.5) / (n * p)) + p * g((n - k - 0.5) / (n * q));
  return probability_below(distance * std::sqrt(std::max(0.0, skew) / ((n + 1.0 / 6) * p * q)));
}

// All but those that may dissent are on a side that each is on with probability `q`.
double sign_rule_probability(std::uint32_t repetitions, double q) {
  return roughly_at_most(dissenters_of(repetitions), repetitions, 1 - q);
}

double quantile_of_normal(double u) {
  return boost::math::quantile(boost::math::normal_distribution<>(), u);
}
// The shortest run of which `probability` says that it is enough: for each number of repetitions a
// length by bisection. More repetitions cost a warm-up each, and must save a fifth. `to_cover`: a
// length in all that may be what is missing.
template <typename Probability>
std::optional<RunShape> shortest(RunShape now, Duration to_cover, Duration longest,
                                 const Probability& probability) {
  constexpr double kFine = 1.05, kWorthIt = 0.8;
  std::optional<RunShape> best;
  for (const std::uint32_t repetitions : repetitions_to_try(now.repetitions)) {
    const auto factor_of = [&](Duration total) {
      return static_cast<double>(total.count()) /
             static_cast<double>((now.each * repetitions).count());
    };
    const double most = best ? kWorthIt * factor_of(best->total()) : factor_of(longest);
    if (most < 1) break;
    const auto is_enough = [&](double factor) {
      return probability(repetitions, factor) >= kSettled;
    };
    const double covering = std::max(1.0, factor_of(to_cover));
    double low = 1, high = most;
    if (is_enough(1)) {
      high = 1;
    } else if (covering <= most && is_enough(covering)) {
      low = high = covering;
    } else if (!is_enough(most)) {
      continue;
    }
    while (high / low > kFine) {
      const double middle = std::sqrt(low * high);
      (is_enough(middle) ? high : low) = middle;
    }
    best = {.repetitions = repetitions,
            .each = high == 1 ? now.each : rounded_up(scaled(now.each, high))};
  }
  return best;
}

// What the next run's shares can be, given this one's: the share of all repetitions, by the beta
// distribution of the effective counts, and what repetitions differ by.
class SharePrediction {
 public:
  explicit SharePrediction(const OpenShare& open)
      : open_(open), design_effect_(open.design_effect) {
    double planned = 0, over = 0;
    for (const ShareCount& repetition : open.repetitions) {
      planned += static_cast<double>(repetition.planned);
      over += static_cast<double>(repetition.over);
    }
    const auto repetitions = static_cast<double>(open.repetitions.size());
    each_ = planned / repetitions;
    const Spreads spreads = spreads_of(over / planned);
    // With none over, most likely there is none to come.
    constexpr double kBefore = 0.1;
    const boost::math::beta_distribution<> shares(over / design_effect_ + kBefore,
                                                  (planned - over) / design_effect_ + kBefore);
    // Low-discrepancy points of four dimensions.
    constexpr double kSteps[] = {0.8191725133961645, 0.6710436067037893, 0.5497004779019703};
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(points_.size());
      const auto other = [&](int dimension) {
        const double at = 0.5 + kSteps[dimension] * static_cast<double>(i + 1);
        return std::clamp(at - std::floor(at), 1e-6, 1 - 1e-6);
      };
      points_[i] = {.share = boost::math::quantile(shares, u),
                    .spread = drawn(spreads, other(0)),
                    .level = quantile_of_normal(other(1)) / std::sqrt(repetitions),
                    .luck = quantile_of_normal(other(2))};
    }
  }

  // That both rules take a side, on average over the points.
  [[nodiscard]] double settled(std::uint32_t repetitions, double factor) const {
    const double each = each_ * factor / design_effect_;
    const double all = each * repetitions;
    const bool covers = open_.run.each * repetitions * factor >= open_.to_cover;
    const double supporting = most_supporting(all), refuting = fewest_refuting(all);
    // Of a Poisson sequence, some repetitions may have no request at all.
    const double filled = -std::expm1(-each_ * factor);
    double sum = 0;
    for (const Point& point : points_) {
      const double level = point.share * std::exp(point.spread * point.level);
      const double pooled =
          std::min(1.0, level * std::exp(point.spread * point.luck / std::sqrt(repetitions)));
      const double within = within_claim(level, point.spread, each);
      const double for_it = !covers || supporting < 0
                                ? 0
                                : roughly_at_most(supporting, all, pooled) *
                                      sign_rule_probability(repetitions, within * filled);
      const double against_it = (1 - roughly_at_most(refuting - 1, all, pooled)) *
                                sign_rule_probability(repetitions, (1 - within) * filled);
      sum += for_it + against_it;
    }
    return sum / static_cast<double>(points_.size());
  }

 private:
  struct Point {
    double share = 0;
    double spread = 0;  // of the logarithms of the repetitions' own shares
    double level = 0;   // of all repetitions, in those
    double luck = 0;    // of the next run's
  };

  // What repetitions may differ by besides what chance within them explains, as the deviation of
  // their shares' logarithms, and how likely that is.
  using Spreads = std::array<std::pair<double, double>, 6>;

  // After this run, by how much its own repetitions differ.
  [[nodiscard]] Spreads spreads_of(double share) const {
    Spreads spreads = {{{0, 0.5}, {0.05, 0.1}, {0.1, 0.13}, {0.2, 0.12}, {0.4, 0.1}, {0.8, 0.05}}};
    const auto freedoms = static_cast<double>(open_.repetitions.size()) - 1;
    if (share <= 0 || share >= 1 || freedoms < 1) return spreads;
    double squares = 0;
    for (const ShareCount& repetition : open_.repetitions) {
      if (repetition.planned == 0) continue;
      const auto planned = static_cast<double>(repetition.planned);
      const double deviation = static_cast<double>(repetition.over) - share * planned;
      squares += deviation * deviation / (share * (1 - share) * planned * design_effect_);
    }
    double sum = 0;
    for (auto& [spread, probability] : spreads) {
      // The variance of a repetition's count, in those of chance.
      const double variance = 1 + each_ * share * spread * spread / ((1 - share) * design_effect_);
      probability *= std::exp(-(freedoms * std::log(variance) + squares / variance) / 2);
      sum += probability;
    }
    for (auto& [spread, probability] : spreads) probability /= sum;
    return spreads;
  }
  static double drawn(const Spreads& spreads, double u) {
    for (const auto& [spread, probability] : spreads) {
      if (u < probability) return spread;
      u -= probability;
    }
    return spreads.front().first;
  }

  // The largest effective count that supports; negative: none does.
  [[nodiscard]] double most_supporting(double planned) const {
    double low = -1, high = std::ceil(planned * open_.allowed);
    if (high >= planned) high = planned - 1;
    while (high - low > 1) {
      const double middle = std::floor((low + high) / 2);
      (roughly_at_most(middle, planned, open_.allowed) < 1 - kConfidence ? low : high) = middle;
    }
    return low;
  }
  // The least that refutes.
  [[nodiscard]] double fewest_refuting(double planned) const {
    double low = std::floor(planned * open_.allowed), high = std::ceil(planned) + 1;
    while (high - low > 1) {
      const double middle = std::floor((low + high) / 2);
      (1 - roughly_at_most(middle - 1, planned, open_.allowed) < 1 - kConfidence ? high : low) =
          middle;
    }
    return high;
  }
  // One repetition, by its own count.
  [[nodiscard]] double within_claim(double level, double spread, double planned) const {
    const double most = std::floor(planned * open_.allowed * (1 + 1e-12));
    if (spread == 0) return roughly_at_most(most, planned, std::min(1.0, level));
    constexpr std::array<double, 5> kDeviations = {-1.2816, -0.5244, 0, 0.5244, 1.2816};
    double sum = 0;
    for (const double z : kDeviations)
      sum += roughly_at_most(most, planned, std::min(1.0, level * std::exp(spread * z)));
    return sum / static_cast<double>(kDeviations.size());
  }

  const OpenShare& open_;
  double design_effect_ = 1;
  double each_ = 0;  // requests of a repetition
  std::array<Point, 24> points_{};
};

// What the next run's means can be.
class MeanPrediction {
 public:
  explicit MeanPrediction(const OpenMean& open) {
    const double sign = open.is_upper_limit ? -1 : 1;
    std::vector<double> distances;
    for (const MeanEvidence& repetition : open.repetitions) {
      const double apart = std::abs(repetition.supporting - repetition.refuting);
      const double exact = open.refuting_is_exact
                               ? repetition.refuting
                               : (repetition.supporting + repetition.refuting) / 2;
      distances.push_back(sign * (exact - open.limit));
      can_support_ &= repetition.can_support;
      error_for_it_ = std::max(error_for_it_, open.refuting_is_exact ? apart : apart / 2);
      error_against_it_ = open.refuting_is_exact ? 0 : error_for_it_;
    }
    const auto n = static_cast<double>(distances.size());
    for (const double distance : distances) mean_ += distance / n;
    double squares = 0;
    for (const double distance : distances) squares += (distance - mean_) * (distance - mean_);
    // Repetitions that agree to the last digit are luck, or simulated.
    const double least = 1e-9 * std::abs(open.limit);
    const double deviation = std::max(least, std::sqrt(squares / (n - 1)));
    const boost::math::chi_squared_distribution<> chi(n - 1);
    constexpr double kSteps = 0.6180339887498949;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(points_.size());
      const double at = 0.5 + kSteps * static_cast<double>(i + 1);
      const double own = deviation * std::sqrt((n - 1) / boost::math::quantile(chi, u));
      const double level = std::clamp(at - std::floor(at), 1e-6, 1 - 1e-6);
      points_[i] = {.deviation = own,
                    .distance = mean_ + own * quantile_of_normal(level) / std::sqrt(n)};
    }
  }

  [[nodiscard]] double settled(std::uint32_t repetitions, double factor) const {
    const boost::math::students_t_distribution<> t(repetitions - 1.0);
    const double reach = boost::math::quantile(t, kConfidence);
    double sum = 0;
    for (const Point& point : points_) {
      const double for_it = point.distance - error_for_it_ / factor;
      const double against_it = -point.distance - error_against_it_ / factor;
      if (can_support_) sum += takes_side(repetitions, reach, for_it / point.deviation);
      sum += takes_side(repetitions, reach, against_it / point.deviation);
    }
    return sum / static_cast<double>(points_.size());
  }

 private:
  struct Point {
    double deviation = 0;
    double distance = 0;  // of the mean of all, on the claim's side of the limit
  };

  // `reach`: of Student's t. `distance`: in deviations of a repetition.
  static double takes_side(std::uint32_t repetitions, double reach, double distance) {
    const double freedoms = repetitions - 1.0;
    // The usual normal approximation of a non-central t.
    const double z = (distance * std::sqrt(repetitions) - reach * (1 - 1 / (4 * freedoms))) /
                     std::sqrt(1 + reach * reach / (2 * freedoms));
    return probability_below(z) * sign_rule_probability(repetitions, probability_below(distance));
  }

  double mean_ = 0, error_for_it_ = 0, error_against_it_ = 0;
  bool can_support_ = true;
  std::array<Point, 24> points_{};
};

}  // namespace

Duration longest_advised(RunShape run) {
  constexpr Duration kReasonable = 1h;
  constexpr int kTimes = 10;
  return std::max(kReasonable, run.total() * kTimes);
}

Duration rounded_up(Duration length) {
  Duration::rep unit = 1;
  while (length.count() / unit >= 100) unit *= 10;
  return Duration{(length.count() + unit - 1) / unit * unit};
}

Duration scaled(Duration length, double factor) {
  return Duration{std::llround(static_cast<double>(length.count()) * factor)};
}

std::optional<RunShape> run_to_settle(const OpenShare& open) {
  const SharePrediction prediction(open);
  const Duration longest = std::max(longest_advised(open.run), open.to_cover * 2);
  return shortest(open.run, open.to_cover, longest, [&](std::uint32_t repetitions, double factor) {
    return prediction.settled(repetitions, factor);
  });
}

std::optional<RunShape> run_to_settle(const OpenMean& open) {
  if (open.repetitions.size() < 2) return std::nullopt;
  const MeanPrediction prediction(open);
  return shortest(open.run, 0s, longest_advised(open.run),
                  [&](std::uint32_t repetitions, double factor) {
                    return prediction.settled(repetitions, factor);
                  });
}

RunShape run_to_fill(std::uint64_t planned, RunShape run) {
  RunShape filled{.repetitions = std::max(run.repetitions, kFewestRepetitions), .each = run.each};
  // Of a Poisson sequence, a repetition is empty with probability e^-n.
  const double needed = std::log(filled.repetitions / (1 - kSettled));
  // Few requests say little of their rate.
  constexpr double kDeviations = 1.3;
  const auto seen = static_cast<double>(planned);
  const double each = std::max(seen / 4, seen - kDeviations * std::sqrt(seen)) / run.repetitions;
  if (each < needed) {
    filled.each =
        rounded_up(Duration{std::llround(static_cast<double>(run.each.count()) * needed / each)});
  }
  return filled;
}

Duration length_to_cover(Duration covers, double allowed) {
  const Duration second = covered_disturbance(1'000'000s, allowed);  // D* of a long known run
  return Duration{std::llround(static_cast<double>(covers.count()) /
                               static_cast<double>(second.count()) * 1e15)};
}

}  // namespace natsproof
