#include "loadgen/platform/platform_watch.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/measure/stall_blocks.h"

namespace natsproof {
namespace {

const TaskRecord* task_of(const Claim& claim, const Repetition& repetition) {
  for (const TaskRecord& task : repetition.tasks) {
    if (task.name == claim.task) return &task;
  }
  return nullptr;
}

}  // namespace

void PlatformWatch::begin(const RecordedWindow& window, std::span<const Claim> claims,
                          std::span<const RecordedTask> tasks) {
  window_ = window;
  claims_ = claims;
  shortest_stall_ = shortest_stall(claims, tasks);
  hiccups_.begin(window.measured_from, window.measured_until, shortest_stall_);
}

Instant PlatformWatch::look(Instant now) {
  if (!before_ && now >= window_.measured_from) before_ = read_machine(root_);
  if (before_ && !after_ && now >= window_.measured_until) after_ = read_machine(root_);
  return !before_ ? window_.measured_from : !after_ ? window_.measured_until : Instant::max();
}

void PlatformWatch::cut(Instant now) {
  if (now >= window_.measured_until) return;
  window_.measured_until = std::max(now, window_.measured_from);
  hiccups_.cut(window_.measured_until);
  look(now);
}

void PlatformWatch::end() {
  hiccups_.stop();
  if (before_ && !after_) after_ = read_machine(root_);
}

PlatformRecord PlatformWatch::record() const {
  const HiccupMeter& meter = hiccups_.meter();
  const std::optional<Usage> usage = hiccups_.usage();
  PlatformRecord record;
  record.hiccups = meter.hiccups();
  record.shortest_stall = shortest_stall_;
  record.stall_count = meter.stall_count();
  record.stalled = meter.stalled();
  record.missed_stalls = stalls_.missed();
  record.stalls = longest_stalls(seen_in(stalls_, window_), PlatformRecord::kMostStalls);
  if (usage) record.hiccup_cpu = usage->cpu;
  if (before_ && after_) add_differences(*before_, *after_, usage, record);
  return record;
}

void PlatformWatch::count_stalled_requests(Repetition& repetition) const {
  for (std::size_t i = 0; i < repetition.blocks.size() && i < claims_.size(); ++i) {
    const Claim& claim = claims_[i];
    const TaskRecord* task = task_of(claim, repetition);
    if (!claim.is_latency() || task == nullptr) continue;
    const Histogram& times = claim.metric == Metric::response ? task->response : task->service;
    const Duration typical = times.empty() ? Duration{0} : times.value_at(Quantile{0.5});
    count_stalled(claim, stalls_, window_.measured_from, repetition.window, typical,
                  repetition.blocks[i]);
  }
}

void PlatformWatch::add_to(Repetition& repetition) const {
  count_stalled_requests(repetition);
  repetition.platform = record();
  for (std::string& event : events_of(*repetition.platform))
    repetition.events.push_back(std::move(event));
  if (stalls_.missed() > 0) {
    repetition.events.push_back(fmt::format(
        "{} stalls of the machine found no room in the list of {} and explain no request",
        format_count(stalls_.missed()), format_count(StallList::kCapacity)));
  }
}

std::vector<Stall> seen_in(const StallList& list, const RecordedWindow& window) {
  std::vector<Stall> stalls;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const StallSpan& span = list[i];
    const Instant seen = span.start + span.unseen;
    if (span.end < window.measured_from || seen >= window.measured_until) continue;
    const Instant start = std::max(seen, window.start);  // the thread begins earlier
    stalls.push_back({start - window.start, span.end - start});
  }
  return stalls;
}

std::vector<Stall> longest_stalls(std::vector<Stall> stalls, std::size_t most) {
  if (stalls.size() <= most) return stalls;
  const auto longer = [](const Stall& a, const Stall& b) {
    return a.length != b.length ? a.length > b.length : a.start < b.start;
  };
  const auto last = stalls.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(stalls.begin(), last, stalls.end(), longer);
  stalls.erase(last, stalls.end());
  std::sort(stalls.begin(), stalls.end(),
            [](const Stall& a, const Stall& b) { return a.start < b.start; });
  return stalls;
}

std::vector<std::string> events_of(const PlatformRecord& record) {
  std::vector<std::string> events;
  if (record.suspended.value_or(0ns) > 0ns) {
    events.push_back(
        fmt::format("in the measurement the machine was suspended for {}, which no latency shows: "
                    "its clock stood still",
                    format_duration(*record.suspended)));
  }
  if (const Duration step = record.wall_clock_step.value_or(0ns); step != 0ns) {
    events.push_back(fmt::format(
        "in the measurement the wall clock was set {} by {}: UTC times before and after do not fit "
        "together; latencies are not taken from it",
        step > 0ns ? "forward" : "back", format_duration(std::chrono::abs(step))));
  }
  return events;
}

}  // namespace natsproof
