#include "loadgen/measure/waterfall.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/effort.h"
#include "tests/unit/measure/start.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TraceStamps stamped(const std::vector<std::pair<TraceStage, Duration>>& stages) {
  TraceStamps stamps;
  for (const auto& [stage, after] : stages) stamps.set(stage, kStart + after);
  return stamps;
}

void add_call(TraceStamps& stamps, const char* name, Duration from, Duration to) {
  TraceCall& call = stamps.calls[stamps.call_count++];
  call.set_name(name);
  call.begun = kStart + from;
  call.ended = kStart + to;
}

using enum TraceStage;

// Every stage takes one more microsecond than the one before it.
TracedRequest whole_request() {
  TracedRequest request{.intended = kStart,
                        .sent = kStart + 1us,
                        .flushed = kStart + 3us,
                        .received = kStart + 66us,
                        .verified = kStart + 78us,
                        .state = StampState::comparable};
  request.stamps = stamped({{received, 6us},
                            {begun, 10us},
                            {handled, 15us},
                            {decoded, 21us},
                            {validated, 28us},
                            {answered, 36us},
                            {encoded, 45us},
                            {released, 55us}});
  add_call(*request.stamps, "fraud", 29us, 31us);
  add_call(*request.stamps, "payment", 32us, 35us);
  return request;
}

using Times = std::vector<std::pair<std::string, Duration>>;

Times times_of(const TracedRequest& request, std::uint32_t depth = 0, bool open_loop = true) {
  Times times;
  const RequestParts parts = parts_of(request, open_loop);
  for (const RequestParts::Part& part : parts.parts)
    if (part.depth == depth) times.emplace_back(part.name, part.time);
  return times;
}

TEST(Waterfall, TellsEveryPartOfTheWay) {
  EXPECT_THAT(
      times_of(whole_request()),
      ElementsAre(Pair("generator lag", 1us), Pair("client out", 2us),
                  Pair("on the way there", 3us), Pair("queueing in the service", 4us),
                  Pair("decode", 6us), Pair("validate", 7us), Pair("work", 5us + 8us + 10us),
                  Pair("encode", 9us), Pair("on the way back", 11us), Pair("client in", 12us),
                  Pair("not explained", 0us)));
  EXPECT_THAT(times_of(whole_request(), 1),
              ElementsAre(Pair("fraud", 2us), Pair("payment", 3us),
                          Pair("injected (work, faults)", 15us), Pair("own", 3us)));
  EXPECT_EQ(parts_of(whole_request(), true).total, 78us);
}

TEST(Waterfall, AClosedLoopHasNoLag) {
  EXPECT_EQ(times_of(whole_request(), 0, false).front(),
            std::pair(std::string("client out"), Duration(2us)));
  EXPECT_EQ(parts_of(whole_request(), false).total, 77us);
}

TEST(Waterfall, TheServiceMayHaveItBeforeTheWriteReturns) {
  TracedRequest request = whole_request();
  request.flushed = kStart + 30us;
  const Times times = times_of(request);
  EXPECT_EQ(times[1], std::pair(std::string("client out"), Duration(5us)));
  EXPECT_EQ(times[2], std::pair(std::string("on the way there"), Duration(0)));
}

TEST(Waterfall, AnEndpointWithoutMessagesWorksFromItsBeginning) {
  TracedRequest request = whole_request();
  request.stamps = stamped({{received, 6us}, {begun, 10us}, {answered, 36us}});
  EXPECT_THAT(times_of(request),
              ElementsAre(Pair("generator lag", 1us), Pair("client out", 2us),
                          Pair("on the way there", 3us), Pair("queueing in the service", 4us),
                          Pair("work", 26us), Pair("on the way back", 30us),
                          Pair("client in", 12us), Pair("not explained", 0us)));
}

TEST(Waterfall, WithoutStampsTheServiceIsElsewhere) {
  TracedRequest request = whole_request();
  request.stamps.reset();
  EXPECT_THAT(times_of(request), ElementsAre(Pair("generator lag", 1us), Pair("client out", 2us),
                                             Pair("elsewhere", 63us), Pair("client in", 12us),
                                             Pair("not explained", 0us)));
}

// decoded and validated have an end that is not known.
TEST(Waterfall, WhatLacksAnEndIsNotExplained) {
  TracedRequest request = whole_request();
  request.stamps->stages[static_cast<std::size_t>(decoded)].reset();
  EXPECT_THAT(times_of(request),
              testing::AllOf(testing::Contains(Pair("not explained", 13us)),
                             testing::Contains(Pair("work", 23us)),
                             testing::Not(testing::Contains(Pair("decode", testing::_))),
                             testing::Not(testing::Contains(Pair("validate", testing::_)))));
}

TEST(Waterfall, WhatIsOutOfOrderIsNotExplained) {
  TracedRequest request = whole_request();
  request.stamps->set(decoded, kStart + 14us);  // before its handler was called
  EXPECT_THAT(times_of(request), testing::Contains(Pair("not explained", 13us)));
  request.stamps->set(decoded, kStart + 1h);
  EXPECT_THAT(times_of(request), testing::Contains(Pair("not explained", 13us)));
}

TEST(Waterfall, StampsOfAnotherAgeExplainNothing) {
  TracedRequest request = whole_request();
  for (auto& stage : request.stamps->stages) *stage += 24h;
  EXPECT_THAT(times_of(request), ElementsAre(Pair("generator lag", 1us), Pair("client out", 2us),
                                             Pair("client in", 12us), Pair("not explained", 63us)));
}

TEST(Waterfall, TimeInSeveralCallsCountsForTheFirst) {
  TracedRequest request = whole_request();
  request.stamps->call_count = 0;
  add_call(*request.stamps, "late", 31us, 40us);   // ends after the answer
  add_call(*request.stamps, "early", 20us, 30us);  // begins before the work
  add_call(*request.stamps, "inner", 29us, 33us);
  add_call(*request.stamps, "inner", 34us, 35us);  // within `late`
  EXPECT_THAT(times_of(request, 1),
              ElementsAre(Pair("early", 2us), Pair("inner", 3us), Pair("late", 3us),
                          Pair("injected (work, faults)", 15us), Pair("own", 0us)));
}

// The claim of the whole: for any instants, the parts of a depth sum to what they are parts of.
TEST(Waterfall, PartsSumToTheWholeForAnyStamps) {
  Random random(7);
  const auto any = [&]() -> Instant {
    switch (random.below(4)) {
      case 0:
        return kStart + Duration{static_cast<Duration::rep>(random.below(100'000))};
      case 1:
        return kStart - Duration{static_cast<Duration::rep>(random.below(100'000))};
      case 2:
        return Instant{Duration{static_cast<Duration::rep>(random.next() >> 3)}};
      default:
        return Instant{-Duration{static_cast<Duration::rep>(random.next() >> 4)}};
    }
  };
  std::uint64_t explained_whole = 0;
  for (int i = 0; i < effort(20'000); ++i) {
    TracedRequest request = whole_request();
    const bool wild = random.below(2) == 0;
    if (wild && random.below(4) == 0) request.intended = any();
    if (wild && random.below(4) == 0) request.sent = any();
    if (random.below(8) == 0) request.flushed = any();
    if (random.below(8) == 0) request.flushed.reset();
    if (wild && random.below(4) == 0) request.received = any();
    if (wild && random.below(4) == 0) request.verified = any();
    for (auto& stage : request.stamps->stages) {
      if (random.below(12) == 0) stage.reset();
      if (random.below(12) == 0) stage = any();
    }
    request.stamps->call_count = random.below(TraceStamps::kMostCalls + 1);
    for (std::size_t c = 0; c < request.stamps->call_count; ++c) {
      TraceCall& call = request.stamps->calls[c];
      call.set_name(std::string(1, static_cast<char>('a' + random.below(3))));
      call.begun = kStart + Duration{static_cast<Duration::rep>(random.below(80'000))};
      call.ended = random.below(8) == 0 ? any() : call.begun + 5us;
    }
    if (random.below(8) == 0) request.stamps.reset();
    const bool open_loop = random.below(2) == 0;
    const RequestParts parts = parts_of(request, open_loop);
    const Instant start = open_loop ? request.intended : request.sent;
    ASSERT_EQ(parts.total, std::max(Duration::zero(), request.verified - start));
    Duration sum{}, in_work{}, work{};
    for (const RequestParts::Part& part : parts.parts) {
      ASSERT_GE(part.time, Duration::zero()) << part.name;
      (part.depth == 0 ? sum : in_work) += part.time;
      if (part.depth == 0 && part.name == "work") work = part.time;
      if (part.name == "not explained" && part.time == 0ns) ++explained_whole;
    }
    ASSERT_EQ(sum, parts.total) << i;
    ASSERT_EQ(in_work, work) << i;
  }
  EXPECT_GT(explained_whole, 200U);
}

// ---- groups

std::vector<TracedRequest> requests_of(std::size_t count) {
  std::vector<TracedRequest> requests(count, whole_request());
  // Totals from 1 µs on in steps of 1 µs, all of it generator lag; not in order.
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t rank = (i * 7919) % count;
    requests[i].intended = kStart - static_cast<Duration::rep>(rank) * 1us;
  }
  return requests;
}

std::vector<TraceGroup> groups_of(const std::vector<TracedRequest>& requests) {
  std::vector<const TracedRequest*> all;
  for (const TracedRequest& request : requests) all.push_back(&request);
  return trace_groups(all, true);
}

TEST(TraceGroups, AreTheMeansBetweenTheirQuantiles) {
  const auto groups = groups_of(requests_of(1000));
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].name, "typical");
  EXPECT_EQ(groups[0].requests, 100U);
  EXPECT_DOUBLE_EQ(groups[0].total_ns, 78'000 + 499'500);  // ranks 450 to 549
  EXPECT_DOUBLE_EQ(groups[0].parts[0].mean_ns, 1000 + 499'500);
  EXPECT_EQ(groups[1].name, "slow");
  EXPECT_EQ(groups[1].requests, 10U);
  EXPECT_DOUBLE_EQ(groups[1].total_ns, 78'000 + 989'500);  // ranks 985 to 994
  for (const TraceGroup& group : groups) {
    double sum = 0;
    for (const TracePart& part : group.parts) sum += part.depth == 0 ? part.mean_ns : 0;
    EXPECT_DOUBLE_EQ(sum, group.total_ns);
  }
}

TEST(TraceGroups, NeedEnoughRequests) {
  auto groups = groups_of(requests_of(999));
  EXPECT_EQ(requests_needed(groups[0]), 100U);
  EXPECT_EQ(requests_needed(groups[1]), 1000U);
  EXPECT_GT(groups[0].requests, 0U);
  EXPECT_EQ(groups[1].requests, 0U);
  EXPECT_THAT(groups[1].parts, IsEmpty());
  groups = groups_of(requests_of(99));
  EXPECT_EQ(groups[0].requests, 0U);
  EXPECT_EQ(groups_of({})[0].requests, 0U);
}

// A report lays them side by side.
TEST(TraceGroups, HaveTheSamePartsThoughOnlyOneKnowsThem) {
  auto requests = requests_of(1000);
  for (TracedRequest& request : requests) {
    request.stamps->call_count = 0;
    for (const TraceStage stage : {handled, released})
      request.stamps->stages[static_cast<std::size_t>(stage)].reset();
    if (parts_of(request, true).total > 1ms) add_call(*request.stamps, "fraud", 29us, 31us);
  }
  const auto groups = groups_of(requests);
  ASSERT_EQ(groups[0].parts.size(), groups[1].parts.size());
  bool found = false;
  for (std::size_t i = 0; i < groups[0].parts.size(); ++i) {
    EXPECT_EQ(groups[0].parts[i].name, groups[1].parts[i].name);
    if (groups[0].parts[i].name != "fraud") continue;
    found = true;
    EXPECT_EQ(groups[0].parts[i].mean_ns, 0);
    EXPECT_EQ(groups[1].parts[i].mean_ns, 2000);
  }
  EXPECT_TRUE(found);
}

// The slow ones make their calls in another order than the typical ones, and each of them one that
// the other does not make.
TEST(TraceGroups, HaveTheirPartsInOneOrder) {
  auto requests = requests_of(1000);
  for (TracedRequest& request : requests) {
    request.stamps->call_count = 0;
    const bool slow = parts_of(request, true).total > 900us;
    add_call(*request.stamps, slow ? "payment" : "fraud", 28us, 29us);
    add_call(*request.stamps, slow ? "audit" : "stock", 29us, 31us);
    add_call(*request.stamps, slow ? "fraud" : "payment", 31us, 34us);
  }
  const auto groups = groups_of(requests);
  ASSERT_EQ(groups[0].parts.size(), groups[1].parts.size());
  std::map<std::string, std::pair<double, double>> means;
  for (std::size_t i = 0; i < groups[0].parts.size(); ++i) {
    EXPECT_EQ(groups[0].parts[i].name, groups[1].parts[i].name);
    means[groups[0].parts[i].name] = {groups[0].parts[i].mean_ns, groups[1].parts[i].mean_ns};
  }
  EXPECT_EQ(means["fraud"], std::pair(1000.0, 3000.0));
  EXPECT_EQ(means["payment"], std::pair(3000.0, 1000.0));
  EXPECT_EQ(means["stock"], std::pair(2000.0, 0.0));
  EXPECT_EQ(means["audit"], std::pair(0.0, 2000.0));
}

// Whoever answers may name as many as he likes.
TEST(TraceGroups, ABoundedNumberOfCallsIsTold) {
  auto requests = requests_of(1000);
  int n = 0;
  for (TracedRequest& request : requests) {
    request.stamps->call_count = 0;
    add_call(*request.stamps, ("c" + std::to_string(++n)).c_str(), 29us, 31us);
  }
  const auto groups = groups_of(requests);
  EXPECT_LT(groups[0].parts.size(), 50U);
  double in_work = 0, work = 0;
  for (const TracePart& part : groups[0].parts) {
    if (part.depth == 1) in_work += part.mean_ns;
    if (part.name == "work") work = part.mean_ns;
  }
  EXPECT_DOUBLE_EQ(in_work, work);
}

// ---- records

TEST(TraceRecord, TellsWhatItIsMadeOf) {
  RunRecord judged;
  for (const Duration median : {100us, 300us}) {
    Repetition repetition;
    repetition.tasks = {TaskRecord{.name = "*"}, TaskRecord{.name = "a"}, TaskRecord{.name = "b"}};
    repetition.tasks[0].service.record(median, median == 100us ? 3 : 1);
    judged.repetitions.push_back(std::move(repetition));
  }
  Repetition traced;
  traced.tasks.emplace_back();
  traced.tasks[0].service.record(110us, 1);
  TraceSamples samples{.requests = requests_of(200), .ok = {500, 7}};
  for (int i = 0; i < 3; ++i) {
    samples.requests[i].stamps.reset();
    samples.requests[i].state = static_cast<StampState>(i);
  }
  for (std::size_t i = 100; i < 200; ++i) {
    samples.requests[i].task = 1;
    samples.requests[i].stamps.reset();
    samples.requests[i].state = StampState::none;
  }
  const TraceRecord record = trace_record(samples, traced, judged);
  ASSERT_THAT(record.tasks, SizeIs(2));
  EXPECT_EQ(record.tasks[0].name, "a");
  EXPECT_EQ(record.tasks[0].ok, 500U);
  EXPECT_EQ(record.tasks[0].traced, 97U);
  EXPECT_EQ(record.tasks[0].untraced, 3U);
  EXPECT_EQ(record.tasks[0].unreadable, 1U);
  EXPECT_EQ(record.tasks[0].other_host, 1U);
  EXPECT_EQ(record.tasks[1].traced, 0U);
  EXPECT_EQ(record.tasks[1].untraced, 100U);
  EXPECT_EQ(record.tasks[1].groups[0].parts[2].name, "elsewhere");
  const auto near = [](Duration value, Duration expected) {
    EXPECT_NEAR(static_cast<double>(value.count()), static_cast<double>(expected.count()), 1000);
  };
  near(record.p50_traced, 110us);
  near(record.p50_untraced, 100us);
  near(record.least_p50_untraced, 100us);
  near(record.most_p50_untraced, 300us);
}

}  // namespace
}  // namespace natsproof
