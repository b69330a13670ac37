// What is refused, since no C++ could be made of it.
#include "models/codegen/usable.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/codegen/schema_error.h"
#include "tests/unit/codegen/schema_text.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string mistake_of(const SchemaText& schema) {
  try {
    require_usable(schema.file());
    return "accepted";
  } catch (const SchemaError& error) {
    return error.what();
  }
}

std::string mistake(const std::string& text) {
  return mistake_of(SchemaText(text));
}

TEST(Usable, NamesThatProtocRenamesOrWeWriteInFull) {
  for (const char* right : {
           "message class { string while = 1; int32 xor = 2; message X { bool void = 1; } }",
           "message validate { int32 a = 1; validate again = 2; message part { bool a = 1; } }",
           "enum validate { NONE = 0; read = 1; } message read_json { validate v = 1; }",
           "message M { enum Kind { NONE = 0; validate = 1; } Kind kind = 1; }",
           "message M { string validate = 1; string read_json = 2; string rules = 3; }",
           "message M { map<string, M> m = 1; google.protobuf.Timestamp t = 2; }",
       }) {
    EXPECT_EQ(mistake(right), "accepted") << right;
  }
}

TEST(Usable, KeywordsThatProtocDoesNotKnow) {
  EXPECT_THAT(
      mistake("message M { string requires = 1; }"),
      AllOf(HasSubstr("shop.M.requires: `requires` is a keyword of C++"), HasSubstr("json_name")));
  EXPECT_THAT(mistake("message char8_t { string a = 1; }"), HasSubstr("shop.char8_t: "));
  EXPECT_THAT(mistake("enum concept { NONE = 0; }"), HasSubstr("shop.concept: "));
  EXPECT_THAT(mistake("enum E { NONE = 0; co_await = 1; }"), HasSubstr("shop.co_await: "));
  EXPECT_THAT(mistake("message M { enum E { NONE = 0; co_await = 1; } }"),
              HasSubstr("shop.M.co_await: "));
}

TEST(Usable, FunctionsOfOursThatWouldBeDeclaredAgain) {
  EXPECT_THAT(mistake("message M { bool a = 1; } enum E { NONE = 0; validate = 1; }"),
              HasSubstr("shop.validate: the value is called `validate` in C++, as a function"));
  EXPECT_THAT(mistake("message read { enum E { NONE = 0; json = 1; } }"),
              HasSubstr("shop.read.json: the value is called `read_json` in C++"));
  EXPECT_THAT(mistake("message M { bool a = 1; }"
                      "extend google.protobuf.MessageOptions { bool validate = 50001; }"),
              HasSubstr("shop.validate: the extension is called `validate`"));
  const std::string other = "syntax = \"proto3\"; package ";
  const std::string message = "message M { bool a = 1; }";
  EXPECT_EQ(mistake_of({message, other + "shop.common; message N {}"}), "accepted");
  EXPECT_EQ(mistake_of({message, other + "validate; message N {}"}), "accepted");
  EXPECT_EQ(mistake_of({"", other + "shop; enum E { NONE = 0; validate = 1; }"}), "accepted");
  EXPECT_THAT(mistake_of({message, other + "shop; enum E { NONE = 0; validate = 1; }"}),
              HasSubstr("shop.validate: the value is called `validate`"));
  EXPECT_THAT(mistake_of({message, other + "shop.validate.v1; message N {}"}),
              HasSubstr("the package shop.validate.v1 of other.proto is called as a function"));
}

TEST(Usable, AMessageThatAFunctionHidesStaysInItsFile) {
  const std::string other =
      "syntax = \"proto3\"; package shop; message validate {} enum read_json { NO = 0; }";
  EXPECT_THAT(mistake_of({"message M { validate v = 1; }", other}),
              HasSubstr("shop.M.v: shop.validate of other.proto is called as a function"));
  EXPECT_THAT(mistake_of({"message M { map<string, read_json> m = 1; }", other}),
              HasSubstr("shop.read_json of other.proto"));
}

TEST(Usable, TypesWithoutAFormInJson) {
  EXPECT_THAT(mistake("message M { google.protobuf.Any any = 1; }"),
              HasSubstr("shop.M.any: google.protobuf.Any needs a registry"));
  EXPECT_THAT(mistake("message M { map<int32, google.protobuf.Any> any = 1; }"),
              HasSubstr("google.protobuf.Any needs a registry"));
  EXPECT_THAT(mistake("message M { google.protobuf.FileOptions options = 1; }"),
              HasSubstr("shop.M.options: google.protobuf.FileOptions is not supported"));
  EXPECT_THAT(mistake("message M { natsproof.FieldRules rules = 1; }"),
              HasSubstr("natsproof.FieldRules is not supported"));
}

TEST(Usable, OtherNames) {
  EXPECT_THAT(mistake("message value { string value = 1; }"),
              HasSubstr("shop.value.value: a field that is called as its message"));
  EXPECT_THAT(mistake("message M { string a = 1 [json_name = \"a\\\"b\"]; }"),
              HasSubstr("shop.M.a: its json_name has a quote"));
}

}  // namespace
}  // namespace natsproof
