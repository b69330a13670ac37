// How one claim's requests lie in the time of a repetition, so that the judge can see whether what
// the claim is about rises or falls meanwhile (docs/measurement.md, "Change over time").
//
// The measurement is cut into kSlices equal slices by intended send. Each slice counts its requests
// and, where the claim limits a time, holds them by time: 16 buckets for each doubling, from 1/64
// of the limit to 16 times. That is coarse (a bucket is 3.1 to 6.3 % wide) and takes 8 KiB a claim,
// so that every claim can have it for every rate and length of a run. What is counted is exact.
//
// SliceCounter is for one worker's thread and allocates in its constructor alone; counting a
// request is one index and one increment.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/measure/claim.h"
#include "loadgen/measure/histogram.h"

namespace natsproof {

inline constexpr std::size_t kSlices = 12;

// Buckets of time in units of a claim's limit. The first is below all others, the last above.
class TimeBuckets {
 public:
  static constexpr int kInOctave = 16, kOctavesBelow = 6, kOctavesAbove = 4;
  static constexpr std::size_t kCount = kInOctave * (kOctavesBelow + kOctavesAbove) + 2;
  // The first one whose times are over.
  static constexpr std::size_t kOver = kInOctave * kOctavesBelow + 1;

  // `limit`: the shortest time that is over.
  explicit TimeBuckets(Duration limit)
      : part_(std::nextafter(1 / static_cast<double>(std::max(limit, Duration{1}).count()), 1)) {}
  // REQUIRES: the claim is about latency.
  explicit TimeBuckets(const Claim& claim)
      : TimeBuckets(claim.is_over(claim.limit) ? claim.limit : claim.limit + Duration{1}) {}

  [[nodiscard]] std::size_t of(Duration time) const {
    // An octave is an exponent, a bucket the mantissa's first bits: a double's bits count buckets.
    // The inverse is rounded up, so that the limit itself comes out as 1, and what is 1 ns shorter
    // as less.
    const double limits = static_cast<double>(time.count()) * part_;
    if (!(limits >= kLeast)) return 0;
    const auto bucket = (std::bit_cast<std::uint64_t>(limits) >> kShift) - kFirst;
    return bucket < kCount - 2 ? static_cast<std::size_t>(bucket) + 1 : kCount - 1;
  }
  // Where a bucket begins, in limits; 0 for the first. REQUIRES: bucket < kCount.
  static double lower(std::size_t bucket) {
    if (bucket == 0) return 0;
    return std::bit_cast<double>((kFirst + bucket - 1) << kShift);
  }
  // Its middle; of the last its begin.
  static double middle(std::size_t bucket) {
    return bucket + 1 < kCount ? (lower(bucket) + lower(bucket + 1)) / 2 : lower(bucket);
  }

 private:
  static constexpr int kShift = 52 - 4;
  static constexpr double kLeast = 1.0 / (1 << kOctavesBelow);
  static constexpr std::uint64_t kFirst = std::bit_cast<std::uint64_t>(kLeast) >> kShift;
  double part_;
};

// Beside the buckets of time, one for what failed.
inline constexpr std::size_t kFailedBucket = TimeBuckets::kCount;
inline constexpr std::size_t kSliceBuckets = kFailedBucket + 1;

// One claim's requests in one slice of a repetition.
struct TimeSlice {
  std::uint64_t planned = 0;
  // Broke the claim; of `achieved` and of a mean: failed. (What misses the window's end lies at the
  // end of every window, and says nothing of time.)
  std::uint64_t over = 0;
  std::uint64_t time_ns = 0;  // of a mean: the sum over those that did not fail
  // Of a quantile or a maximum: those that did not fail by time, from bucket `first` to the last
  // one that is not empty.
  std::size_t first = 0;
  std::vector<std::uint32_t> times;

  void merge(const TimeSlice& other);
};
// [slice]; empty: none were taken. The slices of several workers, added up.
using TimeSlices = std::vector<TimeSlice>;
void merge(TimeSlices& to, const TimeSlices& from);

// The slices of a claim as one histogram of values that tell slice and bucket, failures in a bucket
// of their own, for which there are encodings; without sums of times.
Histogram slice_values(const TimeSlices& slices);
// Back again. An error where a value is no slice's.
Result<TimeSlices> slices_of(const Histogram& values, const Claim& claim);

// Whether a claim has slices: it is about requests, and no throughput.
bool has_slices(const Claim& claim);
// Whether they hold times.
bool has_sliced_times(const Claim& claim);

class SliceCounter {
 public:
  // REQUIRES: has_slices(claim).
  explicit SliceCounter(const Claim& claim);

  // `time`: of one that did not fail, where the claim limits a time. REQUIRES: slice < kSlices.
  void count(std::size_t slice, bool failed, Duration time) {
    const std::size_t bucket = failed ? kFailedBucket : has_times_ ? buckets_.of(time) : 0;
    ++counts_[slice * kSliceBuckets + bucket];
    if (is_mean_ && !failed)
      sums_ns_[slice] += static_cast<std::uint64_t>(std::max<Duration::rep>(0, time.count()));
  }
  [[nodiscard]] TimeSlices take() const;

 private:
  TimeBuckets buckets_;
  bool has_times_, is_mean_;
  std::array<std::uint64_t, kSlices> sums_ns_{};
  std::vector<std::uint32_t> counts_;  // [slice][bucket], the last one for those that failed
};

}  // namespace natsproof
