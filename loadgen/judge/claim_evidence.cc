#include "loadgen/judge/claim_evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/platform_noise.h"
#include "loadgen/judge/resource_evidence.h"

namespace natsproof {
namespace {

std::uint64_t failed_of(const RequestCounts& counts) {
  return counts.planned - std::min(counts.planned, counts.successes());
}

// What the doubt grants; as measured: nothing.
struct Grant {
  bool granted = false;
  bool slow = false;
  bool machine_alone = false;
  Duration off{};                 // taken off every time
  std::optional<Duration> lag{};  // the part of it that a generator which lagged read late
  Duration lost{};                // taken off as many times as can have lost it
  std::uint32_t cores = 1;
};

struct Counts {
  std::vector<ShareCount> repetitions;
  std::vector<std::vector<ShareCount>> blocks;  // [repetition][second]
};

// Timeouts that recorded stalls may have made: of each stall that takes more than what a request
// has between the limit and its timeout, the requests in flight or intended then. Blocks know of
// answers only.
std::uint64_t stalled_timeouts(const Repetition& repetition, const TaskRecord& task,
                               Duration limit) {
  if (!repetition.platform || repetition.window <= 0ns) return 0;
  const Duration longest_harmless = task.timeout - limit - 1ns;
  const StallTime stalls = time_in_stalls(repetition, longest_harmless);
  const Duration time = stalls.time + static_cast<Duration::rep>(stalls.count) * limit;
  const double share = std::min(1.0, to_seconds(time) / to_seconds(repetition.window));
  const auto met =
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(task.measured.planned)));
  return std::min(task.measured.of(RequestClass::timeout), met);
}

// Requests that recorded stalls met: what they are late by is granted one by one.
std::uint64_t met_by_stalls(const Repetition& repetition, std::size_t index) {
  std::uint64_t met = 0;
  if (index < repetition.blocks.size())
    for (const Block& block : repetition.blocks[index]) met += block.stalled;
  return met;
}

// Requests that a machine can have kept from an answer for more than the time that they had: their
// limit, or their timeout. So much of its absence lies within twice that time of each of them, and
// an instant lies within that of as many requests as were sent in it: at most twice the absence
// times the rate. The machine was absent for the stalls, and for what was stolen and throttled.
// Those of `unseen` before the end are granted, too: nobody waited to see whether they come late.
std::uint64_t most_kept_waiting(const Repetition& repetition, std::size_t index,
                                std::uint32_t cores, Duration unseen) {
  const auto absent = time_absent(repetition, cores);
  if (!absent) return std::numeric_limits<std::uint64_t>::max();
  std::uint64_t most = 0;  // in a second, or in a repetition that is shorter
  if (index < repetition.blocks.size())
    for (const Block& block : repetition.blocks[index]) most = std::max(most, block.planned);
  const double per_s = static_cast<double>(most) / std::min(1.0, to_seconds(repetition.window));
  return static_cast<std::uint64_t>(
      std::ceil(per_s * (2 * to_seconds(*absent) + to_seconds(unseen))));
}

std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

// Timeouts that the machine alone can have made of answers in time. What was only slow comes late,
// within twice the timeout, and is counted.
std::uint64_t timeouts_of_the_machine(const Repetition& repetition, const Claim& claim,
                                      std::size_t index, std::uint32_t cores) {
  std::uint64_t timeouts = 0, late = 0;
  Duration longest{};
  for (const TaskRecord& task : tasks_of(repetition, claim)) {
    timeouts += task.measured.of(RequestClass::timeout);
    late += task.measured.late;
    longest = std::max(longest, task.timeout);
  }
  return std::min(timeouts,
                  saturated_sum(most_kept_waiting(repetition, index, cores, longest), late));
}

// A worker that is held up reads as many answers late as it sends requests late, and by as much:
// the quantile of slander_time() of the lags, but for the requests that recorded stalls met.
Duration late_reading(const RunRecord& record, std::size_t index) {
  const Claim& claim = record.claims[index];
  const Histogram lag = merged(record.repetitions, claim, &TaskRecord::send_lag);
  if (!claim.is_latency() || lag.empty()) return {};
  const Duration late = slander_time(lag, claim).time;
  // Few that are very late make a mean, and no quantile.
  if (kind_of(claim) == ClaimKind::mean)
    return std::max(late, Duration{std::llround(lag.mean_ns())});
  std::uint64_t met = 0;
  for (const Repetition& repetition : record.repetitions) met += met_by_stalls(repetition, index);
  const std::uint64_t later = lag.count_above(late) + met;
  return later < lag.count() ? lag.value_at_rank(lag.count() - later) : Duration{};
}

// Of those that were read later than that, there are as many as left later.
std::uint64_t read_later(const Repetition& repetition, const TaskRecord& task, std::size_t index,
                         Duration lag) {
  const std::uint64_t later = task.send_lag.count_above(lag);
  return later - std::min(later, met_by_stalls(repetition, index));
}

// Counts over with all that is granted taken off. Who is excused twice is taken off twice: a doubt
// goes against the refutation.
std::uint64_t over_with_benefit(const Claim& claim, std::size_t index, const Repetition& repetition,
                                const TaskRecord& task, std::uint64_t over, const Grant& grant) {
  std::uint64_t excused = table_refusals(task.measured);
  if (claim.is_latency()) {
    const Duration limit = claim.limit + grant.off;
    // Whoever took more than twice the limit lost as much again, or was slow by itself.
    const Duration twice = limit + std::min(grant.lost, limit);
    if (grant.lag) excused += read_later(repetition, task, index, *grant.lag);
    if (twice > claim.limit) {
      const std::uint64_t slower = task.service.count_above(twice) + failed_of(task.measured);
      excused += over - std::min(over, slower);
    }
    if (grant.lost > limit) {
      excused += std::min(task.service.count_above(twice),
                          most_kept_waiting(repetition, index, grant.cores, 0ns));
    }
    const std::uint64_t timeouts = task.measured.of(RequestClass::timeout);
    std::uint64_t granted = 0;
    for (const TaskRecord& own : tasks_of(repetition, claim)) {
      granted += own.timeout <= limit ? own.measured.of(RequestClass::timeout)
                                      : stalled_timeouts(repetition, own, limit);
    }
    if (grant.lost > 0ns) granted += timeouts_of_the_machine(repetition, claim, index, grant.cores);
    excused += std::min(timeouts, granted);
  } else if (grant.slow) {
    over = std::min(over, failed_of(task.measured));  // answered after the window: answered
    excused += grant.machine_alone ? timeouts_of_the_machine(repetition, claim, index, grant.cores)
                                   : task.measured.of(RequestClass::timeout);
  }
  return over - std::min(over, excused);
}

Counts counts_of(const RunRecord& record, std::size_t index, const Grant& grant) {
  const Claim& claim = record.claims[index];
  const CountedOver counted = grant.granted ? CountedOver::unexplained : CountedOver::measured;
  Counts counts;
  for (const Repetition& repetition : record.repetitions) {
    ClaimCounts own = claim_counts(claim, index, repetition, counted);
    const TaskRecord* task = find_task(repetition, claim.task);
    if (grant.granted && task != nullptr) {
      const ShareCount by_service =
          claim_counts(claim, index, repetition, CountedOver::by_service).count;
      const std::uint64_t explained = by_service.over - own.count.over;
      const std::uint64_t over =
          over_with_benefit(claim, index, repetition, *task, by_service.over, grant);
      own.count.over = over - std::min(over, explained);
    }
    counts.repetitions.push_back(own.count);
    counts.blocks.push_back(std::move(own.blocks));
  }
  return counts;
}

// A failure is slower than any limit: with one, a mean can only be refuted, and by its successes
// alone.
std::vector<MeanEvidence> means_of(const RunRecord& record, const Claim& claim,
                                   const Grant& grant) {
  const bool by_service = grant.granted || claim.metric == Metric::service;
  std::vector<MeanEvidence> means;
  for (const Repetition& repetition : record.repetitions) {
    MeanEvidence mean{.is_empty = true};
    if (const TaskRecord* task = find_task(repetition, claim.task)) {
      const Histogram& times = by_service ? task->service : task->response;
      const std::uint64_t failed = failed_of(task->measured);
      mean.is_empty = times.empty();
      mean.all_failed = task->measured.planned > 0 && failed == task->measured.planned;
      if (grant.granted) mean.all_failed &= table_refusals(task->measured) == 0;
      mean.can_support = failed == 0;
      mean.supporting = mean.refuting = times.mean_ns() - static_cast<double>(grant.off.count());
    }
    means.push_back(mean);
  }
  return means;
}

// The edge of the window is nobody's merit: a claim is supported by what was answered within the
// window, and refuted by all that was answered.
std::vector<MeanEvidence> throughputs_of(const RunRecord& record, const Claim& claim) {
  std::vector<MeanEvidence> rates;
  for (const Repetition& repetition : record.repetitions) {
    MeanEvidence rate{.is_empty = true};
    const TaskRecord* task = find_task(repetition, claim.task);
    if (task != nullptr && repetition.window > 0ns) {
      const double window_s = to_seconds(repetition.window);
      rate = {.supporting = static_cast<double>(task->measured.in_window) / window_s,
              .refuting = static_cast<double>(task->measured.successes()) / window_s};
    }
    rates.push_back(rate);
  }
  return rates;
}

ClaimTest test(const RunRecord& record, std::size_t index, const Grant& grant) {
  const Claim& claim = record.claims[index];
  switch (kind_of(claim)) {
    case ClaimKind::mean:
      return test_mean(means_of(record, claim, grant), claim.comparison,
                       static_cast<double>(claim.limit.count()));
    case ClaimKind::throughput:
      return test_mean(throughputs_of(record, claim), claim.comparison, claim.rate.per_s);
    case ClaimKind::maximum:
      return test_maximum(counts_of(record, index, grant).repetitions);
    case ClaimKind::resource:
      return test_resource(record.repetitions, claim, record.conditions.cores).test;
    case ClaimKind::share:
      break;
  }
  const Counts counts = counts_of(record, index, grant);
  const double allowed = claim.allowed_share();
  const Duration covered =
      covered_disturbance(loaded_time(record.repetitions, claim, index), allowed);
  return test_share(counts.repetitions, design_effect(counts.blocks, covered), allowed);
}

}  // namespace

ClaimKind kind_of(const Claim& claim) {
  if (claim.is_resource()) return ClaimKind::resource;
  if (claim.metric == Metric::throughput) return ClaimKind::throughput;
  if (claim.statistic == Statistic::mean) return ClaimKind::mean;
  return claim.allowed_share() > 0 ? ClaimKind::share : ClaimKind::maximum;
}

ClaimTest test_claim(const RunRecord& record, std::size_t index) {
  return test(record, index, {});
}

ClaimTest test_with_benefit(const RunRecord& record, std::size_t index, const Doubt& doubt) {
  const Claim& claim = record.claims[index];
  const Histogram floor = floor_of(record.repetitions);
  std::optional<Duration> lag;
  if (doubt.lagged) lag = late_reading(record, index);
  Duration off = lag.value_or(0ns);
  if (claim.is_latency() && !floor.empty()) off += slander_time(floor, claim).time;
  return test(record, index,
              {.granted = true,
               .slow = doubt.slow,
               .machine_alone = doubt.machine_alone,
               .off = off,
               .lag = lag,
               .lost = doubt.lost,
               .cores = record.conditions.cores});
}

}  // namespace natsproof
