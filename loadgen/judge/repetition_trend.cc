#include "loadgen/judge/repetition_trend.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "loadgen/judge/carried_line.h"
#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/statistics.h"

namespace natsproof {
namespace {

// One figure of each repetition, and how it reads.
struct Figures {
  std::string name;
  std::vector<double> values;
  ClaimedLimit limit;
  std::function<std::string(double)> text;
  double variances = 0;  // that chance alone gives the values; their sum

  void add(double value, double variance) {
    values.push_back(value);
    variances += variance;
  }
  [[nodiscard]] double least_deviation() const {
    constexpr double kPart = 0.8;
    return kPart * std::sqrt(variances / static_cast<double>(values.size()));
  }
};

double square(double value) {
  return value * value;
}

// How far a quantile is off by chance: as the times a standard deviation of its rank away.
double quantile_deviation(const Histogram& times, Quantile q, double planned, double effect) {
  const double ranks = std::sqrt(effect * planned * q.value * (1 - q.value));
  const auto at = [&](double rank) {
    const double whole = std::clamp(rank, 1.0, static_cast<double>(times.count()));
    return static_cast<double>(
        times.value_at_rank(static_cast<std::uint64_t>(std::llround(whole))).count());
  };
  return (at(q.value * planned + ranks) - at(q.value * planned - ranks)) / 2;
}

// Of one repetition's blocks: a change from one to the next is no burst.
double effect_within(std::span<const Repetition> repetitions, const Claim& claim, std::size_t index,
                     const Repetition& repetition) {
  const Duration covered = covered_disturbance(measured_time(repetitions), claim.allowed_share());
  const std::vector<ShareCount> blocks = claim_counts(claim, index, repetition).blocks;
  return design_effect(std::span(&blocks, 1), covered);
}

// Nothing where a repetition has none: nothing was planned, or the quantile lies among failures.
std::optional<Figures> times_of(std::span<const Repetition> repetitions, const Claim& claim,
                                std::size_t index) {
  Figures figures{
      .name = claim.statistic == Statistic::mean  ? "mean"
              : claim.statistic == Statistic::max ? "maximum"
                                                  : format_quantile(claim.quantile),
      .values = {},
      .limit = {.value = static_cast<double>(claim.limit.count())},
      .text = [](double ns) { return format_duration(Duration{std::llround(std::max(0.0, ns))}); }};
  for (const Repetition& repetition : repetitions) {
    const TaskRecord* const task = find_task(repetition, claim.task);
    if (task == nullptr) return std::nullopt;
    const Histogram& times = task->*times_of(claim);
    if (times.empty()) return std::nullopt;
    if (claim.statistic == Statistic::mean) {
      figures.add(times.mean_ns(), square(times.stddev_ns()) / static_cast<double>(times.count()));
      continue;
    }
    const Quantile quantile = claim.statistic == Statistic::max ? Quantile{1} : claim.quantile;
    const std::uint64_t rank = rank_of(quantile, task->measured.planned);
    if (rank > times.count()) return std::nullopt;
    const auto value = static_cast<double>(times.value_at_rank(rank).count());
    const auto planned = static_cast<double>(task->measured.planned);
    const double deviation =
        claim.statistic == Statistic::max
            ? 0
            : quantile_deviation(times, quantile, planned,
                                 effect_within(repetitions, claim, index, repetition));
    figures.add(value, square(deviation));
  }
  return figures;
}

std::optional<Figures> shares_of(std::span<const Repetition> repetitions, const Claim& claim,
                                 std::size_t index) {
  Figures figures{.name = "share over",
                  .values = {},
                  .limit = {.value = claim.allowed_share()},
                  .text = [](double share) { return format_share(std::clamp(share, 0.0, 1.0)); }};
  for (const Repetition& repetition : repetitions) {
    const ShareCount count = claim_counts(claim, index, repetition).count;
    if (count.planned == 0) return std::nullopt;
    const auto planned = static_cast<double>(count.planned);
    const double share = static_cast<double>(count.over) / planned;
    figures.add(share, share * (1 - share) / planned *
                           effect_within(repetitions, claim, index, repetition));
  }
  return figures;
}

std::optional<Figures> rates_of(std::span<const Repetition> repetitions, const Claim& claim) {
  Figures figures{.name = "successes a second",
                  .values = {},
                  .limit = {.value = claim.rate.per_s, .is_upper = false},
                  .text = [](double per_s) { return format_rate(Rate{std::max(0.0, per_s)}); }};
  for (const Repetition& repetition : repetitions) {
    const TaskRecord* const task = find_task(repetition, claim.task);
    if (task == nullptr || repetition.window <= 0ns) return std::nullopt;
    figures.add(static_cast<double>(task->measured.in_window) /
                    (static_cast<double>(repetition.window.count()) * 1e-9),
                0);
  }
  return figures;
}

std::vector<Figures> figures_of(std::span<const Repetition> repetitions, const Claim& claim,
                                std::size_t index) {
  std::vector<Figures> all;
  const auto add = [&](std::optional<Figures> figures) {
    if (figures) all.push_back(std::move(*figures));
  };
  const ClaimKind kind = kind_of(claim);
  if (kind == ClaimKind::throughput) add(rates_of(repetitions, claim));
  if (claim.is_latency()) add(times_of(repetitions, claim, index));
  if (kind == ClaimKind::share) add(shares_of(repetitions, claim, index));
  return all;
}

// Each value where they are few.
std::string listed(const Figures& figures) {
  constexpr std::size_t kMostListed = 8;
  const std::vector<double>& values = figures.values;
  if (values.size() > kMostListed) {
    return fmt::format("{} in the first to {} in the last of {} repetitions",
                       figures.text(values.front()), figures.text(values.back()), values.size());
  }
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(figures.text(value));
  return fmt::format("{} in the repetitions", fmt::join(texts, ", "));
}

void read(const Figures& figures, double most, GateReading& reading) {
  const auto trend = repetition_trend(figures.values, figures.least_deviation());
  if (!trend) return;
  if (!trend->is_real) {
    reading.figure = reading.figure.value_or(0);
    reading.shown += fmt::format("{}{} {} on average, no trend", reading.shown.empty() ? "" : "; ",
                                 figures.name, figures.text(trend->line.mean));
    return;
  }
  const auto repetitions = static_cast<double>(figures.values.size());
  const CarriedLine line{.mean = trend->line.mean, .moved = trend->line.slope * repetitions};
  add_line(reading, line, figures.limit, most,
           fmt::format("{} {}: {} after another {}, limit {}", figures.name, listed(figures),
                       figures.text(line.later()), figures.values.size(),
                       figures.text(figures.limit.value)));
}

}  // namespace

GateReading read_repetition_trend(std::span<const Repetition> repetitions, const Claim& claim,
                                  std::size_t index, double limit) {
  if (repetitions.size() < kFewestRepetitions) {
    return {.shown = fmt::format("{} repetition{} cannot show whether it changes from one to the "
                                 "next: {} can",
                                 repetitions.size(), repetitions.size() == 1 ? "" : "s",
                                 kFewestRepetitions)};
  }
  GateReading reading;
  for (const Figures& figures : figures_of(repetitions, claim, index))
    read(figures, limit, reading);
  if (!reading.figure) return {.shown = "not every repetition has a figure to compare"};
  reading.passed = passes(reading, claim, limit);
  return reading;
}

}  // namespace natsproof
