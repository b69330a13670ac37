#include "loadgen/judge/claim_counts.h"

#include <algorithm>

#include "loadgen/judge/claim_test.h"
#include "loadgen/measure/recorder.h"

namespace natsproof {

const TaskRecord* find_task(const Repetition& repetition, std::string_view name) {
  for (const TaskRecord& task : repetition.tasks) {
    if (task.name == name) return &task;
  }
  return nullptr;
}

std::span<const TaskRecord> tasks_of(const Repetition& repetition, const Claim& claim) {
  const std::span<const TaskRecord> all = repetition.tasks;
  if (claim.task == kAllTasks && all.size() > 1) return all.subspan(1);
  const TaskRecord* task = find_task(repetition, claim.task);
  return task == nullptr ? std::span<const TaskRecord>{} : std::span(task, 1);
}

namespace {

std::uint64_t over_of(const Block& block, CountedOver over) {
  switch (over) {
    case CountedOver::by_service:
      return block.over_service;
    case CountedOver::unexplained:
      return std::min(block.over_service, block.over_granted);
    case CountedOver::measured:
      break;
  }
  return block.over;
}

}  // namespace

ClaimCounts claim_counts(const Claim& claim, std::size_t index, const Repetition& repetition,
                         CountedOver over) {
  ClaimCounts counts;
  if (!has_blocks(claim) || index >= repetition.blocks.size()) return counts;
  for (const Block& block : repetition.blocks[index]) {
    const ShareCount second{.planned = block.planned, .over = over_of(block, over)};
    counts.blocks.push_back(second);
    counts.count.planned += second.planned;
    counts.count.over += second.over;
  }
  return counts;
}

Duration measured_time(std::span<const Repetition> repetitions) {
  Duration sum{};
  for (const Repetition& repetition : repetitions) sum += repetition.window;
  return sum;
}

Duration loaded_time(std::span<const Repetition> repetitions, const Claim& claim,
                     std::size_t index) {
  std::vector<LoadedSecond> seconds;
  for (const Repetition& repetition : repetitions) {
    Duration left = repetition.window;
    const double spread = index < repetition.spread.size() ? repetition.spread[index] : 1;
    for (const ShareCount& block : claim_counts(claim, index, repetition).blocks) {
      seconds.push_back({.planned = static_cast<double>(block.planned),
                         .length = std::min<Duration>(left, 1s),
                         .spread = spread});
      left -= seconds.back().length;
    }
  }
  return seconds.empty() ? measured_time(repetitions) : loaded_time(seconds);
}

Duration shortest_timeout(std::span<const Repetition> repetitions, const Claim& claim) {
  for (const Repetition& repetition : repetitions) {
    const std::span<const TaskRecord> tasks = tasks_of(repetition, claim);
    if (tasks.empty()) continue;
    const auto shorter = [](const TaskRecord& a, const TaskRecord& b) {
      return a.timeout < b.timeout;
    };
    return std::min_element(tasks.begin(), tasks.end(), shorter)->timeout;
  }
  return {};
}

RequestCounts measured_counts(std::span<const Repetition> repetitions, const Claim& claim) {
  RequestCounts counts;
  for (const Repetition& repetition : repetitions) {
    if (const TaskRecord* task = find_task(repetition, claim.task)) counts.merge(task->measured);
  }
  return counts;
}

std::uint64_t table_refusals(const RequestCounts& counts) {
  return counts.refused[static_cast<std::size_t>(RefusedReason::table_full)];
}

Histogram merged(std::span<const Repetition> repetitions, const Claim& claim,
                 Histogram TaskRecord::*histogram) {
  Histogram all;
  for (const Repetition& repetition : repetitions) {
    if (const TaskRecord* task = find_task(repetition, claim.task)) all.merge(task->*histogram);
  }
  return all;
}

Histogram TaskRecord::*times_of(const Claim& claim) {
  return claim.metric == Metric::response ? &TaskRecord::response : &TaskRecord::service;
}

SlanderTime slander_time(const Histogram& times, const Claim& claim) {
  constexpr double kUsual = 0.01;
  const double allowed =
      claim.statistic == Statistic::mean ? kUsual : std::min(kUsual, claim.allowed_share());
  const Quantile quantile{1 - allowed};
  if (allowed <= 0 ||
      (allowed < kUsual && quantile_support(quantile, times.count()) == QuantileSupport::none)) {
    return {.time = times.max(), .name = "longest"};
  }
  return {.time = times.value_at(quantile), .name = format_quantile(quantile)};
}

Histogram floor_of(std::span<const Repetition> repetitions) {
  Histogram floor;
  for (const Repetition& repetition : repetitions) floor.merge(repetition.floor);
  return floor;
}

}  // namespace natsproof
