// The generator's side of a traced repetition, to the nanosecond.
#include <set>

#include <gmock/gmock.h>

#include "loadgen/engine/trace_log.h"
#include "messaging/headers.h"
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

using testing::Each;
using testing::SizeIs;

std::string stamps_header(std::string_view boot, Instant received) {
  TraceStamps stamps;
  stamps.boot_id_bytes.fill('?');
  std::copy(boot.begin(), boot.end(), stamps.boot_id_bytes.begin());
  stamps.set(TraceStage::received, received);
  stamps.set(TraceStage::begun, received + 100us);
  stamps.set(TraceStage::answered, received + 600us);
  std::string value;
  write_trace_stamps(stamps, value);
  return *make_headers({{std::string(kTraceHeader), value}});
}

struct Traced {
  explicit Traced(const Plan& plan)
      : plan_(plan),
        worker(plan_,
               {.connections = plan.load.connections, .seed = plan.load.seed, .traced = true},
               clock, transport) {}

  TraceSamples run() {
    EXPECT_TRUE(
        transport.open({.servers = {{}}, .connections = plan_.load.connections + 1}, worker).ok());
    EXPECT_TRUE(worker.prepare().ok());
    worker.run(Simulation::start());
    worker.take_results(repetition);
    TraceSamples samples;
    worker.take_trace(samples);
    return samples;
  }

  Plan plan_;
  ManualClock clock;
  MemoryTransport transport{clock};
  Worker worker;
  Repetition repetition;
};

TEST(TracedWorker, AsksWithEveryRequest) {
  Traced traced(open_plan(100, 1s));
  std::size_t asked = 0, requests = 0;
  traced.transport.set_responder([&](const MemoryRequest& request) {
    ++requests;
    asked += find_header(request.headers, kTraceHeader) == kTraceWanted;
    return std::vector<MemoryReply>{{1ms, {}, std::string(request.payload)}};
  });
  const TraceSamples samples = traced.run();
  EXPECT_EQ(requests, 100U);
  EXPECT_EQ(asked, 100U);
  EXPECT_THAT(samples.requests, SizeIs(100));
  EXPECT_THAT(samples.ok, testing::ElementsAre(100));
  for (const TracedRequest& request : samples.requests) {
    EXPECT_EQ(request.state, StampState::none);
    EXPECT_FALSE(request.stamps);
  }
}

TEST(TracedWorker, AnOrdinaryOneAsksForNothing) {
  Simulation simulation(open_plan(100, 1s));
  simulation.transport.set_responder([](const MemoryRequest& request) {
    EXPECT_EQ(request.headers, "");
    return std::vector<MemoryReply>{{1ms, {}, std::string(request.payload)}};
  });
  simulation.run();
}

TEST(TracedWorker, KeepsItsOwnInstantsAndTheStamps) {
  if (boot_id().empty()) GTEST_SKIP() << "this kernel does not tell its boot id";
  Traced traced(open_plan(100, 1s));
  traced.transport.set_responder([](const MemoryRequest& request) {
    return std::vector<MemoryReply>{
        {1ms, stamps_header(boot_id(), request.sent + 200us), std::string(request.payload)}};
  });
  // The write takes 30 µs.
  traced.transport.set_after_flush([&](Sequence) { traced.clock.advance(30us); });
  const TraceSamples samples = traced.run();
  ASSERT_THAT(samples.requests, SizeIs(100));
  for (const TracedRequest& request : samples.requests) {
    ASSERT_TRUE(request.stamps && request.flushed);
    EXPECT_EQ(*request.flushed - request.sent, 30us);
    EXPECT_EQ(request.received - request.sent, 1ms);
    EXPECT_EQ(*request.stamps->at(TraceStage::received) - request.sent, 200us);
    Duration sum{}, back{};
    for (const RequestParts::Part& part : parts_of(request, true).parts) {
      if (part.depth == 0) sum += part.time;
      if (part.name == "on the way back") back = part.time;
      EXPECT_TRUE(part.name != "not explained" || part.time == 0ns);
    }
    EXPECT_EQ(sum, request.verified - request.intended);
    EXPECT_EQ(back, 1ms - 800us);
  }
}

TEST(TracedWorker, DoesNotCompareTheClockOfAnotherHost) {
  Traced traced(open_plan(100, 1s));
  traced.transport.set_responder([](const MemoryRequest& request) {
    const std::string other(TraceStamps::kBootIdBytes, '0');
    return std::vector<MemoryReply>{
        {1ms, stamps_header(other, request.sent), std::string(request.payload)}};
  });
  for (const TracedRequest& request : traced.run().requests) {
    EXPECT_EQ(request.state, StampState::other_host);
    EXPECT_FALSE(request.stamps);
  }
}

TEST(TracedWorker, TakesTheRequestsOwnHeaderSentBackForNoStamps) {
  Traced traced(open_plan(100, 1s));
  traced.transport.set_responder([](const MemoryRequest& request) {
    return std::vector<MemoryReply>{
        {1ms, std::string(request.headers), std::string(request.payload)}};
  });
  const TraceSamples samples = traced.run();
  EXPECT_THAT(samples.requests, SizeIs(100));
  for (const TracedRequest& request : samples.requests) EXPECT_EQ(request.state, StampState::none);
}

TEST(TracedWorker, TakesGarbageForWhatItIs) {
  Traced traced(open_plan(100, 1s));
  traced.transport.set_responder([](const MemoryRequest& request) {
    const std::string garbage =
        request.sequence % 2 == 0 ? "what?" : std::string(2 * kMostTraceBytes, 'x');
    return std::vector<MemoryReply>{
        {1ms, *make_headers({{std::string(kTraceHeader), garbage}}), std::string(request.payload)}};
  });
  const TraceSamples samples = traced.run();
  EXPECT_THAT(samples.requests, SizeIs(100));
  for (const TracedRequest& request : samples.requests)
    EXPECT_EQ(request.state, StampState::unreadable);
}

TEST(TracedWorker, KeepsOnlyOkRequestsOfTheMeasurement) {
  Plan plan = open_plan(100, 1s);
  plan.load.warmup = 1s;
  Traced traced(plan);
  traced.transport.set_responder([](const MemoryRequest& request) {
    const bool wrong = request.sequence % 4 == 0, lost = request.sequence % 4 == 1;
    if (lost) return std::vector<MemoryReply>{};
    return std::vector<MemoryReply>{{1ms, {}, wrong ? "no" : std::string(request.payload)}};
  });
  const TraceSamples samples = traced.run();
  EXPECT_THAT(samples.requests, SizeIs(50));
  EXPECT_EQ(traced.repetition.tasks[0].measured.of(RequestClass::ok), 50U);
  for (const TracedRequest& request : samples.requests)
    EXPECT_GE(request.intended, Simulation::start() + 1s);
}

// ---- the log itself

Slot slot_of(Sequence sequence) {
  return {.sequence = sequence,
          .intended = Instant{Duration{static_cast<Duration::rep>(sequence)}},
          .actual = Instant{1s}};
}

TEST(TraceLog, TheNextWriteBeginsWhenTheOneBeforeIsOver) {
  TraceLog log(8, 1, 10, 1);
  log.sent(0, Instant{1s});
  log.sent(1, Instant{1s});
  log.sent(2, Instant{2s});
  log.flushed(Instant{3s});
  for (Sequence s = 0; s < 4; ++s) log.answered(slot_of(s), {}, Instant{9s});
  TraceSamples samples;
  log.take(samples);
  ASSERT_THAT(samples.requests, SizeIs(4));
  EXPECT_EQ(samples.requests[0].flushed, Instant{2s});
  EXPECT_EQ(samples.requests[1].flushed, Instant{2s});
  EXPECT_EQ(samples.requests[2].flushed, Instant{3s});
  EXPECT_FALSE(samples.requests[3].flushed) << "nobody said that it was written";
}

TEST(TraceLog, OfMoreThanItHasRoomForItKeepsAnEvenSample) {
  constexpr std::size_t kRoom = 1000, kAnswered = 20'000, kParts = 10;
  TraceLog log(8, 1, kRoom, 5);
  for (Sequence s = 0; s < kAnswered; ++s) log.answered(slot_of(s), {}, Instant{9s});
  TraceSamples samples;
  log.take(samples);
  ASSERT_THAT(samples.requests, SizeIs(kRoom));
  EXPECT_EQ(samples.ok[0], kAnswered);
  std::vector<int> by_part(kParts);
  std::set<Instant> different;
  for (const TracedRequest& request : samples.requests) {
    ++by_part[static_cast<std::size_t>(request.intended.time_since_epoch().count()) * kParts /
              kAnswered];
    different.insert(request.intended);
  }
  EXPECT_THAT(different, SizeIs(kRoom));
  EXPECT_THAT(by_part, Each(testing::AllOf(testing::Gt(60), testing::Lt(140))));
}

}  // namespace
}  // namespace natsproof
