// What validators are not made of, and how their text reads.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/codegen/schema_error.h"
#include "tests/unit/codegen/schema_text.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTypes =
    "enum Kind { NONE = 0; SOME = 1; } message Part { int64 cents = 1; double size = 2; string "
    "name = 3; "
    "optional int64 maybe = 4; repeated Part parts = 5; google.protobuf.Timestamp at = 6; }\n";

// The words of the SchemaError.
std::string mistake_of_body(const std::string& body) {
  const SchemaText schema(kTypes + ("message M { " + body + " }"));
  try {
    return "accepted: " + schema.validator("M");
  } catch (const SchemaError& error) {
    return error.what();
  }
}

std::string mistake_of_rule(const std::string& field, const std::string& rule) {
  return mistake_of_body(field + " = 1 [(natsproof.rules) = {" + rule + "}];");
}

TEST(Validator, ARuleFitsItsField) {
  struct Case {
    const char* field;
    const char* rule;
    const char* why;
  };
  for (const Case& wrong : {
           Case{"int32 f", "min_chars: 1",
                "the rule min_chars is for strings; this field is of type int32"},
           Case{"bytes f", "max_chars: 1",
                "the rule max_chars is for strings; this field is of type bytes"},
           Case{"bool f", "pattern: \"^a$\"", "the rule pattern is for strings"},
           Case{"Part f", "format: UUID", "the rule format is for strings"},
           Case{"Kind f", "without: \"a\"", "the rule without is for strings"},
           Case{"string f", "at_least: 1",
                "the rule at_least is for numbers; this field is of type string"},
           Case{"bool f", "at_most: 1", "the rule at_most is for numbers"},
           Case{"Kind f", "above: 1", "the rule above is for numbers"},
           Case{"repeated string f", "below: 1",
                "the rule below is for numbers; this field is repeated string"},
           Case{"int32 f", "known: true", "the rule known is for enums"},
           Case{"string f", "min_items: 1", "the rule min_items is for repeated fields and maps"},
           Case{"int32 f", "max_items: 1", "the rule max_items is for repeated fields and maps"},
           Case{"string f", "before: \"2026-01-01T00:00:00Z\"",
                "the rule before is for Timestamps"},
           Case{"google.protobuf.Duration f", "before: \"2026-01-01T00:00:00Z\"",
                "the rule before is for Timestamps"},
           Case{"string f", "required: true", "for strings, min_chars: 1"},
           Case{"int32 f", "required: true", "the rule required is for messages and enums"},
           Case{"repeated Part f", "required: true", "for repeated fields and maps, min_items: 1"},
           Case{"map<string, string> f", "min_chars: 1", "this field is a map"},
           Case{"map<string, Kind> f", "known: true", "this field is a map"},
           Case{"map<string, int32> f", "at_least: 1", "this field is a map"},
           Case{"map<string, Part> f", "required: true", "this field is a map"},
           Case{"map<string, google.protobuf.Timestamp> f", "before: \"2026-01-01T00:00:00Z\"",
                "this field is a map"},
           Case{"optional Kind f", "required: true", "it is required and optional"},
       }) {
    EXPECT_THAT(mistake_of_rule(wrong.field, wrong.rule),
                AllOf(HasSubstr("shop.M.f: "), HasSubstr(wrong.why)))
        << wrong.field << " " << wrong.rule;
  }
  EXPECT_THAT(mistake_of_body("oneof o { Part f = 1 [(natsproof.rules) = {required: true}]; }"),
              HasSubstr("shop.M.f: it is required and in a oneof"));
}

TEST(Validator, ABoundIsAValueOfItsField) {
  struct Case {
    const char* field;
    const char* rule;
    const char* why;
  };
  for (const Case& wrong : {
           Case{"int32 f", "at_least: 0.5", "at_least: 0.5: the field is an integer"},
           Case{"int32 f", "at_most: 2147483648", "it is not a value of int32"},
           Case{"int32 f", "at_least: -2147483649", "it is not a value of int32"},
           Case{"uint32 f", "at_least: -1", "it is not a value of uint32"},
           Case{"uint32 f", "at_most: 4294967296", "it is not a value of uint32"},
           Case{"uint64 f", "above: -1", "it is not a value of uint64"},
           Case{"int64 f", "at_most: 9007199254740993", "beyond 2^53"},
           Case{"int64 f", "at_least: -9007199254740993", "beyond 2^53"},
           Case{"uint64 f", "at_least: 9007199254740992", "\"f <= …\""},
           Case{"float f", "at_most: 0.1",
                "it is not a value of float, the nearest is 0.10000000149"},
           Case{"double f", "at_most: inf", "finite"},
           Case{"double f", "at_least: nan", "finite"},
           Case{"int32 f", "at_least: 2 at_most: 1", "no number is within these bounds"},
           Case{"int32 f", "above: 1 below: 2", "no number is within these bounds"},
           Case{"double f", "above: 1 at_most: 1", "no number is within these bounds"},
           Case{"int32 f", "above: 2147483647", "no number is within these bounds"},
           Case{"uint32 f", "below: 0", "no number is within these bounds"},
           Case{"int32 f", "at_least: 1 above: 1", "at_least and above say the same twice"},
           Case{"int32 f", "at_most: 1 below: 1", "at_most and below say the same twice"},
       }) {
    EXPECT_THAT(mistake_of_rule(wrong.field, wrong.rule),
                AllOf(HasSubstr("shop.M.f: "), HasSubstr(wrong.why)))
        << wrong.field << " " << wrong.rule;
  }
  for (const Case& right : {
           Case{"int32 f", "at_least: 1 at_most: 1", "value >= 1"},
           Case{"int32 f", "above: 1 below: 3", "value > 1"},
           Case{"int64 f", "at_most: 9007199254740991", "value <= 9007199254740991"},
           Case{"float f", "at_most: 0.5", "value <= 0.5f"},
           Case{"double f", "above: 1e300", "value > 1e+300"},
       }) {
    EXPECT_THAT(mistake_of_rule(right.field, right.rule),
                AllOf(HasSubstr("accepted"), HasSubstr(right.why)))
        << right.field << " " << right.rule;
  }
}

TEST(Validator, ABoundThatEveryValueKeepsIsNotTested) {
  EXPECT_THAT(mistake_of_rule("uint32 f", "at_least: 0"), Not(HasSubstr("value")));
  EXPECT_THAT(mistake_of_rule("int32 f", "at_least: -2147483648 at_most: 2147483647"),
              Not(HasSubstr("value")));
}

TEST(Validator, OtherMistakesInRules) {
  EXPECT_THAT(mistake_of_rule("string f", "min_chars: 3 max_chars: 2"),
              HasSubstr("shop.M.f: min_chars is more than max_chars"));
  EXPECT_THAT(mistake_of_rule("repeated string f", "min_items: 3 max_items: 2"),
              HasSubstr("shop.M.f: min_items is more than max_items"));
  EXPECT_THAT(mistake_of_rule("repeated string f", "max_items: 4294967295"),
              HasSubstr("shop.M.f: max_items is more than a field can have"));
  EXPECT_THAT(mistake_of_rule("google.protobuf.Timestamp f", "before: \"2026-01-01\""),
              HasSubstr("shop.M.f: before: \"2026-01-01\" is not a time"));
  EXPECT_THAT(mistake_of_rule("string f", "pattern: \"^a\""),
              HasSubstr("shop.M.f: pattern \"^a\": at byte 2: a pattern ends with $"));
  EXPECT_THAT(mistake_of_rule("string f", "pattern: \"^\\\\w?\""), HasSubstr("pattern \"^\\w?\": "))
      << "as it is, not as C++ would write it";
  EXPECT_THAT(mistake_of_rule("google.protobuf.Timestamp f", "before: \"today?\""),
              HasSubstr("before: \"today?\" is not a time"));
  EXPECT_THAT(mistake_of_rule("repeated string f", "pattern: \"^.{1000}$\""),
              HasSubstr("it needs more than 4096 states"));
}

TEST(Validator, TheSchemaSaysAtWhichNumbersItsRulesAre) {
  const char* text =
      "message M { int32 a = 1 [(natsproof.rules) = {at_least: 1}];"
      " int32 b = 2 [(natsproof.rules).at_most = 7, (natsproof.rules).above = 2];"
      " option (natsproof.check) = \"a <= b\"; option (natsproof.check) = \"b <= 3 * a\"; }";
  const std::string validator = SchemaText(text).validator("M");
  EXPECT_THAT(validator, AllOf(HasSubstr("value >= 1"), HasSubstr("value <= 7"),
                               HasSubstr("value > 2"), HasSubstr("a <= b"), HasSubstr("check_2")));
  for (const int number : {50900, 1000, 536870910})
    EXPECT_EQ(SchemaText(text, number).validator("M"), validator) << number;
}

TEST(Validator, ATableServesAllOfAFile) {
  const SchemaText schema(
      "message A { message B { string f = 1 [(natsproof.rules) = {format: EMAIL}]; }"
      " string f = 1 [(natsproof.rules) = {format: EMAIL, pattern: \"^a$\"}]; }"
      "message C { string f = 1 [(natsproof.rules) = {pattern: \"^a$\"}]; }");
  EXPECT_THAT(schema.validator("A"),
              AllOf(Not(HasSubstr("kPattern_1Next[]")), HasSubstr("matches(value, kPattern_1)"),
                    HasSubstr("kPattern_2Next[]")));
  EXPECT_THAT(schema.validator("C"),
              AllOf(Not(HasSubstr("Next[]")), HasSubstr("matches(value, kPattern_2)")));
}

TEST(Validator, LoopsEndWhenTheListIsFull) {
  EXPECT_THAT(mistake_of_rule("repeated string f", "min_chars: 1"),
              HasSubstr("i < message.f_size() && !violations.full(); ++i"));
  EXPECT_THAT(mistake_of_body("map<string, Part> f = 1;"),
              HasSubstr("if (violations.full()) break;"));
}

std::string mistake_of_check(const std::string& expression) {
  return mistake_of_body(
      "int64 a = 1; int64 b = 2; int32 c = 3; bool flag = 4; bool other = 5; Part part = 6;"
      "repeated Part parts = 7; repeated int64 numbers = 8; google.protobuf.Timestamp at = 9;"
      "google.protobuf.Timestamp to = 10; string text = 11; double size = 12; Kind kind = 13;"
      "map<string, int64> by_name = 14; uint64 u = 15; repeated bool flags = 16;"
      "google.protobuf.Duration span = 17; option (natsproof.check) = \"" +
      expression + "\";");
}

TEST(Validator, AMistakeInACheckIsPointedTo) {
  struct Case {
    const char* expression;
    const char* why;
  };
  for (const Case& wrong : {
           Case{"", "the name of a field belongs here, at byte 0"},
           Case{"a", "a comparison (==, <=, <, >= or >) belongs here, at byte 1"},
           Case{"a = b", "a comparison (==, <=, <, >= or >) belongs here, at byte 2"},
           Case{"a != b", "a comparison (==, <=, <, >= or >) belongs here, at byte 2"},
           Case{"a ==", "something is missing, at byte 4"},
           Case{"a == b c", "this belongs to nothing, at byte 7"},
           Case{"a == b <= c", "this belongs to nothing, at byte 7"},
           Case{"a == b)", "this belongs to nothing, at byte 6"},
           Case{"1 == a", "the name of a field belongs here, at byte 0"},
           Case{"a + b == c", "a comparison (==, <=, <, >= or >) belongs here, at byte 2"},
           Case{"a == x", "shop.M has no field x, at byte 5"},
           Case{"a == part.x", "shop.Part has no field x, at byte 10"},
           Case{"a == b.x", "b has no fields, at byte 7"},
           Case{"a == part", "part is a message; name one of its fields, at byte 5"},
           Case{"a == span", "span is a message; name one of its fields, at byte 5"},
           Case{"a == text",
                "text is of type string; integers, bools and Timestamps can be used, at byte 5"},
           Case{"a == size", "size is of type double"},
           Case{"kind == kind", "kind is of type enum"},
           Case{"a == part.size",
                "size is of type double; integers, bools and Timestamps can be used, at byte 10"},
           Case{"a == by_name", "by_name is a map, at byte 5"},
           Case{"a == numbers", "numbers is repeated; use sum(…), at byte 5"},
           Case{"a == parts.cents", "parts is repeated; use sum(…), at byte 5"},
           Case{"a == sum(b)", "a sum is over a repeated field, and there is none here, at byte 5"},
           Case{"a == sum(parts.parts.cents)", "a sum is over one repeated field, at byte 15"},
           Case{"a == sum(flags)", "the sum of integers only, flags is a bool, at byte 9"},
           Case{"a == sum(numbers", "a ) belongs here, at byte 16"},
           Case{"a == sum()", "the name of a field belongs here, at byte 9"},
           Case{"a == (b", "a ) belongs here, at byte 7"},
           Case{"a == flag", "an integer is compared with a bool, at byte 2"},
           Case{"flag == a", "a bool is compared with an integer, at byte 5"},
           Case{"flag <= other", "bools are compared by ==, at byte 5"},
           Case{"at <= a", "a Timestamp is compared with an integer, at byte 3"},
           Case{"a == b + flag", "only integers can be computed with, not a bool, at byte 7"},
           Case{"at == to + 1", "only integers can be computed with, not a Timestamp, at byte 9"},
           Case{"a == b * (a < b)", "only integers can be computed with, not a bool, at byte 7"},
           Case{"a == 1.5", "only whole decimal numbers can be used, at byte 5"},
           Case{"a == 12x", "only whole decimal numbers can be used, at byte 5"},
           Case{"a == 18446744073709551616", "this integer is larger than 64 bits, at byte 5"},
           Case{"a == -1", "a field, an integer, sum(…) or parentheses belong here, at byte 5"},
           Case{"a == b * a * c", "this could need more than 128 bits, at byte 11"},
           Case{"a == c * c * u + c * c * u", "this could need more than 128 bits, at byte 15"},
           Case{"a == u * u", "this could need more than 128 bits, at byte 7"},
           Case{"a == sum(numbers) * c * c", "this could need more than 128 bits, at byte 22"},
       }) {
    EXPECT_THAT(mistake_of_check(wrong.expression),
                AllOf(HasSubstr("shop.M: check: "), HasSubstr(wrong.why)))
        << wrong.expression;
  }
  EXPECT_THAT(mistake_of_check("a == " + std::string(10'000, '(')),
              HasSubstr("too many parentheses"));
  EXPECT_EQ(mistake_of_check("a == b + x * 2"),
            "shop.M: check: shop.M has no field x, at byte 9\n"
            "  a == b + x * 2\n"
            "           ^");
}

TEST(Validator, ChecksThatAreRight) {
  for (const char* right :
       {"a==b", " a  == b ", "a == b * c * 65535", "u <= 18446744073709551615", "part.maybe < a",
        "part.at <= to", "flag == (at < to)", "flag == (a + b > 2 * c)", "flag == ((a) == (b))",
        "flag == other", "a == sum(parts.maybe)", "a == sum(part.parts.cents) - 1", "a >= 1",
        "a > b - c"})
    EXPECT_THAT(mistake_of_check(right), HasSubstr("accepted")) << right;
}

}  // namespace
}  // namespace natsproof
