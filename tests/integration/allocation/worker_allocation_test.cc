// After the start nothing of ours is allocated per request, and nothing large once the start is
// set: a worker on the wire client, a real server and a real echo.
#include <gtest/gtest.h>

#include "loadgen/engine/worker.h"
#include "loadgen/stage/nats_server.h"
#include "messaging/wire/wire_transport.h"
#include "tests/integration/allocation/allocation_count.h"
#include "tests/integration/run/scripted_service.h"

namespace natsproof {
namespace {

struct Run {
  std::uint64_t requests = 0, allocations = 0, bytes_in_begin = 0;
};

Run run_for(const ServerAddress& server, Plan plan, Duration duration) {
  plan.load.duration = duration;
  if (!plan.load.profile.empty()) plan.load.profile[0].length = duration;
  if (!plan.load.user_profile.empty()) plan.load.user_profile.back().length = duration;
  const SteadyClock clock;
  auto transport = make_wire_transport(clock);
  Worker worker(plan, {.connections = plan.load.connections}, clock, *transport);
  EXPECT_TRUE(
      transport->open({.servers = {server}, .connections = plan.load.connections + 1}, worker)
          .ok());
  EXPECT_TRUE(worker.prepare().ok());
  const std::uint64_t bytes_before = thread_allocated_bytes();
  worker.begin(clock.now());
  const std::uint64_t bytes_in_begin = thread_allocated_bytes() - bytes_before;
  const std::uint64_t before = thread_allocation_count();
  worker.run_to_end();
  const std::uint64_t allocations = thread_allocation_count() - before;
  Repetition repetition;
  worker.take_results(repetition);
  EXPECT_EQ(repetition.tasks[0].measured.of(RequestClass::ok),
            repetition.tasks[0].measured.planned);
  return {repetition.tasks[0].measured.planned, allocations, bytes_in_begin};
}

// What buffers take once, while they grow to the load.
constexpr std::uint64_t kGrowth = 60;
// A table of requests has tens of millions.
constexpr std::uint64_t kLargeBytes = 4'000'000;

void expect_none_per_request(Plan plan) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  const ScriptedService echo(
      server->address(), "test.echo",
      [](const Message& message, const auto& reply) { reply({}, message.payload); });
  const Run run = run_for(server->address(), plan, 2s);
  ASSERT_GT(run.requests, 20 * kGrowth) << "too few to tell";
  EXPECT_LE(run.allocations, kGrowth) << "for " << run.requests << " requests";
  EXPECT_LT(run.bytes_in_begin, kLargeBytes);
}

Plan echo_plan() {
  Plan plan;
  plan.load.arrivals = Arrivals::constant;
  plan.load.warmup = 0s;
  plan.load.connections = 3;
  plan.tasks = {Task{.name = "echo",
                     .subject = "test.echo",
                     .payload_bytes = 128,
                     .timeout = 2s,
                     .expect = Expect::same}};
  auto claim = parse_claim("response p99 < 1ms", std::vector<std::string>{"echo"});
  plan.claims = {*claim};
  return plan;
}

TEST(Allocation, AnOpenLoopTakesNothingPerRequest) {
  Plan plan = echo_plan();
  plan.load.profile = {{1s, Rate{4000}, Rate{4000}}};
  plan.load.arrivals = Arrivals::poisson;
  expect_none_per_request(plan);
}

TEST(Allocation, AClosedLoopTakesNothingPerRequest) {
  Plan plan = echo_plan();
  plan.load.model = LoadModel::closed;
  plan.load.users = 64;
  plan.claims.clear();
  expect_none_per_request(plan);
}

TEST(Allocation, KindsOfUsersInAProfileTakeNothingPerRequest) {
  Plan plan = echo_plan();
  plan.load.model = LoadModel::closed;
  plan.load.users = 1000;
  plan.load.user_profile = {{50ms, 0, 1000}, {50ms, 1000, 0}, {1s, 300, 700}};
  plan.tasks.push_back(plan.tasks[0]);
  plan.tasks[1].name = "other";
  plan.users = {{.name = "a", .weight = 3, .think = {10ms, 100ms}, .tasks = {1, 0}},
                {.name = "b", .weight = 1, .think = {20ms, 20ms}, .tasks = {1, 2}}};
  plan.claims.clear();
  expect_none_per_request(plan);
}

}  // namespace
}  // namespace natsproof
