// What the command line and the environment say of the server and the login.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stage/nats_server.h"
#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kShortPlan = R"(
name: short
services: [echo]
load: {rate: 200/s, warmup: 50ms, duration: 200ms, repetitions: 1}
tasks: [{name: echo, endpoint: echo, timeout: 1s}]
)";

TEST(CommandLine, AnOptionThatMayBeGivenAgainTakesOneValue) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  const TemporaryFolder folder;
  const std::string plan = folder.write("short.yaml", kShortPlan),
                    url = server->address().display();
  Program before({"run", "--server", url, plan, "--out", folder.file("a")});
  EXPECT_EQ(before.wait(), 0) << before.err();
  Program again(
      {"run", "-s", url, "--server", url, "--set", "load.seed=2", plan, "--out", folder.file("b")});
  EXPECT_EQ(again.wait(), 0) << again.err();
  Program serve({"serve", "--server", "nats://127.0.0.1:1", "echo"});
  EXPECT_EQ(serve.wait(10s), 5) << serve.err();
}

TEST(CommandLine, AUserWithoutAPasswordIsAToken) {
  auto server = NatsServer::start({.token = "t0ken"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  const TemporaryFolder folder;
  const std::string plan = folder.write("short.yaml", kShortPlan),
                    url = server->address().display();
  Program flag({"run", plan, "--server", url, "--user", "t0ken", "--out", folder.file("a")});
  EXPECT_EQ(flag.wait(), 0) << flag.err();
  Program variable({"run", plan, "--server", url, "--out", folder.file("b")}, {"NATS_USER=t0ken"});
  EXPECT_EQ(variable.wait(), 0) << variable.err();
}

TEST(CommandLine, ALoginThatWouldBeIgnoredIsRefused) {
  const std::string url = "nats://127.0.0.1:1";
  const auto refuses = [](const std::vector<std::string>& words, const std::string& variable) {
    Program program(words, {variable});
    EXPECT_EQ(program.wait(10s), 2) << variable;
    EXPECT_THAT(program.err(),
                HasSubstr("the environment sets " + variable.substr(0, variable.find('=')) + " ("));
  };
  refuses({"run", "baseline", "--server", url}, "NATS_CREDS=/nowhere");
  refuses({"run", "--subject", "a", "--rate", "5/s"}, "NATS_CONTEXT=mine");
  refuses({"serve", "echo"}, "NATS_NKEY=/nowhere");
  refuses({"doctor", "--server", url}, "NATS_CA=/nowhere");
  Program tls({"run", "baseline", "--server", "tls://127.0.0.1:1"});
  EXPECT_EQ(tls.wait(10s), 2);
  EXPECT_THAT(tls.err(), HasSubstr("TLS is not supported yet"));
}

// A server of the run's own asks for no login.
TEST(CommandLine, AStagedRunCaresForNoLogin) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kShortPlan), "--out", folder.file("r")},
              {"NATS_CREDS=/nowhere", "NATS_USER=u"});
  EXPECT_EQ(run.wait(), 0) << run.out() << run.err();
}

TEST(CommandLine, APlanThatNobodyHereWouldAnswerNeedsAServer) {
  const TemporaryFolder folder;
  const auto plan = [&](const std::string& task) {
    return folder.write("plan.yaml",
                        "name: own\nload: {rate: 10/s}\ntasks: [{name: a, " + task + "}]\n");
  };
  Program subject({"run", plan("subject: greet.hello"), "--out", folder.file("r")});
  EXPECT_EQ(subject.wait(10s), 2) << subject.out();
  EXPECT_THAT(subject.err(), AllOf(HasSubstr("natsproof: greet.hello needs --server (or NATS_URL)"),
                                   Not(HasSubstr("`services`"))));
  Program endpoint({"run", plan("endpoint: echo"), "--out", folder.file("r")});
  EXPECT_EQ(endpoint.wait(10s), 2) << endpoint.out();
  EXPECT_THAT(endpoint.err(), AllOf(HasSubstr("natsproof.echo needs --server"),
                                    HasSubstr("name the service under `services`")));
  EXPECT_FALSE(std::filesystem::exists(folder.file("r")));
  Program line({"run", "--subject", "greet.hello", "--rate", "10/s"});
  EXPECT_EQ(line.wait(10s), 2);
  EXPECT_THAT(line.err(), HasSubstr("greet.hello needs --server"));
}

TEST(CommandLine, OfAPlanThatIsNotThereAllBuiltInNamesAreTold) {
  Program run({"run", "xyzzy_xyzzy"});
  EXPECT_EQ(run.wait(10s), 2);
  for (const char* name : {"baseline", "complete", "truststram"})
    EXPECT_THAT(run.err(), HasSubstr(std::string(name)));
}

}  // namespace
}  // namespace natsproof
