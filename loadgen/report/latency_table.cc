#include "loadgen/report/latency_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/statistics.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

const Histogram& histogram_of(const TaskRecord& task, LatencyTime time) {
  return time == LatencyTime::response ? task.response : task.service;
}

const TaskRecord* find_task(const Repetition& repetition, const std::string& name) {
  for (const TaskRecord& task : repetition.tasks) {
    if (task.name == name) return &task;
  }
  return nullptr;
}

// The q-quantile of all planned requests in one histogram; nothing where it is not supported or
// lies beyond the answered.
std::optional<Duration> planned_quantile(const Histogram& histogram, std::uint64_t planned,
                                         Quantile q) {
  if (quantile_support(q, planned) == QuantileSupport::none) return std::nullopt;
  const std::uint64_t rank = rank_of(q, planned);
  if (rank > histogram.count()) return std::nullopt;
  return histogram.value_at_rank(rank);
}

// Fills the range over the repetitions; `figure_of` gives a repetition's own figure, or nothing.
template <typename FigureOf>
void add_range(const RunRecord& record, const std::string& name, FigureOf figure_of,
               LatencyFigure& figure) {
  std::optional<Duration> lowest, highest;
  for (const Repetition& repetition : record.repetitions) {
    const TaskRecord* task = find_task(repetition, name);
    const std::optional<Duration> own = task == nullptr ? std::nullopt : figure_of(*task);
    if (!own) return;
    lowest = std::min(lowest.value_or(*own), *own);
    highest = std::max(highest.value_or(*own), *own);
  }
  figure.lowest = lowest;
  figure.highest = highest;
}

// Calls `visit(repetition, requests decided, their times)` for every measured second.
template <typename Visit>
void for_each_second(const RunRecord& record, Visit visit) {
  const Histogram none;
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    for (const Interval& interval : record.repetitions[r].intervals) {
      const auto decided =
          std::accumulate(interval.classes.begin(), interval.classes.end(), std::uint64_t{0});
      if (interval.warmup || decided == 0) continue;
      const auto latency = Histogram::decode(interval.hdr);
      visit(r, decided, latency ? *latency : none);
    }
  }
}

Duration rounded_mean(const Histogram& histogram) {
  return Duration{std::llround(histogram.mean_ns())};
}

}  // namespace

std::string format_interval(const QuantileInterval& interval) {
  if (interval.lower && interval.upper) return format_range(*interval.lower, *interval.upper);
  if (interval.lower) return "≥ " + format_duration(*interval.lower);
  if (interval.upper) return "≤ " + format_duration(*interval.upper);
  return {};
}

std::string quantile_words(const Histogram& times, Quantile q, double design_effect) {
  const QuantileSupport support = quantile_support(q, times.count());
  if (support == QuantileSupport::none) {
    return fmt::format("{} needs {}, there are {}", format_quantile(q), format_count(needed_for(q)),
                       format_count(times.count()));
  }
  const std::string interval = format_interval(quantile_interval(times, q, design_effect));
  return fmt::format("{} {}{}{}", format_quantile(q), support == QuantileSupport::thin ? "~" : "",
                     format_duration(times.value_at(q)),
                     interval.empty() ? "" : " (" + interval + ")");
}

std::string needs_words(Quantile q, std::uint64_t planned) {
  return fmt::format("needs {} requests, this run has {}", format_count(needed_for(q)),
                     format_count(planned));
}

std::string needs_words(Quantile q, std::uint64_t planned, Duration window) {
  const std::uint64_t needed = needed_for(q);
  std::string text = needs_words(q, planned);
  if (needed <= planned) return text;
  text += fmt::format(": {} more", format_count(needed - planned));
  constexpr double kLongest = 9e18;
  const double longer = planned == 0 ? kLongest
                                     : static_cast<double>(window.count()) *
                                           static_cast<double>(needed - planned) /
                                           static_cast<double>(planned);
  if (window > 0ns && longer < kLongest)
    text += fmt::format(", {} at this rate", format_duration(Duration{std::llround(longer)}));
  return text;
}

LatencyFigure quantile_figure(const RunRecord& record, const TaskRecord& pooled, LatencyTime time,
                              Quantile q, double design_effect) {
  const Histogram& histogram = histogram_of(pooled, time);
  const std::uint64_t planned = pooled.measured.planned;
  LatencyFigure figure;
  const QuantileSupport support = quantile_support(q, planned);
  if (support == QuantileSupport::none) return figure;
  figure.thin = support == QuantileSupport::thin;
  const auto value = planned_quantile(histogram, planned, q);
  if (!value) {
    const bool answered = rank_of(q, planned) <= histogram.count() + histogram.out_of_range();
    figure.state = answered ? LatencyFigure::State::unknown : LatencyFigure::State::beyond_timeout;
    return figure;
  }
  figure.state = LatencyFigure::State::value;
  figure.value = *value;
  // The same rank, as a quantile of the answered requests alone.
  const double among_answered =
      q.value * static_cast<double>(planned) / static_cast<double>(histogram.count());
  if (among_answered < 1) {
    figure.interval = quantile_interval(histogram, Quantile{among_answered}, design_effect);
  }
  add_range(
      record, pooled.name,
      [&](const TaskRecord& task) {
        return planned_quantile(histogram_of(task, time), task.measured.planned, q);
      },
      figure);
  return figure;
}

LatencyFigure mean_figure(const RunRecord& record, const TaskRecord& pooled, LatencyTime time) {
  LatencyFigure figure;
  figure.state = LatencyFigure::State::value;
  figure.value = rounded_mean(histogram_of(pooled, time));
  add_range(
      record, pooled.name,
      [&](const TaskRecord& task) -> std::optional<Duration> {
        const Histogram& histogram = histogram_of(task, time);
        if (histogram.empty()) return std::nullopt;
        return rounded_mean(histogram);
      },
      figure);
  return figure;
}

LatencyFigure max_figure(const RunRecord& record, const TaskRecord& pooled, LatencyTime time) {
  LatencyFigure figure;
  if (histogram_of(pooled, time).out_of_range() > 0) {
    figure.state = LatencyFigure::State::unknown;
    return figure;
  }
  figure.state = LatencyFigure::State::value;
  figure.value = histogram_of(pooled, time).max();
  add_range(
      record, pooled.name,
      [&](const TaskRecord& task) -> std::optional<Duration> {
        const Histogram& histogram = histogram_of(task, time);
        if (histogram.empty()) return std::nullopt;
        return histogram.max();
      },
      figure);
  return figure;
}

std::vector<double> design_effects(const RunRecord& record,
                                   const std::vector<Quantile>& quantiles) {
  Histogram all;
  std::uint64_t decided = 0;
  for_each_second(record, [&](std::size_t, std::uint64_t requests, const Histogram& latency) {
    all.merge(latency);
    decided += requests;
  });
  std::vector<std::optional<Duration>> thresholds(quantiles.size());
  std::transform(quantiles.begin(), quantiles.end(), thresholds.begin(),
                 [&](Quantile q) { return planned_quantile(all, decided, q); });

  using Seconds = std::vector<std::vector<ShareCount>>;  // [repetition][second]
  std::vector<Seconds> seconds(quantiles.size(), Seconds(record.repetitions.size()));
  for_each_second(record, [&](std::size_t r, std::uint64_t requests, const Histogram& latency) {
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      if (!thresholds[i]) continue;
      const std::uint64_t within = latency.count() - latency.count_above(*thresholds[i]);
      seconds[i][r].push_back({.planned = requests, .over = requests - std::min(requests, within)});
    }
  });
  const Duration measured = measured_time(record.repetitions);
  std::vector<double> effects(quantiles.size());
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    effects[i] = design_effect(seconds[i], covered_disturbance(measured, 1 - quantiles[i].value));
  return effects;
}

std::vector<Quantile> reported_quantiles(const RunRecord& record) {
  std::vector<Quantile> quantiles = {{0.5}, {0.9}, {0.99}, {0.999}};
  for (const Claim& claim : record.claims) {
    if (claim.statistic == Statistic::quantile) quantiles.push_back(claim.quantile);
  }
  const auto less = [](Quantile a, Quantile b) { return a.value < b.value; };
  std::sort(quantiles.begin(), quantiles.end(), less);
  quantiles.erase(std::unique(quantiles.begin(), quantiles.end()), quantiles.end());
  return quantiles;
}

}  // namespace natsproof
