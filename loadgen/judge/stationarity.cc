#include "loadgen/judge/stationarity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/judge/carried_line.h"
#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/statistics.h"

namespace natsproof {
namespace {

// A threshold with fewer requests over, in all repetitions, tells nothing.
constexpr double kFewestOver = 10;
// With as many in each repetition, on average, a change is hardly missed that leads anywhere.
constexpr double kEnoughInEach = 10;
constexpr double kLowered = 10, kLowest = 0.5;

using Slices = std::vector<const TimeSlices*>;  // [repetition]

std::uint64_t timed(const TimeSlice& slice) {
  std::uint64_t sum = 0;
  for (const std::uint32_t count : slice.times) sum += count;
  return sum;
}

// By time, from `bucket` on, and those that failed.
std::uint64_t counted_from(const TimeSlice& slice, std::size_t bucket) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < slice.times.size() && slice.first + i < bucket; ++i)
    below += slice.times[i];
  return slice.planned - below;
}

// Of the slices begin..end, in windows: 0..1.
double middle_of(std::size_t begin, std::size_t end) {
  return static_cast<double>(begin + end) / 2 / static_cast<double>(kSlices);
}

// Of a threshold; nothing: the claim's limit.
struct Threshold {
  std::optional<std::size_t> bucket;
  double counted = 0;  // in all repetitions
  [[nodiscard]] std::uint64_t of(const TimeSlice& slice) const {
    return bucket ? counted_from(slice, *bucket) : slice.over;
  }
};

struct Tested : Threshold {
  double score = 0;  // mean of the repetitions
  bool is_real = false;
  bool is_own = false;  // the claim's quantile
};

class SlicedClaim {
 public:
  SlicedClaim(const Claim& claim, Slices repetitions)
      : claim_(claim), repetitions_(std::move(repetitions)) {
    for (const TimeSlices* slices : repetitions_) merge(pooled_, *slices);
    for (const TimeSlice& slice : pooled_) {
      planned_ += static_cast<double>(slice.planned);
      over_ += static_cast<double>(slice.over);
    }
  }

  [[nodiscard]] double planned() const { return planned_; }
  [[nodiscard]] double over() const { return over_; }
  [[nodiscard]] double enough() const {
    return kEnoughInEach * static_cast<double>(repetitions_.size());
  }

  [[nodiscard]] std::vector<Tested> test() const {
    std::vector<Tested> tests;
    const double allowed = claim_.allowed_share();
    if (allowed > 0 && over_ >= kFewestOver && over_ < planned_)
      tests.push_back({{.bucket = {}, .counted = over_}});
    if (has_sliced_times(claim_)) add_thresholds(std::max(allowed, kFewestOver / planned_), tests);
    for (Tested& test : tests) {
      std::vector<double> scores;
      for (const TimeSlices* slices : repetitions_) scores.push_back(score_of(*slices, test));
      for (const double score : scores) test.score += score / static_cast<double>(scores.size());
      test.is_real = differs_from_zero(scores, 1, tests.size());
    }
    return tests;
  }

  // The share at a threshold.
  [[nodiscard]] std::optional<CarriedLine> share_line(const Threshold& threshold) const {
    std::vector<TimedValue> points;
    for (std::size_t s = 0; s < pooled_.size(); ++s) {
      const auto planned = static_cast<double>(pooled_[s].planned);
      if (planned == 0) continue;
      points.push_back({.at = middle_of(s, s + 1),
                        .value = static_cast<double>(threshold.of(pooled_[s])) / planned,
                        .weight = planned});
    }
    return carried(points);
  }

  // Of the time, in limits, that a share of requests exceeds.
  [[nodiscard]] std::optional<CarriedLine> quantile_line(double share) const {
    std::size_t parts = 2;
    for (const std::size_t more : {3, 4, 6, 12})
      if (planned_ * share >= kFewestOver * static_cast<double>(more)) parts = more;
    for (const bool only_answered : {false, true}) {
      std::optional<CarriedLine> line;
      double slope = 0;
      for (int round = 0; round < 3; ++round) {
        const auto points = points_of(share, parts, slope, only_answered);
        line = points ? carried(*points) : std::nullopt;
        if (!line) break;
        slope = line->moved;
      }
      if (line) return line;
    }
    return std::nullopt;
  }

  // As quantile_line(), without a slope.
  [[nodiscard]] std::optional<double> quantile(double share) const {
    return part_quantile(0, kSlices, share, 0, false);
  }

  [[nodiscard]] std::optional<CarriedLine> mean_line() const { return mean_line(pooled_); }
  [[nodiscard]] bool is_mean_trend_real() const {
    // What arithmetic alone may leave of flat lines is no slope.
    constexpr double kRounding = 1e-9;
    std::vector<double> slopes;
    double steepest = 0, highest = 0;
    for (const TimeSlices* slices : repetitions_) {
      const auto line = mean_line(*slices);
      slopes.push_back(line ? line->moved : 0);
      steepest = std::max(steepest, std::abs(slopes.back()));
      highest = std::max(highest, line ? line->mean : 0);
    }
    return steepest > kRounding * highest && differs_from_zero(slopes);
  }

 private:
  static std::optional<CarriedLine> carried(std::span<const TimedValue> points) {
    const auto line = fit_line(points);
    if (!line) return std::nullopt;
    return CarriedLine{.mean = line->mean, .moved = line->slope};
  }

  static double score_of(const TimeSlices& slices, const Threshold& threshold) {
    std::vector<TimedCount> counts;
    for (std::size_t s = 0; s < slices.size(); ++s) {
      counts.push_back({.at = middle_of(s, s + 1),
                        .planned = static_cast<double>(slices[s].planned),
                        .counted = static_cast<double>(threshold.of(slices[s]))});
    }
    return trend_score(counts);
  }

  void add_thresholds(double own, std::vector<Tested>& tests) const {
    std::vector<double> from(TimeBuckets::kCount);
    for (std::size_t bucket = 0; bucket < from.size(); ++bucket) {
      for (const TimeSlice& slice : pooled_)
        from[bucket] += static_cast<double>(counted_from(slice, bucket));
    }
    for (const double target : {own, own * kLowered, kLowest}) {
      if (target > kLowest && target != own) continue;
      // The nearest there is, by ratio.
      std::optional<std::size_t> nearest;
      const auto distance = [&](std::size_t bucket) {
        return std::abs(std::log(from[bucket] / (target * planned_)));
      };
      for (std::size_t bucket = 1; bucket < from.size(); ++bucket) {
        if (from[bucket] < kFewestOver || from[bucket] >= planned_) continue;
        if (!nearest || distance(bucket) < distance(*nearest)) nearest = bucket;
      }
      if (!nearest) continue;
      const bool is_known = std::any_of(tests.begin(), tests.end(),
                                        [&](const Tested& t) { return t.bucket == nearest; });
      if (is_known) continue;
      tests.push_back({{.bucket = nearest, .counted = from[*nearest]}});
      tests.back().is_own = target == own && own == claim_.allowed_share();
    }
  }

  [[nodiscard]] std::optional<std::vector<TimedValue>> points_of(double share, std::size_t parts,
                                                                 double slope,
                                                                 bool only_answered) const {
    std::vector<TimedValue> points;
    const std::size_t length = kSlices / parts;
    for (std::size_t begin = 0; begin < kSlices; begin += length) {
      double planned = 0;
      for (std::size_t s = begin; s < begin + length; ++s)
        planned += static_cast<double>(only_answered ? timed(pooled_[s]) : pooled_[s].planned);
      if (planned == 0) continue;
      const auto value = part_quantile(begin, begin + length, share, slope, only_answered);
      if (!value) return std::nullopt;
      points.push_back(
          {.at = middle_of(begin, begin + length), .value = *value, .weight = planned});
    }
    return points;
  }

  // Of the slices begin..end, with each time moved along `slope` to their middle. Nothing where
  // more than the share failed.
  [[nodiscard]] std::optional<double> part_quantile(std::size_t begin, std::size_t end,
                                                    double share, double slope,
                                                    bool only_answered) const {
    const double middle = middle_of(begin, end);
    std::vector<std::pair<double, double>> times;  // and how many
    double planned = 0, failed = 0;
    for (std::size_t s = begin; s < end; ++s) {
      const TimeSlice& slice = pooled_[s];
      const double shift = slope * (middle_of(s, s + 1) - middle);
      for (std::size_t i = 0; i < slice.times.size(); ++i) {
        if (slice.times[i] == 0) continue;
        times.emplace_back(TimeBuckets::middle(slice.first + i) - shift, slice.times[i]);
      }
      const auto answered = static_cast<double>(timed(slice));
      planned += only_answered ? answered : static_cast<double>(slice.planned);
      failed += only_answered ? 0 : static_cast<double>(slice.planned) - answered;
    }
    std::sort(times.rbegin(), times.rend());
    double slower = failed;
    if (slower > share * planned) return std::nullopt;
    for (const auto& [time, count] : times) {
      slower += count;
      if (slower > share * planned) return time;
    }
    return std::nullopt;
  }

  static std::optional<CarriedLine> mean_line(const TimeSlices& slices) {
    std::vector<TimedValue> points;
    for (std::size_t s = 0; s < slices.size(); ++s) {
      const auto answered = static_cast<double>(slices[s].planned - slices[s].over);
      if (answered == 0) continue;
      points.push_back({.at = middle_of(s, s + 1),
                        .value = static_cast<double>(slices[s].time_ns) / answered,
                        .weight = answered});
    }
    return carried(points);
  }

  const Claim& claim_;
  Slices repetitions_;
  TimeSlices pooled_;
  double planned_ = 0, over_ = 0;
};

std::string share_text(double share) {
  return format_share(std::clamp(share, 0.0, 1.0));
}

std::string time_text(double ns) {
  return format_duration(Duration{std::llround(std::max(0.0, ns))});
}

template <typename Format>
std::string described(const std::string& what, const CarriedLine& line, double limit,
                      Duration window, Format format) {
  return fmt::format(
      "{} {} at the start of a repetition, {} at its end: {} after another {}, "
      "limit {}",
      what, format(line.start()), format(line.end()), format(line.later()), format_duration(window),
      format(limit));
}

template <typename Format>
std::string no_trend(const std::string& what, double value, Format format) {
  return fmt::format("{} {} on average, no trend", what, format(value));
}

std::string statistic_name(const Claim& claim) {
  if (claim.statistic == Statistic::max) return "maximum";
  return format_quantile(claim.quantile);
}

// Where the change leads that the tests have found in the times, in limits: by the quantile's own
// line, or by less where only lower thresholds show it.
std::optional<CarriedLine> line_of_times(const SlicedClaim& look, const std::vector<Tested>& tests,
                                         double allowed) {
  constexpr ClaimedLimit kLimit{.value = 1};
  const std::optional<CarriedLine> own = look.quantile_line(allowed);
  std::optional<CarriedLine> worst;
  const auto take = [&](const CarriedLine& line) {
    if (!worst || part_of_way(line, kLimit) > part_of_way(*worst, kLimit)) worst = line;
  };
  for (const Tested& test : tests) {
    if (!test.bucket || !test.is_real) continue;
    const auto goes_with = [&](const CarriedLine& line) { return line.moved * test.score > 0; };
    if (test.is_own) {
      if (own && goes_with(*own)) take(*own);
      continue;
    }
    const auto lower = look.quantile_line(test.counted / look.planned());
    const auto quantile = look.quantile(allowed);
    if (!lower || lower->mean <= 0 || !goes_with(*lower)) continue;
    if (own && !goes_with(*own)) continue;
    const double mean = own ? own->mean : quantile.value_or(lower->mean);
    const CarriedLine in_proportion{.mean = mean, .moved = mean * lower->moved / lower->mean};
    take(own && part_of_way(*own, kLimit) < part_of_way(in_proportion, kLimit) ? *own
                                                                               : in_proportion);
  }
  return worst;
}

Duration mean_window(std::span<const Repetition> repetitions) {
  return measured_time(repetitions) / static_cast<Duration::rep>(repetitions.size());
}

std::optional<Slices> slices_of(std::span<const Repetition> repetitions, std::size_t index) {
  Slices slices;
  for (const Repetition& repetition : repetitions) {
    if (index >= repetition.slices.size() || repetition.slices[index].size() != kSlices)
      return std::nullopt;
    slices.push_back(&repetition.slices[index]);
  }
  return slices;
}

GateReading read_mean(const SlicedClaim& look, const Claim& claim, Duration window, double most) {
  GateReading reading;
  const ClaimedLimit limit{.value = static_cast<double>(claim.limit.count())};
  const auto line = look.mean_line();
  if (!line) return {.shown = "too few requests were answered to show a change"};
  if (look.is_mean_trend_real()) {
    add_line(reading, *line, limit, most, described("mean", *line, limit.value, window, time_text));
  } else {
    reading = {.figure = 0, .shown = no_trend("mean", line->mean, time_text)};
  }
  reading.passed = passes(reading, claim, most);
  return reading;
}

}  // namespace

GateReading read_stationarity(std::span<const Repetition> repetitions, const Claim& claim,
                              std::size_t index, double most) {
  if (repetitions.size() < kFewestRepetitions) {
    return {.shown = fmt::format("{} repetition{} cannot show whether it changes while one lasts: "
                                 "{} can",
                                 repetitions.size(), repetitions.size() == 1 ? "" : "s",
                                 kFewestRepetitions)};
  }
  auto slices = slices_of(repetitions, index);
  if (!slices) {
    return {.shown =
                "the file is of an earlier version and does not say how the requests lie in "
                "the time of a repetition: run it again"};
  }
  const SlicedClaim look(claim, std::move(*slices));
  if (look.planned() == 0) return {.shown = "nothing was measured"};
  const Duration window = mean_window(repetitions);
  if (kind_of(claim) == ClaimKind::mean) return read_mean(look, claim, window, most);

  const double allowed = claim.allowed_share();
  const ClaimedLimit share_limit{.value = allowed}, time_limit{.value = 1};
  const auto limit_ns = static_cast<double>(claim.limit.count());
  const auto limits = [&](double time) { return time_text(time * limit_ns); };
  const std::vector<Tested> tests = look.test();
  GateReading reading;
  const bool has_share_trend = std::any_of(
      tests.begin(), tests.end(), [](const Tested& test) { return !test.bucket && test.is_real; });
  const auto share_line = look.share_line({.bucket = {}, .counted = look.over()});
  if (has_share_trend && share_line) {
    add_line(reading, *share_line, share_limit, most,
             described("share over", *share_line, allowed, window, share_text));
  }
  if (has_sliced_times(claim)) {
    if (const auto line = line_of_times(look, tests, allowed)) {
      add_line(reading, *line, time_limit, most,
               described(statistic_name(claim), *line, 1, window, limits));
    }
  }
  if (reading.figure) {
    reading.passed = passes(reading, claim, most);
    return reading;
  }

  const bool is_enough = std::any_of(tests.begin(), tests.end(), [&](const Tested& test) {
    return test.counted >= look.enough();
  });
  if (!is_enough) {
    const auto count = [](double requests) {
      return format_count(static_cast<std::uint64_t>(requests));
    };
    if (allowed > 0 && share_line && part_of_way(*share_line, share_limit) > most) {
      return {.shown =
                  fmt::format("{} of {} requests are over: too few to show whether that "
                              "changes while a repetition lasts; {} could",
                              count(look.over()), count(look.planned()), count(look.enough()))};
    }
    const auto line = has_sliced_times(claim) ? look.quantile_line(allowed) : std::nullopt;
    if (line && part_of_way(*line, time_limit) > most) {
      return {.shown = fmt::format("{} requests are too few to show whether their times change "
                                   "while a repetition lasts; {} could",
                                   count(look.planned()), count(look.enough() / kLowest))};
    }
  }
  reading = {.figure = 0, .passed = true};
  const auto quantile = has_sliced_times(claim) ? look.quantile(allowed) : std::nullopt;
  reading.shown = quantile ? no_trend(statistic_name(claim), *quantile, limits)
                           : no_trend("share over", look.over() / look.planned(), share_text);
  return reading;
}

bool changes_within(std::span<const Repetition> repetitions, const Claim& claim,
                    std::size_t index) {
  auto slices = slices_of(repetitions, index);
  if (!slices || repetitions.size() < kFewestRepetitions) return false;
  const SlicedClaim look(claim, std::move(*slices));
  if (look.planned() == 0) return false;
  if (kind_of(claim) == ClaimKind::mean) return look.is_mean_trend_real();
  const std::vector<Tested> tests = look.test();
  return std::any_of(tests.begin(), tests.end(), [](const Tested& test) { return test.is_real; });
}

}  // namespace natsproof
