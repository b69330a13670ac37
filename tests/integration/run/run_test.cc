// `natsproof run` against a real nats-server: what a user sees when all is well, and when it is
// not.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "loadgen/stage/nats_server.h"
#include "tests/integration/run/program.h"
#include "tests/integration/run/scripted_service.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// Five short repetitions with claims that five measured seconds can carry on a noisy machine.
constexpr const char* kLightLoad = R"(
name: short
services: [echo]
load: {model: open, arrivals: constant, rate: 500/s, connections: 2, warmup: 200ms, duration: 1s, repetitions: 5}
tasks:
  - {name: echo, endpoint: echo, payload: {bytes: 128}, timeout: 1s}
claims: [success >= 90%, response p50 < 500ms]
)";

// Every request in a class, whatever happened.
void expect_exact_sums(const json& run) {
  ASSERT_FALSE(run.is_discarded());
  EXPECT_EQ(run["schema"], "natsproof.run/1");
  for (const json& task : run["tasks"]) {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : task["classes"].items()) sum += count.get<std::uint64_t>();
    EXPECT_EQ(sum, task["planned"].get<std::uint64_t>()) << task["name"];
  }
  for (const json& gate : run["gates"]) {
    if (gate["name"] == "conservation") {
      EXPECT_EQ(gate["passed"], true) << gate.dump();
    }
  }
}

json gate_of(const json& run, const std::string& name) {
  for (const json& gate : run["gates"]) {
    if (gate["name"] == name) return gate;
  }
  return {};
}

// The exit status of natsproof with a standard output that takes nothing.
int status_with_full_output(const std::string& arguments, const std::string& err) {
  const std::string command =
      std::string(NATSPROOF_PROGRAM) + " " + arguments + " > /dev/full 2> " + err;
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Output, ThatCannotBeWrittenIsNoSuccess) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("short.yaml", kLightLoad);
  Program run({"run", plan, "--out", folder.file("r"), "--quiet", "--repetitions", "1", "--set",
               "load.duration=200ms"});
  EXPECT_EQ(run.wait(), 3) << run.out() << run.err();
  for (const std::string& arguments : {"check " + plan, "report " + folder.file("r")}) {
    std::filesystem::remove(folder.file("r/report.txt"));
    EXPECT_EQ(status_with_full_output(arguments, folder.file("err")), 5) << arguments;
    std::ifstream err(folder.file("err"));
    std::string said;
    std::getline(err, said);
    EXPECT_THAT(said, HasSubstr("No space left on device")) << arguments;
  }
  EXPECT_TRUE(std::filesystem::exists(folder.file("r/report.txt"))) << "saved all the same";
}

TEST(Run, ASoundRunIsProvenAndLeavesNothingBehind) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 2/5")) << run.err();
  const std::vector<pid_t> children = run.children("");
  EXPECT_EQ(children.size(), 2u) << "nats-server and the echo service";
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
  EXPECT_TRUE(await_gone(children));
  EXPECT_THAT(run.out(), HasSubstr("PROVEN"));

  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_EQ(saved["verdict"], "PROVEN");
  EXPECT_EQ(saved["interrupted"], false);
  EXPECT_EQ(saved["tasks"][0]["name"], "*");
  EXPECT_EQ(saved["tasks"][0]["classes"]["ok"], 2500);
  EXPECT_EQ(saved["tasks"][0]["response_ns"]["count"], 2500);
  EXPECT_EQ(gate_of(saved, "server agrees")["passed"], true);
  EXPECT_EQ(saved["repetitions"].size(), 5u);
  for (const json& repetition : saved["repetitions"]) {
    const json& platform = repetition["platform"];
    EXPECT_GT(platform["hiccups_ns"]["count"], 0);
    EXPECT_EQ(platform["shortest_stall_ns"], 50'000'000) << "a tenth of the claim's limit";
    EXPECT_GT(platform["voluntary_switches"], 0);
    EXPECT_TRUE(platform["suspended_ns"].is_number());
  }
  EXPECT_THAT(run.out(), HasSubstr("MACHINE"));
}

// Stopped again and again, for the measurement begins somewhere in between.
TEST(Run, AGeneratorThatStoodStillSaysSo) {
  constexpr const char* kStopped = R"(
name: stopped
services: [echo]
load: {model: open, rate: 200/s, connections: 1, warmup: 0s, duration: 2s, repetitions: 1}
tasks:
  - {name: echo, endpoint: echo, payload: {bytes: 128}, timeout: 2s}
claims: [response p50 < 500ms]
)";
  constexpr Duration kStop = 100ms;  // more than a tenth of the limit
  const TemporaryFolder folder;
  Program run({"run", folder.write("stopped.yaml", kStopped), "--out", folder.file("r")});
  const auto threads = [&run] {
    std::error_code gone;
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(run.pid()) + "/task",
                                                  gone);
    return gone ? 0 : std::distance(begin(all), end(all));
  };
  const SteadyClock clock;
  const Instant patience = clock.now() + 30s;
  while (threads() == 1 && clock.now() < patience) std::this_thread::sleep_for(5ms);
  for (int i = 0; i < 8; ++i) {
    run.signal(SIGSTOP);
    std::this_thread::sleep_for(kStop);
    run.signal(SIGCONT);
    std::this_thread::sleep_for(2 * kStop);
  }
  run.wait();
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  const json& platform = saved["repetitions"][0]["platform"];
  EXPECT_GT(platform["stall_count"], 0) << platform.dump();
  EXPECT_GE(platform["stalled_ns"], 50'000'000);
  EXPECT_GE(platform["hiccups_ns"]["max"], 50'000'000);
  std::uint64_t stalled = 0;
  for (const json& second : saved["claims"][0]["blocks"][0])
    if (second.size() == 2 || second.size() == 5) stalled += second.back().get<int>();
  EXPECT_GT(stalled, 0u) << saved["claims"][0]["blocks"].dump();
}

// Orders are decided over NATS by neighbours that the plan does not name, and every reply is
// verified: each request is what it must be, the invalid ones refused with their path and rule.
TEST(Run, OrdersAreStagedWithTheirNeighbours) {
  constexpr const char* kOrders = R"(
name: orders
services: [orders]
load: {model: open, rate: 200/s, connections: 2, warmup: 200ms, duration: 1s, repetitions: 2}
tasks:
  - {name: place, weight: 2, endpoint: orders.place, payload: {order: {items: 1..3}}, timeout: 2s, inject: {invalid: 25%}}
  - {name: place_json, endpoint: orders.place, codec: json, timeout: 2s, inject: {wrong_type: 25%}}
  - {name: get, endpoint: orders.get, timeout: 2s}
)";
  const TemporaryFolder folder;
  Program run({"run", folder.write("orders.yaml", kOrders), "--out", folder.file("r")});
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  for (const json& task : saved["tasks"]) {
    const json& classes = task["classes"];
    EXPECT_GT(classes["ok"], 0) << task["name"];
    EXPECT_EQ(classes["rejected"] > 0, task["name"] != "get") << task["name"];
    EXPECT_EQ(classes["ok"].get<int>() + classes["rejected"].get<int>(), task["planned"])
        << classes;
  }
}

TEST(Run, EveryClientAgreesWithTheServersCount) {
  for (const char* client : {"wire", "nats.c", "nats.c-default"}) {
    SCOPED_TRACE(client);
    const TemporaryFolder folder;
    Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r"), "--set",
                 std::string("client=") + client, "--set",
                 std::string("service_client=") + client});
    EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
    EXPECT_EQ(gate_of(read_json(folder.file("r/run.json")), "server agrees")["passed"], true);
  }
}

TEST(Run, TheReportIsMadeAgainFromTheFileAlone) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r"), "--quiet",
               "--repetitions", "1"});
  EXPECT_EQ(run.wait(), 3) << "one repetition proves nothing: " << run.out() << run.err();
  EXPECT_THAT(run.err(), testing::StartsWith("Saved in " + folder.file("r") + "; "));
  const json saved = read_json(folder.file("r/run.json"));
  Program report({"report", folder.file("r")});
  EXPECT_EQ(report.wait(), 3);
  EXPECT_EQ(report.out(), run.out());
  EXPECT_EQ(read_json(folder.file("r/run.json")), saved);
  Program above({"report", fs::path(folder.file("r")).parent_path().string()});
  EXPECT_EQ(above.wait(), 2);
  EXPECT_THAT(above.err(), HasSubstr("name one, the newest is " + folder.file("r") + "\n"));
  Program file({"report", folder.file("r/run.json")});
  EXPECT_EQ(file.wait(), 3);
  EXPECT_EQ(file.out(), run.out());
  EXPECT_EQ(file.err(), "");

  json edited = saved;
  edited["provenance"]["git"] = "clean";
  std::ofstream(folder.file("r/run.json"), std::ios::trunc) << edited;
  Program again({"report", folder.file("r")});
  EXPECT_EQ(again.wait(), 4);
  EXPECT_THAT(again.out(), testing::StartsWith("EDITED  "));
  EXPECT_THAT(again.err(), HasSubstr("the file was changed after the run"));
  EXPECT_EQ(read_json(folder.file("r/run.json")), edited) << "it is left as it was found";
}

TEST(Run, EveryMistakeOfAPlanIsNamedAndNothingIsStarted) {
  const TemporaryFolder folder;
  Program run(
      {"run", folder.write("bad.yaml", "name: bad\nlode: 1\nload: {rate: 5}\nclaims: [p99 < 1]\n")},
      {"NATSPROOF_NATS_SERVER=/nowhere/nats-server"});
  EXPECT_EQ(run.wait(), 2);
  EXPECT_THAT(run.err(), HasSubstr("bad.yaml:2:1: "));
  EXPECT_THAT(run.err(), HasSubstr("bad.yaml:3:"));
  EXPECT_THAT(run.err(), HasSubstr("bad.yaml:4:"));
  EXPECT_THAT(run.err(), HasSubstr("nothing was started"));
  EXPECT_EQ(run.out(), "");
}

TEST(Run, WhatCannotBeMeantIsRefusedBeforeAnythingIsStarted) {
  Program claim({"run", "baseline", "--claim", "response p99 < 1us"});
  EXPECT_EQ(claim.wait(30s), 2) << "a claim that would be dropped";
  EXPECT_THAT(claim.err(), HasSubstr("--subject"));
  Program folder({"run", "baseline", "--out", "/proc/nowhere"});
  EXPECT_EQ(folder.wait(30s), 2) << "results that could not be saved";
  EXPECT_THAT(folder.err(), HasSubstr("/proc/nowhere"));
  Program bytes({"run", "--server", "nats://127.0.0.1:1", "--subject", "a", "--rate", "5/s",
                 "--header", "A: \xff"});
  EXPECT_EQ(bytes.wait(30s), 2);
  EXPECT_THAT(bytes.err(), HasSubstr("UTF-8"));
}

TEST(Run, AFolderThatHoldsResultsIsNotWrittenOver) {
  const TemporaryFolder folder;
  for (const char* held : {"run/run.json", "series/series.json", "point/rate=20_s/run.json"}) {
    const fs::path file = folder.file(held);
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "{}";
    const std::string out = folder.file(std::string(held).substr(0, std::string(held).find('/')));
    std::vector<std::string> words = {"run", "baseline", "--out", out};
    if (out == folder.file("point")) {
      words.emplace_back("--sweep");
      words.emplace_back("load.rate=10/s,20/s");
    }
    Program run(words);
    EXPECT_EQ(run.wait(10s), 2) << held;
    EXPECT_THAT(run.err(), HasSubstr(" already: give another folder, or remove it"));
    EXPECT_THAT(run.err(), HasSubstr("natsproof: " + file.parent_path().string() + " holds"));
    EXPECT_EQ(fs::file_size(file), 2u);
  }
}

TEST(Run, NoServerToStartNamesThePackage) {
  Program run({"run", "baseline"}, {"NATSPROOF_NATS_SERVER=/nowhere/nats-server"});
  EXPECT_EQ(run.wait(), 5);
  EXPECT_THAT(run.err(), HasSubstr("apt-get install nats-server"));
}

TEST(Run, AMistypedCommandIsNamed) {
  Program mistyped({"docter"}), strange({"frobnicate", "--server", "x"}), none({});
  EXPECT_EQ(mistyped.wait(10s), 2);
  EXPECT_EQ(mistyped.err(),
            "natsproof: there is no command `docter` (did you mean `doctor`?); "
            "`natsproof --help` lists them\n");
  EXPECT_EQ(strange.wait(10s), 2);
  EXPECT_EQ(strange.err(),
            "natsproof: there is no command `frobnicate`; `natsproof --help` lists them\n");
  EXPECT_EQ(none.wait(10s), 2);
}

TEST(Run, AnUnreachableServerIsNamed) {
  const TemporaryFolder folder;
  Program run({"run", "--server", "nats://127.0.0.1:1", "--subject", "a.b", "--rate", "100/s",
               "--out", folder.file("a/b")});
  EXPECT_EQ(run.wait(10s), 5);
  EXPECT_FALSE(fs::exists(folder.file("a"))) << "a folder made for nothing goes again";
  EXPECT_THAT(run.err(), HasSubstr("cannot connect to nats://127.0.0.1:1: Connection refused: is "
                                   "nats-server running there? correct --server\n"));
  Program plan({"run", "baseline", "--server", "nats://127.0.0.1:1", "--out", folder.file("a/b")});
  EXPECT_EQ(plan.wait(10s), 5);
  EXPECT_THAT(plan.err(), HasSubstr("is nats-server running there? correct --server, or leave it "
                                    "out and the program starts one of its own\n"));
  Program serve({"serve", "echo", "--server", "nats://127.0.0.1:1"});
  EXPECT_EQ(serve.wait(10s), 5);
  EXPECT_THAT(serve.err(), HasSubstr("is nats-server running there? correct --server\n"));
}

TEST(Run, AWrongPasswordIsToldInTheServersWords) {
  auto server = NatsServer::start({.user = "u", .password = "right"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  const std::string url = server->address().display();
  Program wrong({"run", "--server", url, "--user", "u", "--password", "wrong", "--subject", "a.b",
                 "--rate", "100/s"});
  EXPECT_EQ(wrong.wait(10s), 5);
  EXPECT_THAT(wrong.err(), HasSubstr("Authorization Violation"));
  EXPECT_THAT(wrong.err(), HasSubstr(": log in with --user and --password, or NATS_USER and "
                                     "NATS_PASSWORD\n"));
  EXPECT_THAT(wrong.err(), Not(HasSubstr("wrong")));
}

TEST(Run, AServiceKilledInMidRunLeavesEveryRequestInAClass) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 2/5")) << run.err();
  for (const pid_t service : run.children("echo")) kill(service, SIGKILL);
  EXPECT_NE(run.wait(), 0) << run.out();
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_NE(saved["verdict"], "PROVEN");
  EXPECT_GT(saved["tasks"][0]["classes"]["no_responders"].get<int>(), 0);
  EXPECT_THAT(run.out(), HasSubstr("killed"));
}

TEST(Run, AServerKilledInMidRunEndsTheRunInTime) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--set", "load.duration=2s", "--out",
               folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 1/5")) << run.err();  // told when the second has begun
  const std::vector<pid_t> children = run.children("");
  for (const pid_t server : run.children("nats-server")) kill(server, SIGKILL);
  EXPECT_NE(run.wait(), 0) << run.out();
  EXPECT_TRUE(await_gone(children));
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_NE(saved["verdict"], "PROVEN");
  EXPECT_GT(saved["tasks"][0]["classes"]["refused"].get<int>(), 0);
  EXPECT_LT(saved["repetitions"].size(), 5u);
}

TEST(Run, AStoppedServerEndsTheRunInTime) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--set", "load.duration=2s", "--out",
               folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 1/5")) << run.err();  // told when the second has begun
  const std::vector<pid_t> children = run.children("");
  for (const pid_t server : run.children("nats-server")) kill(server, SIGSTOP);
  EXPECT_NE(run.wait(), 0) << run.out();
  EXPECT_TRUE(await_gone(children)) << "a stopped server is taken down all the same";
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_NE(saved["verdict"], "PROVEN");
  EXPECT_GT(saved["tasks"][0]["classes"]["timeout"].get<int>(), 0);
}

TEST(Run, CtrlCKeepsWhatThereIsAndMarksIt) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 2/5")) << run.err();
  const std::vector<pid_t> children = run.children("");
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 4) << run.out() << run.err();
  EXPECT_TRUE(await_gone(children));
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_EQ(saved["interrupted"], true);
  EXPECT_EQ(saved["verdict"], "INVALID");
  EXPECT_GE(saved["tasks"][0]["planned"].get<int>(), 500);
  EXPECT_LT(saved["tasks"][0]["planned"].get<int>(), 2500);
}

TEST(Run, KilledOutrightItTakesItsChildrenAlong) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 1/5")) << run.err();
  const std::vector<pid_t> children = run.children("");
  ASSERT_EQ(children.size(), 2u);
  run.signal(SIGKILL);
  EXPECT_EQ(run.wait(), 128 + SIGKILL);
  EXPECT_TRUE(await_gone(children));
}

TEST(Run, ATaskWhoseEveryRequestIsOverMaxPayloadIsNotBegun) {
  const TemporaryFolder folder;
  for (const char* client : {"wire", "nats.c"}) {
    Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r"), "--set",
                 "tasks.0.payload.bytes=2MiB", "--set", std::string("client=") + client});
    EXPECT_EQ(run.wait(), 5) << run.out();
    EXPECT_THAT(run.err(),
                HasSubstr("natsproof: task `echo`: its requests of 2.00 MiB are larger than the "
                          "server takes (max_payload 1.00 MiB): make them smaller, or raise "
                          "max_payload in the server's configuration\n"));
    EXPECT_FALSE(fs::exists(folder.file("r")));
  }
}

TEST(Run, APayloadOverMaxPayloadIsRefusedAndTheLimitNamed) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kLightLoad), "--out", folder.file("r"),
               "--repetitions", "1", "--set",
               "tasks.0.payload=[{bytes: 2MiB, weight: 9}, {bytes: 128, weight: 1}]", "--set",
               "load.rate=20/s"});
  EXPECT_NE(run.wait(), 0);
  EXPECT_THAT(run.out(), HasSubstr("max_payload of 1.00 MiB"));
  const json saved = read_json(folder.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_GT(saved["tasks"][0]["classes"]["refused"], 10);
  EXPECT_EQ(saved["tasks"][0]["response_ns"]["count"], saved["tasks"][0]["classes"]["ok"]);
}

TEST(Run, AServerThatTalksNonsenseIsAProtocolError) {
  const NonsenseServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
  Program run({"run", "--server", server.url(), "--subject", "a.b", "--rate", "100/s"});
  EXPECT_EQ(run.wait(10s), 5);
  EXPECT_THAT(run.err(), HasSubstr(server.url()));
}

TEST(Run, AServerThatGreetsAndFallsSilentEndsTheWaitForEveryClient) {
  const NonsenseServer server("INFO {\"server_id\":\"X\",\"max_payload\":1024}\r\n");
  for (const char* client : {"wire", "nats.c"}) {
    Program run({"run", "--server", server.url(), "--subject", "a.b", "--rate", "100/s", "--set",
                 std::string("client=") + client});
    EXPECT_EQ(run.wait(10s), 5) << client;
    EXPECT_THAT(run.err(), HasSubstr(server.url()));
  }
}

// ---- The user's own service, honest and lying.

class OwnService : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = NatsServer::start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    server_.emplace(std::move(*started));
  }

  // Five repetitions of a second, as short as a verdict can be.
  int run(ScriptedService::Answer answer, std::vector<std::string> more = {}) {
    const ScriptedService service(server_->address(), "greet.hello", std::move(answer));
    std::vector<std::string> words = {"run",
                                      "--server",
                                      server_->address().display(),
                                      "--subject",
                                      "greet.hello",
                                      "--rate",
                                      "300/s",
                                      "--claim",
                                      "response p50 < 400ms",
                                      "--claim",
                                      "success >= 90%",
                                      "--set",
                                      "load.duration=1s",
                                      "--set",
                                      "load.warmup=100ms",
                                      "--out",
                                      folder_.file("r"),
                                      "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    Program program(words);
    const int status = program.wait();
    out_ = program.out() + program.err();
    saved_ = read_json(folder_.file("r/run.json"));
    expect_exact_sums(saved_);
    return status;
  }

  TemporaryFolder folder_;
  std::optional<NatsServer> server_;
  std::string out_;
  json saved_;
};

TEST_F(OwnService, AnHonestOneIsProven) {
  const int status =
      run([](const Message& m, const auto& reply) { reply({}, "hello " + std::string(m.payload)); },
          {"--expect", "contains: hello"});
  EXPECT_EQ(status, 0) << out_;
}

TEST_F(OwnService, UnverifiedContentIsSaidToBeUnverified) {
  EXPECT_EQ(run([](const Message&, const auto& reply) { reply({}, "whatever"); }), 0) << out_;
  EXPECT_THAT(out_, HasSubstr("content not verified"));
}

TEST_F(OwnService, ASilentOneIsNotProven) {
  EXPECT_NE(run([](const Message&, const auto&) {}), 0) << out_;
  EXPECT_NE(saved_["verdict"], "PROVEN");
  EXPECT_EQ(saved_["tasks"][0]["response_ns"]["count"], 0);
}

TEST_F(OwnService, OneThatAnswersErrorsIsNotProven) {
  const int status = run([](const Message&, const auto& reply) {
    reply("NATS/1.0\r\nNats-Service-Error: out of order\r\nNats-Service-Error-Code: 500\r\n\r\n",
          "");
  });
  EXPECT_NE(status, 0) << out_;
  EXPECT_NE(saved_["verdict"], "PROVEN");
  EXPECT_EQ(saved_["tasks"][0]["classes"]["ok"], 0);
  EXPECT_EQ(saved_["tasks"][0]["response_ns"]["count"], 0);
}

// Without Nats-Service-Error: as HTTP gateways and libraries write it.
TEST_F(OwnService, OneThatAnswersAnInlineErrorStatusIsNotProven) {
  for (const char* client : {"wire", "nats.c"}) {
    SCOPED_TRACE(client);
    fs::remove_all(folder_.file("r"));
    const int status =
        run([](const Message&,
               const auto& reply) { reply("NATS/1.0 408 Request Timeout\r\n\r\n", ""); },
            {"--set", std::string("client=") + client});
    EXPECT_NE(status, 0) << out_;
    EXPECT_NE(saved_["verdict"], "PROVEN");
    EXPECT_EQ(saved_["tasks"][0]["classes"]["service_error"], saved_["tasks"][0]["planned"]);
    EXPECT_EQ(saved_["tasks"][0]["error_codes"]["408"], saved_["tasks"][0]["planned"]);
    EXPECT_EQ(saved_["tasks"][0]["response_ns"]["count"], 0);
  }
}

TEST_F(OwnService, OneThatAnswersWrongBytesIsNotProven) {
  const int status = run([](const Message&, const auto& reply) { reply({}, "goodbye"); },
                         {"--expect", "contains: hello"});
  EXPECT_NE(status, 0) << out_;
  EXPECT_NE(saved_["verdict"], "PROVEN");
  EXPECT_EQ(saved_["tasks"][0]["classes"]["wrong_reply"], saved_["tasks"][0]["planned"]);
}

TEST_F(OwnService, OneThatAnswersTwiceIsNotProven) {
  const int status =
      run([](const Message&, const auto& reply) { reply({}, "hello"), reply({}, "hello"); },
          {"--expect", "contains: hello"});
  EXPECT_NE(status, 0) << out_;
  EXPECT_NE(saved_["verdict"], "PROVEN");
  EXPECT_GT(saved_["tasks"][0]["duplicate"].get<int>(), 1000);
}

// Given first is one that is not there: all ran on the second, and that is what is quoted.
TEST_F(OwnService, TheScopeNamesTheServerThatAnswered) {
  const ScriptedService service(server_->address(), "greet.hello",
                                [](const Message&, const auto& reply) { reply({}, "hello"); });
  const std::string url = server_->address().display();
  for (const char* client : {"wire", "nats.c"}) {
    SCOPED_TRACE(client);
    fs::remove_all(folder_.file("r"));
    Program program({"run", "--server", "nats://127.0.0.1:1," + url, "--subject", "greet.hello",
                     "--rate", "300/s", "--set", "load.duration=300ms", "--repetitions", "1",
                     "--set", std::string("client=") + client, "--out", folder_.file("r")});
    EXPECT_EQ(program.wait(), 0) << program.out() << program.err();
    const json saved = read_json(folder_.file("r/run.json"));
    ASSERT_FALSE(saved.is_discarded());
    const json& repetition = saved["repetitions"][0];
    ASSERT_EQ(repetition["servers"].size(), 1u);
    const json& used = repetition["servers"][0];
    EXPECT_EQ(used["url"], url);
    EXPECT_EQ(used["id"], repetition["connections"][0]["server_id"]);
    EXPECT_THAT(used["version"].get<std::string>(), testing::MatchesRegex("[0-9]+[.][0-9]+.*"));
    EXPECT_NE(used["name"], "");
    const std::string scope = saved["plan"]["conditions"]["scope"];
    EXPECT_THAT(scope, HasSubstr("the server at " + url + " (nats-server " +
                                 used["version"].get<std::string>() + ")"));
    EXPECT_THAT(scope, Not(HasSubstr("127.0.0.1:1 ")));
  }
}

TEST_F(OwnService, AServerRestartedInMidRunLosesSomeAndTheRunGoesOn) {
  const ScriptedService service(server_->address(), "greet.hello",
                                [](const Message&, const auto& reply) { reply({}, "hello"); });
  Program program({"run", "--server", server_->address().display(), "--subject", "greet.hello",
                   "--rate", "300/s", "--claim", "success >= 99.9%", "--set", "load.duration=3s",
                   "--repetitions", "1", "--set", "load.warmup=100ms", "--out", folder_.file("r")});
  ASSERT_TRUE(service.await_messages(100));
  server_->process().signal(SIGKILL);
  ASSERT_TRUE(await_gone({server_->process().pid()}));
  const auto restarted = server_->restart();
  ASSERT_TRUE(restarted.ok()) << restarted.error().message;
  EXPECT_NE(program.wait(), 0) << program.out();
  const json saved = read_json(folder_.file("r/run.json"));
  expect_exact_sums(saved);
  const json& classes = saved["tasks"][0]["classes"];
  EXPECT_GT(classes["ok"].get<int>(), 100);
  EXPECT_GT(classes["refused"].get<int>() + classes["disconnected"].get<int>() +
                classes["no_responders"].get<int>(),
            0);
  EXPECT_THAT(program.out(), HasSubstr("connected again"));
  const json& repetition = saved["repetitions"][0];
  ASSERT_EQ(repetition["servers"].size(), 2u) << "started again it is another one";
  EXPECT_EQ(repetition["connections"][0]["moved_to"][0], repetition["servers"][1]["id"]);
}

TEST_F(OwnService, NobodyThereIsNoResponders) {
  ScriptedService other(server_->address(), "another.subject", [](const Message&, const auto&) {});
  Program program({"run", "--server", server_->address().display(), "--subject", "nobody.home",
                   "--rate", "300/s", "--claim", "response p50 < 400ms", "--set",
                   "load.duration=1s", "--out", folder_.file("r")});
  EXPECT_NE(program.wait(), 0);
  const json saved = read_json(folder_.file("r/run.json"));
  expect_exact_sums(saved);
  EXPECT_NE(saved["verdict"], "PROVEN");
  EXPECT_EQ(saved["tasks"][0]["classes"]["no_responders"], saved["tasks"][0]["planned"]);
  EXPECT_EQ(saved["tasks"][0]["response_ns"]["count"], 0);
}

}  // namespace
}  // namespace natsproof
