#include "loadgen/measure/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace natsproof {
namespace {

// The layout by its definition, slowly: a value below 2,048 ns has a bucket of its own; above,
// buckets double in size with every power of two.
struct Range {
  Duration lowest, highest;
};
Range equivalent(Duration value) {
  std::int64_t size = 1;
  while (value.count() / size >= 2048) size *= 2;
  const std::int64_t lowest = value.count() / size * size;
  return {Duration{lowest}, Duration{lowest + size - 1}};
}

// Log-uniform over the whole range, so that every doubling gets its share.
std::vector<Duration> random_values(std::uint64_t seed, std::size_t n) {
  Random random(seed);
  std::vector<Duration> values;
  const double log_highest = std::log(static_cast<double>(Histogram::kHighestNs));
  for (std::size_t i = 0; i < n; ++i) {
    values.emplace_back(static_cast<std::int64_t>(std::exp(random.uniform() * log_highest)));
  }
  return values;
}

Histogram histogram_of(const std::vector<Duration>& values) {
  Histogram histogram;
  for (const Duration value : values) EXPECT_TRUE(histogram.record(value));
  return histogram;
}

TEST(Histogram, EveryRankIsTheSortedValueToBucketPrecision) {
  std::vector<Duration> values = random_values(1, 20'000);
  const Histogram histogram = histogram_of(values);
  std::ranges::sort(values);
  ASSERT_EQ(histogram.count(), values.size());
  for (std::size_t i = 0; i < values.size(); i += 7) {
    ASSERT_EQ(histogram.value_at_rank(i + 1), equivalent(values[i]).highest)
        << "rank " << i + 1 << ", value " << values[i].count();
  }
  EXPECT_EQ(histogram.min(), equivalent(values.front()).lowest);
  EXPECT_EQ(histogram.max(), equivalent(values.back()).highest);
}

TEST(Histogram, KeepsThreeDigitsEverywhere) {
  for (const Duration value : random_values(2, 10'000)) {
    Histogram::Bucket bucket = histogram_of({value}).buckets().at(0);
    ASSERT_LE(bucket.lowest, value);
    ASSERT_GE(bucket.highest, value);
    ASSERT_LE((bucket.highest - bucket.lowest).count() * 1000,
              std::max<Duration::rep>(value.count(), 1));
  }
}

TEST(Histogram, BucketEdgesFallWhereTheyMust) {
  for (int power = 11; power < 36; ++power) {
    const auto edge = std::int64_t{1} << power;
    for (const std::int64_t ns : {edge - 1, edge, edge + 1}) {
      if (ns > Histogram::kHighestNs) continue;
      const Histogram histogram = histogram_of({Duration{ns}});
      EXPECT_EQ(histogram.min(), equivalent(Duration{ns}).lowest) << ns;
      EXPECT_EQ(histogram.max(), equivalent(Duration{ns}).highest) << ns;
    }
  }
}

TEST(Histogram, AQuantileIsTheRankItSays) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(Duration{i});
  EXPECT_EQ(histogram.value_at({0.5}), 50ns);
  EXPECT_EQ(histogram.value_at({0.07}), 7ns);  // 0.07 * 100 is 7.000000000000001
  EXPECT_EQ(histogram.value_at({0.99}), 99ns);
  EXPECT_EQ(histogram.value_at({0.991}), 100ns);
  EXPECT_EQ(histogram.value_at({0}), 1ns);
  EXPECT_EQ(histogram.value_at({1}), 100ns);
}

TEST(Histogram, TheLastQuantileIsTheMaximumOfAnyNumber) {
  Histogram histogram;
  histogram.record(1us, 503'815'982'949'409'792);
  histogram.record(1ms);
  EXPECT_EQ(histogram.value_at({1}), histogram.max());
}

TEST(Histogram, QuantilesOfEveryPercentAndSizeAreExactRanks) {
  for (const std::uint64_t n : {100, 1'000, 10'000, 1'000'000}) {
    Histogram histogram;
    // Each value holds a hundredth: the p-th percentile is the p-th value.
    for (int i = 1; i <= 100; ++i) histogram.record(Duration{i}, n / 100);
    for (int p = 1; p <= 99; ++p) {
      ASSERT_EQ(histogram.value_at({p / 100.0}), Duration{p}) << n;
    }
  }
}

TEST(Histogram, RecordsTheEndsOfItsRangeAndCountsTheRest) {
  Histogram histogram;
  EXPECT_TRUE(histogram.record(0ns));
  EXPECT_TRUE(histogram.record(60s));
  EXPECT_FALSE(histogram.record(60s + 1ns));
  EXPECT_FALSE(histogram.record(-1ns));
  EXPECT_FALSE(histogram.record(Duration::min()));
  EXPECT_FALSE(histogram.record(Duration::max(), 5));
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.out_of_range(), 8U);
  EXPECT_EQ(histogram.min(), 0ns);
  EXPECT_EQ(histogram.max(), equivalent(60s).highest);
}

TEST(Histogram, RecordsManyAtOnceAndNoneAtAll) {
  Histogram histogram;
  histogram.record(5us, 1000);
  histogram.record(1s, 0);
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_EQ(histogram.max(), equivalent(5us).highest);
}

TEST(Histogram, MergeIsTheHistogramOfAll) {
  const std::vector<Duration> one = random_values(3, 3'000), two = random_values(4, 5'000);
  std::vector<Duration> both = one;
  both.insert(both.end(), two.begin(), two.end());
  Histogram merged = histogram_of(one), second = histogram_of(two);
  second.record(-1ns);
  merged.merge(second);
  Histogram expected = histogram_of(both);
  expected.record(Histogram::kOutOfRange);
  EXPECT_EQ(merged, expected);
  EXPECT_EQ(merged.min(), expected.min());
  EXPECT_EQ(merged.max(), expected.max());
}

TEST(Histogram, MergingAnEmptyOneChangesNothing) {
  const Histogram some = histogram_of(random_values(5, 100));
  Histogram left = some, right;
  left.merge(Histogram{});
  right.merge(some);
  EXPECT_EQ(left, some);
  EXPECT_EQ(right, some);
}

TEST(Histogram, ResetIsAsNew) {
  Histogram histogram = histogram_of(random_values(6, 1'000));
  histogram.record(-1ns);
  histogram.reset();
  EXPECT_EQ(histogram, Histogram{});
  histogram.record(3us);
  EXPECT_EQ(histogram, histogram_of({3us}));
}

TEST(Histogram, EqualityLooksAtEveryCounter) {
  Histogram one = histogram_of({1us, 2us, 5us}), two = histogram_of({1us, 3us, 5us});
  EXPECT_FALSE(one == two);
  EXPECT_FALSE(one == histogram_of({1us, 2us, 5us, 5us}));
  two = histogram_of({5us, 2us, 1us});
  EXPECT_EQ(one, two);
  two.record(-1ns);
  EXPECT_FALSE(one == two);
}

TEST(Histogram, MeanAndDeviationAreOfBucketMidpoints) {
  // 1 and 3 ns have buckets of one; 1,000,000 ns lies in 999,936..1,000,447, whose middle is
  // 1,000,192.
  EXPECT_DOUBLE_EQ(histogram_of({1ns, 3ns}).mean_ns(), 2);
  EXPECT_DOUBLE_EQ(histogram_of({1ns, 3ns}).stddev_ns(), 1);
  EXPECT_DOUBLE_EQ(histogram_of({1ms}).mean_ns(), 1'000'192);
  EXPECT_DOUBLE_EQ(histogram_of({1ms, 1ms}).stddev_ns(), 0);
  EXPECT_DOUBLE_EQ(Histogram{}.mean_ns(), 0);
  EXPECT_DOUBLE_EQ(Histogram{}.stddev_ns(), 0);
}

TEST(Histogram, AnEmptyOneHasNoValues) {
  const Histogram empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.min(), 0ns);
  EXPECT_EQ(empty.max(), 0ns);
  EXPECT_EQ(empty.count_above(0ns), 0U);
  EXPECT_TRUE(empty.buckets().empty());
  EXPECT_TRUE(empty.counters().empty());
}

TEST(Histogram, CountsAboveALimitByTheLowestValueOfABucket) {
  const Histogram histogram = histogram_of({1us, 2us, 1ms, 10ms});
  EXPECT_EQ(histogram.count_above(0ns), 4U);
  EXPECT_EQ(histogram.count_above(1us), 3U);
  EXPECT_EQ(histogram.count_above(999ns), 4U);
  EXPECT_EQ(histogram.count_above(Duration{999'935}), 2U);  // just below 1 ms's bucket
  EXPECT_EQ(histogram.count_above(Duration{999'936}), 1U);
  EXPECT_EQ(histogram.count_above(60s), 0U);
  EXPECT_EQ(histogram.count_above(-1ns), 4U);
}

TEST(Histogram, BucketsAscendAndHoldEverything) {
  const Histogram histogram = histogram_of(random_values(7, 5'000));
  std::uint64_t sum = 0;
  Duration last{-1};
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    EXPECT_GT(bucket.lowest, last);
    EXPECT_GE(bucket.highest, bucket.lowest);
    EXPECT_GT(bucket.count, 0U);
    last = bucket.highest;
    sum += bucket.count;
  }
  EXPECT_EQ(sum, histogram.count());
}

TEST(QuantileSupport, NeedsTenBeyondAndIsFullAtAHundred) {
  EXPECT_EQ(quantile_support({0.5}, 19), QuantileSupport::none);
  EXPECT_EQ(quantile_support({0.5}, 20), QuantileSupport::thin);
  EXPECT_EQ(quantile_support({0.5}, 200), QuantileSupport::full);
  EXPECT_EQ(quantile_support({0.999}, 9'999), QuantileSupport::none);
  EXPECT_EQ(quantile_support({0.999}, 10'000), QuantileSupport::thin);
  EXPECT_EQ(quantile_support({0.999}, 99'999), QuantileSupport::thin);
  EXPECT_EQ(quantile_support({0.999}, 100'000), QuantileSupport::full);
}

TEST(QuantileSupport, IsWholeInSpiteOfBinaryFractions) {
  EXPECT_EQ(needed_for({0.5}), 20U);
  EXPECT_EQ(needed_for({0.9}), 100U);  // 10 / (1 - 0.9) is 100.00000000000001
  EXPECT_EQ(needed_for({0.95}), 200U);
  EXPECT_EQ(needed_for({0.99}), 1'000U);
  EXPECT_EQ(needed_for({0.999}), 10'000U);
  EXPECT_EQ(needed_for({0.9999}), 100'000U);
  EXPECT_EQ(needed_for({0.99999}), 1'000'000U);
  EXPECT_EQ(needed_for({0.97}), 334U);  // 333.3: rounded up
  EXPECT_EQ(needed_for({1}), std::numeric_limits<std::uint64_t>::max());
}

TEST(Histogram, AnEmptyOneIsWhatAReservedOneIs) {
  Histogram bare, reserved;
  reserved.reserve();
  EXPECT_EQ(bare, reserved);
  EXPECT_EQ(bare.encode(), reserved.encode());
  EXPECT_TRUE(bare.counters().empty());
  EXPECT_TRUE(bare.buckets().empty());
  EXPECT_EQ(bare.count_above(0ns), 0u);
  EXPECT_EQ(bare.max(), 0ns);
  bare.reset();
  bare.merge(reserved);
  reserved.merge(bare);
  EXPECT_EQ(bare, reserved);
  EXPECT_FALSE(bare.record(Histogram::kOutOfRange, 3));
  EXPECT_EQ(bare.out_of_range(), 3u);
  reserved.merge(bare);
  EXPECT_EQ(bare, reserved);
}

TEST(Histogram, CopiesAndWhatWasMovedFromGoOnRecording) {
  Histogram first;
  Histogram copy_of_empty = first;
  first.record(1ms);
  copy_of_empty.record(2ms);
  Histogram copy = first;
  copy.record(3ms);
  EXPECT_EQ(first.count(), 1u);
  EXPECT_EQ(copy.count(), 2u);
  EXPECT_EQ(copy_of_empty.count(), 1u);
  const Histogram taken = std::move(copy);
  EXPECT_EQ(taken.count(), 2u);
  copy = {};
  copy.record(4ms);
  EXPECT_EQ(copy.count(), 1u);
  copy.merge(taken);
  EXPECT_EQ(copy.count(), 3u);
}

TEST(Histogram, MergesIntoAnEmptyOneAndOfAnEmptyOne) {
  const Histogram full = histogram_of(random_values(3, 100));
  Histogram sum;
  sum.merge(full);
  EXPECT_EQ(sum, full);
  sum.merge(Histogram());
  EXPECT_EQ(sum, full);
  EXPECT_EQ(*Histogram::decode(Histogram().encode()), Histogram());
}

}  // namespace
}  // namespace natsproof
