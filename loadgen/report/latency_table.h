// What a report says of a task's latency: quantiles of all planned requests, each with its interval
// and its range over the repetitions.
//
// The population is every planned request, and every failure is slower than any limit
// (docs/measurement.md, "Claims"): a quantile of it is a quantile of the answered ones at a higher
// rank, or lies beyond the timeout.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// One figure over the run, with how sure it is and how much it moved.
struct LatencyFigure {
  enum class State {
    value,
    needs_more,      // the sample does not support it
    beyond_timeout,  // lies among the requests that failed
    unknown,         // values out of the histogram's range
  };
  State state = State::needs_more;
  Duration value{};
  bool thin = false;          // supported by fewer than 100 requests beyond it
  QuantileInterval interval;  // 95 %; of quantiles only
  std::optional<Duration> lowest,
      highest;  // over the repetitions; nothing unless each of them has the figure
};

// `405–420 µs`; `≥ 405 µs` or `≤ 420 µs` where the sample does not reach the other end; empty for
// neither.
std::string format_interval(const QuantileInterval& interval);

// `p99 412 µs (405–420 µs)`: with the interval in brackets, `~` before the value where fewer than
// 100 lie beyond it; `p99 needs 1,000, there are 240` where the sample does not support it.
std::string quantile_words(const Histogram& times, Quantile q, double design_effect);
// `needs 10,000 requests, this run has 4,000: 6,000 more, 6.00 s at this rate`. `window`: in which
// there were so many.
std::string needs_words(Quantile q, std::uint64_t planned);
// The same, and how long that takes at this rate.
std::string needs_words(Quantile q, std::uint64_t planned, Duration window);

enum class LatencyTime { response, service };

// `pooled`: the task's record over all repetitions.
LatencyFigure quantile_figure(const RunRecord& record, const TaskRecord& pooled, LatencyTime time,
                              Quantile q, double design_effect);
// Of the answered requests. REQUIRES: at least one was answered.
LatencyFigure mean_figure(const RunRecord& record, const TaskRecord& pooled, LatencyTime time);
LatencyFigure max_figure(const RunRecord& record, const TaskRecord& pooled, LatencyTime time);

// The design effect for intervals of each quantile: from how unevenly the measured seconds share
// out the requests slower than it, all tasks together, which for one task of several is on the safe
// side.
std::vector<double> design_effects(const RunRecord& record, const std::vector<Quantile>& quantiles);

// The quantiles every report shows and those the claims ask for, ascending.
std::vector<Quantile> reported_quantiles(const RunRecord& record);

}  // namespace natsproof
