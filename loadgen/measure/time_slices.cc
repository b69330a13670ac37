#include "loadgen/measure/time_slices.h"

#include <algorithm>
#include <limits>
#include <span>

namespace natsproof {
namespace {

// Buckets of a slice, and one for failures. All of a repetition's are values that a histogram keeps
// apart.
constexpr std::size_t kFailed = TimeBuckets::kCount, kSpan = kFailed + 1;
static_assert(kSlices * kSpan < Histogram::kSubBuckets);

bool is_mean(const Claim& claim) {
  return claim.is_latency() && claim.statistic == Statistic::mean;
}

}  // namespace

Histogram slice_values(const TimeSlices& slices) {
  Histogram values;
  for (std::size_t s = 0; s < slices.size(); ++s) {
    const TimeSlice& slice = slices[s];
    const auto record = [&](std::size_t bucket, std::uint64_t count) {
      values.record(Duration{static_cast<Duration::rep>(1 + s * kSpan + bucket)}, count);
    };
    std::uint64_t timed = 0;
    for (std::size_t i = 0; i < slice.times.size(); ++i) {
      record(slice.first + i, slice.times[i]);
      timed += slice.times[i];
    }
    const std::uint64_t failed = slice.times.empty() ? slice.over : slice.planned - timed;
    if (slice.times.empty()) record(0, slice.planned - failed);
    record(kFailed, failed);
  }
  return values;
}

Result<TimeSlices> slices_of(const Histogram& values, const Claim& claim) {
  TimeSlices slices(kSlices);
  for (const Histogram::Bucket& value : values.buckets()) {
    const std::int64_t at = value.lowest.count() - 1;
    const bool is_known = at >= 0 && at < static_cast<std::int64_t>(kSlices * kSpan) &&
                          value.count <= std::numeric_limits<std::uint32_t>::max();
    const std::size_t bucket = is_known ? static_cast<std::size_t>(at) % kSpan : 0;
    const bool is_time = bucket < kFailed && (bucket > 0 || has_sliced_times(claim));
    if (!is_known || (is_time && !has_sliced_times(claim)))
      return Error{"not the slices of such a claim"};
    TimeSlice& slice = slices[static_cast<std::size_t>(at) / kSpan];
    slice.planned += value.count;
    slice.over += bucket == kFailed || (is_time && bucket >= TimeBuckets::kOver) ? value.count : 0;
    if (!is_time) continue;
    if (slice.times.empty()) slice.first = bucket;
    slice.times.resize(bucket - slice.first + 1);
    slice.times.back() = static_cast<std::uint32_t>(value.count);
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
    : buckets_(claim), times_(has_sliced_times(claim) ? kSlices * TimeBuckets::kCount : 0) {}

TimeSlices SliceCounter::take() const {
  TimeSlices slices(kSlices);
  for (std::size_t s = 0; s < kSlices; ++s) {
    slices[s].planned = counts_[s].planned;
    slices[s].over = counts_[s].over;
    slices[s].time_ns = counts_[s].time_ns;
    if (times_.empty()) continue;
    const auto own = std::span(times_).subspan(s * TimeBuckets::kCount, TimeBuckets::kCount);
    const auto is_filled = [](std::uint32_t count) { return count > 0; };
    const auto begin = std::find_if(own.begin(), own.end(), is_filled);
    const auto end = std::find_if(own.rbegin(), own.rend(), is_filled).base();
    if (begin == own.end()) continue;
    slices[s].first = static_cast<std::size_t>(begin - own.begin());
    slices[s].times.assign(begin, end);
  }
  return slices;
}

}  // namespace natsproof
