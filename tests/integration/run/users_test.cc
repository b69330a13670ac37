// Closed loops of many users, profiles and limits that abort, as a user sees them.
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "loadgen/stage/nats_server.h"
#include "tests/integration/run/program.h"
#include "tests/integration/run/scripted_service.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Users, AKindDoesItsOwnTasksAndEveryReplyIsVerified) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("kinds.yaml", R"(
name: kinds
services: [orders, echo]
load: {users: 20, spawn: 100/s, connections: 4, warmup: 200ms, duration: 2s, repetitions: 1}
users:
  - {name: order_processing, weight: 3, think: 10ms..20ms, tasks: {place: 3, get: 1}}
  - {name: monitoring, weight: 1, think: 20ms, tasks: [echo]}
tasks:
  - {name: place, endpoint: orders.place, timeout: 2s}
  - {name: get, endpoint: orders.get, timeout: 2s}
  - {name: echo, endpoint: echo, timeout: 2s}
claims: [throughput >= 100000/s]
)"),
               "--out", folder.file("r")});
  EXPECT_NE(run.wait(), 2) << run.out() << run.err();
  EXPECT_THAT(run.err(), HasSubstr("closed loop, 20 users of 2 kinds, spawning 100/s"));
  EXPECT_THAT(run.err(), HasSubstr("contradicts its own load"));
  const json saved = read_json(folder.file("r/run.json"));
  ASSERT_FALSE(saved.is_discarded());
  for (const json& task : saved["tasks"]) {
    EXPECT_GT(task["planned"], 0) << task["name"];
    EXPECT_EQ(task["classes"]["ok"], task["planned"]) << task["name"];
  }
}

TEST(Users, CheckSaysWhatTheyCanMake) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("check.yaml", R"(
name: check
load: {users: 1000, spawn: 100/s, think: 2s..4s, connections: 4, duration: 30s, repetitions: 2}
tasks: [{name: echo, endpoint: echo}]
claims: [throughput >= 1000/s, throughput >= 300/s, service p99 < 100ms]
abort: errors > 50% for 5s
)");
  Program check({"check", plan});
  EXPECT_EQ(check.wait(), 0) << check.err();
  EXPECT_THAT(check.out(), HasSubstr("closed loop, 1,000 users, spawning 100/s; 2 repetitions of "
                                     "30.0 s after 10.0 s of spawning and 1.00 s of warm-up"));
  EXPECT_THAT(check.out(), HasSubstr("takes about 82.0 s, at most about 20,000 measured requests, "
                                     "unless errors > 50% for 5s\n"));
  EXPECT_THAT(check.out(), HasSubstr("note: contradicts its own load: 1,000 users who think 3.00 s "
                                     "on average make at most 333/s, so `throughput >= 1000/s` "
                                     "cannot hold; ask it with an open loop (`rate: 1000/s`)\n"));
  EXPECT_THAT(check.out(), Not(HasSubstr("`throughput >= 300/s`")));
  Program quick({"check", plan, "--time", "0.1x", "--set", "load.think=0s"});
  EXPECT_EQ(quick.wait(), 0) << quick.err();
  EXPECT_THAT(quick.out(), HasSubstr("spawning 1,000/s; 2 repetitions of 3.00 s after 1.00 s of "
                                     "spawning and 100 ms of warm-up"));
  EXPECT_THAT(quick.out(), Not(HasSubstr("contradicts")));
  EXPECT_THAT(quick.out(), HasSubstr("takes about 8.20 s, unless"));
}

TEST(Users, ASpikeComesAndGoes) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("spike.yaml", R"(
name: spike
services: [echo]
load:
  users: [{for: 1s, from: 0, to: 100}, {for: 500ms, users: 100}, {for: 1s, from: 100, to: 0}]
  think: 50ms
  connections: 4
  repetitions: 1
tasks: [{name: echo, endpoint: echo, timeout: 2s}]
)"),
               "--out", folder.file("r")});
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
  EXPECT_THAT(run.err(), HasSubstr("100 users at most, a profile of 3 stretches"));
  const json saved = read_json(folder.file("r/run.json"));
  ASSERT_FALSE(saved.is_discarded());
  EXPECT_GT(saved["tasks"][0]["planned"], 0);
  EXPECT_EQ(saved["tasks"][0]["classes"]["ok"], saved["tasks"][0]["planned"]);
}

// Nobody answers: the run ends with the second that breaks the limit, long before its time.
TEST(Abort, ARunWhoseRequestsAllFailEndsEarlyAndIsInvalid) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("nobody.yaml", R"(
name: nobody
services: [echo]
load: {rate: 200/s, connections: 2, warmup: 100ms, duration: 10m, repetitions: 5}
tasks: [{name: a, subject: nobody.home, timeout: 1s}]
claims: [success >= 1%]
abort: errors > 50% for 1s
)"),
               "--out", folder.file("r")});
  EXPECT_EQ(run.wait(), 4) << run.out() << run.err();
  constexpr const char* kWhy =
      "aborted in repetition 1 of 5: errors > 50% for 1s: a second with 100 % of requests failed";
  const json saved = read_json(folder.file("r/run.json"));
  ASSERT_FALSE(saved.is_discarded());
  EXPECT_EQ(saved["verdict"], "INVALID");
  EXPECT_EQ(saved["repetitions"].size(), 1u);
  EXPECT_THAT(saved.dump(), HasSubstr(kWhy));
  const json& all = saved["tasks"][0];
  EXPECT_GT(all["planned"], 100);
  EXPECT_EQ(all["classes"]["no_responders"], all["planned"]);
  EXPECT_THAT(run.out(), HasSubstr("ABORTED  in repetition 1 of 5: errors > 50% for 1s"));
  EXPECT_THAT(run.out(), HasSubstr("The run was aborted in repetition 1 of 5"));
  EXPECT_THAT(run.out(), Not(HasSubstr("FAILED  aborted")));
  EXPECT_THAT(saved["repetitions"][0]["aborted"].get<std::string>(), HasSubstr("errors > 50%"));
}

// Half of the requests fail at once, which aborts the run; the others are awaited for 4 s more.
TEST(Abort, AnInterruptionAfterItDoesNotLengthenTheMeasurement) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server) << server.error().message;
  const SteadyClock clock;
  const ScriptedService silent(server->address(), "silent.home",
                               [](const Message&, const ScriptedService::Reply&) {});
  const TemporaryFolder folder;
  Program run({"run", folder.write("twice.yaml", R"(
name: twice
load: {rate: 100/s, connections: 2, warmup: 0s, duration: 10m, repetitions: 5}
tasks:
  - {name: nobody, subject: nobody.home, timeout: 4s}
  - {name: silent, subject: silent.home, timeout: 4s}
abort: errors > 50% for 1s
)"),
               "--server", server->address().display(), "--out", folder.file("r")});
  ASSERT_TRUE(silent.await_messages(1)) << run.err();
  const Instant began = clock.now();
  // The load is stopped when nothing more arrives.
  Instant stopped = began;
  for (int seen = 0; clock.now() < stopped + 700ms && clock.now() < began + 20s;) {
    if (silent.await_messages(seen + 1, 50ms)) seen = silent.messages(), stopped = clock.now();
  }
  std::this_thread::sleep_until(stopped + 1500ms);
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 4) << run.out() << run.err();
  const json saved = read_json(folder.file("r/run.json"));
  ASSERT_FALSE(saved.is_discarded());
  const json& repetition = saved["repetitions"][0];
  EXPECT_THAT(repetition["aborted"].get<std::string>(), HasSubstr("errors > 50%"));
  EXPECT_EQ(repetition["interrupted"], true);
  EXPECT_LT(Duration{repetition["window_ns"].get<std::int64_t>()}, stopped - began + 1s);
}

TEST(Abort, ARunBelowItsLimitGoesOnToItsEnd) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("fine.yaml", R"(
name: fine
services: [echo]
load: {arrivals: constant, rate: 200/s, connections: 2, warmup: 100ms, duration: 2s,
       repetitions: 1}
tasks: [{name: echo, endpoint: echo, timeout: 2s}]
abort: errors > 50% for 1s
)"),
               "--out", folder.file("r")});
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
  EXPECT_THAT(run.out(), Not(HasSubstr("aborted")));
  EXPECT_EQ(read_json(folder.file("r/run.json"))["tasks"][0]["planned"], 400);
}

}  // namespace
}  // namespace natsproof
