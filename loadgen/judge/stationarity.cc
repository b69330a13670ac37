#include "loadgen/judge/stationarity.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/claim_test.h"

namespace natsproof {
namespace {

// Fewer seconds with a quantile show no trend that would be worth a gate.
constexpr std::size_t kFewestSeconds = 5;

double seconds(Duration duration) {
  return static_cast<double>(duration.count()) * 1e-9;
}

using Points = std::vector<std::vector<TrendPoint>>;  // [repetition]

// The share over, in blocks of so many seconds.
Points shares_over(std::span<const Repetition> repetitions, const Claim& claim, std::size_t index,
                   std::size_t length) {
  Points points;
  for (const Repetition& repetition : repetitions) {
    std::vector<TrendPoint>& own = points.emplace_back();
    const std::vector<ShareCount> counts = claim_counts(claim, index, repetition).blocks;
    for (std::size_t begin = 0; begin < counts.size(); begin += length) {
      const std::size_t end = std::min(begin + length, counts.size());
      double planned = 0, over = 0;
      for (std::size_t second = begin; second < end; ++second) {
        planned += static_cast<double>(counts[second].planned);
        over += static_cast<double>(counts[second].over);
      }
      if (planned == 0) continue;
      own.push_back(
          {.at = static_cast<double>(begin + end) / 2, .value = over / planned, .weight = planned});
    }
  }
  return points;
}

// Where a trend leads, seen from a limit.
struct Carried {
  double later = 0;  // the mean, one run length on
  double part = 0;   // of the way to the limit
};

Carried carry_on(const Trend& trend, double run_s, double limit) {
  Carried carried{.later = trend.mean};
  if (!trend.is_real) return carried;
  const double moved = trend.slope * run_s, way = limit - trend.mean;
  carried.later = std::max(0.0, trend.mean + moved);
  // At the limit itself all is within it, and any rise leads across.
  if (way == 0) {
    carried.part = moved > 0 ? kFarthest : 0;
  } else {
    carried.part = std::clamp(moved / way, 0.0, kFarthest);
  }
  return carried;
}

// Takes the worse of what was found into the reading.
void add(GateReading& reading, const Trend& trend, double part, const std::string& shown,
         double limit) {
  reading.figure = std::max(reading.figure.value_or(0), part);
  reading.shown += (reading.shown.empty() ? "" : "; ") + shown;
  if (part <= limit) return;
  const Could could = trend.slope > 0 ? Could::flatter : Could::slander;
  reading.could = reading.could.value_or(could) == could ? could : Could::both;
}

template <typename Format>
std::string describe(const std::string& what, const Trend& trend, const Carried& carried,
                     double run_s, double limit, Format format) {
  if (!trend.is_real) return fmt::format("{} {} on average, no trend", what, format(trend.mean));
  return fmt::format("{} {} on average and {}: {} after another {}, limit {}", what,
                     format(trend.mean), trend.slope > 0 ? "rising" : "falling",
                     format(carried.later), format_duration(Duration{std::llround(run_s * 1e9)}),
                     format(limit));
}

std::string format_ns(double ns) {
  return format_duration(Duration{std::llround(ns)});
}

}  // namespace

SecondQuantiles::SecondQuantiles(std::span<const Claim> claims,
                                 std::span<const Repetition> repetitions, bool open_loop)
    : open_loop_(open_loop),
      one_task_(std::all_of(repetitions.begin(), repetitions.end(),
                            [](const Repetition& r) { return r.tasks.size() <= 2; })) {
  bool must_decode = false;
  for (const Claim& claim : claims) {
    if (!sees(claim)) continue;
    points_[claim.quantile.value].resize(repetitions.size());
    must_decode |= claim.quantile.value != 0.5 && claim.quantile.value != 0.99;
  }
  if (points_.empty()) return;
  for (std::size_t r = 0; r < repetitions.size(); ++r) {
    for (const Interval& interval : repetitions[r].intervals) {
      // What is decided after the window is what was slow: its seconds are not like the others.
      const Duration middle = interval.start + interval.length / 2;
      const Duration end = repetitions[r].warmup + repetitions[r].window;
      if (interval.warmup || interval.count == 0 || middle > end) continue;
      std::optional<Histogram> times;
      if (must_decode) {
        if (auto decoded = Histogram::decode(interval.hdr); decoded.ok() && !decoded->empty()) {
          times = std::move(*decoded);
        }
      }
      for (auto& [quantile, points] : points_) {
        const Quantile q{quantile};
        if (quantile_support(q, interval.count) == QuantileSupport::none) continue;
        std::optional<Duration> value;
        if (quantile == 0.5) {
          value = interval.p50;
        } else if (quantile == 0.99) {
          value = interval.p99;
        } else if (times) {
          value = times->value_at(q);
        }
        if (!value) continue;
        points[r].push_back({.at = seconds(middle),
                             .value = static_cast<double>(value->count()),
                             .weight = static_cast<double>(interval.count)});
      }
    }
  }
}

bool SecondQuantiles::sees(const Claim& claim) const {
  const Metric seen = open_loop_ ? Metric::response : Metric::service;
  return claim.metric == seen && claim.statistic == Statistic::quantile &&
         (claim.task == kAllTasks || one_task_);
}

std::span<const std::vector<TrendPoint>> SecondQuantiles::of(const Claim& claim) const {
  if (!sees(claim)) return {};
  const auto found = points_.find(claim.quantile.value);
  if (found == points_.end()) return {};
  std::size_t seen = 0;
  for (const std::vector<TrendPoint>& repetition : found->second) seen += repetition.size();
  if (seen < kFewestSeconds) return {};
  return found->second;
}

GateReading read_stationarity(std::span<const Repetition> repetitions, const Claim& claim,
                              std::size_t index, const SecondQuantiles& quantiles, double limit) {
  GateReading reading;
  if (repetitions.empty()) return {.shown = "nothing was measured"};
  const Duration measured = measured_time(repetitions);
  const double run_s = seconds(measured) / static_cast<double>(repetitions.size());
  const double allowed = claim.allowed_share();
  const std::size_t length = block_seconds(covered_disturbance(measured, allowed));
  if (const auto trend = pooled_trend(shares_over(repetitions, claim, index, length))) {
    const Carried carried = carry_on(*trend, run_s, allowed);
    add(reading, *trend, carried.part,
        describe("share over", *trend, carried, run_s, allowed,
                 [](double share) { return format_share(std::min(share, 1.0)); }),
        limit);
  }
  if (const auto trend = pooled_trend(quantiles.of(claim))) {
    const auto limit_ns = static_cast<double>(claim.limit.count());
    const Carried carried = carry_on(*trend, run_s, limit_ns);
    add(reading, *trend, carried.part,
        describe(fmt::format("{} of a second", format_quantile(claim.quantile)), *trend, carried,
                 run_s, limit_ns, format_ns),
        limit);
  }
  if (!reading.figure) return {.shown = "the run is too short to show a trend"};
  reading.passed = *reading.figure <= limit;
  return reading;
}

}  // namespace natsproof
