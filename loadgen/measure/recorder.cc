#include "loadgen/measure/recorder.h"

#include <algorithm>
#include <utility>

#include "loadgen/measure/load_spread.h"

namespace natsproof {

std::size_t whole_seconds(Duration window) {
  return static_cast<std::size_t>((window + 1s - 1ns) / 1s);
}

bool has_blocks(const Claim& claim) {
  return claim.metric != Metric::throughput && claim.statistic != Statistic::mean &&
         !claim.is_resource();
}

Recorder::Recorder(std::span<const RecordedTask> tasks, std::span<const Claim> claims,
                   bool open_loop, RecordedWindow window, const StallList* stalls)
    : window_(window),
      slices_per_ns_(kSlices /
                     static_cast<double>((window.measured_until - window.measured_from).count())),
      open_loop_(open_loop),
      claims_(claims.begin(), claims.end()),
      claims_of_task_(tasks.size()),
      means_of_task_(tasks.size()),
      tasks_(tasks.size()),
      error_codes_(tasks.size()),
      instances_(tasks.size()),
      blocks_(claims.size()),
      slices_(claims.size()),
      intervals_(std::make_unique<IntervalExchange>(window.start)) {
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    tasks_[task].name = tasks[task].name;
    tasks_[task].timeout = tasks[task].timeout;
    tasks_[task].content_verified = tasks[task].content_verified;
    tasks_[task].tells_apart = tasks[task].tells_apart;
    tasks_[task].service.reserve();
    if (open_loop) {
      tasks_[task].response.reserve();
      tasks_[task].send_lag.reserve();
    }
    instances_[task].reserve(kMostInstances + 1);
  }
  const std::size_t seconds = whole_seconds(window.measured_until - window.measured_from);
  for (std::size_t claim = 0; claim < claims.size(); ++claim) {
    if (!has_slices(claims[claim])) continue;
    slices_[claim].emplace(claims[claim]);
    const bool is_counted = has_blocks(claims[claim]);
    if (is_counted) blocks_[claim].resize(seconds);
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      if (claims[claim].task == kAllTasks || claims[claim].task == tasks[task].name)
        (is_counted ? claims_of_task_ : means_of_task_)[task].push_back(claim);
    }
  }
  const bool has_latency_claim =
      std::any_of(claims_.begin(), claims_.end(),
                  [](const Claim& claim) { return claim.is_latency() && has_blocks(claim); });
  if (stalls != nullptr && has_latency_claim)
    over_log_ = std::make_unique<OverLog>(claims_, *stalls, blocks_);
}

void Recorder::sent(std::size_t task, Instant intended, Instant actual, std::uint64_t bytes) {
  RequestCounts& phase = counts(task, intended);
  phase.bytes_out += bytes;
  intervals_->current().sent += 1;
  const Duration send_lag = actual - intended;
  if (open_loop_ && window_.measures(intended)) tasks_[task].send_lag.record(send_lag);
}

void Recorder::reply(std::size_t task, Instant intended, bool first, std::uint64_t bytes) {
  RequestCounts& phase = counts(task, intended);
  ++phase.replies;
  if (first) phase.bytes_in += bytes;
}

void Recorder::decided(const Decided& request) {
  RequestCounts& phase = counts(request.task, request.intended);
  const RequestClass c = request.request_class;
  const bool success = is_success(c);
  const bool measured = window_.measures(request.intended);
  const Duration response = request.at - request.intended;
  const Duration service = request.at - request.actual;

  ++phase.of(c);
  if (c == RequestClass::refused) ++phase.refused[static_cast<std::size_t>(request.reason)];
  if (c == RequestClass::service_error || c == RequestClass::rejected) {
    const bool known = request.error_code >= 0 && request.error_code <= kHighestErrorCode;
    ErrorCodes& codes = error_codes_[request.task];
    ++(measured ? codes.measured
                : codes.warmup)[known ? static_cast<std::size_t>(request.error_code) : 0];
  }

  IntervalCounts& interval = intervals_->current();
  ++interval.classes[static_cast<std::size_t>(c)];
  if (success) interval.latency.record(open_loop_ ? response : service);

  // What allocates when it is first needed is called in the warm-up too, so that most of that lies
  // there.
  TaskRecord& task = tasks_[request.task];
  Histogram* const of_instance =
      success && !request.served_by.empty() ? &instance(request.task, request.served_by) : nullptr;
  if (!success && c != RequestClass::refused)
    task.failed_after[static_cast<std::size_t>(c)].reserve();
  if (!measured) return;
  if (success) {
    if (request.at < window_.measured_until) ++phase.in_window;
    if (open_loop_) task.response.record(response);
    task.service.record(service);
    ++task.time_buckets[time_bucket(open_loop_ ? response : service)];
    if (of_instance != nullptr) of_instance->record(service);
  } else if (c != RequestClass::refused) {
    task.failed_after[static_cast<std::size_t>(c)].record(service);
  }
  count_blocks(request, response, service);
}

void Recorder::count_blocks(const Decided& request, Duration response, Duration service) {
  const Duration since = request.intended - window_.measured_from;
  const auto second = static_cast<std::size_t>(since / 1s);
  const std::uint64_t slot = slot_bit(since % 1s);
  const std::size_t slice = std::min(
      kSlices - 1, static_cast<std::size_t>(static_cast<double>(since.count()) * slices_per_ns_));
  const bool failed = !is_success(request.request_class);
  for (const std::size_t index : claims_of_task_[request.task]) {
    const Claim& claim = claims_[index];
    Block& block = blocks_[index][second];
    bool over = failed;
    bool over_service = failed;
    if (claim.is_latency() && !failed) {
      over_service = claim.is_over(service);
      over = claim.metric == Metric::response ? claim.is_over(response) : over_service;
    }
    slices_[index]->count(slice, failed, claim.metric == Metric::response ? response : service);
    if (claim.metric == Metric::achieved)
      over = over_service = failed || request.at >= window_.measured_until;
    ++block.planned;
    block.slots |= slot;
    block.over += over;
    block.over_service += over_service;
    if (over_service) [[unlikely]] {
      ++block.over_granted;
      // No stall excuses a failure.
      if (over_log_ && !failed && claim.is_latency())
        over_log_->add(index, second, request.actual, request.at);
    }
  }
  for (const std::size_t index : means_of_task_[request.task]) {
    slices_[index]->count(slice, failed,
                          claims_[index].metric == Metric::response ? response : service);
  }
}

// A service has few instances: they are found faster in a row than in a map.
Histogram& Recorder::instance(std::size_t task, std::string_view id) {
  std::vector<InstanceRecord>& instances = instances_[task];
  for (InstanceRecord& known : instances) {
    if (known.id == id) return known.service;
  }
  if (instances.size() > kMostInstances) return instances.back().service;
  const bool is_one_too_many = instances.size() == kMostInstances;
  instances.push_back({.id = std::string(is_one_too_many ? kOtherInstances : id), .service = {}});
  instances.back().service.reserve();
  return instances.back().service;
}

std::vector<std::vector<Block>> Recorder::take_blocks() {
  if (over_log_) over_log_->settle_all();
  return std::move(blocks_);
}

std::vector<TimeSlices> Recorder::take_slices() {
  std::vector<TimeSlices> taken;
  for (const auto& slices : slices_) taken.push_back(slices ? slices->take() : TimeSlices{});
  return taken;
}

std::vector<TaskRecord> Recorder::take_tasks() {
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    std::erase_if(instances_[task], [](const InstanceRecord& instance) {  // only in the warm-up
      return instance.service.empty() && instance.service.out_of_range() == 0;
    });
    std::sort(instances_[task].begin(), instances_[task].end(),
              [](const InstanceRecord& a, const InstanceRecord& b) { return a.id < b.id; });
    tasks_[task].instances = std::move(instances_[task]);
    for (int code = 0; code <= kHighestErrorCode; ++code) {
      const auto at = static_cast<std::size_t>(code);
      if (const auto n = error_codes_[task].measured[at])
        tasks_[task].measured.error_codes[code] = n;
      if (const auto n = error_codes_[task].warmup[at]) tasks_[task].warmup.error_codes[code] = n;
    }
  }
  std::vector<TaskRecord> records(1);
  TaskRecord& all = records.front();
  all.name = kAllTasks;
  for (const TaskRecord& task : tasks_) {
    all.merge(task);
    all.timeout = std::max(all.timeout, task.timeout);
    all.content_verified = all.content_verified && task.content_verified;
    all.tells_apart = all.tells_apart && task.tells_apart;
  }
  all.stray = stray_;
  std::move(tasks_.begin(), tasks_.end(), std::back_inserter(records));
  tasks_.clear();
  return records;
}

}  // namespace natsproof
