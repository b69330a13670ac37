#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/expect.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/planned.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(plan_reading, every_key_arrives) {
  const TemporaryFolder folder;
  folder.write("body.json", "{\"a\": 1}");
  folder.write("answer.txt", "pong");
  PlanSource source{.file = folder.path("plan.yaml"), .text = R"(
name: full
about: Everything a plan can say.
services: [echo]
client: nats.c
service_client: nats.c-default
instances: 3
load:
  model: open
  arrivals: poisson
  rate: 2.5k/s
  connections: 4
  workers: 2
  pacing: hybrid
  warmup: 500ms
  duration: 10s
  repetitions: 7
  seed: 42
tasks:
  - {name: ours, weight: 2.5, endpoint: echo, payload: {bytes: 1KiB}, timeout: 250ms}
  - name: theirs
    subject: their.service
    request: {file: body.json}
    headers: {X-One: "1", X-Two: b c}
    expect: {contains: "o\"n"}
  - {name: same, subject: a.b, request: {bytes: 7}, expect: same}
  - {name: file, subject: a.c, expect: {equals_file: answer.txt}}
  - {name: text, subject: a.d, expect: "contains: pong"}
claims: [response p99 < 5ms, ours service max <= 100ms]
covers: 10ms
gates: {headroom: 80%, offered rate: 95%}
)"};
  const PlanReading reading = read_plan(source);
  ASSERT_THAT(texts(reading), IsEmpty());
  const Plan& plan = reading.plan;
  EXPECT_EQ(plan.name, "full");
  EXPECT_EQ(plan.about, "Everything a plan can say.");
  EXPECT_THAT(plan.services, ElementsAre("echo"));
  EXPECT_THAT(services_to_stage(plan), ElementsAre("echo"));
  EXPECT_EQ(plan.client, ClientKind::natsc);
  EXPECT_EQ(plan.service_client, ClientKind::natsc_default);
  EXPECT_EQ(plan.instances, 3U);
  const Load load{.model = LoadModel::open,
                  .arrivals = Arrivals::poisson,
                  .profile = {{10s, Rate{2500}, Rate{2500}}},
                  .connections = 4,
                  .workers = 2,
                  .pacing = Pacing::hybrid,
                  .warmup = 500ms,
                  .duration = 10s,
                  .repetitions = 7,
                  .seed = 42};
  EXPECT_EQ(plan.load, load);
  ASSERT_THAT(plan.tasks, SizeIs(5));
  EXPECT_EQ(plan.tasks[0], (Task{.name = "ours",
                                 .weight = 2.5,
                                 .endpoint = "echo",
                                 .payload_bytes = 1024,
                                 .timeout = 250ms,
                                 .expect = Expect::same}));
  EXPECT_EQ(plan.tasks[0].target(), "natsproof.echo");
  EXPECT_EQ(plan.tasks[1], (Task{.name = "theirs",
                                 .subject = "their.service",
                                 .payload_file = "body.json",
                                 .payload = "{\"a\": 1}",
                                 .headers = {{"X-One", "1"}, {"X-Two", "b c"}},
                                 .expect = Expect::contains,
                                 .expected = "o\"n"}));
  EXPECT_EQ(plan.tasks[1].target(), "their.service");
  EXPECT_EQ(plan.tasks[2].expect, Expect::same);
  EXPECT_EQ(plan.tasks[2].payload_bytes, 7U);
  EXPECT_EQ(plan.tasks[3].expect, Expect::equals);
  EXPECT_EQ(plan.tasks[3].expected, "pong");
  EXPECT_EQ(plan.tasks[3].expected_file, "answer.txt");
  EXPECT_EQ(plan.tasks[4].expect, Expect::contains);
  EXPECT_EQ(plan.tasks[4].expected, "pong");
  ASSERT_THAT(plan.claims, SizeIs(2));
  EXPECT_EQ(plan.claims[0].text, "response p99 < 5ms");
  EXPECT_EQ(plan.claims[1].task, "ours");
  EXPECT_EQ(plan.covers, 10ms);
  EXPECT_THAT(plan.gates, ElementsAre(Pair("headroom", 0.8), Pair("offered rate", 0.95)));
}

TEST(plan_reading, what_is_left_out_has_its_default) {
  const PlanReading reading = read_text(
      "name: small\n"
      "load: {rate: 10/s}\n"
      "tasks: [{name: a, endpoint: echo}, {name: b, subject: x}]\n");
  ASSERT_THAT(texts(reading), IsEmpty());
  const Plan& plan = reading.plan;
  EXPECT_EQ(plan.load, (Load{.profile = {{5s, Rate{10}, Rate{10}}}}));
  EXPECT_EQ(plan.load.arrivals, Arrivals::poisson) << "as on the command line";
  EXPECT_EQ(plan.tasks[0].expect, Expect::same);
  EXPECT_EQ(plan.tasks[0].payload_bytes, 128U);
  EXPECT_EQ(plan.tasks[1].expect, Expect::no_error);
  EXPECT_EQ(plan.tasks[1].payload_bytes, 0U);
  EXPECT_EQ(plan.tasks[1].timeout, 1s);
  EXPECT_EQ(plan.client, ClientKind::wire);
  EXPECT_EQ(plan.service_client, ClientKind::natsc);
  EXPECT_EQ(plan.covers, 3ms);
  EXPECT_THAT(plan.services, IsEmpty());
  EXPECT_THAT(plan.claims, IsEmpty());
}

const Task& only_task(const PlanReading& reading) {
  EXPECT_THAT(texts(reading), IsEmpty());
  return reading.plan.tasks.at(0);
}

TEST(plan_reading, a_task_of_a_model) {
  const PlanReading reading = read_text(
      plan_with_task("{name: place_order, weight: 60, endpoint: orders.place, payload: {order: "
                     "{items: 1..3}}, codec: protobuf, timeout: 250ms, inject: {invalid: 1%}}"));
  EXPECT_EQ(only_task(reading), (Task{.name = "place_order",
                                      .weight = 60,
                                      .endpoint = "orders.place",
                                      .payloads = {{.kind = PayloadKind::order, .count = {1, 3}}},
                                      .codec = Encoding::protobuf,
                                      .inject = {{.kind = std::nullopt, .share = 0.01}},
                                      .timeout = 250ms,
                                      .expect = Expect::answer}));
}

TEST(plan_reading, every_key_of_a_model_arrives) {
  const PlanReading reading = read_text(plan_with_task(
      "{name: a, endpoint: orders.place, payload: [{weight: 80, order: {items: 1..3}}, {weight: "
      "20, order: {items: 7}}], codec: json, verify: envelope, inject: {cut_bytes: 0.5%, "
      "bad_email: 1%, wrong_type: 98.5%}}"));
  const Task& task = only_task(reading);
  EXPECT_THAT(task.payloads, ElementsAre(PayloadSpec{PayloadKind::order, 80, {1, 3}, {}, 0},
                                         PayloadSpec{PayloadKind::order, 20, {7, 7}, {}, 0}));
  EXPECT_EQ(task.codec, Encoding::json);
  EXPECT_EQ(task.verify, Verify::envelope);
  EXPECT_FALSE(task.verifies_content());
  EXPECT_THAT(task.inject, ElementsAre(Injection{InvalidKind::wrong_type, 0.985},
                                       Injection{InvalidKind::bad_email, 0.01},
                                       Injection{InvalidKind::cut_bytes, 0.005}));
}

TEST(plan_reading, every_endpoint_has_its_payload) {
  const auto payload = [](const std::string& endpoint, const std::string& more = "") {
    const PlanReading reading =
        read_text(plan_with_task("{name: a, endpoint: " + endpoint + more + "}"));
    const Task& task = only_task(reading);
    EXPECT_EQ(task.expect, Expect::answer);
    EXPECT_TRUE(task.verifies_content());
    EXPECT_THAT(task.payloads, SizeIs(1));
    return task.payloads.at(0);
  };
  const auto kind = [](PayloadKind k, CountRange count = {}, CountRange each = {},
                       std::uint64_t bytes = 0) {
    return PayloadSpec{k, 1, count, each, bytes};
  };
  for (const char* endpoint :
       {"orders.place", "inventory.reserve", "payment.authorize", "fraud.score"}) {
    EXPECT_EQ(payload(endpoint), kind(PayloadKind::order, {1, 3}));
  }
  EXPECT_EQ(payload("orders.get", ", payload: {order_id: {}}"), kind(PayloadKind::order_id));
  EXPECT_EQ(payload("orders.batch"), kind(PayloadKind::order_batch, {5, 15}, {1, 3}));
  EXPECT_EQ(payload("orders.batch", ", payload: {order_batch: {orders: 2, items: 4..5}}"),
            kind(PayloadKind::order_batch, {2, 2}, {4, 5}));
  EXPECT_EQ(payload("analytics.ingest"), kind(PayloadKind::events, {10, 50}));
  EXPECT_EQ(payload("analytics.ingest", ", payload: {events: {count: 1000}}"),
            kind(PayloadKind::events, {1000, 1000}));
  EXPECT_EQ(payload("bulk.process"), kind(PayloadKind::bulk, {500, 2000}, {}, 64));
  EXPECT_EQ(payload("bulk.process", ", payload: {bulk: {items: 1..2, bytes_each: 1KiB}}"),
            kind(PayloadKind::bulk, {1, 2}, {}, 1024));
  EXPECT_EQ(payload("probe.validate", ", payload: {probe: {}}"), kind(PayloadKind::probe));
  EXPECT_EQ(payload("health"), kind(PayloadKind::empty));
}

TEST(plan_reading, bytes_of_one_size_or_of_several) {
  const auto task = [](const std::string& payload) {
    return only_task(
        read_text(plan_with_task("{name: a, endpoint: echo, payload: " + payload + "}")));
  };
  EXPECT_THAT(task("{bytes: 100B..50KiB}").payloads,
              ElementsAre(PayloadSpec{PayloadKind::bytes, 1, {100, 51200}, {}, 0}));
  EXPECT_THAT(task("{bytes: 7..7}").payloads, IsEmpty());
  EXPECT_EQ(task("{bytes: 7..7}").payload_bytes, 7U);
  EXPECT_EQ(task("[{weight: 3, bytes: 1KiB}]").payload_bytes, 1024U);
  EXPECT_THAT(task("[{weight: 3, bytes: 1}, {bytes: 2}]").payloads, SizeIs(2));
}

TEST(plan_reading, no_share_is_no_injection) {
  EXPECT_THAT(only_task(read_text(plan_with_task("{name: a, endpoint: probe.validate, inject: "
                                                 "{invalid: 0%, bad_email: 100%}}")))
                  .inject,
              ElementsAre(Injection{InvalidKind::bad_email, 1}));
}

TEST(plan_reading, a_closed_load) {
  const PlanReading reading = read_text(
      plan_with_load("{model: closed, users: 100, spawn: 10/s, think: 100ms..1s, connections: 5}"));
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.load, (Load{.model = LoadModel::closed,
                                     .users = 100,
                                     .spawn = Rate{10},
                                     .think = {100ms, 1s},
                                     .connections = 5}));
}

TEST(plan_reading, users_alone_make_a_load_closed_and_one_think_time_is_fixed) {
  const PlanReading reading = read_text(plan_with_load("{users: 2, think: 30ms}"));
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.load.model, LoadModel::closed);
  EXPECT_EQ(reading.plan.load.think, (ThinkTime{30ms, 30ms}));
}

TEST(plan_reading, a_profile_lasts_as_long_as_its_stretches) {
  const PlanReading reading =
      read_text(plan_with_load("{rate: [{for: 10s, rate: 500/s}, {for: 30s, from: 500/s, to: "
                               "5k/s}, {for: 5s, rate: 0/s}]}"));
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_THAT(reading.plan.load.profile,
              ElementsAre(Stretch{10s, Rate{500}, Rate{500}}, Stretch{30s, Rate{500}, Rate{5000}},
                          Stretch{5s, Rate{0}, Rate{0}}));
  EXPECT_EQ(reading.plan.load.duration, 45s);
}

TEST(plan_reading, time_scales_phases_but_neither_think_time_nor_timeouts) {
  const auto scaled = [](const std::string& load) {
    const PlanReading reading = read_plan(
        {.file = "plan.yaml", .text = plan_with_load(load), .set = {}, .time_scale = 0.1});
    EXPECT_THAT(texts(reading), IsEmpty());
    return reading.plan;
  };
  const Plan open = scaled("{rate: 100/s, warmup: 2s, duration: 10s}");
  EXPECT_EQ(open.load.warmup, 200ms);
  EXPECT_EQ(open.load.duration, 1s);
  EXPECT_THAT(open.load.profile, ElementsAre(Stretch{1s, Rate{100}, Rate{100}}));
  EXPECT_EQ(open.tasks[0].timeout, 1s);

  const Plan defaults = scaled("{rate: 100/s}");
  EXPECT_EQ(defaults.load.warmup, 100ms);
  EXPECT_EQ(defaults.load.duration, 500ms);

  const Plan profile = scaled("{rate: [{for: 10s, rate: 500/s}, {for: 5s, from: 1/s, to: 2/s}]}");
  EXPECT_EQ(profile.load.duration, 1500ms);
  EXPECT_EQ(profile.load.profile[0].length, 1s);

  const Plan closed = scaled("{users: 1, think: 10ms, duration: 10s}");
  EXPECT_EQ(closed.load.think.max, 10ms);
  EXPECT_EQ(closed.load.duration, 1s);
}

TEST(plan_reading, set_edits_the_plan_before_it_is_read) {
  PlanSource source{.file = "plan.yaml", .text = plan_with_load("{rate: 10/s}"), .set = {}};
  source.set = {{"load.rate", "5000/s"},
                {"load.workers", "2"},
                {"load.connections", "2"},
                {"tasks.0.timeout", "2s"},
                {"tasks.0.headers.X", "1"},
                {"gates.send lag", "20%"},
                {"claims", "[response p99 < 1ms, success >= 99%]"},
                {"about", "'it: works'"}};
  const PlanReading reading = read_plan(source);
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.load.profile[0].from, Rate{5000});
  EXPECT_EQ(reading.plan.load.workers, 2U);
  EXPECT_EQ(reading.plan.tasks[0].timeout, 2s);
  EXPECT_THAT(reading.plan.tasks[0].headers, ElementsAre(Pair("X", "1")));
  EXPECT_THAT(reading.plan.gates, ElementsAre(Pair("send lag", 0.2)));
  EXPECT_THAT(reading.plan.claims, SizeIs(2));
  EXPECT_EQ(reading.plan.about, "it: works");
}

TEST(plan_reading, set_can_be_the_whole_plan) {
  const PlanReading reading = read_plan(
      {.file = "command line",
       .text = "",
       .set = {{"name", "x"}, {"load.rate", "10/s"}, {"tasks", "[{name: a, subject: s}]"}}});
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.tasks[0].subject, "s");
}

TEST(plan_reading, json_is_yaml) {
  const PlanReading reading = read_text(
      R"({"name":"j","load":{"rate":"10/s"},"tasks":[{"name":"a","subject":"s","expect":{"contains":"\"\u00e4\n"}}]})");
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.tasks[0].expected, "\"ä\n");
}

TEST(plan_reading, an_echo_payload_too_short_for_its_sequence_digits_is_allowed) {
  const PlanReading reading =
      read_text(plan_with_task("{name: a, endpoint: echo, payload: {bytes: 0}}"));
  ASSERT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.tasks[0].payload_bytes, 0U);
}

TEST(expectation, reads_as_on_the_command_line) {
  EXPECT_EQ(parse_expectation("same")->expect, Expect::same);
  EXPECT_EQ(parse_expectation("no_error")->expect, Expect::no_error);
  EXPECT_EQ(parse_expectation("contains:  a: b ")->argument, "a: b");
  EXPECT_EQ(parse_expectation("equals_file:x.json")->argument, "x.json");
  EXPECT_FALSE(parse_expectation("contains: "));
  EXPECT_FALSE(parse_expectation("noerror"));
  EXPECT_FALSE(parse_expectation(""));
}

TEST(pacing, sleeps_where_spinning_would_take_the_servers_core) {
  Load load{.workers = 1};
  EXPECT_EQ(effective_pacing(load, 2), Pacing::sleep);
  EXPECT_EQ(effective_pacing(load, 3), Pacing::sleep);
  EXPECT_EQ(effective_pacing(load, 4), Pacing::hybrid);
  load.workers = 4;
  EXPECT_EQ(effective_pacing(load, 6), Pacing::sleep);
  EXPECT_EQ(effective_pacing(load, 7), Pacing::hybrid);
  load.pacing = Pacing::spin;
  EXPECT_EQ(effective_pacing(load, 1), Pacing::spin);
}

TEST(planned_requests, follow_the_schedule_and_the_weights) {
  Plan plan{.load = {.profile = {{5s, Rate{2000}, Rate{2000}}, {2s, Rate{0}, Rate{1000}}}},
            .tasks = {{.name = "a", .weight = 40}, {.name = "b", .weight = 60}}};
  const auto planned = planned_requests(plan);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->all, 11'000U);
  EXPECT_THAT(planned->tasks, ElementsAre(4400U, 6600U));
  plan.load.model = LoadModel::closed;
  EXPECT_FALSE(planned_requests(plan));
}

TEST(Plan, OrdersAreStagedWithTheNeighboursTheyCall) {
  Plan plan;
  plan.services = {"payment", "orders"};
  EXPECT_THAT(services_to_stage(plan), ElementsAre("payment", "orders", "fraud", "inventory"));
}

}  // namespace
}  // namespace natsproof
