#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messaging/wire/info.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(WireInfo, ReadsWhatAServerSays) {
  const auto info = parse_info(
      R"({"server_id":"NA","server_name":"n1","version":"2.9.10","proto":1,"host":"127.0.0.1","port":4222,
          "headers":true,"max_payload":2048,"client_id":17,"connect_urls":["10.0.0.1:4222","[::1]:4223"],
          "ldm":true,"tls_required":true,"something_new":{"x":[1]}})");
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->server.id, "NA");
  EXPECT_EQ(info->server.name, "n1");
  EXPECT_EQ(info->server.version, "2.9.10");
  EXPECT_EQ(info->server.host, "127.0.0.1");
  EXPECT_EQ(info->server.port, 4222);
  EXPECT_EQ(info->server.client_id, 17u);
  EXPECT_EQ(info->server.max_payload_bytes, 2048u);
  EXPECT_THAT(info->server.connect_urls, ElementsAre("10.0.0.1:4222", "[::1]:4223"));
  EXPECT_TRUE(info->server.headers);
  EXPECT_TRUE(info->server.lame_duck);
  EXPECT_TRUE(info->tls_required);
}

TEST(WireInfo, MissingMembersKeepTheirDefaults) {
  const auto info = parse_info(R"({"connect_urls":null})");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->server.max_payload_bytes, 1024u * 1024u);
  EXPECT_FALSE(info->server.headers);
  EXPECT_FALSE(info->server.lame_duck);
  EXPECT_FALSE(info->tls_required);
}

TEST(WireInfo, WhatIsNoJsonObjectIsAnError) {
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"),
                                  std::string("12"), std::string("{\"a\":\"\xff\"}"),
                                  std::string(60'000, '['), std::string("{\"a\":1e999999}")}) {
    const auto info = parse_info(text);
    ASSERT_FALSE(info.ok()) << text.substr(0, 20);
    EXPECT_THAT(info.error().message, HasSubstr("not a JSON object"));
  }
}

TEST(WireInfo, AWrongTypeIsAnErrorThatNamesTheMember) {
  struct Case {
    const char *json, *reason;
  };
  const Case cases[] = {
      {R"({"port":"4222"})", "port is not a whole number"},
      {R"({"port":65536})", "port is not a number in range"},
      {R"({"max_payload":-1})", "max_payload is not a whole number"},
      {R"({"max_payload":1.5})", "max_payload is not a whole number"},
      {R"({"server_id":{}})", "server_id is not a string"},
      {R"({"headers":1})", "headers is not true or false"},
      {R"({"connect_urls":"x"})", "connect_urls is not an array"},
      {R"({"connect_urls":["x",1]})", "connect_urls is not an array of strings"},
  };
  for (const auto& c : cases) {
    const auto info = parse_info(c.json);
    ASSERT_FALSE(info.ok()) << c.json;
    EXPECT_THAT(info.error().message, HasSubstr(c.reason));
  }
}

}  // namespace
}  // namespace natsproof
