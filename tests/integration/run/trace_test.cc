// Where the time went, of real runs: the parts sum to the whole, and the guilty one is named.
#include <cmath>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

struct Traced {
  json run;
  std::string report;
};

Traced trace(const std::string& plan, const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments = {
      "run", folder.write("traced.yaml", plan), "--out", folder.file("r"), "--quiet", "--trace"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Program run(arguments);
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
  return {read_json(folder.file("r/run.json")), run.out()};
}

std::map<std::string, double> parts_of(const json& group) {
  std::map<std::string, double> parts;
  for (const json& part : group["parts"]) parts[part["name"]] = part["mean_ns"].get<double>();
  return parts;
}

void expect_sums(const json& group) {
  double sum = 0, work = 0, in_work = 0;
  for (const json& part : group["parts"]) {
    const double ns = part["mean_ns"].get<double>();
    (part["depth"] == 0 ? sum : in_work) += ns;
    if (part["name"] == "work") work = ns;
  }
  const double total = group["total_ns"].get<double>();
  EXPECT_NEAR(sum, total, 1e-9 * total);
  if (in_work > 0) {
    EXPECT_NEAR(in_work, work, 1e-9 * total);
  }
}

std::string plan_of(const std::string& services, const std::string& load, const std::string& task) {
  return "name: traced\nservices: [" + services +
         "]\nload: {model: open, arrivals: constant, warmup: 200ms, repetitions: 1, connections: "
         "2, " +
         load + "}\ntasks:\n  - {name: asked, timeout: 1s, " + task + "}\n";
}

TEST(Trace, OfAnOrderNamesTheNeighbours) {
  const Traced traced =
      trace(plan_of("orders", "rate: 200/s, duration: 1s", "endpoint: orders.place"));
  ASSERT_EQ(traced.run["repetitions"].size(), 1U) << "the traced one is not among them";
  const json& trace = traced.run["trace"];
  EXPECT_EQ(trace["not_available"], "");
  EXPECT_GT(trace["p50_service_traced_ns"], 0);
  EXPECT_GT(trace["p50_service_untraced_ns"], 0);
  const json& task = trace["tasks"][0];
  EXPECT_EQ(task["traced"], task["ok"]);
  EXPECT_EQ(task["untraced"], 0);
  const json& typical = task["groups"][0];
  ASSERT_GT(typical["requests"], 0);
  expect_sums(typical);
  const auto parts = parts_of(typical);
  for (const char* name :
       {"generator lag", "client out", "queueing in the service", "decode", "validate", "work",
        "fraud", "inventory", "payment", "own", "encode", "on the way back", "client in"}) {
    ASSERT_TRUE(parts.count(name)) << name;
    EXPECT_GT(parts.at(name), 0) << name;
  }
  EXPECT_EQ(parts.at("not explained"), 0);
  EXPECT_THAT(traced.report, HasSubstr("WHERE THE TIME WENT"));
  EXPECT_THAT(traced.report, HasSubstr("cost of tracing"));
  EXPECT_THAT(traced.report, HasSubstr("need 1,000 requests, this task has"));
}

TEST(Trace, ASlowNeighbourIsTheGuiltyOne) {
  const Traced traced =
      trace(plan_of("orders", "rate: 200/s, duration: 1s", "endpoint: orders.place"),
            {"--set", "faults.fraud=delay=20ms"});
  const json& typical = traced.run["trace"]["tasks"][0]["groups"][0];
  ASSERT_GT(typical["requests"], 0);
  const auto parts = parts_of(typical);
  EXPECT_GE(parts.at("fraud"), 20e6);
  for (const auto& [name, ns] : parts) {
    if (name == "fraud" || name == "work") continue;
    EXPECT_LT(ns, parts.at("fraud")) << name;
  }
}

// 20 users ask one service at once, that takes 1 ms of its only thread for each. The typical ones
// are told from 100 requests on: a tenth of what a second has room for, as the machine may be busy.
TEST(Trace, ABurstQueuesInTheService) {
  std::string plan = plan_of("echo", "", "endpoint: echo");
  const std::string open = "model: open, arrivals: constant";
  plan.replace(plan.find(open), open.size(), "model: closed, users: 20, duration: 1s");
  const Traced traced = trace(plan, {"--set", "service_client=wire", "--set", "work.echo=cpu=1ms"});
  const json& task = traced.run["trace"]["tasks"][0];
  const json& typical = task["groups"][0];
  ASSERT_GT(typical["requests"], 0) << "of " << task["traced"];
  expect_sums(typical);
  const auto parts = parts_of(typical);
  EXPECT_FALSE(parts.count("generator lag")) << "a closed loop has none";
  EXPECT_GE(parts.at("injected (work, faults)"), 1e6);
  EXPECT_GT(parts.at("queueing in the service") + parts.at("on the way there"), parts.at("work"));
  EXPECT_GT(parts.at("queueing in the service"), 0);
}

TEST(Trace, EachPointOfASweepHasItsOwn) {
  const TemporaryFolder folder;
  Program run(
      {"run",
       folder.write("s.yaml", plan_of("echo", "rate: 100/s, duration: 500ms", "endpoint: echo")),
       "--sweep", "load.rate=100/s,150/s", "--trace", "--out", folder.file("r"), "--quiet"});
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
  std::size_t traced = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.file("r"))) {
    if (entry.path().filename() != "run.json") continue;
    const json trace = read_json(entry.path().string())["trace"];
    ASSERT_TRUE(trace.is_object());
    EXPECT_EQ(trace["not_available"], "");
    ++traced;
  }
  EXPECT_EQ(traced, 2U);
}

// What is judged is complete without it, of a run alone and of a sweep.
TEST(Trace, CtrlCInItLeavesTheVerdictsAlone) {
  for (const std::string points : {"100/s", "100/s,150/s"}) {
    SCOPED_TRACE(points);
    const TemporaryFolder folder;
    const bool is_sweep = points.find(',') != std::string::npos;
    Program run(
        {"run",
         folder.write("s.yaml", plan_of("echo", "rate: 100/s, duration: 1s", "endpoint: echo")),
         is_sweep ? "--sweep" : "--set", "load.rate=" + points, "--trace", "--out",
         folder.file("r")});
    // Told when the one after it has begun.
    ASSERT_TRUE(run.await_text(is_sweep ? "repetition 2/2" : "repetition 1/1")) << run.err();
    run.signal(SIGINT);
    EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
    EXPECT_THAT(run.out(), Not(HasSubstr("INTERRUPTED")));
    std::vector<std::string> whys;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.file("r"))) {
      if (entry.path().filename() != "run.json") continue;
      const json saved = read_json(entry.path().string());
      EXPECT_EQ(saved["interrupted"], false);
      EXPECT_EQ(saved["verdict"], "NONE");
      whys.push_back(saved["trace"]["not_available"]);
    }
    EXPECT_THAT(whys, Contains("the traced repetition was interrupted"));
    if (is_sweep) {
      EXPECT_THAT(whys, Contains("the run was interrupted before the traced repetition began"));
    } else {
      EXPECT_THAT(run.out(), HasSubstr("not known: the traced repetition was interrupted"));
    }
    Program again({"report", folder.file("r")});
    EXPECT_EQ(again.wait(), 0) << again.out();
  }
}

TEST(Trace, CheckTellsOfIt) {
  const TemporaryFolder folder;
  const std::string plan =
      folder.write("c.yaml", plan_of("echo", "rate: 100/s, duration: 1800ms", "endpoint: echo"));
  Program plain({"check", plan}), traced({"check", plan, "--trace"});
  EXPECT_EQ(plain.wait(), 0);
  EXPECT_EQ(traced.wait(), 0);
  EXPECT_THAT(plain.out(), HasSubstr("takes about 2.00 s"));
  EXPECT_THAT(traced.out(), HasSubstr("takes about 4.00 s"));
  EXPECT_THAT(traced.out(), HasSubstr("one more repetition is traced, and not judged"));
}

}  // namespace
}  // namespace natsproof
