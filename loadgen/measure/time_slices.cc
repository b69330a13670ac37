#include "loadgen/measure/time_slices.h"

#include <algorithm>
#include <limits>

namespace natsproof {
namespace {

// All of a repetition's are values that a histogram keeps apart.
static_assert(kSlices * kSliceBuckets < Histogram::kSubBuckets);

// REQUIRES: the slice's buckets come in ascending order.
void put(std::size_t bucket, std::uint32_t count, bool has_times, TimeSlice& slice) {
  if (count == 0) return;
  slice.planned += count;
  if (bucket == kFailedBucket || bucket >= TimeBuckets::kOver) slice.over += count;
  if (bucket == kFailedBucket || !has_times) return;
  if (slice.times.empty()) slice.first = bucket;
  slice.times.resize(bucket - slice.first + 1);
  slice.times.back() = count;
}

bool is_mean(const Claim& claim) {
  return claim.is_latency() && claim.statistic == Statistic::mean;
}

}  // namespace

Histogram slice_values(const TimeSlices& slices) {
  Histogram values;
  for (std::size_t s = 0; s < slices.size(); ++s) {
    const TimeSlice& slice = slices[s];
    const auto record = [&](std::size_t bucket, std::uint64_t count) {
      values.record(Duration{static_cast<Duration::rep>(1 + s * kSliceBuckets + bucket)}, count);
    };
    std::uint64_t timed = 0;
    for (std::size_t i = 0; i < slice.times.size(); ++i) {
      record(slice.first + i, slice.times[i]);
      timed += slice.times[i];
    }
    const std::uint64_t failed = slice.times.empty() ? slice.over : slice.planned - timed;
    if (slice.times.empty()) record(0, slice.planned - failed);
    record(kFailedBucket, failed);
  }
  return values;
}

Result<TimeSlices> slices_of(const Histogram& values, const Claim& claim) {
  TimeSlices slices(kSlices);
  for (const Histogram::Bucket& value : values.buckets()) {
    const std::int64_t at = value.lowest.count() - 1;
    const bool is_known = at >= 0 && at < static_cast<std::int64_t>(kSlices * kSliceBuckets) &&
                          value.count <= std::numeric_limits<std::uint32_t>::max();
    const std::size_t bucket = is_known ? static_cast<std::size_t>(at) % kSliceBuckets : 0;
    if (!is_known || (!has_sliced_times(claim) && bucket != 0 && bucket != kFailedBucket))
      return Error{"not the slices of such a claim"};
    put(bucket, static_cast<std::uint32_t>(value.count), has_sliced_times(claim),
        slices[static_cast<std::size_t>(at) / kSliceBuckets]);
  }
  return slices;
}

bool has_slices(const Claim& claim) {
  return claim.metric != Metric::throughput && !claim.is_resource();
}

bool has_sliced_times(const Claim& claim) {
  return claim.is_latency() && !is_mean(claim);
}

void TimeSlice::merge(const TimeSlice& other) {
  planned += other.planned;
  over += other.over;
  time_ns += other.time_ns;
  if (other.times.empty()) return;
  if (times.empty()) {
    first = other.first;
    times = other.times;
    return;
  }
  const std::size_t begin = std::min(first, other.first);
  const std::size_t end = std::max(first + times.size(), other.first + other.times.size());
  std::vector<std::uint32_t> sum(end - begin);
  for (const TimeSlice* part : {static_cast<const TimeSlice*>(this), &other}) {
    for (std::size_t i = 0; i < part->times.size(); ++i)
      sum[part->first - begin + i] += part->times[i];
  }
  first = begin;
  times = std::move(sum);
}

void merge(TimeSlices& to, const TimeSlices& from) {
  if (to.empty()) to.resize(from.size());
  for (std::size_t slice = 0; slice < from.size(); ++slice) to[slice].merge(from[slice]);
}

SliceCounter::SliceCounter(const Claim& claim)
    : buckets_(claim),
      has_times_(has_sliced_times(claim)),
      is_mean_(is_mean(claim)),
      counts_(kSlices * kSliceBuckets) {}

TimeSlices SliceCounter::take() const {
  TimeSlices slices(kSlices);
  for (std::size_t s = 0; s < kSlices; ++s) {
    slices[s].time_ns = sums_ns_[s];
    for (std::size_t bucket = 0; bucket < kSliceBuckets; ++bucket)
      put(bucket, counts_[s * kSliceBuckets + bucket], has_times_, slices[s]);
  }
  return slices;
}

}  // namespace natsproof
