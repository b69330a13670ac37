#include "loadgen/measure/time_slices.h"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/measure/recorder.h"
#include "tests/unit/measure/start.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Slices of half a second, after a warm-up.
constexpr RecordedWindow kSixSeconds{kStart, kStart + 1s, kStart + 7s};

std::vector<Claim> claims_of(std::initializer_list<const char*> texts) {
  const std::vector<std::string> tasks = {"echo", "order"};
  std::vector<Claim> claims;
  for (const char* text : texts) claims.push_back(parse_claim(text, tasks).value());
  return claims;
}

Recorder recorder_of(const std::vector<Claim>& claims, bool open_loop = true) {
  const std::vector<RecordedTask> tasks = {{.name = "echo"}, {.name = "order"}};
  return Recorder(tasks, claims, open_loop, kSixSeconds);
}

Decided request(Duration into, std::size_t task, Duration lag, Duration service,
                RequestClass request_class = RequestClass::ok) {
  const Instant intended = kSixSeconds.measured_from + into;
  return {.task = task,
          .request_class = request_class,
          .intended = intended,
          .actual = intended + lag,
          .at = intended + lag + service};
}

std::uint32_t count_of(const TimeSlice& slice, std::size_t bucket) {
  const bool is_held = bucket >= slice.first && bucket - slice.first < slice.times.size();
  return is_held ? slice.times[bucket - slice.first] : 0;
}

TEST(TimeBuckets, SixteenForEachDoublingFromASixtyFourthToSixteenLimits) {
  const TimeBuckets buckets(64us);
  EXPECT_EQ(buckets.of(-1ns), 0u);
  EXPECT_EQ(buckets.of(0ns), 0u);
  EXPECT_EQ(buckets.of(999ns), 0u);
  EXPECT_EQ(buckets.of(1us), 1u);
  EXPECT_EQ(buckets.of(2us), 17u);
  EXPECT_EQ(buckets.of(64us), TimeBuckets::kOver);
  EXPECT_EQ(buckets.of(16 * 64us - 1ns), TimeBuckets::kCount - 2);
  EXPECT_EQ(buckets.of(16 * 64us), TimeBuckets::kCount - 1);
  EXPECT_EQ(buckets.of(1h), TimeBuckets::kCount - 1);
  EXPECT_EQ(TimeBuckets::lower(0), 0);
  EXPECT_EQ(TimeBuckets::lower(1), 1.0 / 64);
  EXPECT_EQ(TimeBuckets::lower(TimeBuckets::kOver), 1);
  EXPECT_EQ(TimeBuckets::lower(TimeBuckets::kCount - 1), 16);
  for (std::size_t bucket = 1; bucket + 1 < TimeBuckets::kCount; ++bucket) {
    const double begin = TimeBuckets::lower(bucket), end = TimeBuckets::lower(bucket + 1);
    ASSERT_LT(begin, end);
    ASSERT_LE(end / begin, 1 + 1.0 / 16);
    EXPECT_EQ(buckets.of(Duration{std::llround(TimeBuckets::middle(bucket) * 64'000)}), bucket);
  }
}

TEST(TimeSlices, HoldTimesInLimitsByWhenTheyWereIntended) {
  const auto claims = claims_of({"response p99 < 1ms", "order service p99 < 2ms"});
  Recorder recorder = recorder_of(claims);
  recorder.decided(request(-1ns, 1, 0ns, 1ms));  // in the warm-up
  recorder.decided(request(0ns, 0, 1ms, 1ms));
  recorder.decided(request(499ms, 1, 500us, 500us));
  recorder.decided(request(500ms, 1, 0ns, 1ms, RequestClass::timeout));
  recorder.decided(request(6s - 1ns, 1, 1ms, 4ms));
  recorder.decided(request(6s, 1, 0ns, 1ms));  // after the window
  const std::vector<TimeSlices> slices = recorder.take_slices();
  ASSERT_EQ(slices.size(), 2u);
  ASSERT_EQ(slices[0].size(), kSlices);
  EXPECT_EQ(slices[0][0].planned, 2u);
  EXPECT_EQ(slices[0][0].over, 2u) << "the limit itself is over";
  EXPECT_EQ(count_of(slices[0][0], TimeBuckets(1ms).of(2ms)), 1u);
  EXPECT_EQ(count_of(slices[0][0], TimeBuckets(1ms).of(1ms)), 1u);
  EXPECT_EQ(slices[0][1].planned, 1u);
  EXPECT_EQ(slices[0][1].over, 1u);
  EXPECT_THAT(slices[0][1].times, IsEmpty()) << "a failure has no time";
  EXPECT_EQ(count_of(slices[0][11], TimeBuckets(1ms).of(5ms)), 1u);

  EXPECT_EQ(slices[1][0].planned, 1u);
  EXPECT_EQ(slices[1][0].over, 0u);
  EXPECT_EQ(count_of(slices[1][0], TimeBuckets(2ms).of(500us)), 1u);
  EXPECT_EQ(count_of(slices[1][11], TimeBuckets(2ms).of(4ms)), 1u);
  std::uint64_t planned = 0;
  for (const TimeSlice& slice : slices[1]) planned += slice.planned;
  EXPECT_EQ(planned, 3u);
}

TEST(TimeSlices, HoldFailuresOfSharesAndSumsOfMeans) {
  const auto claims = claims_of({"success >= 99%", "achieved >= 99%", "service mean < 1ms",
                                 "order response mean < 1ms", "throughput > 1/s"});
  Recorder recorder = recorder_of(claims);
  recorder.decided(request(1s, 0, 1ms, 2ms));
  recorder.decided(request(1s, 1, 1ms, 2ms));
  recorder.decided(request(1s, 1, 1ms, 2ms, RequestClass::service_error));
  recorder.decided(request(6s - 1ms, 1, 0ns, 2ms));  // answered after the window
  const std::vector<TimeSlices> slices = recorder.take_slices();
  for (const std::size_t claim : {0, 1, 2}) {
    EXPECT_EQ(slices[claim][2].planned, 3u);
    EXPECT_EQ(slices[claim][2].over, 1u);
    EXPECT_THAT(slices[claim][2].times, IsEmpty());
    EXPECT_EQ(slices[claim][11].over, 0u);
  }
  EXPECT_EQ(recorder.take_blocks()[1].back().over, 1u);
  EXPECT_EQ(slices[2][2].time_ns, 4'000'000u);
  EXPECT_EQ(slices[3][2].planned, 2u);
  EXPECT_EQ(slices[3][2].time_ns, 3'000'000u);
  EXPECT_THAT(slices[4], IsEmpty());
}

TEST(TimeSlices, OfSeveralWorkersAddUp) {
  const auto claims = claims_of({"response p99 < 1ms"});
  const Duration times[] = {1us, 300us, 300us, 900us, 90ms};
  Recorder all = recorder_of(claims), one = recorder_of(claims), other = recorder_of(claims);
  for (std::size_t i = 0; i < std::size(times); ++i) {
    for (Recorder* recorder : {&all, i % 2 == 0 ? &one : &other})
      recorder->decided(request(3s, 0, 0ns, times[i]));
  }
  const TimeSlices expected = all.take_slices()[0];
  TimeSlices sum;
  merge(sum, one.take_slices()[0]);
  merge(sum, other.take_slices()[0]);
  ASSERT_EQ(sum.size(), kSlices);
  EXPECT_EQ(sum[6].planned, 5u);
  EXPECT_EQ(sum[6].over, expected[6].over);
  EXPECT_EQ(sum[6].first, expected[6].first);
  EXPECT_THAT(sum[6].times, testing::ElementsAreArray(expected[6].times));
}

// What the claim says of the limit itself, to the nanosecond.
TEST(TimeBuckets, BeginAtWhatIsOver) {
  for (const Duration limit : {Duration{1ms}, Duration{333'333ns}, Duration{7ns}, Duration{59s}}) {
    for (const Comparison comparison : {Comparison::less, Comparison::less_equal}) {
      const Claim claim{.statistic = Statistic::quantile, .comparison = comparison, .limit = limit};
      const TimeBuckets buckets(claim);
      for (const Duration time : {limit - 1ns, limit, limit + 1ns})
        EXPECT_EQ(buckets.of(time) >= TimeBuckets::kOver, claim.is_over(time)) << limit.count();
    }
  }
}

TEST(TimeSlices, AreReadFromTheirValues) {
  const auto claims = claims_of({"response p99 < 1ms", "success >= 99%", "service mean < 1ms"});
  Recorder recorder = recorder_of(claims);
  for (const Duration time :
       {Duration{1us}, Duration{300us}, Duration{900us}, Duration{5ms}, Duration{90ms}})
    recorder.decided(request(3s, 0, 0ns, time));
  recorder.decided(request(3s, 0, 0ns, 1ms, RequestClass::timeout));
  recorder.decided(request(6s - 1ns, 0, 0ns, 1ms, RequestClass::timeout));
  const std::vector<TimeSlices> taken = recorder.take_slices();
  for (std::size_t c = 0; c < claims.size(); ++c) {
    const auto read = slices_of(slice_values(taken[c]), claims[c]);
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->size(), kSlices);
    for (std::size_t s = 0; s < kSlices; ++s) {
      EXPECT_EQ((*read)[s].planned, taken[c][s].planned);
      EXPECT_EQ((*read)[s].over, taken[c][s].over);
      EXPECT_EQ((*read)[s].first, taken[c][s].first);
      EXPECT_EQ((*read)[s].times, taken[c][s].times);
    }
  }
  EXPECT_FALSE(slices_of(slice_values(taken[0]), claims[1]).ok()) << "success has no times";
  Histogram none;
  none.record(1ms);
  EXPECT_FALSE(slices_of(none, claims[0]).ok());
}

}  // namespace
}  // namespace natsproof
