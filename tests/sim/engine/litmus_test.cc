// The litmus tests of coordinated omission: 1,000 requests/s, and something stops for 100 ms.
//
// They go red when response time is taken from the actual send, and when late requests are skipped.
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

constexpr Duration kService = 200us;
constexpr Duration kSlow = 500us;

std::uint64_t slow(const Histogram& times) {
  return times.count_above(kSlow);
}

TEST(Litmus,
     AGeneratorThatStopsFor100msAfterASendMakesOneSlowServiceTimeAndExactly100SlowResponseTimes) {
  Plan plan = open_plan(1000, 2s);
  plan.claims = {claim_of("response p99 < 500us"), claim_of("service p99 < 500us")};
  Simulation simulation(plan);
  simulation.echo(kService);
  simulation.transport.set_after_flush([&, stalled = false](Sequence last) mutable {
    if (last == 500 && !std::exchange(stalled, true)) simulation.clock.advance(100ms);
  });
  const Repetition run = simulation.run();
  const TaskRecord& all = run.tasks.front();

  EXPECT_EQ(all.measured.planned, 2000u);
  EXPECT_EQ(all.measured.of(RequestClass::ok), 2000u);
  EXPECT_LE(slow(all.service), 1u);
  EXPECT_EQ(slow(all.response), 100u);
  std::uint64_t over_response = 0, over_service = 0, doubt = 0;
  for (const Block& block : run.blocks[0]) over_response += block.over, doubt += block.over_service;
  for (const Block& block : run.blocks[1]) over_service += block.over;
  EXPECT_EQ(over_response, 100u);
  EXPECT_LE(over_service, 1u);
  EXPECT_EQ(doubt, over_service);
}

TEST(Litmus, AServiceThatStopsFor100msMakes100SlowOfBoth) {
  Simulation simulation(open_plan(1000, 2s));
  const Instant stop = Simulation::start() + 500ms, go = stop + 100ms;
  simulation.transport.set_responder([=](const MemoryRequest& request) {
    const Instant served = request.sent >= stop && request.sent < go ? go : request.sent;
    return std::vector<MemoryReply>{
        {served - request.sent + kService, {}, std::string(request.payload)}};
  });
  const Repetition run = simulation.run();
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(all.measured.planned, 2000u);
  EXPECT_EQ(slow(all.service), 100u);
  EXPECT_EQ(slow(all.response), 100u);
}

TEST(Litmus, AClosedLoopSeesTheSameStopInItsMaximumOnly) {
  Plan plan = closed_plan(1, 2s);
  plan.load.think = {800us, 800us};
  Simulation simulation(plan);
  const Instant stop = Simulation::start() + 500ms, go = stop + 100ms;
  simulation.transport.set_responder([=](const MemoryRequest& request) {
    const Instant served = request.sent >= stop && request.sent < go ? go : request.sent;
    return std::vector<MemoryReply>{
        {served - request.sent + kService, {}, std::string(request.payload)}};
  });
  const Repetition run = simulation.run();
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(slow(all.service), 1u);
  EXPECT_GE(all.service.max(), 99ms);
  EXPECT_LT(all.service.value_at(Quantile{0.99}), kSlow);
  EXPECT_TRUE(all.response.empty());
}

TEST(Litmus, LateRequestsKeepTheirIntendedInstants) {
  Simulation simulation(open_plan(1000, 1s));
  simulation.echo(kService);
  simulation.transport.set_after_flush([&, stalled = false](Sequence last) mutable {
    if (last == 100 && !std::exchange(stalled, true)) simulation.clock.advance(2s);
  });
  const Repetition run = simulation.run();
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(all.measured.planned, 1000u);
  EXPECT_EQ(all.send_lag.count(), 1000u);
  // Request 100+k of 1..899 is sent 2 s after request 100 was, k ms late of that: 2 s - k ms, all
  // above 1.1 s.
  EXPECT_EQ(all.send_lag.count_above(1090ms), 899u);
}

}  // namespace
}  // namespace natsproof
