// Latency histogram in the layout of HdrHistogram: 1 ns to 60 s at 3 significant decimal digits.
//
// An empty histogram holds no counters: its 216 KiB are allocated by reserve(), or by the first
// value that is recorded, merged or decoded. After that recording allocates nothing, locks nothing
// and takes a few ns; whoever records where nothing may be allocated reserves before. One thread
// records; merge after the run. Merging adds counts; percentiles are never averaged. Names and
// arithmetic are HdrHistogram's (hdrhistogram.org), so that its tools read our files: a value is
// known to its bucket, [lowest_equivalent, highest_equivalent], and a quantile is the highest
// equivalent value of its bucket.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace natsproof {

class Histogram {
 public:
  static constexpr std::int64_t kLowestNs = 1;
  static constexpr std::int64_t kHighestNs = 60'000'000'000;
  static constexpr int kSignificantDigits = 3;
  static constexpr Duration kOutOfRange{-1};
  // HdrHistogram's layout for these: 2,048 sub-buckets of 1 ns, then 1,024 for every doubling.
  static constexpr std::size_t kSubBuckets = 2048;
  static constexpr std::size_t kBuckets = 26;
  static constexpr std::size_t kCounters = (kBuckets + 1) * kSubBuckets / 2;

  // Allocates the counters, if they are not there yet.
  void reserve() {
    if (counts_.empty()) counts_.resize(kCounters);
  }

  // Out of range (below 0 or above 60 s; 0 counts as in range) is not recorded but counted; false
  // then. The count of a file is restored by record(kOutOfRange, count).
  bool record(Duration value) noexcept { return record(value, 1); }
  bool record(Duration value, std::uint64_t count) noexcept {
    const auto ns = static_cast<std::uint64_t>(value.count());  // negative ones become huge
    if (ns > static_cast<std::uint64_t>(kHighestNs)) [[unlikely]] {
      out_of_range_ += count;
      return false;
    }
    if (count == 0) return true;
    if (counts_.empty()) [[unlikely]]
      reserve();
    const std::size_t index = index_of(ns);
    counts_[index] += count;
    total_ += count;
    low_ = index < low_ ? index : low_;
    high_ = index > high_ ? index : high_;
    return true;
  }

  void merge(const Histogram& other);
  void reset();

  [[nodiscard]] std::uint64_t count() const { return total_; }
  [[nodiscard]] bool empty() const { return total_ == 0; }
  [[nodiscard]] std::uint64_t out_of_range() const { return out_of_range_; }
  // As HdrHistogram: min and max to bucket precision, mean and deviation of bucket midpoints. 0
  // when empty.
  [[nodiscard]] Duration min() const;
  [[nodiscard]] Duration max() const;
  [[nodiscard]] double mean_ns() const;
  [[nodiscard]] double stddev_ns() const;
  // The value below or at which the share q of the recordings lies. REQUIRES: not empty.
  [[nodiscard]] Duration value_at(Quantile q) const;
  // The value of the recording of the given rank, 1..count(). REQUIRES: rank in range.
  [[nodiscard]] Duration value_at_rank(std::uint64_t rank) const;
  // How many recordings lie above a limit, to bucket precision: a bucket counts when its lowest
  // value is above.
  [[nodiscard]] std::uint64_t count_above(Duration limit) const;

  // The non-empty buckets in ascending order.
  struct Bucket {
    Duration lowest, highest;
    std::uint64_t count = 0;
    // HdrHistogram's median equivalent value, which mean and deviation are made of.
    [[nodiscard]] double midpoint_ns() const {
      return static_cast<double>((lowest + (highest - lowest + Duration{1}) / 2).count());
    }
  };
  [[nodiscard]] std::vector<Bucket> buckets() const;
  // All counters from 0 to the highest that is not zero, as HdrHistogram's encodings hold them.
  [[nodiscard]] std::span<const std::uint64_t> counters() const;

  // The same recordings to bucket precision, and as many out of range.
  bool operator==(const Histogram& other) const;

  // HdrHistogram V2, zlib-compressed, base64 (`HISTFAAAA...`). The format has no place for what was
  // out of range. Decoding accepts V2 histograms of any range and precision whose values fit ours:
  // a bucket of another layout is recorded at its highest value, so that quantiles stay what the
  // writer's tools print. Errors name what is wrong with the text, and nothing a text says can
  // crash it or make it allocate more than a fixed bound.
  [[nodiscard]] std::string encode() const;
  // The same with two significant digits, in a third of the space: what it decodes into is
  // coarse(). Of coarse() itself no digit is lost.
  [[nodiscard]] std::string encode_coarse() const;
  // Every recording at the highest value of its bucket of two significant digits, at most 0.8 %
  // above.
  [[nodiscard]] Histogram coarse() const;
  static Result<Histogram> decode(std::string_view base64);

 private:
  // REQUIRES: at most kHighestNs.
  static constexpr std::size_t index_of(std::uint64_t ns) noexcept {
    constexpr int kZerosBeforeSubBuckets = 53;  // leading zeros of kSubBuckets - 1
    const int doublings = kZerosBeforeSubBuckets - std::countl_zero(ns | (kSubBuckets - 1));
    return static_cast<std::size_t>(doublings) * (kSubBuckets / 2) + (ns >> doublings);
  }
  [[nodiscard]] Bucket bucket_at(std::size_t index) const;

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t out_of_range_ = 0;
  // The indices of the lowest and highest counter that is not zero; crossed when empty.
  std::size_t low_ = kCounters;
  std::size_t high_ = 0;
};

// A printable quantile needs n(1-q) >= 10 recordings beyond it; below 100 it is printed grey
// (docs/measurement.md, "What is not printed").
enum class QuantileSupport { none, thin, full };
QuantileSupport quantile_support(Quantile q, std::uint64_t n);
// The rank of a quantile among n recordings, from 1: so many are not above it. REQUIRES: n > 0.
std::uint64_t rank_of(Quantile q, std::uint64_t n);
// How many recordings a quantile needs to be printed at all: 10 / (1-q).
std::uint64_t needed_for(Quantile q);

}  // namespace natsproof
