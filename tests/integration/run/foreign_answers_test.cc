// On a server of others, services of the same names may share the load with the staged ones.
#include <optional>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stage/nats_server.h"
#include "loadgen/stage/stage.h"
#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

class ForeignAnswers : public testing::Test {
 protected:
  void SetUp() override {
    auto started = NatsServer::start();
    ASSERT_TRUE(started) << started.error().message;
    server_.emplace(std::move(*started));
  }
  [[nodiscard]] std::string url() const { return server_->address().display(); }
  // Whoever was started has so many instances that answer.
  void await_instances(std::size_t count) const {
    for (int i = 0; i < 100; ++i) {
      const auto found = find_services({server_->address()}, 200ms);
      if (found && found->size() >= count) return;
    }
    ADD_FAILURE() << "no " << count << " instances";
  }
  [[nodiscard]] json run(const std::string& tasks) const {
    const TemporaryFolder folder;
    const std::string plan = folder.write("plan.yaml", R"(
name: foreign
services: [echo]
work: {echo: delay=60ms}
load: {arrivals: constant, rate: 200/s, connections: 2, warmup: 300ms, duration: 1s, repetitions: 1}
claims: [response max < 20ms]
tasks:
)" + tasks);
    Program program({"run", plan, "--server", url(), "--out", folder.file("r"), "--quiet"});
    program.wait();
    return read_json(folder.file("r/run.json"));
  }
  static json gate_of(const json& run) {
    for (const json& gate : run["gates"]) {
      if (gate["name"] == "foreign answers") return gate;
    }
    ADD_FAILURE() << "no such gate";
    return {{"passed", nullptr}, {"figure", nullptr}};
  }

  std::optional<NatsServer> server_;
};

// With faults allowed they answer for a ledger, too: for one of their own.
TEST_F(ForeignAnswers, BlockEveryVerdict) {
  Program stranger({"serve", "echo", "--instances", "3", "--server", url(), "--allow-faults"});
  await_instances(3);
  const json saved = run("  - {name: echo, endpoint: echo, timeout: 2s}\n");
  EXPECT_EQ(saved["verdict"], "INVALID") << "refuted, if all were its own";
  const json gate = gate_of(saved);
  EXPECT_EQ(gate["passed"], false) << gate;
  EXPECT_NEAR(gate["figure"].get<double>(), 0.75, 0.15) << "the server draws for each request";
  EXPECT_THAT(gate["shown"].get<std::string>(), HasSubstr("answered requests the staged services"));
  EXPECT_THAT(saved["claims"][0]["blocked_by"], Contains("foreign answers"));
  const json ledger = saved["repetitions"][0]["ledger"];
  EXPECT_EQ(ledger["answered"], 260) << "warm-up included";
  EXPECT_GT(ledger["taken"], 0);
  EXPECT_LT(ledger["taken"], 150);
  stranger.signal(SIGTERM);
  stranger.wait();
}

// Requests that are meant for others are no matter of the ledger's.
TEST_F(ForeignAnswers, AreNotThoseOfServicesThatWereNotStaged) {
  Program other({"serve", "inventory", "--server", url()});
  await_instances(1);
  const json saved =
      run("  - {name: echo, endpoint: echo, timeout: 2s}\n"
          "  - {name: reserve, endpoint: inventory.reserve, timeout: 2s}\n");
  EXPECT_EQ(gate_of(saved)["passed"], true) << gate_of(saved);
  EXPECT_EQ(gate_of(saved)["figure"], 0);
  const json ledger = saved["repetitions"][0]["ledger"];
  EXPECT_GT(ledger["answered"], 60);
  EXPECT_LT(ledger["answered"], 200);
  EXPECT_EQ(ledger["taken"], ledger["answered"]);
  other.signal(SIGTERM);
  other.wait();
}

}  // namespace
}  // namespace natsproof
