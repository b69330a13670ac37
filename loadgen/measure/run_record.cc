#include "loadgen/measure/run_record.h"

#include <algorithm>
#include <numeric>

namespace natsproof {
namespace {

template <typename Counts>
void add(Counts& to, const Counts& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

void merge_instances(std::vector<InstanceRecord>& to, const std::vector<InstanceRecord>& from) {
  for (const InstanceRecord& instance : from) {
    const auto at = std::lower_bound(
        to.begin(), to.end(), instance.id,
        [](const InstanceRecord& other, const std::string& id) { return other.id < id; });
    if (at != to.end() && at->id == instance.id) {
      at->service.merge(instance.service);
    } else {
      to.insert(at, instance);
    }
  }
}

}  // namespace

std::uint64_t RequestCounts::decided() const {
  return std::accumulate(classes.begin(), classes.end(), std::uint64_t{0});
}

std::uint64_t RequestCounts::handed_over() const {
  return planned - of(RequestClass::refused);
}

void RequestCounts::merge(const RequestCounts& other) {
  planned += other.planned;
  add(classes, other.classes);
  add(refused, other.refused);
  replies += other.replies;
  late += other.late;
  duplicate += other.duplicate;
  in_window += other.in_window;
  bytes_out += other.bytes_out;
  bytes_in += other.bytes_in;
  for (const auto& [code, count] : other.error_codes) error_codes[code] += count;
}

void TaskRecord::merge(const TaskRecord& other) {
  content_verified = content_verified && other.content_verified;
  tells_apart = tells_apart && other.tells_apart;
  measured.merge(other.measured);
  warmup.merge(other.warmup);
  stray += other.stray;
  response.merge(other.response);
  service.merge(other.service);
  send_lag.merge(other.send_lag);
  for (std::size_t i = 0; i < failed_after.size(); ++i)
    failed_after[i].merge(other.failed_after[i]);
  add(time_buckets, other.time_buckets);
  merge_instances(instances, other.instances);
}

}  // namespace natsproof
