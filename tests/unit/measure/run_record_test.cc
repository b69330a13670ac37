#include "loadgen/measure/run_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::Pair;

RequestCounts counts(std::uint64_t base) {
  RequestCounts c;
  c.planned = 10 * base;
  for (std::size_t i = 0; i < kRequestClasses; ++i) c.classes[i] = base + i;
  for (std::size_t i = 0; i < kRefusedReasons; ++i) c.refused[i] = base + 100 * i;
  c.replies = 2 * base;
  c.late = 3 * base;
  c.duplicate = 4 * base;
  c.in_window = 5 * base;
  c.bytes_out = 6 * base;
  c.bytes_in = 7 * base;
  c.error_codes = {{400, base}, {static_cast<int>(base), 1}};
  return c;
}

TEST(RequestCounts, SumsItsClasses) {
  const RequestCounts c = counts(1000);
  EXPECT_EQ(c.decided(), 8 * 1000 + 28U);
  EXPECT_EQ(c.handed_over(), 10'000U - 1007U);
  EXPECT_EQ(c.successes(), 2001U);
}

TEST(RequestCounts, MergeAddsEverything) {
  RequestCounts c = counts(10);
  c.merge(counts(20));
  EXPECT_EQ(c.planned, 300U);
  for (std::size_t i = 0; i < kRequestClasses; ++i) EXPECT_EQ(c.classes[i], 30 + 2 * i);
  for (std::size_t i = 0; i < kRefusedReasons; ++i) EXPECT_EQ(c.refused[i], 30 + 200 * i);
  EXPECT_EQ(c.replies, 60U);
  EXPECT_EQ(c.late, 90U);
  EXPECT_EQ(c.duplicate, 120U);
  EXPECT_EQ(c.in_window, 150U);
  EXPECT_EQ(c.bytes_out, 180U);
  EXPECT_EQ(c.bytes_in, 210U);
  EXPECT_THAT(c.error_codes, ElementsAre(Pair(10, 1), Pair(20, 1), Pair(400, 30)));
}

TEST(TaskRecord, MergeAddsEveryHistogramAndKeepsItsName) {
  TaskRecord a, b;
  a.name = "echo";
  b.name = "other";
  b.content_verified = false;
  b.stray = 3;
  b.measured.planned = 5;
  b.warmup.planned = 7;
  a.response.record(1us);
  b.response.record(2us);
  b.service.record(3us);
  b.send_lag.record(4us);
  b.failed_after[static_cast<std::size_t>(RequestClass::timeout)].record(5us);
  a.merge(b);
  EXPECT_EQ(a.name, "echo");
  EXPECT_FALSE(a.content_verified);
  EXPECT_EQ(a.stray, 3U);
  EXPECT_EQ(a.measured.planned, 5U);
  EXPECT_EQ(a.warmup.planned, 7U);
  EXPECT_EQ(a.response.count(), 2U);
  EXPECT_EQ(a.service, b.service);
  EXPECT_EQ(a.send_lag, b.send_lag);
  EXPECT_EQ(a.failed_after, b.failed_after);
}

TEST(TaskRecord, MergeAddsTimeBucketsAndInstancesById) {
  const auto instance = [](const char* id, Duration service) {
    InstanceRecord made{.id = id, .service = {}};
    made.service.record(service);
    return made;
  };
  TaskRecord a, b;
  a.time_buckets = {1, 2, 3, 4, 5};
  b.time_buckets = {10, 20, 30, 40, 50};
  a.instances = {instance("b", 1us), instance("d", 2us)};
  b.instances = {instance("a", 3us), instance("b", 4us), instance("c", 5us), instance("e", 6us)};
  a.merge(b);
  EXPECT_THAT(a.time_buckets, ElementsAre(11, 22, 33, 44, 55));
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (const InstanceRecord& merged : a.instances)
    counts.emplace_back(merged.id, merged.service.count());
  EXPECT_THAT(counts,
              ElementsAre(Pair("a", 1), Pair("b", 2), Pair("c", 1), Pair("d", 1), Pair("e", 1)));
  EXPECT_EQ(a.instances[1].service.count_above(3us), 1U);
}

}  // namespace
}  // namespace natsproof
