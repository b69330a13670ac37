// Faults that the staged services inject are found again, exactly, in the classes of the requests.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// Of all tasks and repetitions, warm-up included.
struct Totals {
  std::uint64_t planned = 0;
  std::map<std::string, std::uint64_t> classes, error_codes, injected, ledger;
  std::uint64_t late = 0, duplicate = 0;
};

void add(const json& counts, Totals& totals) {
  totals.planned += counts["planned"].get<std::uint64_t>();
  totals.late += counts["late"].get<std::uint64_t>();
  totals.duplicate += counts["duplicate"].get<std::uint64_t>();
  for (const auto& [name, n] : counts["classes"].items()) totals.classes[name] += n.get<int>();
  for (const auto& [code, n] : counts["error_codes"].items())
    totals.error_codes[code] += n.get<int>();
}

Totals totals_of(const json& run) {
  Totals totals;
  for (const json& repetition : run["repetitions"]) {
    add(repetition["tasks"][0], totals);
    add(repetition["tasks"][0]["warmup"], totals);
    for (const auto& [name, n] : repetition["injected"].items())
      totals.injected[name.substr(name.find('.') + 1)] += n.get<int>();  // of whichever service
    for (const auto& [name, n] : repetition["ledger"].items()) totals.ledger[name] += n.get<int>();
  }
  return totals;
}

json run_with(const std::vector<std::string>& sets, const std::string& tasks, int status) {
  const TemporaryFolder folder;
  const std::string plan = R"(
name: faults
services: [echo, orders]
load: {model: open, arrivals: constant, rate: 1000/s, connections: 2, warmup: 500ms, duration: 2s, repetitions: 2}
tasks:
)" + tasks + "\nclaims: [success >= 1%]\n";
  std::vector<std::string> arguments = {"run", folder.write("faults.yaml", plan), "--out",
                                        folder.file("r"), "--quiet"};
  for (const std::string& set : sets) {
    arguments.emplace_back("--set");
    arguments.push_back(set);
  }
  Program run(arguments);
  EXPECT_EQ(run.wait(), status) << run.out() << run.err();
  const json saved = read_json(folder.file("r/run.json"));
  // Whatever goes wrong in a service, who answers is the staged one.
  const auto foreign =
      std::find_if(saved["gates"].begin(), saved["gates"].end(),
                   [](const json& gate) { return gate["name"] == "foreign answers"; });
  EXPECT_TRUE(foreign != saved["gates"].end());
  if (foreign != saved["gates"].end()) {
    EXPECT_EQ((*foreign)["passed"], true) << *foreign;
  }
  return saved;
}

constexpr const char* kEcho = "  - {name: echo, endpoint: echo, timeout: 700ms}";
constexpr int kInconclusive = 3;  // two repetitions prove nothing

TEST(Faults, WhatIsDroppedBeforeExecutionNeverArrived) {
  const Totals totals = totals_of(run_with({"faults.echo=drop=20:before"}, kEcho, kInconclusive));
  EXPECT_EQ(totals.planned, 5000U);
  EXPECT_GT(totals.injected.at("drop_before"), 800U);
  EXPECT_LT(totals.injected.at("drop_before"), 1200U);
  EXPECT_EQ(totals.injected.size(), 1U);
  EXPECT_EQ(totals.classes.at("timeout"), totals.injected.at("drop_before"));
  EXPECT_EQ(totals.classes.at("ok"), totals.planned - totals.classes.at("timeout"));
  EXPECT_EQ(totals.ledger.at("never_arrived"), totals.classes.at("timeout"));
  for (const char* other :
       {"not_replied", "reply_lost", "replied_late", "unknown", "executed_again"})
    EXPECT_EQ(totals.ledger.at(other), 0U) << other;
}

TEST(Faults, WhatIsDroppedAfterExecutionWasTakenAndNotAnswered) {
  const Totals totals =
      totals_of(run_with({"faults.echo=drop=20:after", "instances=3"}, kEcho, kInconclusive));
  EXPECT_GT(totals.injected.at("drop_after"), 800U);
  EXPECT_EQ(totals.classes.at("timeout"), totals.injected.at("drop_after"));
  EXPECT_EQ(totals.ledger.at("not_replied"), totals.classes.at("timeout"));
  EXPECT_EQ(totals.ledger.at("never_arrived"), 0U);
  EXPECT_EQ(totals.ledger.at("unknown"), 0U);
}

TEST(Faults, EachKindIsFoundAgainInItsClass) {
  const Totals totals = totals_of(
      run_with({"load.rate=300/s",
                "faults.orders=error=503:4,500:3 drop=3:before,3:after wrong=5 twice=6 late=2s:4 "
                "size=2KiB:3"},
               "  - {name: get, endpoint: orders.get, timeout: 1s}", kInconclusive));
  const auto injected = [&](const char* name) { return totals.injected.at(name); };
  for (const char* name :
       {"error_503", "error_500", "drop_before", "drop_after", "wrong", "twice", "late", "size"})
    EXPECT_GT(injected(name), 0U) << name;
  EXPECT_EQ(totals.error_codes.at("503"), injected("error_503"));
  EXPECT_EQ(totals.error_codes.at("500"), injected("error_500"));
  EXPECT_EQ(totals.classes.at("service_error"), injected("error_503") + injected("error_500"));
  EXPECT_EQ(totals.classes.at("wrong_reply"), injected("wrong") + injected("size"));
  EXPECT_EQ(totals.duplicate, injected("twice"));
  EXPECT_EQ(totals.classes.at("timeout"),
            injected("drop_before") + injected("drop_after") + injected("late"));
  EXPECT_EQ(totals.ledger.at("never_arrived"), injected("drop_before"));
  // The last late replies are still to come when the ledger is asked.
  EXPECT_GE(totals.ledger.at("not_replied"), injected("drop_after"));
  EXPECT_EQ(totals.ledger.at("not_replied") + totals.ledger.at("reply_lost") +
                totals.ledger.at("replied_late"),
            injected("drop_after") + injected("late"));
  EXPECT_EQ(totals.ledger.at("replied_late"), totals.late);
}

// Requests leave when the schedule says and are drawn from the plan's seed, and so are their
// faults.
TEST(Faults, AreTheSameInEveryRunOfAPlanAndOthersInEachRepetition) {
  const auto injected = [](const char* seed) {
    const json run = run_with({"faults.echo=error=503:10 drop=10:before", seed, "load.rate=500/s"},
                              kEcho, kInconclusive);
    return std::vector<json>{run["repetitions"][0]["injected"], run["repetitions"][1]["injected"]};
  };
  const auto first = injected("load.seed=7");
  EXPECT_GT(first[0]["echo.error_503"], 0);
  EXPECT_NE(first[0], first[1]);
  EXPECT_EQ(injected("load.seed=7"), first);
  EXPECT_NE(injected("load.seed=8"), first);
}

TEST(Faults, ARequestCanAskForItsOwn) {
  const Totals totals = totals_of(run_with(
      {},
      "  - {name: sound, endpoint: echo, timeout: 700ms}\n"
      "  - {name: refused, endpoint: echo, timeout: 700ms, headers: {Natsproof-Fault: error=429}}",
      kInconclusive));
  EXPECT_GT(totals.injected.at("error_429"), 2000U);
  EXPECT_EQ(totals.error_codes.at("429"), totals.injected.at("error_429"));
  EXPECT_EQ(totals.classes.at("service_error"), totals.injected.at("error_429"));
}

TEST(Faults, OfANeighbourAreToldToo) {
  const json run =
      run_with({"faults.fraud=error=503:20", "load.rate=300/s", "load.warmup=0s"},
               "  - {name: place, endpoint: orders.place, timeout: 2s}", kInconclusive);
  std::uint64_t injected = 0;
  for (const json& repetition : run["repetitions"]) {
    EXPECT_EQ(repetition["injected"].size(), 1U) << repetition["injected"];
    injected += repetition["injected"]["fraud.error_503"].get<int>();
  }
  const Totals totals = totals_of(run);
  EXPECT_GT(injected, 150U);
  // A check that does not come within a second, on a machine that stands still, makes a 500 as
  // well.
  EXPECT_GE(totals.error_codes.at("500"), injected) << "an order whose fraud check fails is a 500";
  const bool none_waited =
      run["tasks"][0]["failed_after_ns"]["service_error"]["max"].get<std::int64_t>() <
      1'000'000'000;
  if (none_waited) {
    EXPECT_EQ(totals.error_codes.at("500"), injected);
  }
  EXPECT_THAT(run["plan"]["conditions"]["services"].get<std::string>(),
              HasSubstr("faults of fraud: error=503:20"));
}

// A service that has been away answers all that has piled up meanwhile. It hangs 2 s after its
// start, in the first repetition, though the stage take 2 s.
TEST(Faults, AfterAHangNothingIsLost) {
  for (const char* client : {"wire", "nats.c"}) {
    const Totals totals = totals_of(run_with(
        {"load.rate=200/s", "faults.orders=hang=800ms@2s", std::string("service_client=") + client},
        "  - {name: get, endpoint: orders.get, codec: json, timeout: 20s}", kInconclusive));
    EXPECT_EQ(totals.injected.at("hang"), 1U) << client;
    EXPECT_EQ(totals.classes.at("ok"), totals.planned) << client;
  }
}

// What the report that made "0.0109 ms, VALIDATED" of nothing but failures has to be here.
TEST(Faults, WhereEveryReplyIsAnErrorThereIsNoLatency) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("trap.yaml", R"(
name: trap
services: [echo]
faults: {echo: error=500}
load: {arrivals: constant, rate: 500/s, warmup: 100ms, duration: 1s, repetitions: 5}
tasks: [{name: echo, endpoint: echo, timeout: 500ms}]
claims: [response p50 < 50ms, errors <= 1%]
)");
  Program run({"run", plan, "--out", folder.file("r"), "--quiet"});
  EXPECT_EQ(run.wait(), 1) << run.out() << run.err();
  EXPECT_THAT(run.out(), HasSubstr("no request succeeded, so there are no times to show"));
  const json saved = read_json(folder.file("r/run.json"));
  EXPECT_EQ(saved["verdict"], "REFUTED");
  for (const json& task : saved["tasks"]) {
    EXPECT_EQ(task["response_ns"]["count"], 0);
    EXPECT_TRUE(task["response_ns"]["p50"].is_null());
    EXPECT_TRUE(task["response_ns"]["mean"].is_null());
  }
}

TEST(Faults, ThreeInstancesShareFairlyAndAreTold) {
  const json run =
      run_with({"instances=3", "services=[probe]",
                "load={users: 30, connections: 2, warmup: 500ms, duration: 2s, repetitions: 2}"},
               "  - {name: probe, endpoint: probe.validate, timeout: 5s}", kInconclusive);
  const json& instances = run["tasks"][0]["instances"];
  ASSERT_EQ(instances.size(), 3U);
  std::uint64_t sum = 0;
  for (const json& instance : instances) sum += instance["count"].get<std::uint64_t>();
  EXPECT_EQ(sum, run["tasks"][0]["classes"]["ok"]);
  // The server draws an instance for each request: two points, and more where a slow build makes
  // fewer than 20,000 of them.
  const double within = std::max(0.02, 6 * std::sqrt(2.0 / 9 / static_cast<double>(sum)));
  for (const json& instance : instances) {
    EXPECT_NEAR(instance["share"].get<double>(), 1.0 / 3, within) << instance["id"] << sum;
    EXPECT_GT(instance["service_ns"]["mean"], 0);
  }
}

TEST(Faults, OrdersInProcessAndOverNatsAreRightAlike) {
  for (const char* in_process : {"false", "true"}) {
    const Totals totals = totals_of(
        run_with({std::string("inline=") + in_process, "load.rate=150/s"},
                 "  - {name: place, endpoint: orders.place, timeout: 2s, inject: {invalid: 10%}}\n"
                 "  - {name: batch, weight: 0.1, endpoint: orders.batch, timeout: 2s}",
                 kInconclusive));
    EXPECT_EQ(totals.classes.at("ok") + totals.classes.at("rejected"), totals.planned);
  }
}

}  // namespace
}  // namespace natsproof
