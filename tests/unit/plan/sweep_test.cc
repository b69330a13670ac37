// Points of a sweep, their order, and mistakes with their places.
#include "loadgen/plan/sweep.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/yaml_tree.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The sweep stands in line 7, what follows it in line 8.
std::string swept_plan(const std::string& sweep, const std::string& more = "") {
  return "name: p\n"
         "services: [echo]\n"
         "load: {users: 4, connections: 2, repetitions: 3}\n"
         "tasks:\n"
         "  - {name: a, endpoint: echo, payload: {bytes: 16}}\n"
         "  - {name: b, endpoint: orders.place, codec: protobuf}\n"
         "sweep: " +
         sweep + "\n" + more;
}

Sweep read(const std::string& text) {
  return read_sweep({.file = "plan.yaml", .text = text, .set = {}});
}
std::vector<std::string> mistakes(const Sweep& sweep) {
  std::vector<std::string> found;
  for (const PlanMistake& mistake : sweep.mistakes) found.push_back(mistake.text());
  return found;
}
std::vector<std::string> names(const Sweep& sweep) {
  std::vector<std::string> found;
  for (const SweepPoint& point : sweep.points) found.push_back(point.name);
  return found;
}
std::vector<std::size_t> against(const Sweep& sweep) {
  std::vector<std::size_t> found;
  for (const SweepPoint& point : sweep.points) found.push_back(point.against);
  return found;
}

TEST(sweep, a_plan_without_one_is_one_point) {
  const Sweep sweep = read(plan_with_load("{rate: 10/s}"));
  EXPECT_THAT(mistakes(sweep), IsEmpty());
  EXPECT_FALSE(sweep.swept());
  ASSERT_EQ(sweep.points.size(), 1U);
  EXPECT_EQ(sweep.points[0].name, "");
  EXPECT_EQ(sweep.points[0].plan.name, "p");
}

TEST(sweep, one_key_makes_a_point_of_each_value) {
  const Sweep sweep = read(swept_plan("{load.users: [2, 10, 50]}"));
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  EXPECT_THAT(names(sweep), ElementsAre("users=2", "users=10", "users=50"));
  EXPECT_THAT(against(sweep), ElementsAre(0, 0, 0)) << "the first";
  EXPECT_EQ(sweep.points[1].plan.load.users, 10U);
  EXPECT_EQ(sweep.points[1].folder, "users=10");
  EXPECT_THAT(sweep.points[1].set,
              ElementsAre(std::pair<std::string, std::string>("load.users", "10")));
  EXPECT_THAT(sweep.labels, ElementsAre("users"));
  EXPECT_EQ(sweep.name, "p");
}

TEST(sweep, keys_multiply_and_the_first_varies_slowest) {
  const Sweep sweep =
      read(swept_plan("{tasks.1.payload.order.items: [1, 10], tasks.1.codec: [protobuf, json]}"));
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  EXPECT_THAT(names(sweep), ElementsAre("items=1, codec=protobuf", "items=1, codec=json",
                                        "items=10, codec=protobuf", "items=10, codec=json"));
  EXPECT_EQ(sweep.points[2].plan.tasks[1].codec, Encoding::protobuf);
  EXPECT_EQ(sweep.points[3].plan.tasks[1].codec, Encoding::json);
  EXPECT_EQ(sweep.points[3].plan.tasks[1].payloads[0].count, (CountRange{10, 10}));
}

TEST(sweep, paths_joined_by_a_plus_move_together) {
  const Sweep sweep = read(swept_plan("{client+service_client: [wire, nats.c]}"));
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  ASSERT_EQ(sweep.points.size(), 2U);
  EXPECT_EQ(sweep.points[0].plan.client, ClientKind::wire);
  EXPECT_EQ(sweep.points[0].plan.service_client, ClientKind::wire);
  EXPECT_EQ(sweep.points[1].plan.client, ClientKind::natsc);
  EXPECT_EQ(sweep.points[1].plan.service_client, ClientKind::natsc);
  EXPECT_EQ(sweep.points[1].name, "client+service_client=nats.c");
}

TEST(sweep, a_star_is_each_entry_of_a_list) {
  const Sweep sweep = read(swept_plan("{tasks.*.timeout: [1s, 2s]}"));
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  for (const Task& task : sweep.points[1].plan.tasks) EXPECT_EQ(task.timeout, Duration{2s});
  EXPECT_EQ(sweep.labels.front(), "timeout");
}

TEST(sweep, a_value_may_be_a_list_or_a_map) {
  const Sweep sweep = read(
      "name: p\nload: {duration: 5s}\ntasks: [{name: a, subject: s}]\n"
      "sweep: {load: [{rate: 5/s}, {rate: [{for: 1s, from: 1/s, to: 9/s}]}]}\n");
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  EXPECT_EQ(sweep.points[1].name, "load={rate: [{for: 1s, from: 1/s, to: 9/s}]}");
  EXPECT_EQ(sweep.points[1].folder, "load=_rate___for_1s,from_1_s,to_9_s___");
  EXPECT_EQ(sweep.points[1].plan.load.profile.front().to, Rate{9});
}

TEST(sweep, labels_that_would_be_the_same_are_written_out) {
  const Sweep sweep = read(swept_plan("{tasks.0.timeout: [1s], tasks.1.timeout: [1s, 2s]}"));
  EXPECT_THAT(sweep.labels, ElementsAre("tasks.0.timeout", "tasks.1.timeout"));
}

TEST(sweep, folders_differ_where_their_signs_do_not) {
  const Sweep sweep = read(
      "name: p\nload: {rate: 1/s}\ntasks: [{name: a, subject: s}]\n"
      "sweep: {about: [a/b, a:b, '..', a_b_2]}\n");
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  std::set<std::string> folders;
  for (const SweepPoint& point : sweep.points) {
    EXPECT_EQ(point.folder.find('/'), std::string::npos);
    EXPECT_NE(point.folder.front(), '.');
    folders.insert(point.folder);
  }
  EXPECT_EQ(folders.size(), 4U);
}

TEST(sweep, against_names_a_point) {
  EXPECT_THAT(against(read(swept_plan("{load.users: [2, 10, 50]}", "against: {load.users: 10}"))),
              ElementsAre(1, 1, 1));
}

TEST(sweep, keys_that_against_leaves_out_are_the_points_own) {
  EXPECT_THAT(against(read(swept_plan("{load.users: [2, 10], tasks.1.codec: [protobuf, json]}",
                                      "against: {codec: json}"))),
              ElementsAre(1, 1, 3, 3));
  EXPECT_THAT(against(read(swept_plan("{client+service_client: [wire, nats.c]}",
                                      "against: {client: nats.c}"))),
              ElementsAre(1, 1));
}

TEST(sweep, the_command_line_adds_a_key_or_replaces_its_list) {
  PlanSource source{.file = "plan.yaml",
                    .text = swept_plan("{load.users: [2, 10]}"),
                    .set = {},
                    .sweep = {{"load.users", "3"}, {"tasks.1.codec", "[protobuf, json]"}}};
  const Sweep sweep = read_sweep(source);
  ASSERT_THAT(mistakes(sweep), IsEmpty());
  EXPECT_THAT(names(sweep), ElementsAre("users=3, codec=protobuf", "users=3, codec=json"));
  source.text = plan_with_load("{rate: 10/s}");
  source.sweep = {{"load.rate", "10/s, 20/s"}};
  EXPECT_THAT(names(read_sweep(source)), ElementsAre("rate=10/s", "rate=20/s"));
}

TEST(sweep, time_scales_every_point) {
  const Sweep sweep = read_sweep({.file = "plan.yaml",
                                  .text = swept_plan("{load.users: [2, 10]}"),
                                  .set = {},
                                  .time_scale = 0.1});
  for (const SweepPoint& point : sweep.points) EXPECT_EQ(point.plan.load.duration, Duration{500ms});
}

TEST(sweep, rounds_run_forward_and_backward_in_turn) {
  EXPECT_THAT(order_of_round(3, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(order_of_round(3, 1), ElementsAre(2, 1, 0));
  EXPECT_THAT(order_of_round(3, 2), ElementsAre(0, 1, 2));
  EXPECT_THAT(order_of_round(0, 1), IsEmpty());
}

TEST(sweep, a_swept_plan_reads_as_one_without_its_sweep) {
  const PlanReading reading = read_text(swept_plan("{load.users: [x]}"));
  EXPECT_THAT(texts(reading), IsEmpty());
  EXPECT_EQ(reading.plan.load.users, 4U);
}

// ---- Mistakes.

TEST(sweep_mistakes, have_the_place_of_the_value) {
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [2, many, 0]}"))),
              ElementsAre(StartsWith("plan.yaml:7:25: `users` must be a whole number from 1 to "),
                          StartsWith("plan.yaml:7:31: `users` must be a whole number from 1 to ")));
}

TEST(sweep_mistakes, are_told_once_with_the_first_point_they_are_at) {
  EXPECT_THAT(
      mistakes(read(swept_plan("{load.users: [1, 4], tasks.1.codec: [protobuf, json, xml]}"))),
      ElementsAre(
          StartsWith("plan.yaml:3:31: 2 connections for 1 user"),
          StartsWith("plan.yaml:7:61: `codec` must be one of protobuf, json, not `xml` (at the "
                     "point users=1, codec=xml)")));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [4, 5]}", "lode: 1"))),
              ElementsAre(StartsWith("plan.yaml:8:1: unknown key `lode` in a plan")));
}

TEST(sweep_mistakes, of_a_path_have_the_place_of_the_key) {
  EXPECT_THAT(mistakes(read(swept_plan("{load.user: [1, 2]}"))),
              ElementsAre(StartsWith("plan.yaml:7:9: unknown key `user` in `load` (did you mean "
                                     "`users`?)")));
  EXPECT_THAT(mistakes(read(swept_plan("{tasks.2.codec: [json]}"))),
              ElementsAre(StartsWith("plan.yaml:7:9: `tasks` is a list of 2: the next word must be "
                                     "an index from 0, below that, or `*` for each, not `2`")));
  EXPECT_THAT(mistakes(read(swept_plan("{load..users: [1]}"))),
              ElementsAre(StartsWith("plan.yaml:7:9: must be words with dots between them")));
  EXPECT_THAT(mistakes(read(swept_plan("{client+: [wire]}"))),
              ElementsAre(StartsWith("plan.yaml:7:9: must be words with dots between them")));
}

TEST(sweep_mistakes, what_is_no_sweep) {
  EXPECT_THAT(
      mistakes(read(swept_plan("[load.users]"))),
      ElementsAre(StartsWith("plan.yaml:7:8: `sweep` must be a map from keys of the plan")));
  EXPECT_THAT(mistakes(read(swept_plan("{}"))), ElementsAre(HasSubstr("not an empty one")));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: 5}"))),
              ElementsAre(StartsWith("plan.yaml:7:21: `sweep`: `load.users` needs a list")));
  EXPECT_THAT(mistakes(read(swept_plan("{load: {users: [1, 2]}}"))),
              ElementsAre(HasSubstr("`load.users: [1, 10]`")));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: []}"))),
              ElementsAre(HasSubstr("not an empty one")));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: }"))),
              ElementsAre(StartsWith("plan.yaml:7:9: `sweep`: `load.users` needs a list")));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [4, ~]}"))),
              ElementsAre(StartsWith("plan.yaml:7:25: `sweep`: a value of `load.users` is "
                                     "missing")));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [4, 5, 4]}"))),
              ElementsAre(StartsWith("plan.yaml:7:28: `sweep`: `load.users` has the value `4` "
                                     "twice")));
  EXPECT_THAT(mistakes(read(swept_plan("{client: [wire], client+service_client: [nats.c]}"))),
              ElementsAre(StartsWith("plan.yaml:7:25: `client` is swept twice")));
}

TEST(sweep_mistakes, the_rest_of_the_plan_is_read_with_the_first_values) {
  EXPECT_THAT(mistakes(read("name: p\nload: {think: 1}\ntasks: [{name: a, subject: s}]\n"
                            "sweep: {load.users: [1], client: []}\n")),
              ElementsAre(StartsWith("plan.yaml:2:15: `think`: `1` needs a unit"),
                          HasSubstr("`client` needs a list of values")));
}

TEST(sweep_mistakes, rounds_are_the_same_everywhere) {
  EXPECT_THAT(mistakes(read(swept_plan("{load.repetitions: [1, 2]}"))),
              ElementsAre(StartsWith("plan.yaml:7:9: `load.repetitions` cannot be swept")));
  EXPECT_THAT(mistakes(read(swept_plan("{load: [{users: 2}, {users: 2, repetitions: 4}]}"))),
              ElementsAre(HasSubstr("every point of a sweep must have the same")));
  EXPECT_THAT(mistakes(read(swept_plan("{name: [a, b]}"))),
              ElementsAre(HasSubstr("`name` cannot be swept")));
}

TEST(sweep_mistakes, too_many_points) {
  std::string values;
  for (int i = 1; i <= 32; ++i) values += (i == 1 ? "" : ", ") + std::to_string(i + 1);
  EXPECT_THAT(
      mistakes(read(swept_plan("{load.users: [" + values + "], load.seed: [" + values + "]}"))),
      ElementsAre(StartsWith("plan.yaml:7:1: a sweep may have at most 1,000 points")));
}

TEST(sweep_mistakes, against_what_is_not_there) {
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [4, 5]}", "against: {load.user: 4}"))),
              ElementsAre("plan.yaml:8:11: `against`: `load.user` is not swept (did you mean "
                          "`load.users`?)"));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [4, 5]}", "against: {load.users: 6}"))),
              ElementsAre("plan.yaml:8:23: `against`: `6` is none of the values of `load.users`: "
                          "4, 5"));
  EXPECT_THAT(mistakes(read(swept_plan("{load.users: [4, 5]}", "against: 4"))),
              ElementsAre(HasSubstr("as in {load.users: 4}")));
  EXPECT_THAT(mistakes(read(plan_with_load("{rate: 1/s}") + "against: {load.users: 4}\n")),
              ElementsAre(HasSubstr("there is no `sweep`")));
}

TEST(sweep_mistakes, of_flags_name_the_flag) {
  PlanSource source{.file = "plan.yaml",
                    .text = swept_plan("{load.users: [4, 5]}"),
                    .set = {{"load.users", "7"}}};
  EXPECT_THAT(mistakes(read_sweep(source)),
              ElementsAre("--set load.users: the plan sweeps it: `--sweep load.users=7` runs that "
                          "value alone"));
  source.set = {{"load.connections", "1"}};
  source.sweep = {{"client", "wire"}, {"load.users", "4,many"}};
  EXPECT_THAT(mistakes(read_sweep(source)),
              ElementsAre(StartsWith("--sweep load.users: `users` must be a whole number")));
  source.sweep = {{"load.users", "[4"}};
  EXPECT_THAT(mistakes(read_sweep(source)),
              ElementsAre(StartsWith("--sweep load.users: not YAML")));
}

TEST(sweep_mistakes, set_reaches_each_entry_of_a_list_too) {
  const PlanReading reading = read_plan({.file = "plan.yaml",
                                         .text = swept_plan("{load.users: [4, 5]}"),
                                         .set = {{"tasks.*.timeout", "3s"}}});
  ASSERT_THAT(texts(reading), IsEmpty());
  for (const Task& task : reading.plan.tasks) EXPECT_EQ(task.timeout, Duration{3s});
}

TEST(flow_text, is_one_line) {
  const PlanSource source;
  Mistakes none(source);
  const auto node = parse_yaml("a: [1, {b: c}]\nd:\n", Position::kFile, none);
  EXPECT_EQ(flow_text(*node), "{a: [1, {b: c}], d: ~}");
}

}  // namespace
}  // namespace natsproof
