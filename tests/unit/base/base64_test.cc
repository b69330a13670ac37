#include "base/base64.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace natsproof {
namespace {

TEST(Base64, IsRfc4648) {
  const std::vector<std::pair<std::string, std::string>> known = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : known) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "=Zg=",
                           "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, AnyFormIsReadWhereItIsAskedFor) {
  const std::vector<std::pair<std::string, std::string>> known = {{"Zg", "f"},
                                                                  {"Zm8", "fo"},
                                                                  {"Zm8=", "fo"},
                                                                  {"-_-_", "\xfb\xff\xbf"},
                                                                  {"+/+/", "\xfb\xff\xbf"}};
  for (const auto& [text, bytes] : known) EXPECT_EQ(decode_base64(text, Base64::any), bytes);
  for (const char* text : {"Z", "Zg=", "Zh", "Zm9=", "====", "Zm 9", "+/-_", "Zg=g"}) {
    EXPECT_EQ(decode_base64(text, Base64::any), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace natsproof
