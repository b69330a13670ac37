// What real processes take: a leak that is known is refuted, and without it nothing is.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "loadgen/stage/nats_server.h"
#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kWatchedPlan = R"(
name: resources
services: [echo]
load: {model: open, rate: 200/s, connections: 2, warmup: 200ms, duration: 5s, repetitions: 5}
tasks:
  - {name: echo, endpoint: echo, timeout: 2s}
claims: ["memory_growth(services) < 1MiB/min"]
)";

// AddressSanitizer keeps freed memory back, 256 MB of it by default, which looks like a leak.
std::string small_quarantine() {
  const char* const options = std::getenv("ASAN_OPTIONS");
  return std::string("ASAN_OPTIONS=") + (options == nullptr ? "" : std::string(options) + ":") +
         "quarantine_size_mb=1";
}

// The first number of a column, which is not a difference.
double first_of(const json& column) {
  return std::stod(column.get<std::string>());
}

const json& role(const json& repetition, const std::string& of) {
  for (const json& record : repetition["resources"]) {
    if (record["of"] == of) return record;
  }
  static const json kNone = json::object();
  ADD_FAILURE() << "no " << of;
  return kNone;
}

// Side by side, for each takes half a minute.
TEST(Resources, ALeakIsRefutedAndWithoutItNothingIs) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("resources.yaml", kWatchedPlan);
  Program healthy({"run", plan, "--out", folder.file("healthy"), "--quiet"}, {small_quarantine()});
  Program leaking(
      {"run", plan, "--out", folder.file("leaking"), "--quiet", "--set", "faults.echo=leak=1KiB"},
      {small_quarantine()});
  EXPECT_EQ(leaking.wait(100s), 1) << leaking.out() << leaking.err();
  healthy.wait(100s);
  const json run = read_json(folder.file("leaking/run.json"));
  EXPECT_EQ(run["claims"][0]["verdict"], "REFUTED") << run["claims"][0]["why"];
  EXPECT_GT(run["claims"][0]["measured"].get<double>(), 5.0 * 1024 * 1024);
  const json& first = run["repetitions"][0];
  for (const char* of : {"server", "services", "generator"}) {
    EXPECT_EQ(role(first, of)["not_available"], "") << of;
    EXPECT_EQ(role(first, of)["ended"], "") << of;
    EXPECT_TRUE(role(first, of)["fresh"].get<bool>()) << of;
    EXPECT_GT(first_of(role(first, of)["samples"]["resident_kib"]), 1000) << of;
    EXPECT_FALSE(role(run["repetitions"][1], of)["fresh"].get<bool>()) << of;
  }
  EXPECT_THAT(role(first, "services")["names"].get<std::string>(), HasSubstr("echo (pid "));
  const json claim = read_json(folder.file("healthy/run.json"))["claims"][0];
  EXPECT_NE(claim["verdict"], "REFUTED") << claim["why"];
}

TEST(Resources, AServerOfOthersOnThisHostIsFoundAndItsServicesAreNot) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server) << server.error().message;
  const std::string url = server->address().display();
  Program serve({"serve", "echo", "--server", url});
  const TemporaryFolder folder;
  const std::string plan = folder.write("others.yaml", R"(
name: others
load: {model: open, rate: 100/s, connections: 1, warmup: 100ms, duration: 1500ms, repetitions: 1}
tasks:
  - {name: echo, endpoint: echo, timeout: 2s}
claims: ["cpu(server) < 90%"]
)");
  Program run({"run", plan, "--server", url, "--out", folder.file("r"), "--quiet"});
  run.wait();
  const json record = read_json(folder.file("r/run.json"));
  const json& found = role(record["repetitions"][0], "server");
  EXPECT_EQ(found["names"], "nats-server (pid " + std::to_string(server->process().pid()) + ")");
  EXPECT_GT(first_of(found["samples"]["resident_kib"]), 1000);
  EXPECT_EQ(found["server_silent"], "its monitoring port is not known");
  EXPECT_THAT(role(record["repetitions"][0], "services")["not_available"].get<std::string>(),
              testing::Eq("not started by this run, so not sampled"));
  serve.signal(SIGTERM);
  serve.wait();
}

}  // namespace
}  // namespace natsproof
