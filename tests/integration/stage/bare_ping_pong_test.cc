#include "loadgen/stage/bare_ping_pong.h"

#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stage/nats_server.h"
#include "tests/integration/stage/bare_client.h"
#include "tests/unit/messaging/scripted_server.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(BareEcho, answers_with_what_it_was_sent_until_it_is_destroyed) {
  auto server = NatsServer::start({.user = "alice", .password = "s3cret"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  BareClient client(server->address());
  client.send(
      "CONNECT "
      "{\"verbose\":false,\"headers\":true,\"no_responders\":true,\"user\":\"alice\",\"pass\":"
      "\"s3cret\"}\r\n"
      "SUB back 7\r\n");
  {
    auto echo = BareEcho::start(server->address(), "bare.echo");
    ASSERT_TRUE(echo.ok()) << echo.error().message;
    client.send(
        "PUB bare.echo back 5\r\nhello\r\nPUB bare.echo back 0\r\n\r\nPUB bare.echo back "
        "3\r\nbye\r\n");
    EXPECT_EQ(client.line(), "MSG back 7 5\r");
    EXPECT_EQ(client.line(), "hello\r");
    EXPECT_EQ(client.line(), "MSG back 7 0\r");
    EXPECT_EQ(client.line(), "\r");
    EXPECT_EQ(client.line(), "MSG back 7 3\r");
    EXPECT_EQ(client.line(), "bye\r");
  }
  // The server learns of the end when it reads it: ask until nobody is there any more.
  std::string answer;
  for (int asked = 0; asked < 1000 && answer.find("HMSG") == std::string::npos; ++asked) {
    client.send("PUB bare.echo back 1\r\nx\r\nPING\r\n");
    for (std::string line; line != "PONG\r"; answer += line) line = client.line();
  }
  EXPECT_THAT(answer, AllOf(HasSubstr("HMSG back 7 "), HasSubstr("NATS/1.0 503\r")));
}

TEST(BarePingPong, measures_every_round_trip) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  auto echo = BareEcho::start(server->address(), "bare.echo");
  ASSERT_TRUE(echo.ok()) << echo.error().message;
  const auto round_trips =
      bare_ping_pong({.server = server->address(), .subject = "bare.echo", .length = 50ms});
  ASSERT_TRUE(round_trips.ok()) << round_trips.error().message;
  EXPECT_THAT(*round_trips, Not(IsEmpty()));
  EXPECT_THAT(*round_trips, Each(Gt(Duration{0})));
}

TEST(BarePingPong, saturates_with_many_in_flight) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  auto echo = BareEcho::start(server->address(), "bare.echo");
  ASSERT_TRUE(echo.ok()) << echo.error().message;
  const auto rate =
      bare_saturation({.server = server->address(), .subject = "bare.echo", .length = 50ms}, 256);
  ASSERT_TRUE(rate.ok()) << rate.error().message;
  EXPECT_GT(rate->per_s, 0);
}

// As the instrument's: what a server does for a reply subject it knows already is half the work.
TEST(BarePingPong, each_request_has_a_reply_subject_of_its_own) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  BareClient silent(server->address());
  silent.send("CONNECT {\"verbose\":false}\r\nSUB bare.silent 7\r\nPING\r\n");
  EXPECT_EQ(silent.line(), "PONG\r");
  EXPECT_FALSE(bare_saturation({.server = server->address(), .subject = "bare.silent"}, 3));
  std::set<std::string> lines;
  for (int i = 0; i < 3; ++i) {
    lines.insert(silent.line());
    silent.line();
  }
  EXPECT_THAT(lines, SizeIs(3));
  EXPECT_THAT(lines, Each(StartsWith("MSG bare.silent 7 _INBOX.")));
}

// Servers tell more of themselves once a client has logged in, and ask whether it is still there.
TEST(BarePingPong, what_the_server_says_of_itself_is_no_reply) {
  ScriptedServer server;
  std::thread talk([&] {
    ScriptedPeer peer = server.accept();
    peer.greet();
    peer.hear("PUB bare.silent ");
    peer.say("INFO {\"connect_info\":true}\r\n");
  });
  const auto rate =
      bare_saturation({.server = server.address(), .subject = "bare.silent", .length = 1ns}, 1);
  talk.join();
  ASSERT_FALSE(rate.ok()) << rate->per_s;
  EXPECT_THAT(rate.error().message, HasSubstr("bare.silent"));
}

TEST(BarePingPong, says_why_it_cannot_be_measured) {
  auto server = NatsServer::start({.token = "t0ken"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  ServerAddress stranger = server->address();
  stranger.token.clear();
  const auto refused = bare_ping_pong({.server = stranger, .subject = "bare.echo"});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("Authorization Violation"));
  const auto silence = bare_ping_pong({.server = server->address(), .subject = "nobody.there"});
  ASSERT_FALSE(silence.ok());
  EXPECT_THAT(silence.error().message, HasSubstr("no reply for 2 s on nobody.there"));
}

}  // namespace
}  // namespace natsproof
