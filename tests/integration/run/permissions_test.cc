// A login that may not do what the load needs: no verdict on the service comes of that.
#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "loadgen/stage/nats_server.h"
#include "tests/integration/run/program.h"
#include "tests/integration/run/scripted_service.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAll = R"(publish: ">", subscribe: ">")";

class Permissions : public testing::TestWithParam<const char*> {
 protected:
  // `asker`: the permissions of whoever asks; the service may do all.
  void start(const std::string& asker) {
    write(asker);
    auto started = NatsServer::start({.config_file = folder_.file("nats.conf")});
    ASSERT_TRUE(started.ok()) << started.error().message;
    server_.emplace(std::move(*started));
    ServerAddress address = server_->address();
    address.user = "service";
    address.password = "s";
    service_.emplace(address, "greet.>", [](const Message&, const ScriptedService::Reply& reply) {
      reply({}, "hello");
    });
  }
  void write(const std::string& asker) const {
    std::ofstream(folder_.file("nats.conf"), std::ios::trunc)
        << "authorization { users = [\n"
           "  {user: service, password: s}\n"
           "  {user: asker, password: a, permissions: {"
        << asker << "}}\n] }\n";
  }
  [[nodiscard]] std::vector<std::string> words(const std::string& tasks,
                                               const std::string& duration = "1s") const {
    const std::string plan = folder_.write(
        "plan.yaml",
        "name: asked\nclient: " + std::string(GetParam()) +
            "\nload: {rate: 300/s, connections: 2, warmup: 100ms, repetitions: 2, duration: " +
            duration + "}\ntasks: [" + tasks + "]\nclaims: [success >= 99%]\n");
    return {"run",        plan,
            "--server",   server_->address().display(),
            "--user",     "asker",
            "--password", "a",
            "--out",      folder_.file("r"),
            "--quiet"};
  }
  void expect_not_begun(const std::string& tasks, const std::string& says) const {
    Program run(words(tasks));
    EXPECT_EQ(run.wait(), 5) << run.out() << run.err();
    EXPECT_THAT(run.err(), AllOf(HasSubstr("natsproof: the login may not " + says),
                                 HasSubstr("(the server says: "), Not(HasSubstr("stuck"))));
    EXPECT_FALSE(std::filesystem::exists(folder_.file("r")));
  }

  TemporaryFolder folder_;
  std::optional<NatsServer> server_;
  std::optional<ScriptedService> service_;
};

constexpr const char* kOne = "{name: a, subject: greet.a, timeout: 500ms}";
constexpr const char* kTwo =
    "{name: a, subject: greet.a, timeout: 500ms}, {name: b, subject: greet.b, timeout: 500ms}";

TEST_P(Permissions, ToPublishAreNeededBeforeAVerdict) {
  start(R"(publish: {deny: "greet.>"}, subscribe: ">")");
  expect_not_begun(kOne, "publish to greet.a (");
}

TEST_P(Permissions, ToSubscribeTheInboxAreNeededBeforeAVerdict) {
  start(R"(publish: ">", subscribe: {deny: "_INBOX.>"})");
  expect_not_begun(kOne, "subscribe to _INBOX.");
  EXPECT_EQ(service_->messages(), 0) << "seen before the first request";
}

TEST_P(Permissions, ToRespondOnlyAreNone) {
  start(R"(publish: {deny: ">"}, subscribe: ">", allow_responses: true)");
  expect_not_begun(kOne, "publish to greet.a (");
}

TEST_P(Permissions, ToPublishOneOfTwoSubjectsAreNotEnough) {
  start(R"(publish: ["greet.a", "_INBOX.>"], subscribe: ">")");
  expect_not_begun(kTwo, "publish to greet.b (");
}

// What was answered until then stays, and proves nothing.
TEST_P(Permissions, TakenAwayInMidRunMakeItInvalid) {
  for (const bool inbox : {false, true}) {
    SCOPED_TRACE(inbox);
    start(kAll);
    Program run(words(kOne, "60s"));
    ASSERT_TRUE(service_->await_messages(100)) << run.err();
    write(inbox ? R"(publish: ">", subscribe: {deny: "_INBOX.>"})"
                : R"(publish: {deny: "greet.>"}, subscribe: ">")");
    server_->process().signal(SIGHUP);
    EXPECT_EQ(run.wait(), 4) << run.out() << run.err();
    EXPECT_THAT(run.out(), AllOf(HasSubstr("FAILED  repetition 1 of 2: from +"),
                                 HasSubstr("remedy what failed"), Not(HasSubstr("stuck"))));
    const json saved = read_json(folder_.file("r/run.json"));
    ASSERT_FALSE(saved.is_discarded());
    EXPECT_EQ(saved["verdict"], "INVALID");
    EXPECT_THAT(saved["failure"].get<std::string>(),
                HasSubstr(inbox ? " s on the login may not subscribe to _INBOX."
                                : " s on the login may not publish to greet.a ("));
    EXPECT_EQ(saved["repetitions"].size(), 1u);
    std::filesystem::remove_all(folder_.file("r"));
  }
}

// A PING of nats.c is a message to its own inbox; a login need not be allowed to send those.
TEST_P(Permissions, ToPublishTheTasksSubjectAndSubscribeTheInboxAreEnough) {
  start(R"(publish: "greet.>", subscribe: "_INBOX.>")");
  Program run(words(kOne));
  EXPECT_EQ(run.wait(), 3) << run.out() << run.err();
  const json saved = read_json(folder_.file("r/run.json"));
  ASSERT_FALSE(saved.is_discarded());
  EXPECT_EQ(saved["failure"], "");
  EXPECT_GT(saved["tasks"][0]["classes"]["ok"], 0);
  const bool is_wire = std::string(GetParam()) == "wire";
  EXPECT_EQ(saved["repetitions"][0]["floor_ns"]["count"] > 0, is_wire);
}

TEST(DoctorPermissions, ThatAreMissingAreNamed) {
  const TemporaryFolder folder;
  for (const auto& [asker, says] :
       {std::pair{R"(publish: ">", subscribe: {deny: "natsproof.>"})",
                  "the login may not subscribe to natsproof.doctor."},
        std::pair{R"(publish: {deny: "natsproof.>"}, subscribe: ">")",
                  "the login may not publish to natsproof.doctor."},
        std::pair{R"(publish: {deny: "_INBOX.>"}, subscribe: ">")",
                  "give its user the permission to publish to _INBOX.>"}}) {
    std::ofstream(folder.file("nats.conf"), std::ios::trunc)
        << "authorization { users = [ {user: asker, password: a, permissions: {" << asker
        << "}} ] }\n";
    auto server = NatsServer::start({.config_file = folder.file("nats.conf")});
    ASSERT_TRUE(server.ok()) << server.error().message;
    Program doctor(
        {"doctor", "--server", server->address().display(), "--user", "asker", "--password", "a"});
    EXPECT_EQ(doctor.wait(), 5) << doctor.out();
    EXPECT_THAT(doctor.out(), HasSubstr(says));
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, Permissions, testing::Values("wire", "nats.c"),
                         [](const auto& client) {
                           return client.param == std::string("wire") ? "wire" : "natsc";
                         });

}  // namespace
}  // namespace natsproof
