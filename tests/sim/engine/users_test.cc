// Kinds of users and profiles of users: who asks what, when, and how often.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "loadgen/plan/load_bound.h"
#include "loadgen/plan/user_kinds.h"
#include "tests/effort.h"
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;

struct Asked {
  Duration at{};
  std::uint32_t user = 0;
  std::string subject;
};

// Every user has a connection of its own, so that the service can tell them apart.
Plan telling_plan(std::uint32_t users, Duration duration) {
  Plan plan = closed_plan(users, duration);
  plan.load.connections = users;
  return plan;
}

// What each request asked, answered after `after`.
std::pair<Repetition, std::vector<Asked>> watch(const Plan& plan, Duration after) {
  std::vector<Asked> asked;
  Simulation simulation(plan);
  simulation.transport.set_responder([&](const MemoryRequest& request) {
    asked.push_back(
        {request.sent - Simulation::start(), request.connection, std::string(request.subject)});
    return std::vector<MemoryReply>{{after, {}, std::string(request.payload)}};
  });
  Repetition run = simulation.run();
  return {std::move(run), std::move(asked)};
}

std::set<std::uint32_t> users_between(const std::vector<Asked>& asked, Duration from, Duration to) {
  std::set<std::uint32_t> users;
  for (const Asked& request : asked)
    if (request.at >= from && request.at < to) users.insert(request.user);
  return users;
}

std::uint64_t requests_between(const std::vector<Asked>& asked, Duration from, Duration to) {
  return static_cast<std::uint64_t>(
      std::count_if(asked.begin(), asked.end(),
                    [&](const Asked& request) { return request.at >= from && request.at < to; }));
}

Plan kinds_plan() {
  Plan plan = telling_plan(14, 10s);
  for (const char* name : {"batch", "counters"}) {
    plan.tasks.push_back(plan.tasks[0]);
    plan.tasks.back().name = plan.tasks.back().endpoint = name;
  }
  plan.users = {{.name = "orders", .weight = 10, .think = {9ms, 9ms}, .tasks = {3, 1, 0}},
                {.name = "analytics", .weight = 3, .think = {19ms, 19ms}, .tasks = {0, 0, 1}},
                {.name = "rare", .weight = 1, .think = {99ms, 199ms}, .tasks = {0, 1, 0}}};
  return plan;
}

TEST(Users, EachThinksAsItsKindDoes) {
  const Plan plan = kinds_plan();
  const auto [run, asked] = watch(plan, 1ms);
  const auto kinds = kinds_of_users(plan.users, 14);
  std::map<std::uint32_t, std::vector<Duration>> times;
  for (const Asked& request : asked) times[request.user].push_back(request.at);
  ASSERT_EQ(times.size(), 14u);
  std::vector<int> of_kind(3);
  for (const auto& [user, at] : times) {
    ++of_kind[kinds[user]];
    Duration least = 1h, most{};
    for (std::size_t i = 1; i < at.size(); ++i) {
      least = std::min(least, at[i] - at[i - 1]);
      most = std::max(most, at[i] - at[i - 1]);
    }
    if (kinds[user] == 2) {
      EXPECT_GE(least, 100ms);
      EXPECT_LE(most, 200ms);
      EXPECT_GT(most - least, 50ms);
      continue;
    }
    EXPECT_EQ(least, kinds[user] == 0 ? 10ms : 20ms);
    EXPECT_EQ(most, least);
    EXPECT_EQ(at.size(), kinds[user] == 0 ? 1000u : 500u);
  }
  EXPECT_THAT(of_kind, ElementsAre(10, 3, 1));
  EXPECT_EQ(run.tasks[3].measured.planned, 1500u) << "3 users, every 20 ms";
  EXPECT_EQ(run.tasks[0].measured.planned, asked.size());
}

TEST(Users, EachDoesTheTasksOfItsKindAsOftenAsItsWeightsSay) {
  const Plan plan = kinds_plan();
  const auto [run, asked] = watch(plan, 1ms);
  const auto kinds = kinds_of_users(plan.users, 14);
  std::map<std::pair<std::uint16_t, std::string>, double> counts;
  for (const Asked& request : asked) ++counts[{kinds[request.user], request.subject}];
  const std::string echo = "natsproof.echo", batch = "natsproof.batch",
                    counters = "natsproof.counters";
  EXPECT_EQ(counts.size(), 4u) << "nobody does what is not its own";
  const double orders = counts[{0, echo}] + counts[{0, batch}];
  EXPECT_EQ(orders, 10'000);
  EXPECT_NEAR((counts[{0, batch}]) / orders, 0.25, 0.02);
  EXPECT_EQ((counts[{1, counters}]), 1500);
  EXPECT_GT((counts[{2, batch}]), 0);
}

TEST(Users, OfSeveralWorkersAreTheSameUsers) {
  Plan plan = kinds_plan();
  plan.load.workers = 2;
  plan.load.connections = 14;
  for (std::uint32_t worker = 0; worker < 2; ++worker) {
    const Instant start = Simulation::start();
    ClosedLoop loop(plan, 1, worker, start, start + 1s);
    const auto kinds = kinds_of_users(plan.users, 14);
    std::set<std::uint32_t> users;
    while (loop.next_due() != Instant::max()) {
      const DueRequest due = loop.take();
      EXPECT_EQ(due.user % 2, worker);
      EXPECT_EQ(due.kind, kinds[due.user]);
      EXPECT_EQ(due.intended, start);
      users.insert(due.user);
    }
    EXPECT_EQ(users.size(), 7u);
    EXPECT_TRUE(loop.exhausted());
  }
}

Plan spike_plan() {
  Plan plan = telling_plan(200, 4s);
  plan.load.user_profile = {{1s, 0, 200}, {1s, 200, 200}, {1s, 200, 0}, {1s, 0, 0}};
  plan.load.think = {9ms, 9ms};
  return plan;
}

// User u comes 5 u ms after the start and goes when 200 - u have gone before it.
TEST(Users, ASpikeGoesUpAndBackToNobody) {
  const auto [run, asked] = watch(spike_plan(), 1ms);
  std::map<std::uint32_t, std::pair<Duration, Duration>> there;
  for (const Asked& request : asked) {
    const auto [first, is_first] = there.emplace(request.user, std::pair{request.at, request.at});
    first->second.second = request.at;
  }
  ASSERT_EQ(there.size(), 200u);
  std::uint64_t expected = 0;
  for (const auto& [user, times] : there) {
    const Duration comes = user * 5ms;
    const Duration goes = 2s + (200 - user) * 5ms;
    EXPECT_EQ(times.first, comes) << user;
    EXPECT_LT(times.second, goes) << user;
    EXPECT_GE(times.second, goes - 10ms) << user;
    expected += static_cast<std::uint64_t>((goes - comes + 10ms - 1ns) / 10ms);
  }
  EXPECT_EQ(asked.size(), expected) << "one every 10 ms from coming to going";
  EXPECT_EQ(run.tasks[0].measured.planned, expected);
  EXPECT_EQ(requests_between(asked, 3s, 4s), 0u);
  EXPECT_EQ(users_between(asked, 0s, 500ms).size(), 100u);
  EXPECT_EQ(users_between(asked, 1s, 2s).size(), 200u);
  EXPECT_EQ(users_between(asked, 2500ms, 2510ms).size(), 99u)
      << "of 100 users the last goes at 2.505 s, when its next request would be due";
}

TEST(Users, OneThatWentComesBackWithTheNextRise) {
  Plan plan = telling_plan(10, 6s);
  plan.load.user_profile = {{1s, 10, 10}, {1s, 2, 2}, {2s, 0, 8}, {1s, 0, 0}, {1s, 5, 5}};
  plan.load.think = {99ms, 99ms};
  const auto [run, asked] = watch(plan, 1ms);
  EXPECT_EQ(requests_between(asked, 0s, 1s), 100u);
  EXPECT_EQ(users_between(asked, 0s, 1s).size(), 10u);
  EXPECT_THAT(users_between(asked, 1s, 2s), ElementsAre(0u, 1u));
  EXPECT_EQ(requests_between(asked, 1s, 2s), 20u);
  // User u is there again at 2 s + u / 4 s, the instant exactly.
  for (std::uint32_t user = 2; user < 8; ++user) {
    const auto again = std::find_if(asked.begin(), asked.end(), [&](const Asked& request) {
      return request.user == user && request.at >= 1s;
    });
    ASSERT_NE(again, asked.end());
    EXPECT_EQ(again->at, 2s + user * 250ms);
  }
  EXPECT_THAT(users_between(asked, 3s, 4s), ElementsAre(0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u));
  EXPECT_EQ(requests_between(asked, 4s, 5s), 0u);
  EXPECT_THAT(users_between(asked, 5s, 6s), ElementsAre(0u, 1u, 2u, 3u, 4u));
  EXPECT_EQ(requests_between(asked, 5s, 5s + 1ms), 5u) << "waiting users all come with the step";
}

TEST(Users, WarmUpOfAProfileHasTheUsersItBeginsWith) {
  Plan plan = telling_plan(20, 2s);
  plan.load.user_profile = {{2s, 4, 20}};
  plan.load.warmup = 1s;
  plan.load.think = {9ms, 9ms};
  const auto [run, asked] = watch(plan, 1ms);
  EXPECT_EQ(run.tasks[0].warmup.planned, 400u);
  EXPECT_EQ(requests_between(asked, 0s, 1s), 400u);
  EXPECT_THAT(users_between(asked, 0s, 1s), ElementsAre(0u, 1u, 2u, 3u));
  EXPECT_EQ(users_between(asked, 1s, 3s).size(), 20u);
  EXPECT_EQ(users_between(asked, 1s, 2s).size(), 12u);
}

TEST(Users, OneThatHasToGoFinishesItsRequest) {
  Plan plan = telling_plan(2, 3s);
  plan.load.user_profile = {{1s, 2, 2}, {2s, 1, 1}};
  const auto [run, asked] = watch(plan, 240ms);
  // Both ask every 240 ms: the last of user 1 goes out at 0.96 s and is answered at 1.2 s.
  EXPECT_EQ(users_between(asked, 1s, 3s).size(), 1u);
  EXPECT_EQ(run.tasks[0].measured.of(RequestClass::ok), asked.size());
  EXPECT_EQ(asked.size(), 5u + 13u);
}

// What `check` says before a run: with replies that take no time the users come near to the bound,
// and never above it by more than chance.
TEST(Users, MakeWhatTheBoundSaysAtMost) {
  double planned = 0, most = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Plan plan = spike_plan();
    plan.load.warmup = 0s;
    plan.load.seed = seed;
    plan.load.think = {0s, Duration(seed * 50'000'000)};
    const auto [run, asked] = watch(plan, 0s);
    const double bound = load_bound(plan).all.per_s * 4;
    const auto made = static_cast<double>(run.tasks[0].measured.planned);
    EXPECT_LT(made, bound + 4 * std::sqrt(bound)) << seed;
    planned += made;
    most += bound;
  }
  EXPECT_LT(planned, most * 1.01);
  EXPECT_GT(planned, most * 0.9);
}

TEST(Users, ComeAndGoExactlyUnderSeededChaos) {
  for (int seed = 1; seed <= effort(60); ++seed) {
    SCOPED_TRACE(seed);
    Random random(static_cast<std::uint64_t>(seed));
    const auto below = [&](std::uint64_t bound) { return random.below(bound); };
    Plan plan = telling_plan(1, 1s);
    std::uint64_t peak = 1;
    Duration length{};
    for (std::uint64_t i = 1 + below(5); i > 0; --i) {
      const UserStretch stretch{.length = Duration(1'000'000 + below(400'000'000)),
                                .from = static_cast<double>(below(60)),
                                .to = static_cast<double>(below(60))};
      peak = std::max(
          {peak, static_cast<std::uint64_t>(stretch.from), static_cast<std::uint64_t>(stretch.to)});
      length += stretch.length;
      plan.load.user_profile.push_back(stretch);
    }
    plan.load.users = plan.load.connections = static_cast<std::uint32_t>(peak);
    plan.load.duration = length;
    plan.load.warmup = Duration(below(50'000'000));
    plan.load.think = {Duration(below(3'000'000)), Duration(3'000'000 + below(9'000'000))};
    plan.tasks[0].timeout = Duration(1'000'000 + below(20'000'000));
    Simulation simulation(plan);
    std::vector<Asked> asked;
    simulation.transport.set_responder([&](const MemoryRequest& request) {
      asked.push_back({request.sent - Simulation::start(), request.connection, {}});
      std::vector<MemoryReply> replies;
      if (below(10) > 0)
        replies.push_back({Duration(below(2'000'000)), {}, std::string(request.payload)});
      return replies;
    });
    const Repetition run = simulation.run();  // conservation is checked there
    EXPECT_EQ(run.tasks[0].measured.planned + run.tasks[0].warmup.planned, asked.size());
    for (const Asked& request : asked) {
      Duration t = std::max(request.at - plan.load.warmup, Duration{});
      auto stretch = plan.load.user_profile.begin();
      while (stretch + 1 != plan.load.user_profile.end() && t >= stretch->length)
        t -= (stretch++)->length;
      const double part =
          static_cast<double>(t.count()) / static_cast<double>(stretch->length.count());
      const double users = stretch->from + (stretch->to - stretch->from) * part;
      EXPECT_LT(request.user, users + 1e-3) << "at " << request.at.count();
    }
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace natsproof
