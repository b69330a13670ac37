#include "loadgen/measure/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/measure/start.h"

namespace natsproof {
namespace {

using testing::ElementsAre;

constexpr RecordedWindow kWindow{kStart, kStart + 1s, kStart + 11s};
constexpr Instant kIntended = kStart + 2s;

class Recording : public testing::Test {
 protected:
  static Recorder recorder(bool open_loop) {
    const std::vector<RecordedTask> tasks = {{.name = "echo"}, {.name = "order"}};
    return Recorder(tasks, {}, open_loop, kWindow);
  }
  static Decided ok(Duration lag, Duration service, std::string_view served_by = {}) {
    return {.task = 1,
            .intended = kIntended,
            .actual = kIntended + lag,
            .at = kIntended + lag + service,
            .served_by = served_by};
  }
};

std::vector<std::pair<std::string, std::uint64_t>> requests_of(const TaskRecord& task) {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (const InstanceRecord& instance : task.instances)
    counts.emplace_back(instance.id, instance.service.count());
  return counts;
}

TEST_F(Recording, ABoundBelongsToTheLongerBucket) {
  Recorder recorder = Recording::recorder(true);
  for (const Duration time : {0ns, Duration{25ms} - 1ns}) recorder.decided(ok(0ns, time));
  for (const Duration time : {Duration{25ms}, Duration{30ms}, Duration{50ms} - 1ns})
    recorder.decided(ok(0ns, time));
  recorder.decided(ok(0ns, 50ms));
  recorder.decided(ok(0ns, 100ms));
  recorder.decided(ok(0ns, 500ms - 1ns));
  for (const Duration time : {500ms, 501ms, 90'000ms}) recorder.decided(ok(0ns, time));
  const auto tasks = recorder.take_tasks();
  EXPECT_THAT(tasks[2].time_buckets, ElementsAre(2, 3, 1, 2, 3));
  EXPECT_EQ(tasks[0].time_buckets, tasks[2].time_buckets);
  EXPECT_THAT(tasks[1].time_buckets, ElementsAre(0, 0, 0, 0, 0));
}

TEST_F(Recording, BucketsAreOfResponseTimeOrInAClosedLoopOfServiceTime) {
  for (const bool open_loop : {true, false}) {
    Recorder recorder = Recording::recorder(open_loop);
    recorder.decided(ok(100ms, 1ms));
    const auto buckets = recorder.take_tasks()[0].time_buckets;
    EXPECT_EQ(buckets[3], open_loop ? 1u : 0u);
    EXPECT_EQ(buckets[0], open_loop ? 0u : 1u);
  }
}

TEST_F(Recording, BucketsHoldRejectedRequestsAndNoFailuresAndNoWarmUp) {
  Recorder recorder = Recording::recorder(true);
  Decided request = ok(0ns, 1ms);
  request.request_class = RequestClass::rejected;
  recorder.decided(request);
  request.request_class = RequestClass::timeout;
  recorder.decided(request);
  Decided early = ok(0ns, 1ms, "a");
  early.intended = early.actual = kStart;
  recorder.decided(early);
  const auto tasks = recorder.take_tasks();
  EXPECT_THAT(tasks[0].time_buckets, ElementsAre(1, 0, 0, 0, 0));
  EXPECT_TRUE(tasks[0].instances.empty());
}

TEST_F(Recording, InstancesAreKeptApartAndSorted) {
  Recorder recorder = Recording::recorder(true);
  recorder.decided(ok(5ms, 1ms, "b"));
  recorder.decided(ok(5ms, 2ms, "a"));
  recorder.decided(ok(5ms, 3ms, "b"));
  recorder.decided(ok(5ms, 4ms));  // names none
  const auto tasks = recorder.take_tasks();
  EXPECT_THAT(requests_of(tasks[2]), ElementsAre(std::pair("a", 1), std::pair("b", 2)));
  EXPECT_EQ(requests_of(tasks[0]), requests_of(tasks[2]));
  EXPECT_TRUE(tasks[1].instances.empty());
  EXPECT_EQ(tasks[2].instances[0].service.count_above(1ms), 1u) << "service time, without the lag";
  EXPECT_EQ(tasks[2].instances[0].service.count_above(3ms), 0u);
}

TEST_F(Recording, TooManyInstancesAreCountedTogether) {
  Recorder recorder = Recording::recorder(true);
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < kMostInstances + 3; ++i)
      recorder.decided(ok(0ns, 1ms, "instance-" + std::to_string(100 + i)));
  }
  const TaskRecord task = recorder.take_tasks()[2];
  ASSERT_EQ(task.instances.size(), kMostInstances + 1);
  EXPECT_EQ(task.instances.front().id, kOtherInstances);
  EXPECT_EQ(task.instances.front().service.count(), 6u);
  std::uint64_t sum = 0;
  for (const InstanceRecord& instance : task.instances) sum += instance.service.count();
  EXPECT_EQ(sum, task.measured.of(RequestClass::ok));
}

}  // namespace
}  // namespace natsproof
