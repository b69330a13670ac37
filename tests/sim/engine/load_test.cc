// Phases, profiles, users, several tasks, the floor: the load goes out as the plan says.
#include <random>

#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

TEST(Load, AnIdleGeneratorSendsToTheNanosecond) {
  Simulation simulation(open_plan(1000, 1s));
  simulation.echo(200us);
  const Repetition run = simulation.run();
  const TaskRecord& all = run.tasks.front();
  EXPECT_EQ(all.send_lag.count(), 1000u);
  EXPECT_EQ(all.send_lag.max(), 0ns);
  EXPECT_EQ(all.response, all.service);
  EXPECT_EQ(all.measured.in_window, 1000u);
}

TEST(Load, WarmUpIsCountedApart) {
  Plan plan = open_plan(1000, 1s);
  plan.load.warmup = 500ms;
  Simulation simulation(plan);
  simulation.echo(200us);
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().warmup.planned, 500u);
  EXPECT_EQ(run.tasks.front().measured.planned, 1000u);
  EXPECT_EQ(run.tasks.front().response.count(), 1000u);
  EXPECT_EQ(run.connections[0].sent, 1500u);
}

TEST(Load, TasksShareByWeightAndAddUp) {
  Plan plan = open_plan(10'000, 1s);
  plan.tasks.push_back(plan.tasks[0]);
  plan.tasks[1].name = "other";
  plan.tasks[1].weight = 3;
  plan.tasks[1].endpoint = "other";
  Simulation simulation(plan);
  simulation.echo(200us);
  const Repetition run = simulation.run();
  ASSERT_EQ(run.tasks.size(), 3u);
  EXPECT_EQ(run.tasks[1].measured.planned + run.tasks[2].measured.planned, 10'000u);
  EXPECT_NEAR(static_cast<double>(run.tasks[2].measured.planned), 7500, 200);
  EXPECT_EQ(run.tasks[0].response.count(), 10'000u);
}

TEST(Load, AClosedLoopsUserWaitsThenThinks) {
  Plan plan = closed_plan(10, 1s);
  plan.load.think = {9ms, 9ms};
  Simulation simulation(plan);
  simulation.echo(1ms);
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.planned, 1000u) << "10 users, a request every 10 ms";
  EXPECT_EQ(run.tasks.front().service.buckets().size(), 1u);
}

TEST(Load, SpawningIsPartOfTheWarmUp) {
  Plan plan = closed_plan(10, 1s);
  plan.load.think = {9ms, 9ms};
  plan.load.spawn = Rate{10};
  plan.load.warmup = 100ms;
  Simulation simulation(plan);
  simulation.echo(1ms);
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.planned, 1000u);
  // User u comes after u * 100 ms and asks every 10 ms until 1.1 s: 110 - 10 u requests.
  EXPECT_EQ(run.tasks.front().warmup.planned, 10u * 110 - 10 * 45);
}

TEST(Load, AUserWhoseTimeIsUpGoesOn) {
  Plan plan = closed_plan(1, 1s);
  Simulation simulation(plan);
  simulation.transport.set_responder(
      [](const MemoryRequest&) { return std::vector<MemoryReply>{}; });
  const Repetition run = simulation.run();
  EXPECT_EQ(run.tasks.front().measured.of(RequestClass::timeout), 4u);
}

TEST(Load, TheFloorIsMeasuredOnAConnectionOfItsOwn) {
  Simulation simulation(open_plan(100, 1s));
  simulation.echo(200us);
  simulation.transport.set_ping_round_trip(70us);
  const Repetition run = simulation.run();
  EXPECT_NEAR(static_cast<double>(run.floor.count()), 100, 2);
  EXPECT_NEAR(static_cast<double>(run.floor.max().count()), 70'000, 70);
  EXPECT_EQ(run.connections.size(), 1u);
  EXPECT_EQ(run.clock_steps_back, 0u);
}

// 200 of 2,500 PINGs are due in the 2 s; asked one after the other, one of 2,301 would see them.
TEST(Load, AFloorThatIsSlowForAWhileIsSoInAllPingsThatWereDueMeanwhile) {
  Simulation simulation(open_plan(1000, 25s));
  simulation.echo(200us);
  const Instant slow = Simulation::start() + 5s, fast = slow + 2s;
  simulation.transport.set_after_flush([&](Sequence) {
    const Instant now = simulation.clock.now();
    const bool held = now >= slow && now < fast;
    simulation.transport.set_ping_round_trip((held ? fast - now : 0ns) + 70us);
  });
  const Repetition run = simulation.run();
  EXPECT_NEAR(static_cast<double>(run.floor.count()), 2500, 2);
  EXPECT_NEAR(static_cast<double>(run.floor.count_above(1ms)), 200, 2);
  EXPECT_NEAR(static_cast<double>(run.floor.count_above(1s)), 100, 2);
  EXPECT_EQ(run.floor.count_above(2001ms), 0u);
}

TEST(Load, PingsThatNobodyAnswersCountWithTheTimeTheyHaveWaited) {
  Simulation simulation(open_plan(1000, 1s));
  simulation.echo(200us);
  const Instant silent = Simulation::start() + 500ms;
  simulation.transport.set_after_flush([&](Sequence) {
    simulation.transport.set_ping_round_trip(simulation.clock.now() < silent ? 70us : 1h);
  });
  const Repetition run = simulation.run();
  EXPECT_NEAR(static_cast<double>(run.floor.count()), 100, 3);
  EXPECT_NEAR(static_cast<double>(run.floor.count_above(1ms)), 50, 3);
  EXPECT_NEAR(static_cast<double>(run.floor.max().count()), 500e6, 20e6);
}

TEST(Load, PingsThatDieWithTheirConnectionCountAsWell) {
  Simulation simulation(open_plan(1000, 1s));
  simulation.echo(200us);
  simulation.transport.set_ping_round_trip(1h);
  simulation.transport.take_down(1, Simulation::start() + 300ms, "killed");
  const Repetition run = simulation.run();
  EXPECT_NEAR(static_cast<double>(run.floor.count()), 30, 2);
  EXPECT_NEAR(static_cast<double>(run.floor.max().count()), 300e6, 20e6);
}

// What is late is the generator, and its send lag says so.
TEST(Load, AGeneratorThatStopsMakesNoSlowFloor) {
  Simulation simulation(open_plan(1000, 2s));
  simulation.echo(200us);
  simulation.transport.set_ping_round_trip(70us);
  simulation.transport.set_after_flush([&, stalled = false](Sequence last) mutable {
    if (last == 500 && !std::exchange(stalled, true)) simulation.clock.advance(1s);
  });
  const Repetition run = simulation.run();
  EXPECT_NEAR(static_cast<double>(run.floor.count()), 200, 2) << "each that was due is sent";
  EXPECT_LE(run.floor.count_above(1ms), 1u);
}

TEST(Load, AFreshSeedIsAnotherRunTheSameSeedTheSame) {
  const auto poisson = [](std::uint64_t seed) {
    Plan plan = open_plan(1000, 1s);
    plan.load.arrivals = Arrivals::poisson;
    plan.load.seed = seed;
    Simulation simulation(plan);
    simulation.echo(200us);
    return simulation.run().tasks.front().measured.planned;
  };
  EXPECT_EQ(poisson(1), poisson(1));
  EXPECT_NE(poisson(1), poisson(2));
  EXPECT_NEAR(static_cast<double>(poisson(3)), 1000, 130);
}

TEST(Load, BusyTimeIsOnlyThatOfPassesThatMovedSomething) {
  Simulation simulation(open_plan(1000, 1s));
  simulation.echo(200us);
  const Repetition run = simulation.run();
  EXPECT_EQ(run.workers[0].busy, 0ns) << "on a manual clock a pass takes no time";
  EXPECT_EQ(run.workers[0].spinning, 0ns);
  EXPECT_EQ(run.workers[0].wall, 1s);
}

// A pass takes 500 us wherever `slow` says so, at 1,000 requests/s.
template <typename Slow>
WorkerRecord account_of_slow_passes(Slow slow) {
  Plan plan = open_plan(1000, 1s);
  plan.load.warmup = 3s;
  Simulation simulation(plan);
  simulation.echo(200ms);
  simulation.transport.set_after_flush([&, last = Sequence{0}](Sequence sequence) mutable {
    if (std::exchange(last, sequence) != sequence && slow(simulation.clock.now()))
      simulation.clock.advance(500us);
  });
  return simulation.run().workers[0];
}

TEST(Load, WarmUpAndDrainDoNotDiluteTheBusyTime) {
  const Instant from = Simulation::start() + 3s;
  const WorkerRecord busy = account_of_slow_passes([&](Instant now) { return now >= from; });
  EXPECT_EQ(busy.wall, 1s);
  EXPECT_NEAR(static_cast<double>(busy.busy.count()), 500e6, 2e6);
}

TEST(Load, BusyTimeOfWarmUpAndDrainIsNotTheMeasurements) {
  const Instant from = Simulation::start() + 3s;
  const WorkerRecord idle = account_of_slow_passes([&](Instant now) { return now < from - 10ms; });
  EXPECT_EQ(idle.wall, 1s);
  EXPECT_EQ(idle.busy, 0ns);
}

// Looking at it takes time, for nothing else moves a manual clock while a worker spins.
class TickingClock final : public Clock {
 public:
  explicit TickingClock(ManualClock& clock) : clock_(clock) {}
  [[nodiscard]] Instant now() const override {
    clock_.advance(10us);
    return clock_.now();
  }

 private:
  ManualClock& clock_;
};

WorkerRecord account_of_spinning() {
  Plan plan = open_plan(1000, 1s);
  plan.load.warmup = 3s;
  ManualClock clock;
  MemoryTransport transport(clock);
  const TickingClock ticking(clock);
  Worker worker(plan, {.pacing = Pacing::spin}, ticking, transport);
  transport.set_responder([](const MemoryRequest& request) {
    return std::vector<MemoryReply>{{200us, {}, std::string(request.payload)}};
  });
  EXPECT_TRUE(transport.open({.servers = {{}}, .connections = 2}, worker).ok());
  EXPECT_TRUE(worker.prepare().ok());
  worker.run(clock.now() + 10ms);
  Repetition repetition;
  worker.take_results(repetition);
  return repetition.workers.at(0);
}

TEST(Load, SpinningIsToldOfTheMeasurementAlone) {
  const WorkerRecord spin = account_of_spinning();
  EXPECT_EQ(spin.wall, 1s);
  EXPECT_GT(spin.spinning, 500ms);
  EXPECT_LE(spin.spinning + spin.busy, 1s);
}

TEST(Load, TheAccountEndsWhereTheLoadIsStopped) {
  Plan plan = open_plan(1000, 1s);
  plan.load.warmup = 1s;
  Simulation simulation(plan);
  simulation.echo(200ms);
  simulation.transport.set_after_flush([&](Sequence last) {
    if (last == 1249) simulation.worker().stop();
  });
  const WorkerRecord worker = simulation.run().workers[0];
  EXPECT_NEAR(static_cast<double>(worker.wall.count()), 250e6, 2e6);
}

TEST(Load, AStopInTheWarmUpLeavesNoMeasurement) {
  Plan plan = open_plan(1000, 1s);
  plan.load.warmup = 1s;
  Simulation simulation(plan);
  simulation.echo(200us);
  simulation.transport.set_after_flush([&](Sequence last) {
    if (last == 100) simulation.worker().stop();
  });
  EXPECT_EQ(simulation.run().workers[0].wall, 0ns);
}

TEST(Load, AWorkerWithoutRequestsStaysUntilTheWindowsEnd) {
  Plan plan = open_plan(1e-6, 3s);
  plan.load.arrivals = Arrivals::poisson;
  Simulation simulation(plan);
  const Repetition run = simulation.run();
  ASSERT_EQ(run.tasks.front().measured.planned, 0u);
  EXPECT_EQ(run.workers[0].wall, 3s);
  EXPECT_EQ(run.workers[0].busy, 0ns);
  EXPECT_GE(simulation.clock.now(), Simulation::start() + 3s);
  EXPECT_NEAR(static_cast<double>(run.floor.count()), 300, 2);
  int told = 0;
  simulation.worker().intervals().finish([&](const IntervalCounts&) { ++told; });
  EXPECT_EQ(told, 2) << "a second that is over is told while the others are under way";
}

// Seeded chaos: delays, losses, duplicates, wrong replies, stalls of the generator, lost
// connections. The sums are checked by Simulation::run(); here also that times add up.
TEST(Load, InvariantsHoldUnderSeededChaos) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
    Plan plan =
        seed % 3 == 0 ? closed_plan(1 + below(50), 500ms) : open_plan(500 + below(3000), 500ms);
    if (seed % 3 == 1) plan.load.arrivals = Arrivals::poisson;
    plan.load.seed = seed;
    plan.load.connections = 1 + below(4);
    plan.load.warmup = Duration(below(100'000'000));
    plan.tasks[0].timeout = Duration(1'000'000 + below(50'000'000));
    plan.load.think = {Duration(below(5'000'000)), Duration(5'000'000 + below(5'000'000))};
    plan.claims = {claim_of("service p99 < 1ms"), claim_of("success >= 99%"),
                   claim_of("achieved >= 99%")};
    Simulation simulation(plan);
    simulation.transport.set_responder([&](const MemoryRequest& request) {
      std::vector<MemoryReply> replies;
      for (unsigned i = below(20) == 0 ? 2 : below(20) > 0 ? 1 : 0; i > 0; --i)
        replies.push_back({Duration(below(2'000'000)) * (below(50) == 0 ? 50 : 1),
                           {},
                           below(30) == 0 ? std::string("wrong") : std::string(request.payload)});
      return replies;
    });
    simulation.transport.set_after_flush([&](Sequence) {
      if (below(200) == 0) simulation.clock.advance(Duration(below(80'000'000)));
    });
    const Instant down = Simulation::start() + Duration(below(400'000'000));
    simulation.transport.take_down(0, down, "chaos");
    simulation.transport.bring_up(0, down + Duration(below(100'000'000)));
    const Repetition run = simulation.run();
    const TaskRecord& all = run.tasks.front();
    if (seed % 3 != 0) {
      EXPECT_EQ(all.send_lag.count(), all.measured.handed_over());
      EXPECT_GE(all.response.max(), all.service.max());
      EXPECT_NEAR(all.response.mean_ns(), all.service.mean_ns() + all.send_lag.mean_ns(),
                  0.3 * all.response.mean_ns() + 1e5);
    }
    for (std::size_t claim = 0; claim < plan.claims.size(); ++claim) {
      std::uint64_t n = 0, over = 0;
      for (const Block& block : run.blocks[claim]) n += block.planned, over += block.over;
      EXPECT_EQ(n, all.measured.planned);
      if (claim == 1) {
        EXPECT_EQ(over, all.measured.planned - all.measured.successes());
      } else if (claim == 2) {
        EXPECT_EQ(over, all.measured.planned - all.measured.in_window);
      }
    }
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace natsproof
