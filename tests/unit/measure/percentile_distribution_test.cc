#include "loadgen/measure/percentile_distribution.h"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace natsproof {
namespace {

using testing::HasSubstr;

// 100.5 us, 201 us, ... 2.01 ms, printed by the Java HdrHistogram 2.1.11.
constexpr std::string_view kTwenty =
    "       Value     Percentile TotalCount 1/(1-Percentile)\n"
    "\n"
    "       0.101 0.000000000000          1           1.00\n"
    "       0.201 0.100000000000          2           1.11\n"
    "       0.402 0.200000000000          4           1.25\n"
    "       0.603 0.300000000000          6           1.43\n"
    "       0.804 0.400000000000          8           1.67\n"
    "       1.005 0.500000000000         10           2.00\n"
    "       1.106 0.550000000000         11           2.22\n"
    "       1.206 0.600000000000         12           2.50\n"
    "       1.307 0.650000000000         13           2.86\n"
    "       1.408 0.700000000000         14           3.33\n"
    "       1.508 0.750000000000         15           4.00\n"
    "       1.609 0.775000000000         16           4.44\n"
    "       1.609 0.800000000000         16           5.00\n"
    "       1.709 0.825000000000         17           5.71\n"
    "       1.709 0.850000000000         17           6.67\n"
    "       1.809 0.875000000000         18           8.00\n"
    "       1.809 0.887500000000         18           8.89\n"
    "       1.809 0.900000000000         18          10.00\n"
    "       1.910 0.912500000000         19          11.43\n"
    "       1.910 0.925000000000         19          13.33\n"
    "       1.910 0.937500000000         19          16.00\n"
    "       1.910 0.943750000000         19          17.78\n"
    "       1.910 0.950000000000         19          20.00\n"
    "       2.010 0.956250000000         20          22.86\n"
    "       2.010 1.000000000000         20\n"
    "#[Mean    =        1.055, StdDeviation   =        0.579]\n"
    "#[Max     =        2.010, Total count    =           20]\n"
    "#[Buckets =           26, SubBuckets     =         2048]\n";
constexpr std::string_view kNone =
    "       Value     Percentile TotalCount 1/(1-Percentile)\n"
    "\n"
    "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
    "#[Max     =        0.000, Total count    =            0]\n"
    "#[Buckets =           26, SubBuckets     =         2048]\n";

Histogram twenty() {
  Histogram histogram;
  for (int i = 1; i <= 20; ++i) histogram.record(Duration{i * 100'500});
  return histogram;
}

TEST(PercentileDistribution, IsPrintedAsHdrHistogramDoes) {
  EXPECT_EQ(write_percentile_distribution(percentile_distribution(twenty())), kTwenty);
  EXPECT_EQ(write_percentile_distribution(percentile_distribution(Histogram{})), kNone);
}

TEST(PercentileDistribution, RoundsHalvesUpAsJavaDoes) {
  Histogram histogram;
  histogram.record(1'500ns);
  EXPECT_THAT(write_percentile_distribution(percentile_distribution(histogram)),
              HasSubstr("\n       0.002 0.000000000000"));
}

TEST(PercentileDistribution, IsReadBack) {
  const auto read = read_percentile_distribution(kTwenty);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->lines.size(), 25U);
  EXPECT_EQ(read->lines.front(), (PercentileDistribution::Line{101us, {0}, 1}));
  EXPECT_EQ(read->lines[5], (PercentileDistribution::Line{1'005us, {0.5}, 10}));
  EXPECT_EQ(read->lines.back(), (PercentileDistribution::Line{2'010us, {1}, 20}));
  EXPECT_DOUBLE_EQ(read->mean_ns, 1'055'000);
  EXPECT_DOUBLE_EQ(read->stddev_ns, 579'000);
  EXPECT_EQ(read->max, 2'010us);
  EXPECT_EQ(read->count, 20U);
  EXPECT_EQ(write_percentile_distribution(*read), kTwenty);
}

TEST(PercentileDistribution, EveryLineIsTheQuantileItSays) {
  Random random(1);
  Histogram histogram;
  for (int i = 0; i < 50'000; ++i) {
    const double ns = std::exp(random.uniform() * std::log(60e9));
    histogram.record(Duration{static_cast<std::int64_t>(ns)});
  }
  const PercentileDistribution distribution = percentile_distribution(histogram);
  ASSERT_GT(distribution.lines.size(), 50U);
  for (const PercentileDistribution::Line& line : distribution.lines) {
    ASSERT_EQ(line.value, histogram.value_at(line.level)) << line.level.value;
    ASSERT_EQ(line.count, histogram.count() - histogram.count_above(line.value));
  }
}

TEST(PercentileDistribution, EndsForTheLargestCounts) {
  Histogram histogram;
  histogram.record(1us, std::uint64_t{1} << 62);
  histogram.record(1ms, 1);
  const PercentileDistribution distribution = percentile_distribution(histogram);
  EXPECT_EQ(distribution.lines.back().count, (std::uint64_t{1} << 62) + 1);
  EXPECT_LT(distribution.lines.size(), 400U);
}

class BrokenDistribution : public testing::TestWithParam<const char*> {};
TEST_P(BrokenDistribution, IsNamedByItsLine) {
  const auto read = read_percentile_distribution(std::string("0.1 0.0 1 1.0\n") + GetParam());
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("line 2: "));
}
INSTANTIATE_TEST_SUITE_P(Texts, BrokenDistribution,
                         testing::Values("0.2 0.5", "0.2 0.5 2 2.0 9", "nan 0.5 2 2.0",
                                         "-0.2 0.5 2 2.0", "1e9 0.5 2 2.0", "0.2 1.5 2 2.0",
                                         "0.2 0.5 -2 2.0", "0.05 0.5 2 2.0", "0.2 -0.1 2 2.0",
                                         "0.2 0.5 0 2.0", "#[Mean    = x, StdDeviation   = 1]",
                                         "#[Mean    = 1]", "#[Max     = 1, Total count    = -1]",
                                         "#[Mean=1,=", "#[M"));

TEST(PercentileDistribution, PassesOverOtherComments) {
  const auto read = read_percentile_distribution("# by another tool\r\n\r\n 1.5 0.0 3 inf\r\n");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->lines.at(0).value, 1'500us);
}

}  // namespace
}  // namespace natsproof
