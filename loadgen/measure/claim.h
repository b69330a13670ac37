// A claim: `[task] metric [quantile] comparison value`, for example `place_order response p99 <
// 10ms`.
//
// Metrics: response pX|max|mean, service pX|max|mean (durations, `<` or `<=`), success and achieved
// (shares, `>` or `>=`), errors (share, `<` or `<=`), throughput (rate, `>` or `>=`). Without a
// task the claim is about all tasks together.
//
// Of processes, and so never of a task: `cpu(services) < 80%`, the mean share of ONE core, so that
// two busy threads make 200%; `memory_growth(services) < 1MiB/min`, of resident memory. In the
// parentheses `server`, `services` (all staged ones together) or `generator`; `<` or `<=`.
//
// docs/measurement.md, "Claims", says what each of them claims.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace natsproof {

enum class Metric { response, service, success, errors, achieved, throughput, cpu, memory_growth };
enum class Statistic { none, quantile, max, mean };  // none: the metric is itself a share or a rate
enum class Comparison { less, less_equal, greater, greater_equal };

constexpr bool is_upper_limit(Comparison comparison) {
  return comparison == Comparison::less || comparison == Comparison::less_equal;
}

inline constexpr std::string_view kAllTasks = "*";

struct Claim {
  std::string text;  // normalised: single blanks, as it is printed
  std::string task{kAllTasks};
  Metric metric = Metric::response;
  Statistic statistic = Statistic::none;
  Quantile quantile;  // where statistic is quantile
  Comparison comparison = Comparison::less;
  Duration limit{};  // of response and service
  double share = 0;  // of success, errors, achieved: 0..1; of cpu: of one core, may be above 1
  Rate rate;         // of throughput
  std::string of{};  // of cpu and memory_growth: `server`, `services`, `generator`
  double bytes_per_min = 0;  // of memory_growth

  [[nodiscard]] bool is_latency() const {
    return metric == Metric::response || metric == Metric::service;
  }
  // About processes and not about requests.
  [[nodiscard]] bool is_resource() const {
    return metric == Metric::cpu || metric == Metric::memory_growth;
  }
  // Does a time break the limit? `<` is broken by the limit itself, `<=` is not. REQUIRES:
  // is_latency().
  [[nodiscard]] bool is_over(Duration time) const {
    return comparison == Comparison::less ? time >= limit : time > limit;
  }
  // The share of planned requests that may be bad: 1-q of a quantile claim, 1-s of success and
  // achieved, e of errors; 0 of a maximum. REQUIRES: neither a mean, nor
  // throughput, nor of processes.
  [[nodiscard]] double allowed_share() const;
};

// `tasks` are the plan's task names; an unknown one is an error with the nearest known, as is every
// other mistake.
Result<Claim> parse_claim(std::string_view text, std::span<const std::string> tasks);

// A task must not be named like a metric, `cpu(...)` included.
bool is_metric_name(std::string_view name);

}  // namespace natsproof
