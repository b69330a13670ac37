#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/sweep.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

void expect_same(const Plan& a, const Plan& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.about, b.about);
  EXPECT_EQ(a.services, b.services);
  EXPECT_EQ(a.client, b.client);
  EXPECT_EQ(a.service_client, b.service_client);
  EXPECT_EQ(a.instances, b.instances);
  EXPECT_EQ(a.load, b.load);
  EXPECT_EQ(a.users, b.users);
  EXPECT_EQ(a.abort, b.abort);
  EXPECT_EQ(a.tasks, b.tasks);
  EXPECT_EQ(a.trace, b.trace);
  EXPECT_EQ(a.covers, b.covers);
  EXPECT_EQ(a.gates, b.gates);
  ASSERT_EQ(a.claims.size(), b.claims.size());
  for (std::size_t i = 0; i < a.claims.size(); ++i) EXPECT_EQ(a.claims[i].text, b.claims[i].text);
}

void expect_round_trip(const std::string& text, const std::string& file = "plan.yaml") {
  const PlanReading first = read_plan({.file = file, .text = text, .set = {}});
  ASSERT_THAT(texts(first), IsEmpty()) << text;
  const std::string written = write_plan_yaml(first.plan);
  const PlanReading second = read_plan({.file = file, .text = written, .set = {}});
  ASSERT_THAT(texts(second), IsEmpty()) << written;
  expect_same(first.plan, second.plan);
}

TEST(plan_writing, a_written_plan_reads_as_itself) {
  const TemporaryFolder folder;
  folder.write("body", "x");
  expect_round_trip(R"(
name: "null"
about: "quotes \" and \\ and : # and\nnew lines, ä, \x07, \0"
services: [echo]
client: nats.c-default
service_client: wire
instances: 2
load: {rate: 20/m, arrivals: poisson, workers: 3, connections: 3, pacing: spin, warmup: 1.5ms,
       duration: 1234567us, repetitions: 1, seed: 18446744073709551615}
tasks:
  - {name: "null", subject: "yes", weight: 0.3, request: {file: body}, timeout: 33.3ms}
  - {name: "1.5", endpoint: echo, payload: {bytes: 3}, headers: {"true": "no: yes", k: ""}}
  - {name: x, subject: a, expect: {equals_file: body}}
  - {name: y, subject: a, expect: {contains: "- [a"}}
  - {name: z, subject: a, expect: same, request: {bytes: 64KiB}}
claims: ["y response p99.99 <= 1.5ms", errors < 0.1%, throughput >= 100/m]
covers: 1234567ns
gates: {send lag: 33.3%, headroom: 7%, offered rate: 99.9%, floor: 12.345678901234567%}
)",
                    folder.path("plan.yaml"));
}

TEST(plan_writing, users_profiles_and_limits_read_as_themselves) {
  expect_round_trip(R"(
name: users
load: {users: 14, spawn: 2.5/s, workers: 2, connections: 2}
users:
  - {name: "yes", weight: 0.3, think: 100ms..1.5s, tasks: {"null": 0.3, b: 7}}
  - {name: quick, tasks: ["1.5"]}
tasks:
  - {name: "null", subject: a}
  - {name: b, subject: a}
  - {name: "1.5", subject: a}
abort: errors > 33.3%  for 7s
)");
  expect_round_trip(plan_with_load(
      "{users: [{for: 2s, from: 0, to: 1000000}, {for: 1.5ms, users: 7}, {for: 2h, from: 7, to: "
      "0}], think: 1us..2us}"));
  expect_round_trip(plan_with_load("{users: [{for: 1s, users: 5}], warmup: 0s}"));
}

TEST(plan_writing, tasks_of_models_read_as_themselves) {
  for (const char* task :
       {"endpoint: orders.place, payload: {order: {items: 1..3}}, codec: protobuf, timeout: 250ms, "
        "inject: {invalid: 1%}",
        "endpoint: orders.place, payload: [{weight: 80, order: {items: 1..3}}, {weight: 0.3, "
        "order: {items: 5..12}}], codec: json, verify: envelope, inject: {wrong_type: 33.3%, "
        "cut_bytes: 0.001%, invalid: 2%}",
        "endpoint: orders.get", "endpoint: orders.batch, payload: {order_batch: {orders: 3}}",
        "endpoint: inventory.reserve", "endpoint: payment.authorize, codec: json",
        "endpoint: fraud.score, verify: full, headers: {X: y}",
        "endpoint: analytics.ingest, payload: {events: {count: 3..4}}",
        "endpoint: bulk.process, payload: {bulk: {items: 7, bytes_each: 0}}",
        "endpoint: probe.validate, inject: {invalid: 100%}", "endpoint: health",
        "endpoint: echo, payload: {bytes: 100B..50KiB}",
        "endpoint: echo, payload: [{bytes: 1KiB, weight: 9}, {bytes: 0..3}], expect: no_error"}) {
    expect_round_trip(plan_with_task("{name: a, " + std::string(task) + "}"));
  }
}

TEST(plan_writing, every_model_of_load_reads_as_itself) {
  for (const char* load :
       {"{rate: 0.001/s}", "{rate: 9999999.5/s, warmup: 0s}", "{rate: [{for: 1s, rate: 5/s}]}",
        "{rate: [{for: 1s, from: 0/s, to: 3.25/s}]}",
        "{rate: [{for: 1s, rate: 5/s}, {for: 2500us, rate: 0/s}, {for: 1h, from: 1/m, to: 7k/s}]}",
        "{users: 3}", "{users: 10, spawn: 3/s, think: 1us..2.5s, connections: 2, duration: 3s}",
        "{users: 10, think: 7ms, pacing: sleep}"}) {
    expect_round_trip(plan_with_load(load));
  }
}

TEST(plan_writing, gate_limits_of_every_size_read_as_themselves) {
  Random random(1);
  Plan plan = read_text(plan_with_load("{rate: 1/s}")).plan;
  for (int i = 1; i <= 1000; ++i) {
    for (const double limit : {i / 1000.0, 0.001 + 0.999 * random.uniform()}) {
      plan.gates["floor"] = limit;
      ASSERT_EQ(read_text(write_plan_yaml(plan)).plan.gates["floor"], limit);
    }
  }
}

TEST(plan_writing, defaults_are_filled_in) {
  const std::string yaml = write_plan_yaml(read_text(plan_with_load("{rate: 1/s}")).plan);
  for (const char* line : {"warmup: 1s", "duration: 5s", "repetitions: 5", "seed: 1", "timeout: 1s",
                           "covers: 3ms", "client: wire", "expect: no_error"}) {
    EXPECT_THAT(yaml, HasSubstr(line));
  }
  EXPECT_THAT(yaml, Not(HasSubstr("pacing")));
}

TEST(scenarios, each_reads_without_mistakes_teaches_and_reads_as_itself) {
  ASSERT_FALSE(scenarios().empty());
  for (const Scenario& scenario : scenarios()) {
    SCOPED_TRACE(scenario.name);
    expect_round_trip(scenario.yaml);
    const Plan plan = read_text(scenario.yaml).plan;
    EXPECT_EQ(plan.name, scenario.name.substr(scenario.name.rfind('/') + 1));
    EXPECT_EQ(plan.about, scenario.about);
    EXPECT_GT(scenario.about.size(), 40U);
    EXPECT_FALSE(plan.services.empty()) << "must run without --server";
    const Sweep sweep =
        read_sweep({.file = scenario.name, .text = scenario.yaml, .set = {}, .sweep = {}});
    EXPECT_TRUE(sweep.mistakes.empty()) << sweep.mistakes.front().text();
  }
}

TEST(scenarios, the_four_of_the_contract_are_there) {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) names.push_back(scenario.name);
  EXPECT_THAT(names,
              ::testing::IsSupersetOf({"baseline", "orders", "pingpong", "saturate", "ramp"}));
}

TEST(scenarios, a_built_in_sweep_takes_less_than_three_minutes) {
  std::vector<std::string> swept;
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name.find('/') != std::string::npos) continue;  // a pack's is as long as it says
    const Sweep sweep = read_sweep({.file = scenario.name, .text = scenario.yaml, .set = {}});
    if (!sweep.swept()) continue;
    swept.push_back(scenario.name);
    Duration all{};
    for (const SweepPoint& point : sweep.points)
      all += (point.plan.load.warmup + point.plan.load.duration) * point.plan.load.repetitions;
    EXPECT_LT(all, Duration{3min}) << scenario.name;
    EXPECT_EQ(sweep.points.front().plan.load.repetitions, 5U) << scenario.name;
  }
  EXPECT_THAT(swept, ::testing::IsSupersetOf({"clients", "concurrency", "encoding", "payload"}));
}

TEST(scenarios, baseline_is_what_the_contract_says) {
  const Plan plan = read_plan(*find_plan("baseline")).plan;
  EXPECT_EQ(plan.load.model, LoadModel::open);
  EXPECT_EQ(plan.load.profile, (std::vector{Stretch{5s, Rate{2000}, Rate{2000}}}));
  EXPECT_EQ(plan.load.repetitions, 5U);
  ASSERT_EQ(plan.tasks.size(), 1U);
  EXPECT_EQ(plan.tasks[0].payload_bytes, 128U);
  std::vector<std::string> claims;
  for (const Claim& claim : plan.claims) claims.push_back(claim.text);
  EXPECT_THAT(claims,
              ::testing::ElementsAre("response p50 < 1ms", "response p99 < 5ms", "success >= 99%"));
}

TEST(find_plan, takes_a_scenario_or_a_file) {
  const TemporaryFolder folder;
  folder.write("mine.yaml", "name: mine\n");
  const auto file = find_plan(folder.path("mine.yaml"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->text, "name: mine\n");
  EXPECT_EQ(file->file, folder.path("mine.yaml"));
  EXPECT_EQ(find_plan("ramp")->file, "ramp");
}

TEST(find_plan, says_what_there_is) {
  EXPECT_THAT(find_plan("basline").error().message, HasSubstr("(did you mean `baseline`?)"));
  EXPECT_THAT(find_plan("no/such/file.yaml").error().message,
              HasSubstr("agentguard, baseline, clients, cliffracer, complete, "
                        "concurrency"));
  const TemporaryFolder folder;
  EXPECT_THAT(find_plan(folder.path("")).error().message, HasSubstr("not a regular file"));
  folder.write("big.yaml", std::string((1 << 20) + 1, ' '));
  EXPECT_THAT(find_plan(folder.path("big.yaml")).error().message, HasSubstr("1.00 MiB allowed"));
}

}  // namespace
}  // namespace natsproof
