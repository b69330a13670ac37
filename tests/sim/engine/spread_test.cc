// How evenly the load lies within the seconds: what the judge makes of it stands in unit_judge.
#include <bit>

#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

double spread(Plan plan, Duration service = 200us) {
  plan.claims = {claim_of("service p99 < 8ms")};
  Simulation simulation(std::move(plan));
  simulation.echo(service);
  return simulation.run().spread.at(0);
}

TEST(Spread, UsersWhoThinkInStepFillNoSecond) {
  Plan plan = closed_plan(20, 10s);
  plan.load.think = {1s, 1s};
  EXPECT_NEAR(spread(plan), 1 / 17.3, 1e-3);
}

TEST(Spread, ShortBurstsOfAProfileFillNoSecond) {
  Plan plan = open_plan(1, 5s);
  plan.load.profile.clear();
  for (int second = 0; second < 5; ++second) {
    plan.load.profile.push_back({5ms, Rate{4000}, Rate{4000}});
    plan.load.profile.push_back({995ms, Rate{0}, Rate{0}});
  }
  for (const Arrivals arrivals : {Arrivals::constant, Arrivals::poisson}) {
    plan.load.arrivals = arrivals;
    EXPECT_NEAR(spread(plan), 1 / 17.3, 5e-3);
  }
}

TEST(Spread, OfASteadyLoadIsWhole) {
  for (const Arrivals arrivals : {Arrivals::constant, Arrivals::poisson}) {
    for (const double per_s : {5., 20., 60., 64., 500., 1000., 2000.}) {
      Plan plan = open_plan(per_s, 10s);
      plan.load.arrivals = arrivals;
      EXPECT_EQ(spread(plan), 1) << per_s;
    }
  }
  for (const std::uint32_t users : {1u, 10u}) {
    EXPECT_EQ(spread(closed_plan(users, 1s)), 1) << users;
    EXPECT_EQ(spread(closed_plan(users, 1s), 3ms), 1) << users;
  }
  Plan plan = closed_plan(20, 10s);  // who start together, but do not think alike
  plan.load.warmup = 2s;
  plan.load.think = {0s, 1s};
  EXPECT_EQ(spread(plan), 1);
}

// Each of two workers sends every other request: 20/s that take 20 slots, 40 together.
TEST(Spread, OfSeveralWorkersIsOfTheirSum) {
  Plan plan = open_plan(40, 5s);
  plan.load.workers = 2;
  plan.claims = {claim_of("response p99 < 8ms"), claim_of("throughput >= 1/s")};
  Repetition repetition;
  for (std::uint32_t index = 0; index < 2; ++index) {
    ManualClock clock;
    MemoryTransport transport{clock};
    transport.set_responder([](const MemoryRequest& request) {
      return std::vector<MemoryReply>{{200us, {}, std::string(request.payload)}};
    });
    Worker worker(plan, {.worker = index, .connections = 1}, clock, transport);
    ASSERT_TRUE(transport.open({.servers = {{}}, .connections = 2}, worker).ok());
    ASSERT_TRUE(worker.prepare().ok());
    worker.run(Simulation::start());
    worker.take_results(repetition);
  }
  EXPECT_EQ(repetition.blocks[0][2].planned, 40u);
  EXPECT_EQ(std::popcount(repetition.blocks[0][2].slots), 40);
  ASSERT_EQ(repetition.spread.size(), 2u);
  EXPECT_EQ(repetition.spread[0], 1);
  EXPECT_EQ(repetition.spread[1], 1) << "no blocks";
}

}  // namespace
}  // namespace natsproof
