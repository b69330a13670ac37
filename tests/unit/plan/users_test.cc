// Kinds of users, profiles of users, limits that abort, and how fast a closed loop can be.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/load_bound.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/user_kinds.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kShop = R"(
name: shop
load: {users: 14, spawn: 2/s, duration: 10s}
users:
  - {name: order_processing, weight: 10, think: 100ms..1s, tasks: {place: 10, batch: 3, counters: 1}}
  - {name: analytics, weight: 3, think: 2s, tasks: [counters, batch]}
  - {name: idle, tasks: {place: 0.5}}
tasks:
  - {name: place, subject: a}
  - {name: batch, subject: b}
  - {name: counters, subject: c}
abort: errors > 50% for 5s
)";

Plan good(const std::string& text, double time_scale = 1) {
  PlanReading reading =
      read_plan({.file = "plan.yaml", .text = text, .set = {}, .time_scale = time_scale});
  EXPECT_THAT(texts(reading), IsEmpty()) << text;
  return std::move(reading.plan);
}

TEST(users, kinds_and_the_limit_arrive) {
  const Plan plan = good(kShop);
  EXPECT_EQ(plan.load.users, 14U);
  EXPECT_EQ(plan.load.spawn, Rate{2});
  EXPECT_THAT(
      plan.users,
      ElementsAre(
          UserKind{
              .name = "order_processing", .weight = 10, .think = {100ms, 1s}, .tasks = {10, 3, 1}},
          UserKind{.name = "analytics", .weight = 3, .think = {2s, 2s}, .tasks = {0, 1, 1}},
          UserKind{.name = "idle", .weight = 1, .think = {}, .tasks = {0.5, 0, 0}}));
  EXPECT_EQ(plan.abort, (AbortLimit{.errors = 0.5, .lasting = 5s, .text = "errors > 50% for 5s"}));
}

TEST(users, a_profile_has_the_length_of_its_stretches_and_the_users_of_its_peak) {
  const Plan plan = good(plan_with_load(
      "{users: [{for: 2s, from: 0, to: 2000}, {for: 20s, users: 1500}, {for: 3s, from: 3, to: 0}], "
      "think: 1s}"));
  EXPECT_EQ(plan.load.model, LoadModel::closed);
  EXPECT_THAT(
      plan.load.user_profile,
      ElementsAre(UserStretch{2s, 0, 2000}, UserStretch{20s, 1500, 1500}, UserStretch{3s, 3, 0}));
  EXPECT_EQ(plan.load.users, 2000U);
  EXPECT_EQ(plan.load.duration, 25s);
}

TEST(users, time_scales_spawning_and_stretches_but_not_the_limit) {
  const Plan plan = good(kShop, 0.1);
  EXPECT_EQ(plan.load.spawn, Rate{20}) << "as many users come in a tenth of the warm-up";
  EXPECT_EQ(plan.load.duration, 1s);
  EXPECT_EQ(plan.abort->lasting, 5s);
  const Plan profile =
      good(plan_with_load("{users: [{for: 2s, from: 0, to: 20}, {for: 1s, users: 20}]}"), 0.1);
  EXPECT_THAT(profile.load.user_profile,
              ElementsAre(UserStretch{200ms, 0, 20}, UserStretch{100ms, 20, 20}));
  EXPECT_EQ(profile.load.duration, 300ms);
  EXPECT_THAT(texts(read_plan({.file = "plan.yaml",
                               .text = plan_with_load("{users: 5, spawn: 1000000/s}"),
                               .set = {},
                               .time_scale = 0.01})),
              ElementsAre("plan.yaml:2:25: `spawn` must be from 0.001/s to 10,000,000/s, and with "
                          "`--time` it is 100,000,000/s"));
}

// Among the first n users of any number, each kind is less than a user away from its share; where
// weights are whole, a full round has exactly that.
TEST(users, kinds_are_dealt_out_as_near_to_the_weights_as_can_be) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<UserKind> kinds(1 + random() % 30);
    double total = 0;
    for (UserKind& kind : kinds) {
      const auto drawn = random() % 3 == 0 ? 50 + random() % 100 : 1 + random() % 3;
      kind.weight = static_cast<double>(drawn);
      total += kind.weight;
    }
    const auto users = static_cast<std::uint32_t>(2 * total);
    const auto kind_of = kinds_of_users(kinds, users);
    ASSERT_EQ(kind_of.size(), users);
    std::vector<double> counts(kinds.size());
    for (std::uint32_t n = 1; n <= users; ++n) {
      ++counts[kind_of[n - 1]];
      for (std::size_t k = 0; k < kinds.size(); ++k) {
        const double share = n * kinds[k].weight / total;
        ASSERT_LT(std::abs(counts[k] - share), 1) << "kind " << k << " of the first " << n;
        if (n == static_cast<std::uint32_t>(total)) {
          ASSERT_EQ(counts[k], kinds[k].weight);
        }
      }
    }
  }
}

TEST(users, kinds_of_fewer_users_are_the_first_of_more) {
  const Plan plan = good(kShop);
  const auto all = kinds_of_users(plan.users, 14);
  for (std::uint32_t n = 0; n < 14; ++n) {
    EXPECT_EQ(kinds_of_users(plan.users, n), std::vector(all.begin(), all.begin() + n));
  }
  EXPECT_THAT(users_of_kinds(plan.users, 14), ElementsAre(10U, 3U, 1U));
  EXPECT_THAT(kinds_of_users({}, 14), IsEmpty());
}

TEST(load_bound, is_users_by_think_time) {
  const LoadBound bound = load_bound(good(plan_with_load("{users: 1000, think: 2s..4s}")));
  EXPECT_EQ(bound.users, 1000);
  EXPECT_EQ(bound.think, 3s);
  EXPECT_DOUBLE_EQ(bound.all.per_s, 1000.0 / 3);
  EXPECT_EQ(bound.tasks[0].per_s, bound.all.per_s);
  EXPECT_EQ(bound.arrivals, 0);
}

TEST(load_bound, of_kinds_is_the_sum_of_theirs) {
  Plan plan = good(kShop);
  plan.users[2].think = {500ms, 500ms};
  const LoadBound bound = load_bound(plan);
  const double orders = 10 / 0.55, analytics = 3 / 2.0, idle = 1 / 0.5;
  EXPECT_NEAR(bound.all.per_s, orders + analytics + idle, 1e-9);
  EXPECT_EQ(bound.think, Duration(std::llround(14 / bound.all.per_s * 1e9)));
  EXPECT_NEAR(bound.tasks[0].per_s, orders * 10 / 14 + idle, 1e-9);
  EXPECT_NEAR(bound.tasks[1].per_s, orders * 3 / 14 + analytics / 2, 1e-9);
  EXPECT_NEAR(bound.tasks[2].per_s, orders * 1 / 14 + analytics / 2, 1e-9);
}

TEST(load_bound, of_a_profile_is_that_of_its_users_on_average) {
  const LoadBound bound = load_bound(good(plan_with_load(
      "{users: [{for: 2s, from: 0, to: 100}, {for: 6s, users: 100}, {for: 2s, from: 100, to: 0}], "
      "think: 1s}")));
  EXPECT_DOUBLE_EQ(bound.users, 80);
  EXPECT_DOUBLE_EQ(bound.arrivals, 100);
  EXPECT_DOUBLE_EQ(bound.all.per_s, 80 + 10) << "each asks as it comes";
  EXPECT_EQ(bound.think, 1s);
}

TEST(load_bound, counts_who_comes_while_it_is_measured) {
  const auto arrivals = [](const std::string& load) {
    return load_bound(good(plan_with_load(load))).arrivals;
  };
  EXPECT_EQ(arrivals("{users: 5, think: 1s}"), 0);
  EXPECT_EQ(arrivals("{users: 5, think: 1s, warmup: 0s, spawn: 1/s}"), 0);
  EXPECT_EQ(arrivals("{users: 5, think: 1s, warmup: 0s}"), 5);
  const std::string profile =
      "{users: [{for: 1s, users: 5}, {for: 1s, from: 7, to: 9}, {for: 1s, from: 2, to: 1}, {for: "
      "1s, users: 4}], think: 1s";
  EXPECT_EQ(arrivals(profile + "}"), 2 + 2 + 3);
  EXPECT_EQ(arrivals(profile + ", warmup: 0s}"), 5 + 2 + 2 + 3);
}

TEST(load_bound, has_no_limit_where_nobody_thinks) {
  const Plan plan = good(kShop);  // `idle` does not
  const LoadBound bound = load_bound(plan);
  EXPECT_TRUE(std::isinf(bound.all.per_s));
  EXPECT_TRUE(std::isinf(bound.tasks[0].per_s));
  EXPECT_NEAR(bound.tasks[2].per_s, 10 / 0.55 / 14 + 0.75, 1e-9) << "which `idle` does not do";
  const auto rates = task_rates(plan, 1000);
  EXPECT_NEAR(rates[0] + rates[1] + rates[2], 1000, 1e-6);
}

std::string said(const std::string& load, const std::string& claim) {
  const Plan plan = good(plan_with_claim(claim, load));
  return contradiction(plan, plan.claims.front());
}

TEST(contradiction, names_what_the_users_can_make) {
  EXPECT_EQ(said("{users: 1000, think: 2s..4s}", "throughput >= 1000/s"),
            "contradicts its own load: 1,000 users who think 3.00 s on average make at most 333/s, "
            "so `throughput >= 1000/s` cannot hold; ask it with an open loop (`rate: 1000/s`)");
  EXPECT_EQ(said("{users: 1, think: 10ms}", "a throughput > 1k/s"),
            "contradicts its own load: 1 user who thinks 10.0 ms on average makes at most 100/s of "
            "`a`, so `a throughput > 1k/s` cannot hold; ask it with an open loop");
}

TEST(contradiction, is_only_said_of_what_cannot_be) {
  EXPECT_EQ(said("{users: 100, think: 1s}", "throughput >= 100/s"), "");
  EXPECT_THAT(said("{users: 100, think: 1s}", "throughput > 100/s"), Not(IsEmpty()));
  // Within 5 s, a user's first request may come without thinking: 6 requests, not 5.
  EXPECT_THAT(said("{users: 100, think: 1s}", "throughput >= 110/s"), HasSubstr("hardly"));
  EXPECT_THAT(said("{users: 100, think: 1s}", "throughput >= 121/s"), HasSubstr("cannot hold"));
  EXPECT_EQ(said("{users: 100}", "throughput >= 1000000/s"), "") << "nobody thinks";
  EXPECT_EQ(said("{users: 100, think: 0s}", "throughput >= 1000000/s"), "");
  EXPECT_EQ(said("{users: 100, think: 1s}", "success >= 99%"), "");
  EXPECT_EQ(said("{rate: 10/s}", "throughput >= 1000/s"), "") << "an open loop";
}

TEST(contradiction, of_a_profile_is_that_of_its_users_on_average) {
  Plan plan = good(plan_with_claim(
      "throughput >= 1800/s",
      "{users: [{for: 2s, from: 0, to: 2000}, {for: 2s, from: 2000, to: 1000}], think: 1s}"));
  EXPECT_THAT(
      contradiction(plan, plan.claims.front()),
      HasSubstr("1,250 users on average who think 1.00 s on average and ask as they come make at "
                "most 1,750/s, so `throughput >= 1800/s` cannot hold"));
}

TEST(contradiction, of_a_task_is_with_its_share) {
  Plan plan = good(kShop);
  plan.users.pop_back();
  const auto about = [&](const std::string& text) {
    const std::vector<std::string> names{"place", "batch", "counters"};
    return contradiction(plan, parse_claim(text, names).value());
  };
  // 11 and 3 of the 14 users.
  EXPECT_EQ(about("counters throughput >= 2/s"), "");
  EXPECT_THAT(about("counters throughput >= 5/s"),
              HasSubstr("14 users of 2 kinds who think 651 ms on average make at most 2.18/s of "
                        "`counters`"));
}

}  // namespace
}  // namespace natsproof
