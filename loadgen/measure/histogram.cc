#include "loadgen/measure/histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace natsproof {

namespace {

constexpr std::size_t kHalf = Histogram::kSubBuckets / 2;

// The smallest n with n(1-q) >= beyond. 1-q is exact to half a unit in the last place of 1, so a
// quotient nearer to a whole number than that can tell is that number: p90 needs 100 and not 101.
std::uint64_t recordings_for(double beyond, Quantile q) {
  const double rest = 1 - q.value;
  constexpr double kMost = 1e18;
  if (!(rest > 0) || beyond / rest > kMost) return std::numeric_limits<std::uint64_t>::max();
  const double n = beyond / rest;
  const double unsure = n * std::numeric_limits<double>::epsilon() / rest;
  const double whole = std::round(n);
  return static_cast<std::uint64_t>(std::abs(n - whole) <= unsure ? whole : std::ceil(n));
}

}  // namespace

void Histogram::merge(const Histogram& other) {
  out_of_range_ += other.out_of_range_;
  if (other.empty()) return;
  reserve();
  std::uint64_t* const to = counts_.data();
  const std::uint64_t* const from = other.counts_.data();
  for (std::size_t i = other.low_; i <= other.high_; ++i) to[i] += from[i];
  total_ += other.total_;
  low_ = std::min(low_, other.low_);
  high_ = std::max(high_, other.high_);
}

void Histogram::reset() {
  for (std::size_t i = low_; i <= high_; ++i) counts_[i] = 0;
  total_ = 0;
  out_of_range_ = 0;
  low_ = kCounters;
  high_ = 0;
}

Histogram::Bucket Histogram::bucket_at(std::size_t index) const {
  const std::size_t doublings = index < kSubBuckets ? 0 : index / kHalf - 1;
  const auto lowest = static_cast<std::int64_t>((index - doublings * kHalf) << doublings);
  const auto size = std::int64_t{1} << doublings;
  return {Duration{lowest}, Duration{lowest + size - 1}, counts_[index]};
}

Duration Histogram::min() const {
  return empty() ? Duration{} : bucket_at(low_).lowest;
}

Duration Histogram::max() const {
  return empty() ? Duration{} : bucket_at(high_).highest;
}

double Histogram::mean_ns() const {
  if (empty()) return 0;
  double sum = 0;
  for (const Bucket& bucket : buckets()) {
    sum += bucket.midpoint_ns() * static_cast<double>(bucket.count);
  }
  return sum / static_cast<double>(total_);
}

double Histogram::stddev_ns() const {
  if (empty()) return 0;
  const double mean = mean_ns();
  double squares = 0;
  for (const Bucket& bucket : buckets()) {
    const double deviation = bucket.midpoint_ns() - mean;
    squares += deviation * deviation * static_cast<double>(bucket.count);
  }
  return std::sqrt(squares / static_cast<double>(total_));
}

Duration Histogram::value_at(Quantile q) const {
  assert(!empty());
  if (q.value >= 1) return max();  // whatever a double makes of a total beyond 2^53
  // q is a decimal fraction in binary: without a tolerance of its rounding, p7 of 100 would be the
  // 8th value.
  const double place = q.value * static_cast<double>(total_);
  const double rank = std::ceil(place * (1 - 2 * std::numeric_limits<double>::epsilon()));
  if (rank >= static_cast<double>(total_)) return value_at_rank(total_);
  return value_at_rank(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank)));
}

Duration Histogram::value_at_rank(std::uint64_t rank) const {
  assert(rank >= 1 && rank <= total_);
  std::uint64_t passed = 0;
  for (std::size_t i = low_; i <= high_; ++i) {
    passed += counts_[i];
    if (passed >= rank) return bucket_at(i).highest;
  }
  return max();
}

std::uint64_t Histogram::count_above(Duration limit) const {
  std::uint64_t above = 0;
  for (std::size_t i = high_ + 1; i-- > low_ && bucket_at(i).lowest > limit;) above += counts_[i];
  return above;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> filled;
  for (std::size_t i = low_; i <= high_; ++i) {
    if (counts_[i] != 0) filled.push_back(bucket_at(i));
  }
  return filled;
}

std::span<const std::uint64_t> Histogram::counters() const {
  return std::span(counts_).first(empty() ? 0 : high_ + 1);
}

bool Histogram::operator==(const Histogram& other) const {
  return total_ == other.total_ && out_of_range_ == other.out_of_range_ && low_ == other.low_ &&
         high_ == other.high_ && std::ranges::equal(counters(), other.counters());
}

QuantileSupport quantile_support(Quantile q, std::uint64_t n) {
  constexpr double kFull = 100;
  if (n < needed_for(q)) return QuantileSupport::none;
  return n < recordings_for(kFull, q) ? QuantileSupport::thin : QuantileSupport::full;
}

std::uint64_t rank_of(Quantile q, std::uint64_t n) {
  // The tolerance keeps 0.99 * 100 from becoming 100.
  const double exact = q.value * static_cast<double>(n);
  const auto up = static_cast<std::uint64_t>(std::ceil(exact * (1 - 1e-12)));
  return std::clamp<std::uint64_t>(up, 1, n);
}

std::uint64_t needed_for(Quantile q) {
  constexpr double kThin = 10;
  return recordings_for(kThin, q);
}

}  // namespace natsproof
