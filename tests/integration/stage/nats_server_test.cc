#include "loadgen/stage/nats_server.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/stage/bare_client.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Sets an environment variable and puts the old value back.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* const old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST(NatsServer, accepts_connections_as_soon_as_it_is_returned_and_ends_with_its_object) {
  ServerAddress address;
  {
    auto server = NatsServer::start();
    ASSERT_TRUE(server.ok()) << server.error().message;
    address = server->address();
    EXPECT_TRUE(address.is_loopback());
    BareClient client(address);
    ASSERT_TRUE(client.connected());
    EXPECT_THAT(client.info(), HasSubstr("INFO {"));
  }
  EXPECT_FALSE(BareClient(address).connected());
}

TEST(NatsServer, leaves_no_folder_behind) {
  char folder[] = "/tmp/natsproof-test-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  {
    const Environment tmpdir("TMPDIR", folder);
    auto server = NatsServer::start({.max_payload_bytes = 4096});
    ASSERT_TRUE(server.ok()) << server.error().message;
    EXPECT_TRUE(std::filesystem::is_empty(folder));
  }
  EXPECT_TRUE(std::filesystem::remove(folder));
}

TEST(NatsServer, lets_in_only_who_knows_the_login) {
  auto server = NatsServer::start({.user = "alice", .password = "s3cret"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(server->address().user, "alice");
  EXPECT_EQ(server->address().password, "s3cret");
  BareClient known(server->address());
  known.send("CONNECT {\"verbose\":false,\"user\":\"alice\",\"pass\":\"s3cret\"}\r\nPING\r\n");
  EXPECT_THAT(known.line(), HasSubstr("PONG"));
  BareClient unknown(server->address());
  unknown.send("CONNECT {\"verbose\":false}\r\nPING\r\n");
  EXPECT_THAT(unknown.line(), HasSubstr("Authorization Violation"));
}

TEST(NatsServer, takes_a_token) {
  auto server = NatsServer::start({.token = "t0ken"});
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(server->address().token, "t0ken");
  BareClient client(server->address());
  client.send("CONNECT {\"verbose\":false,\"auth_token\":\"t0ken\"}\r\nPING\r\n");
  EXPECT_THAT(client.line(), HasSubstr("PONG"));
  BareClient stranger(server->address());
  stranger.send("CONNECT {\"verbose\":false}\r\nPING\r\n");
  EXPECT_THAT(stranger.line(), HasSubstr("Authorization Violation"));
}

TEST(NatsServer, takes_a_payload_limit) {
  auto server = NatsServer::start({.max_payload_bytes = 4096});
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(BareClient(server->address()).number_in_info("max_payload"), 4096u);
}

TEST(NatsServer, comes_back_on_its_ports_after_a_crash) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  const ServerAddress address = server->address();
  const std::string monitor = server->monitor();
  server->process().signal(SIGKILL);
  const auto restarted = server->restart();
  ASSERT_TRUE(restarted.ok()) << restarted.error().message;
  EXPECT_EQ(server->address().port, address.port);
  EXPECT_EQ(server->monitor(), monitor);
  BareClient client(address);
  ASSERT_TRUE(client.connected());
  client.send("CONNECT {\"verbose\":false}\r\nPING\r\n");
  EXPECT_THAT(client.line(), HasSubstr("PONG"));
  EXPECT_EQ(messages_received_by_server(monitor, client.number_in_info("client_id")), 0u);
}

TEST(NatsServer, that_cannot_come_up_is_quoted) {
  auto first = NatsServer::start();
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto second = NatsServer::start({.port = first->address().port});
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("address already in use"));
}

TEST(NatsServer, that_is_no_nats_server_is_not_waited_for_longer_than_allowed) {
  const Environment name("NATSPROOF_NATS_SERVER", "/bin/cat");
  const auto server = NatsServer::start();
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message, AllOf(HasSubstr("/bin/cat"), HasSubstr("exited with")));
}

TEST(FindNatsServer, names_everything_that_helps_when_there_is_none) {
  const Environment name("NATSPROOF_NATS_SERVER", "no-such-nats-server");
  const auto found = find_nats_server();
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(
      found.error().message,
      AllOf(HasSubstr("no-such-nats-server"), HasSubstr("PATH"), HasSubstr("NATSPROOF_NATS_SERVER"),
            HasSubstr("apt-get install nats-server"), HasSubstr("--server")));
  EXPECT_THAT(find_nats_server("").error().message, Not(HasSubstr("--server")));
}

TEST(FindNatsServer, looks_along_path_first) {
  const Environment name("NATSPROOF_NATS_SERVER", "sh");
  const Environment path("PATH", "/nowhere:/bin");
  const auto found = find_nats_server();
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(*found, "/bin/sh");
}

TEST(FindNatsServer, tells_that_the_named_one_cannot_be_run) {
  const Environment name("NATSPROOF_NATS_SERVER", "/nowhere/nats-server");
  const auto server = NatsServer::start();
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message,
              AllOf(HasSubstr("/nowhere/nats-server"), HasSubstr("NATSPROOF_NATS_SERVER"),
                    HasSubstr("apt-get install nats-server")));
}

TEST(MessagesReceivedByServer, counts_what_one_connection_published) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  BareClient client(server->address());
  BareClient other(server->address());
  std::string text = "CONNECT {\"verbose\":false}\r\n";
  for (int i = 0; i < 17; ++i) text += "PUB somewhere 2\r\nhi\r\n";
  client.send(text + "PING\r\n");
  EXPECT_THAT(client.line(), HasSubstr("PONG"));
  other.send("CONNECT {\"verbose\":false}\r\nPUB somewhere 2\r\nhi\r\nPING\r\n");
  EXPECT_THAT(other.line(), HasSubstr("PONG"));
  EXPECT_EQ(messages_received_by_server(server->monitor(), client.number_in_info("client_id")),
            17u);
  EXPECT_EQ(messages_received_by_server(server->monitor(), other.number_in_info("client_id")), 1u);
}

TEST(MessagesReceivedByServer, knows_nothing_of_what_it_cannot_ask) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(messages_received_by_server(server->monitor(), 123456), std::nullopt);
  // The client port speaks NATS, not HTTP.
  EXPECT_EQ(
      messages_received_by_server("http://127.0.0.1:" + std::to_string(server->address().port), 1),
      std::nullopt);
  EXPECT_EQ(messages_received_by_server("http://127.0.0.1:1", 1), std::nullopt);
  EXPECT_EQ(messages_received_by_server("", 1), std::nullopt);
  EXPECT_EQ(messages_received_by_server("gopher://nonsense", 1), std::nullopt);
}

}  // namespace
}  // namespace natsproof
