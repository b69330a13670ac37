// What a repetition says beside counts and times: which instances answered, how connections began.
#include "tests/sim/engine/shop.h"
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

Plan on_connections(std::uint32_t connections) {
  Plan plan = open_plan(1000, 100ms);
  plan.load.warmup = 50ms;
  plan.load.connections = connections;
  return plan;
}

std::vector<MemoryReply> echoed(const MemoryRequest& request, Duration after) {
  return {{after, {}, std::string(request.payload)}};
}

TEST(Results, KeepTheSetUpTimeOfLoadConnectionsOnly) {
  Simulation simulation(on_connections(2));
  simulation.echo(200us);
  simulation.transport.set_set_up(0, 3us);
  simulation.transport.set_set_up(1, 5us);
  simulation.transport.set_set_up(2, 60us);  // the floor's
  const Repetition run = simulation.run();
  EXPECT_EQ(run.set_up.count(), 2u);
  EXPECT_EQ(run.set_up.min(), 3us);
  EXPECT_EQ(run.set_up.count_above(5us), 0u);
}

TEST(Results, ASetUpTimeThatIsNotKnownIsNone) {
  Simulation simulation(on_connections(2));
  simulation.echo(200us);
  EXPECT_TRUE(simulation.run().set_up.empty());
}

TEST(Results, TheFirstRequestOfAConnectionCountsInTheWarmUpToo) {
  Simulation simulation(on_connections(3));
  simulation.transport.set_responder([](const MemoryRequest& request) {
    return echoed(request, request.sequence < 3 ? 1us + 1us * request.connection : 20us);
  });
  const Repetition run = simulation.run();
  ASSERT_GT(run.tasks[0].warmup.planned, 3u);
  EXPECT_EQ(run.first_request.count(), 3u);
  EXPECT_EQ(run.first_request.min(), 1us);
  EXPECT_EQ(run.first_request.count_above(2us), 1u);
  EXPECT_EQ(run.first_request.count_above(4us), 0u);
}

TEST(Results, AFirstRequestWithoutAnAnswerLeavesNoTime) {
  for (const bool nobody_listens : {false, true}) {
    Simulation simulation(on_connections(2));
    simulation.transport.set_responder([&](const MemoryRequest& request) {
      if (request.sequence > 0) return echoed(request, 1us);
      if (nobody_listens) return std::vector<MemoryReply>{{1us, "NATS/1.0 503\r\n\r\n", ""}};
      return std::vector<MemoryReply>{};
    });
    EXPECT_EQ(simulation.run().first_request.count(), 1u) << "of the other connection";
  }
}

}  // namespace
}  // namespace natsproof
