#include "loadgen/judge/resource_evidence.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace natsproof {
namespace {

constexpr Duration kTick = 10ms;  // USER_HZ is 100 wherever Linux runs
constexpr double kTicksUnsure = 2;
constexpr double kPage = 4096;
constexpr std::size_t kFewestSamples = 5;
constexpr Duration kShortestForCpu = 1s;
constexpr Duration kShortestForGrowth = 5s;
constexpr double kSpanned = 0.8;          // of the measurement, by its samples
constexpr Duration kBeside = 200ms;       // a sample so near to the measurement is taken for in it
constexpr Duration kMostPause = 2s;       // two samples' distance
constexpr std::size_t kMostPoints = 240;  // of a slope, which takes their square in time

struct Measurement {
  Duration begin{}, end{};
  [[nodiscard]] Duration length() const { return end - begin; }
};

Measurement measurement_of(const Repetition& repetition) {
  return {repetition.warmup, repetition.warmup + repetition.window};
}

const ResourceSample* nearest(const std::vector<ResourceSample>& samples, Duration to) {
  const auto distance = [to](const ResourceSample& s) { return std::chrono::abs(s.at - to); };
  const auto at =
      std::min_element(samples.begin(), samples.end(),
                       [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  return at == samples.end() ? nullptr : &*at;
}

bool spans(Duration from, Duration until, const Measurement& measurement) {
  return until > from && to_seconds(until - from) >= kSpanned * to_seconds(measurement.length());
}

// Whether the processes were there until its end, near which a sample is always taken. One that is
// gone has taken what it took, and who knows what it would have.
bool lasts(const ResourceRecord& record, const Measurement& measurement) {
  if (record.samples.empty()) return false;
  const Duration until = record.samples.back().at;
  return until >= measurement.end - (record.ended.empty() ? kMostPause : kBeside);
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// Bytes a second.
double theil_sen(const std::vector<const ResourceSample*>& samples) {
  std::vector<double> slopes;
  slopes.reserve(samples.size() * (samples.size() - 1) / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = i + 1; j < samples.size(); ++j) {
      const double time_s = to_seconds(samples[j]->at - samples[i]->at);
      if (time_s <= 0) continue;
      slopes.push_back((static_cast<double>(samples[j]->resident_bytes) -
                        static_cast<double>(samples[i]->resident_bytes)) /
                       time_s);
    }
  }
  return slopes.empty() ? 0 : median(slopes);
}

// As many of a long measurement's samples as a slope is made of, the first and the last included.
std::vector<const ResourceSample*> thinned(const std::vector<const ResourceSample*>& samples) {
  if (samples.size() <= kMostPoints) return samples;
  std::vector<const ResourceSample*> kept;
  for (std::size_t i = 0; i < kMostPoints; ++i)
    kept.push_back(samples[i * (samples.size() - 1) / (kMostPoints - 1)]);
  return kept;
}

const ResourceRecord* record_of(const Repetition& repetition, const std::string& role) {
  for (const ResourceRecord& record : repetition.resources) {
    if (record.of == role) return &record;
  }
  return nullptr;
}

std::string why_missing(const ResourceRecord* record, const Repetition& repetition,
                        const Claim& claim) {
  if (record == nullptr) return fmt::format("nobody looked at what {} took", claim.of);
  if (!record->not_available.empty()) return record->not_available;
  if (!record->ended.empty()) return record->ended;
  if (repetition.window < shortest_window(claim)) {
    return fmt::format("a repetition must measure for {} at least to tell, and has {}",
                       format_duration(shortest_window(claim)), format_duration(repetition.window));
  }
  const Measurement measurement = measurement_of(repetition);
  if (!record->samples.empty() && !lasts(*record, measurement)) {
    return fmt::format("the samples end {} before the measurement does",
                       format_duration(measurement.end - record->samples.back().at));
  }
  return "there are too few samples from the begin to the end of the measurement";
}

double limit_of(const Claim& claim) {
  return claim.metric == Metric::cpu ? claim.share : claim.bytes_per_min;
}

bool within(const Claim& claim, double value) {
  return claim.comparison == Comparison::less ? value < limit_of(claim) : value <= limit_of(claim);
}

std::string shown(const Claim& claim, double value) {
  // A bound on a CPU share may come out below what can be.
  return claim.metric == Metric::cpu ? format_cores(std::max(0.0, value)) : format_growth(value);
}

// The only repetition on fresh processes.
std::optional<std::size_t> warm_up_of(std::span<const Repetition> repetitions, const Claim& claim) {
  if (claim.metric != Metric::memory_growth) return std::nullopt;
  std::optional<std::size_t> found;
  for (std::size_t r = 0; r < repetitions.size(); ++r) {
    const ResourceRecord* record = record_of(repetitions[r], claim.of);
    if (record == nullptr || !record->fresh) continue;
    if (found) return std::nullopt;
    found = r;
  }
  return found;
}

// How far the kernel's count of a process's resident pages may lag, as statm has it. Up to 6.1 each
// thread keeps its own changes back for 64 page faults (mm/memory.c, TASK_RSS_EVENTS_THRESH); from
// 6.2 on each core does, for max(32, 2 x cores) pages (lib/percpu_counter.c); from 6.16 on it is
// exact. Of several threads, cores and processes the errors are independent. The kernel is not
// asked which one it is: the larger error holds for all.
double pages_unsure(std::uint64_t threads, std::uint64_t processes, std::uint32_t cores) {
  constexpr double kKeptByAThread = 64;
  const double kept_by_a_core = std::max(32.0, 2.0 * cores);
  const auto counters = static_cast<double>(processes) * std::max(1U, cores);
  return std::max(kKeptByAThread * std::sqrt(static_cast<double>(std::max(threads, processes))),
                  kept_by_a_core * std::sqrt(counters));
}

// What that leaves unsure of each value.
double precision_of(std::span<const Repetition> repetitions, const Claim& claim, Duration measured,
                    std::uint32_t cores) {
  std::uint64_t processes = 1, threads = 1;
  for (const Repetition& repetition : repetitions) {
    const ResourceRecord* record = record_of(repetition, claim.of);
    if (record == nullptr) continue;
    processes = std::max(processes, record->processes);
    for (const ResourceSample& sample : record->samples)
      threads = std::max(threads, sample.threads);
  }
  constexpr double kSecondsInAMinute = 60;
  if (measured <= 0s) return 0;
  return pages_unsure(threads, processes, cores) * kPage / to_seconds(measured) * kSecondsInAMinute;
}

}  // namespace

std::optional<CpuUse> cpu_use(const ResourceRecord& record, const Repetition& repetition) {
  const Measurement measurement = measurement_of(repetition);
  const ResourceSample* const first = nearest(record.samples, measurement.begin);
  const ResourceSample* const last = nearest(record.samples, measurement.end);
  if (first == nullptr || measurement.length() < kShortestForCpu ||
      !spans(first->at, last->at, measurement) || !lasts(record, measurement) ||
      last->cpu < first->cpu) {
    return std::nullopt;
  }
  const double time_s = to_seconds(last->at - first->at);
  CpuUse use{.mean = to_seconds(last->cpu - first->cpu) / time_s,
             .error = kTicksUnsure * to_seconds(kTick) *
                      std::sqrt(static_cast<double>(std::max<std::uint64_t>(1, record.processes))) /
                      time_s};
  use.most = use.mean;
  const ResourceSample* before = first;
  for (const ResourceSample* sample = first; sample <= last; ++sample) {
    if (sample->at - before->at < 500ms) continue;
    use.most = std::max(
        use.most, to_seconds(sample->cpu - before->cpu) / to_seconds(sample->at - before->at));
    before = sample;
  }
  return use;
}

std::optional<MemoryGrowth> memory_growth(const ResourceRecord& record,
                                          const Repetition& repetition) {
  const Measurement measurement = measurement_of(repetition);
  std::vector<const ResourceSample*> within;
  for (const ResourceSample& sample : record.samples) {
    if (sample.at >= measurement.begin - kBeside && sample.at <= measurement.end + kBeside)
      within.push_back(&sample);
  }
  if (measurement.length() < kShortestForGrowth || within.size() < kFewestSamples ||
      !spans(within.front()->at, within.back()->at, measurement) || !lasts(record, measurement)) {
    return std::nullopt;
  }
  constexpr double kSecondsInAMinute = 60;
  const std::uint64_t first = within.front()->resident_bytes;
  const std::uint64_t last = within.back()->resident_bytes;
  return MemoryGrowth{.slope = theil_sen(thinned(within)) * kSecondsInAMinute,
                      .end_to_end = (static_cast<double>(last) - static_cast<double>(first)) /
                                    to_seconds(within.back()->at - within.front()->at) *
                                    kSecondsInAMinute,
                      .first = first,
                      .last = last};
}

Duration shortest_window(const Claim& claim) {
  return claim.metric == Metric::cpu ? kShortestForCpu : kShortestForGrowth;
}

ResourceTest test_resource(std::span<const Repetition> repetitions, const Claim& claim,
                           std::uint32_t cores) {
  ResourceTest result;
  result.warm_up = warm_up_of(repetitions, claim);
  for (std::size_t r = 0; r < repetitions.size(); ++r) {
    if (r != result.warm_up) result.measured_time += repetitions[r].window;
  }
  if (claim.metric == Metric::memory_growth)
    result.precision = precision_of(repetitions, claim, result.measured_time, cores);

  std::vector<MeanEvidence> all, later;
  std::vector<double> values;
  for (std::size_t r = 0; r < repetitions.size(); ++r) {
    MeanEvidence evidence{.is_empty = true};
    std::optional<double> value;
    const ResourceRecord* const record = record_of(repetitions[r], claim.of);
    if (record != nullptr && claim.metric == Metric::cpu) {
      if (const auto use = cpu_use(*record, repetitions[r])) {
        evidence = {.supporting = use->mean + use->error,
                    .refuting = std::max(0.0, use->mean - use->error)};
        value = use->mean;
        result.precision = std::max(result.precision, use->error);
      }
    } else if (record != nullptr) {
      if (const auto growth = memory_growth(*record, repetitions[r])) {
        evidence = {.supporting = std::max(growth->slope, growth->end_to_end) + result.precision,
                    .refuting = std::min(growth->slope, growth->end_to_end) - result.precision};
        value = growth->slope;
      }
    }
    if (evidence.is_empty && result.missing.empty())
      result.missing = why_missing(record, repetitions[r], claim);
    all.push_back(evidence);
    if (r == result.warm_up) {
      result.excused_value = value.value_or(0);
      continue;
    }
    later.push_back(evidence);
    if (value) values.push_back(*value);
  }
  if (!values.empty()) {
    result.measured = claim.metric == Metric::cpu
                          ? [&] {
                              double sum = 0;
                              for (const double value : values) sum += value;
                              return sum / static_cast<double>(values.size());
                            }()
                          : median(values);
  }

  result.test = test_mean(later, claim.comparison, limit_of(claim));
  if (!result.warm_up) return result;
  const std::size_t fresh = *result.warm_up;
  const MeanEvidence& own = all[fresh];
  Side side = Side::neither;
  if (!own.is_empty) {
    side = within(claim, own.supporting) ? Side::claim
           : within(claim, own.refuting) ? Side::neither
                                         : Side::against;
    if (side != Side::claim && !result.test.sides.empty() &&
        result.test.on(Side::claim) == result.test.sides.size()) {
      result.excused = true;
      side = Side::claim;
    }
  }
  result.test.sides.insert(result.test.sides.begin() + static_cast<std::ptrdiff_t>(fresh), side);
  return result;
}

std::string explain_resource(const Claim& claim, const ResourceTest& of, Verdict verdict) {
  const ClaimTest& test = of.test;
  std::string text;
  if (!of.measured) return fmt::format("Not available: {}.", of.missing);
  const bool has_bounds = test.bounds.lower != 0 || test.bounds.upper != 1;
  const std::string what = claim.metric == Metric::cpu ? "Mean share of one core" : "Growth";
  if (has_bounds) {
    text = fmt::format("{} over the repetitions {} to {}, each bound at 95 %; ", what,
                       shown(claim, test.bounds.lower), shown(claim, test.bounds.upper));
  }
  text += fmt::format("{} of {} repetitions are within the claim, {} against it.",
                      test.on(Side::claim), test.sides.size(), test.on(Side::against));
  if (of.excused) {
    text += fmt::format(" Repetition {}, {}, is taken for the warm-up of fresh processes.",
                        *of.warm_up + 1, shown(claim, of.excused_value));
  } else if (of.warm_up) {
    text +=
        fmt::format(" The bounds leave out repetition {}, on fresh processes.", *of.warm_up + 1);
  }
  if (!of.missing.empty()) text += fmt::format(" Not all could be measured: {}.", of.missing);
  if (verdict == Verdict::proven && claim.metric == Metric::memory_growth) {
    constexpr std::int64_t kSeenThrice = 3;  // e^-3 is 5 %
    text += fmt::format(" Growth that comes in steps less often than about every {} may be missed.",
                        format_duration(of.measured_time / kSeenThrice));
  }
  return text;
}

}  // namespace natsproof
