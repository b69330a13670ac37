// What becomes of a request: each class provoked, and counted exactly.
#include "messaging/headers.h"
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

using Replies = std::vector<MemoryReply>;

std::string headers(std::vector<std::pair<std::string, std::string>> lines) {
  return *make_headers(lines);
}

// 100 requests at 1,000/s; request 10 is answered by `odd`, the others by their payload after 200
// µs.
Repetition with_one_odd(std::function<Replies(const MemoryRequest&)> odd) {
  Simulation simulation(open_plan(1000, 100ms));
  simulation.transport.set_responder([=](const MemoryRequest& request) {
    if (request.sequence == 10) return odd(request);
    return Replies{{200us, {}, std::string(request.payload)}};
  });
  return simulation.run();
}

void expect_one(const Repetition& run, RequestClass c) {
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(all.measured.planned, 100u);
  EXPECT_EQ(all.measured.of(c), 1u) << kRequestClassNames[static_cast<std::size_t>(c)];
  EXPECT_EQ(all.measured.of(RequestClass::ok), 99u);
  EXPECT_EQ(all.response.count(), 99u) << "a failed request has no latency among the successes";
}

TEST(Classes, NoReplyIsATimeoutAfterTheTasksTimeout) {
  const Repetition run = with_one_odd([](const MemoryRequest&) { return Replies{}; });
  expect_one(run, RequestClass::timeout);
  const Histogram& after =
      run.tasks.front().failed_after[static_cast<std::size_t>(RequestClass::timeout)];
  EXPECT_EQ(after.count(), 1u);
  EXPECT_NEAR(static_cast<double>(after.max().count()), 250e6, 0.001 * 250e6);
}

TEST(Classes, NoRespondersIsTheServersStatus503) {
  const Repetition run = with_one_odd([](const MemoryRequest&) {
    return Replies{{50us, "NATS/1.0 503\r\n\r\n", ""}};
  });
  expect_one(run, RequestClass::no_responders);
}

TEST(Classes, AServiceErrorKeepsItsCode) {
  const std::string error =
      headers({{"Nats-Service-Error", "out of stock"}, {"Nats-Service-Error-Code", "409"}});
  const Repetition run = with_one_odd([&](const MemoryRequest&) {
    return Replies{{50us, error, "{}"}};
  });
  expect_one(run, RequestClass::service_error);
  EXPECT_EQ(run.tasks.front().measured.error_codes, (std::map<int, std::uint64_t>{{409, 1}}));
}

// The payload is right, and no header says that it is an error.
TEST(Classes, AnInlineStatusOf4xxOr5xxIsAServiceError) {
  for (const int code : {400, 404, 408, 500, 599}) {
    const Repetition run = with_one_odd([code](const MemoryRequest& request) {
      return Replies{{50us, "NATS/1.0 " + std::to_string(code) + " Sorry\r\n\r\n",
                      std::string(request.payload)}};
    });
    expect_one(run, RequestClass::service_error);
    EXPECT_EQ(run.tasks.front().measured.error_codes, (std::map<int, std::uint64_t>{{code, 1}}));
  }
}

TEST(Classes, AnotherInlineStatusIsNoError) {
  for (const char* status : {" 100 Idle Heartbeat", " 200", " 399", " 600", " 5000"}) {
    const Repetition run = with_one_odd([status](const MemoryRequest& request) {
      return Replies{
          {50us, std::string("NATS/1.0") + status + "\r\n\r\n", std::string(request.payload)}};
    });
    EXPECT_EQ(run.tasks.front().measured.of(RequestClass::ok), 100u) << status;
  }
}

// NATS compares header names as they are written.
TEST(Classes, AServiceErrorInOtherLettersIsNone) {
  const std::string other = headers({{"nats-service-error", "out of stock"}});
  const Repetition run = with_one_odd([&](const MemoryRequest& request) {
    return Replies{{50us, other, std::string(request.payload)}};
  });
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::ok), 100u);
}

TEST(Classes, WrongContentIsAWrongReply) {
  expect_one(with_one_odd([](const MemoryRequest&) {
               return Replies{{50us, {}, "nonsense"}};
             }),
             RequestClass::wrong_reply);
  expect_one(with_one_odd([](const MemoryRequest& request) {
               std::string flipped(request.payload);
               flipped.back() ^= 1;
               return Replies{{50us, {}, flipped}};
             }),
             RequestClass::wrong_reply);
}

TEST(Classes, AnotherRequestsReplyIsAWrongReply) {
  const Repetition run = with_one_odd([](const MemoryRequest& request) {
    std::string others(request.payload);
    others[kSequenceDigits - 1] ^= 1;
    return Replies{{50us, {}, others}};
  });
  expect_one(run, RequestClass::wrong_reply);
}

// Bytes that come back on a literal subject tell requests apart like those of the sample echo.
TEST(Classes, SwappedRepliesOnALiteralSubjectAreWrongReplies) {
  Plan plan = open_plan(1000, 100ms);
  plan.tasks[0].endpoint.clear();
  plan.tasks[0].subject = "mine.echo";
  plan.tasks[0].payload_bytes = kSequenceDigits;
  EXPECT_TRUE(plan.tasks[0].tells_requests_apart());
  Simulation simulation(plan);
  std::string held;
  simulation.transport.set_responder([&](const MemoryRequest& request) {
    const std::string own(request.payload);
    return Replies{{200us, {}, std::exchange(held, own)}};
  });
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::wrong_reply), 100u);
  EXPECT_TRUE(run.tasks.front().tells_apart);
}

TEST(Classes, RequestsThatAreAllAlikeAreSaidToBe) {
  for (const std::uint64_t bytes : {std::uint64_t{0}, kSequenceDigits - 1}) {
    Plan plan = open_plan(1000, 100ms);
    plan.tasks[0].payload_bytes = bytes;
    Simulation simulation(plan);
    simulation.echo(200us);
    const Repetition run = simulation.run();
    EXPECT_EQ(run.tasks.front().measured.of(RequestClass::ok), 100u);
    EXPECT_FALSE(run.tasks.front().tells_apart);
  }
}

TEST(Classes, AReplyAfterTheTimeoutIsLateAndDecidesNothing) {
  const Repetition run = with_one_odd([](const MemoryRequest& request) {
    return Replies{{300ms, {}, std::string(request.payload)}};
  });
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(all.measured.of(RequestClass::timeout), 1u);
  EXPECT_EQ(all.measured.late, 0u) << "the run ends with the last decision";
}

TEST(Classes, LateRepliesAreCountedWhileTheRunGoesOn) {
  Simulation simulation(open_plan(1000, 1s));
  simulation.transport.set_responder([](const MemoryRequest& request) {
    const bool late = request.sequence % 100 == 0;
    return Replies{{late ? Duration(251ms) : Duration(200us), {}, std::string(request.payload)}};
  });
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::timeout), 10u);
  EXPECT_EQ(run.tasks.front().measured.late, 9u) << "the last one is late of the run, too";
}

TEST(Classes, ARepliesReadLateByAStalledGeneratorIsJudgedByItsDeadline) {
  Simulation simulation(open_plan(1000, 100ms));
  simulation.echo(200us);
  simulation.transport.set_after_flush([&](Sequence last) {
    if (last == 10) simulation.clock.advance(300ms);
  });
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::timeout), 1u);
  EXPECT_EQ(run.tasks.front().measured.late, 1u);
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::ok), 99u);
}

TEST(Classes, ASecondReplyIsADuplicateAndDecidesNothing) {
  const Repetition run = with_one_odd([](const MemoryRequest& request) {
    return Replies{{100us, {}, std::string(request.payload)}, {150us, {}, "nonsense"}};
  });
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(all.measured.of(RequestClass::ok), 100u);
  EXPECT_EQ(all.measured.duplicate, 1u);
}

TEST(Classes, ALostConnectionTakesItsRequestsWithIt) {
  Plan plan = open_plan(1000, 1s);
  plan.load.connections = 2;
  Simulation simulation(plan);
  simulation.echo(10ms);
  simulation.transport.take_down(0, Simulation::start() + 500500us, "killed");
  simulation.transport.bring_up(0, Simulation::start() + 700500us);
  const Repetition run = simulation.run();
  const RequestCounts& counts = run.tasks.front().measured;
  EXPECT_EQ(counts.planned, 1000u);
  // Requests 490.5 .. 500 ms of connection 0 (the even ones) were in flight: 492, 494, 496, 498,
  // 500 and 490.5 itself was answered.
  EXPECT_EQ(counts.of(RequestClass::disconnected), 5u);
  EXPECT_EQ(counts.of(RequestClass::refused), 100u) << "while it was down: every second of 200";
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(RefusedReason::down)], 100u);
  EXPECT_EQ(counts.of(RequestClass::ok), 895u);
  EXPECT_TRUE(run.connections[0].faulty);
  EXPECT_FALSE(run.connections[1].faulty);
  EXPECT_EQ(run.connections[1].sent, 500u);
  EXPECT_EQ(run.reconnects, 1u);
}

TEST(Classes, APayloadOverTheServersLimitIsRefused) {
  Plan plan = open_plan(1000, 100ms);
  plan.tasks[0].payloads = {{.kind = PayloadKind::bytes, .count = {2000, 2000}},
                            {.kind = PayloadKind::bytes, .count = {1000, 1000}}};
  Simulation simulation(plan);
  simulation.echo(200us);
  simulation.transport.set_max_payload(1000);
  const Repetition run = simulation.run();
  const RequestCounts& counts = run.tasks.front().measured;
  EXPECT_GT(counts.of(RequestClass::refused), 20u);
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(RefusedReason::too_big)],
            counts.of(RequestClass::refused));
  EXPECT_EQ(counts.of(RequestClass::ok), 100u - counts.of(RequestClass::refused));
  EXPECT_EQ(run.tasks.front().service.count(), counts.of(RequestClass::ok));
}

TEST(Classes, ATaskOfWhichTheServerWouldTakeNothingIsNotBegun) {
  Plan plan = open_plan(1000, 100ms);
  plan.tasks[0].payload_bytes = 2048;
  Simulation simulation(plan);
  simulation.transport.set_max_payload(2047);
  ASSERT_TRUE(simulation.transport.open({.servers = {{}}, .connections = 2}, simulation.worker()));
  const auto prepared = simulation.worker().prepare();
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().message,
            "task `echo`: its requests of 2,048 B are larger than the server takes (max_payload "
            "2,047 B): make them smaller, or raise max_payload in the server's configuration");
}

TEST(Classes, AFullTableRefuses) {
  Plan plan = open_plan(100, 20s);  // a table of 1,024 slots
  plan.tasks[0].timeout = 1s;
  Simulation simulation(plan);
  simulation.transport.set_responder([](const MemoryRequest&) { return Replies{}; });
  simulation.transport.set_after_flush([&, stalled = false](Sequence last) mutable {
    if (last == 10 && !std::exchange(stalled, true)) simulation.clock.advance(15s);
  });
  const Repetition run = simulation.run();
  const RequestCounts& counts = run.tasks.front().measured;
  EXPECT_EQ(counts.planned, 2000u);
  EXPECT_GT(counts.refused[static_cast<std::size_t>(RefusedReason::table_full)], 0u);
  EXPECT_EQ(counts.of(RequestClass::timeout) + counts.of(RequestClass::refused), 2000u);
}

TEST(Classes, StoppingEndsTheLoadButAwaitsWhatIsInFlight) {
  Simulation simulation(open_plan(1000, 10s));
  simulation.echo(10ms);
  simulation.transport.set_after_flush([&](Sequence last) {
    if (last == 99) simulation.worker().stop();
  });
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.planned, 100u);
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::ok), 100u);
}

}  // namespace
}  // namespace natsproof
