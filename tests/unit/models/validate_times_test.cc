// Timestamps and Durations are valid ones without a rule; before.
#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/models/broken_rules.h"
#include "unit/models/every_rule.natsproof.h"

namespace natsproof {
namespace {

using test::rule::Times;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kYear1 = -62'135'596'800, kYear10000 = 253'402'300'800;
constexpr std::int64_t kYear2026 = 1'767'225'600;
constexpr std::int64_t kLongest = 315'576'000'000;

Times valid_times() {
  Times times;
  times.mutable_required();  // 1970
  return times;
}

template <class Time>
void set(Time* time, std::int64_t seconds, std::int32_t nanos) {
  time->set_seconds(seconds);
  time->set_nanos(nanos);
}

TEST(ValidateTimes, TimestampsAreOfYears1To9999) {
  const auto broken = [](std::int64_t seconds, std::int32_t nanos) {
    Times times = valid_times();
    set(times.mutable_required(), seconds, nanos);
    return broken_rules(times);
  };
  EXPECT_THAT(broken_rules(Times()), ElementsAre("required required"));
  EXPECT_THAT(broken(kYear1, 0), IsEmpty());
  EXPECT_THAT(broken(kYear10000 - 1, 999'999'999), IsEmpty());
  EXPECT_THAT(broken(kYear1 - 1, 999'999'999), ElementsAre("required timestamp"));
  EXPECT_THAT(broken(kYear10000, 0), ElementsAre("required timestamp"));
  EXPECT_THAT(broken(0, -1), ElementsAre("required timestamp"));
  EXPECT_THAT(broken(0, 1'000'000'000), ElementsAre("required timestamp"));
}

TEST(ValidateTimes, DurationsAreOfOneSignAndUpTo10000Years) {
  const auto broken = [](std::int64_t seconds, std::int32_t nanos) {
    Times times = valid_times();
    set(times.mutable_duration(), seconds, nanos);
    return broken_rules(times);
  };
  EXPECT_THAT(broken(kLongest, 999'999'999), IsEmpty());
  EXPECT_THAT(broken(-kLongest, -999'999'999), IsEmpty());
  EXPECT_THAT(broken(0, -1), IsEmpty());
  EXPECT_THAT(broken(0, 1), IsEmpty());
  EXPECT_THAT(broken(kLongest + 1, 0), ElementsAre("duration duration"));
  EXPECT_THAT(broken(-kLongest - 1, 0), ElementsAre("duration duration"));
  EXPECT_THAT(broken(0, 1'000'000'000), ElementsAre("duration duration"));
  EXPECT_THAT(broken(0, -1'000'000'000), ElementsAre("duration duration"));
  EXPECT_THAT(broken(1, -1), ElementsAre("duration duration"));
  EXPECT_THAT(broken(-1, 1), ElementsAre("duration duration"));
}

TEST(ValidateTimes, BeforeMeansEarlier) {
  Times times = valid_times();
  set(times.mutable_before(), kYear2026, 499'999'999);
  EXPECT_THAT(broken_rules(times), IsEmpty());
  set(times.mutable_before(), kYear2026, 500'000'000);
  EXPECT_THAT(broken_rules(times), ElementsAre("before before"));
  EXPECT_EQ(only_sentence(times),
            "is 2026-01-01T00:00:00.500Z; it must be before 2026-01-01T00:00:00.5Z");
  set(times.mutable_before(), kYear2026 + 1, 0);
  EXPECT_THAT(broken_rules(times), ElementsAre("before before"));
  set(times.mutable_before(), kYear10000, 0);
  EXPECT_THAT(broken_rules(times), ElementsAre("before timestamp"));
}

TEST(ValidateTimes, InListsAndOneofs) {
  Times times = valid_times();
  set(times.add_list(), kYear2026 - 3601, 0);  // the limit is written with an offset
  set(times.add_list(), kYear2026 - 3600, 0);
  set(times.add_list(), 0, -1);
  set(times.add_durations(), 1, 1);
  set(times.add_durations(), 1, -1);
  set(times.mutable_chosen(), 0, -1);
  EXPECT_THAT(broken_rules(times), ElementsAre("list[1] before", "list[2] timestamp",
                                               "durations[1] duration", "chosen timestamp"));
  times = valid_times();
  set(times.mutable_span(), -1, 1);
  EXPECT_THAT(broken_rules(times), ElementsAre("span duration"));
}

TEST(ValidateTimes, SentencesNameTheValueAndWhatIsAllowed) {
  Times times = valid_times();
  set(times.mutable_required(), 5, -1);
  EXPECT_EQ(only_sentence(times),
            "is 5 seconds and -1 nanoseconds since 1970; it must be from 0001-01-01T00:00:00Z to "
            "9999-12-31T23:59:59.999999999Z, with 0 to 999999999 nanoseconds");
  times = valid_times();
  set(times.mutable_duration(), 5, -1);
  EXPECT_EQ(only_sentence(times),
            "is 5 seconds and -1 nanoseconds; it must be at most 315576000000 seconds and "
            "999999999 nanoseconds, both of one sign");
}

}  // namespace
}  // namespace natsproof
