// `natsproof doctor`: what it prints of this machine, and of servers that are there, absent or
// shut.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stage/nats_server.h"
#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Doctor, MeasuresThroughAServerOfItsOwn) {
  Program doctor({"doctor"});
  EXPECT_EQ(doctor.wait(), 0) << doctor.err();
  EXPECT_THAT(doctor.out(),
              AllOf(HasSubstr("nats://127.0.0.1:"), HasSubstr("started for this"),
                    HasSubstr("PING to the server and back, wire"), HasSubstr("wire / bare socket"),
                    HasSubstr("bare socket, saturated"), HasSubstr("while the round trips went on"),
                    HasSubstr("Floor: claims below"),
                    HasSubstr("No service behind this server can be expected")));
  EXPECT_THAT(doctor.out(), Not(HasSubstr("not measured")));
}

TEST(Doctor, TellsTheRestWithoutAServer) {
  Program doctor({"doctor"}, {"NATSPROOF_NATS_SERVER=/nowhere/nats-server"});
  EXPECT_EQ(doctor.wait(), 5) << doctor.err();
  EXPECT_THAT(doctor.out(),
              AllOf(HasSubstr("apt-get install nats-server"), HasSubstr("Clock: claims from"),
                    HasSubstr("Wake-up: with pacing `sleep`"), Not(HasSubstr("Floor"))));
}

TEST(Doctor, NamesAnUnreachableServerAndWhatToDo) {
  Program doctor({"doctor", "--server", "nats://127.0.0.1:1"});
  EXPECT_EQ(doctor.wait(), 5) << doctor.err();
  EXPECT_THAT(doctor.out(),
              AllOf(HasSubstr("not measured          cannot connect to nats://127.0.0.1:1: "
                              "Connection refused: is nats-server running there?"),
                    HasSubstr("Clock: claims from"), Not(HasSubstr("Floor"))));
}

TEST(Doctor, LogsInToTheServerItIsGiven) {
  auto server = NatsServer::start({.user = "u", .password = "s3cret"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  const std::string url = server->address().display();
  Program doctor({"doctor", "--server", url, "--user", "u", "--password", "s3cret"});
  EXPECT_EQ(doctor.wait(), 0) << doctor.out() << doctor.err();
  EXPECT_THAT(doctor.out(), AllOf(HasSubstr(url), Not(HasSubstr("started for this")),
                                  Not(HasSubstr("s3cret")), HasSubstr("Floor: claims below")));
  Program wrong({"doctor", "--server", url, "--user", "u", "--password", "wrong"});
  EXPECT_EQ(wrong.wait(), 5);
  EXPECT_THAT(wrong.out(), AllOf(HasSubstr("Authorization Violation"),
                                 HasSubstr("log in with --user and --password")));
}

}  // namespace
}  // namespace natsproof
