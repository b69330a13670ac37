#include "messaging/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(Headers, StatusIsTheNumberOnTheFirstLine) {
  EXPECT_EQ(header_status("NATS/1.0 503\r\n\r\n"), kStatusNoResponders);
  EXPECT_EQ(header_status("NATS/1.0 404 No Messages\r\nA: b\r\n\r\n"), 404);
  EXPECT_EQ(header_status("NATS/1.0  100  Idle\r\n\r\n"), 100);
  EXPECT_EQ(header_status("NATS/1.0\r\nA: 503\r\n\r\n"), 0);
  EXPECT_EQ(header_status("NATS/1.0503\r\n\r\n"), 0);
  EXPECT_EQ(header_status("NATS/1.0 5030\r\n\r\n"), 0);
  EXPECT_EQ(header_status("NATS/1.0 5x3\r\n\r\n"), 0);
  EXPECT_EQ(header_status("NATS/1.0 50\r\n\r\n"), 0);
  EXPECT_EQ(header_status("HTTP/1.0 503\r\n\r\n"), 0);
  EXPECT_EQ(header_status(""), 0);
}

TEST(Headers, FindsTheFirstValueOfTheExactKey) {
  constexpr std::string_view kBlock =
      "NATS/1.0\r\nKey-Long: no\r\nKey:  one two \t\r\nKey: second\r\nkey:third\r\nEmpty:\r\n\r\n";
  EXPECT_THAT(find_header(kBlock, "Key"), Optional(std::string_view("one two")));
  EXPECT_THAT(find_header(kBlock, "key"), Optional(std::string_view("third")));
  EXPECT_THAT(find_header(kBlock, "Empty"), Optional(std::string_view("")));
  EXPECT_EQ(find_header(kBlock, "KEY"), std::nullopt);
  EXPECT_EQ(find_header(kBlock, "Ke"), std::nullopt);
  EXPECT_EQ(find_header("", "Key"), std::nullopt);
  EXPECT_EQ(find_header("NATS/1.0 Key: x", "Key"), std::nullopt);
}

TEST(Headers, TheFirstLineIsNoHeader) {
  EXPECT_EQ(find_header("Key: x\r\n\r\n", "Key"), std::nullopt);
}

TEST(Headers, MakesABlockThatIsReadBack) {
  const auto block = make_headers({{"A", "1"}, {"Trace-Id", "x:y z"}});
  ASSERT_TRUE(block.ok());
  EXPECT_EQ(block.value(), "NATS/1.0\r\nA: 1\r\nTrace-Id: x:y z\r\n\r\n");
  EXPECT_THAT(find_header(block.value(), "Trace-Id"), Optional(std::string_view("x:y z")));
  EXPECT_EQ(make_headers({}).value(), "");
}

TEST(Headers, RefusesWhatCannotStandInAHeader) {
  for (const char* key : {"", "a b", "a:b", "a\n", "\xc3\xa4"}) {
    const auto block = make_headers({{key, "v"}});
    ASSERT_FALSE(block.ok()) << key;
    EXPECT_THAT(block.error().message, HasSubstr(key));
  }
  for (const std::string& value :
       {std::string("a\r\nB: c"), std::string("a\n"), std::string("a\0b", 3)}) {
    const auto block = make_headers({{"Key", value}});
    ASSERT_FALSE(block.ok());
    EXPECT_THAT(block.error().message, HasSubstr("\"Key\""));
  }
}

}  // namespace
}  // namespace natsproof
