#include "messaging/server_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServerAddress, ReadsEveryForm) {
  struct Case {
    const char* url;
    ServerAddress expected;
  };
  const Case cases[] = {
      {"localhost", {.host = "localhost"}},
      {"10.0.0.1:5222", {.host = "10.0.0.1", .port = 5222}},
      {" nats://example.org:1/ ", {.host = "example.org", .port = 1}},
      {"nats://joe:s%40c%3aret@h:4223",
       {.host = "h", .port = 4223, .user = "joe", .password = "s@c:ret"}},
      {"nats://joe:a:b@h", {.host = "h", .user = "joe", .password = "a:b"}},
      {"nats://t0ken@h", {.host = "h", .token = "t0ken"}},
      {"joe:pw@h:7", {.host = "h", .port = 7, .user = "joe", .password = "pw"}},
      {"nats://[::1]:4300", {.host = "::1", .port = 4300}},
      {"[fe80::1%eth0]", {.host = "fe80::1%eth0"}},
  };
  for (const auto& c : cases) {
    const auto read = parse_server_address(c.url);
    ASSERT_TRUE(read.ok()) << c.url << ": " << read.error().message;
    EXPECT_EQ(read->host, c.expected.host) << c.url;
    EXPECT_EQ(read->port, c.expected.port) << c.url;
    EXPECT_EQ(read->user, c.expected.user) << c.url;
    EXPECT_EQ(read->password, c.expected.password) << c.url;
    EXPECT_EQ(read->token, c.expected.token) << c.url;
  }
}

TEST(ServerAddress, RefusesWithAReason) {
  struct Case {
    const char *url, *reason;
  };
  const Case cases[] = {
      {"", "no host"},
      {":4222", "no host"},
      {"nats://@h", "no user or token"},
      {"tls://h:4222", "TLS is not supported yet"},
      {"ws://h:80", "WebSocket"},
      {"http://h:80", "unknown scheme \"http\""},
      {"h:0", "port \"0\""},
      {"h:65536", "port \"65536\""},
      {"h:42x", "port \"42x\""},
      {"h:", "port \"\""},
      {"::1", "stands in [ ]"},
      {"[::1", "a [ without"},
      {"[::1]4222", "follows the ]"},
      {"[hello]:4222", "not an IPv6 address"},
      {"a b:4222", "not a host name"},
      {"h/path:1", "not a host name"},
      {"nats://a%4:b@h", "two hexadecimal digits"},
      {"nats://a%zz@h", "two hexadecimal digits"},
  };
  for (const auto& c : cases) {
    const auto read = parse_server_address(c.url);
    ASSERT_FALSE(read.ok()) << c.url;
    EXPECT_THAT(read.error().message, HasSubstr(c.reason));
    EXPECT_THAT(read.error().message, HasSubstr("allowed are"));
  }
}

TEST(ServerAddress, AnErrorDoesNotTellThePassword) {
  const auto read = parse_server_address("nats://joe:hunter2@h:99999");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("@h:99999"));
  EXPECT_THAT(read.error().message, Not(HasSubstr("hunter2")));
}

TEST(ServerAddress, DisplaysWithoutLogin) {
  EXPECT_EQ((ServerAddress{.host = "h", .port = 1, .user = "u", .password = "p"}).display(),
            "nats://h:1");
  EXPECT_EQ((ServerAddress{.host = "::1", .port = 1, .token = "t"}).display(), "nats://[::1]:1");
}

TEST(ServerAddress, KnowsLoopback) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(ServerAddress{.host = host}.is_loopback()) << host;
  }
  for (const char* host :
       {"128.0.0.1", "10.0.0.127", "localhost.example.org", "::2", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(ServerAddress{.host = host}.is_loopback()) << host;
  }
}

TEST(ServerAddress, ReadsAList) {
  const auto read = parse_server_addresses("nats://a:1, b:2,c");
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read.value().size(), 3u);
  EXPECT_EQ(read.value()[1].host, "b");
  EXPECT_EQ(read.value()[1].port, 2);
  EXPECT_EQ(read.value()[2].host, "c");
  EXPECT_FALSE(parse_server_addresses("a:1,,b:2").ok());
  EXPECT_FALSE(parse_server_addresses("").ok());
}

}  // namespace
}  // namespace natsproof
