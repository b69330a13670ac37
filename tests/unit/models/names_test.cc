// Names that C++ or the generated code has for something else compile, and read and write and
// validate as others do.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "unit/models/every_name.natsproof.h"

namespace natsproof {
namespace {

namespace names = test::names;

// The document, read and written again.
template <typename Message>
std::string round_trip(std::string_view document) {
  Message message;
  const Decoded read = read_json(document, message);
  if (!read) return read.error().text();
  JsonBuffer out;
  if (const Encoded written = write_json(message, out); !written) return written.error().text();
  return std::string(out.view());
}

template <typename Message>
std::string first_violation(std::string_view document) {
  Message message;
  if (!read_json(document, message)) return "not read";
  Violations violations;
  return validate(message, violations) ? "" : violations.list()[0].path;
}

TEST(Names, Keywords) {
  constexpr std::string_view kDocument =
      R"({"void":"a","xor":1,"while":[1,2],"NULL":false,"wcharT":"w","xorEq":{"k":"v"},)"
      R"("Operator":"3","goto":{"typename":true},"mutable":"new","count":1})";
  EXPECT_EQ(round_trip<names::class_>(kDocument), kDocument);
  EXPECT_EQ(first_violation<names::class_>("{}"), "void");
  EXPECT_EQ(first_violation<names::class_>(R"({"void":"a","while":[1,2,3]})"), "while");
  EXPECT_EQ(first_violation<names::class_>(R"({"void":"a","xor":2,"count":1})"), "xor");
  EXPECT_EQ(first_violation<names::class_>(R"({"void":"a","mutable":7})"), "mutable");
}

TEST(Names, FunctionsOfOurs) {
  constexpr std::string_view kDocument =
      R"({"byName":{"a":{"number":1}},"list":[{"number":2,"again":{"number":3},)"
      R"("parts":[{"text":"x"}]}],"kind":"SOME","kinds":{"1":"SOME"},"id":"double"})";
  EXPECT_EQ(round_trip<class names::write_json>(kDocument), kDocument);
  EXPECT_EQ(first_violation<class names::validate>(R"({"number":1,"again":{"number":11}})"),
            "again.number");
  EXPECT_EQ(first_violation<class names::write_json>("{}"), "kind");
}

TEST(Names, VariablesOfTheGeneratedCode) {
  constexpr std::string_view kDocument =
      R"({"json":{"message":{"value":"x"}},"out":[{"field":"1","violations":"1"}]})";
  EXPECT_EQ(round_trip<names::in>(kDocument), kDocument);
  EXPECT_EQ(first_violation<names::in>(R"({"out":[{}]})"), "out[0].violations");
}

TEST(Names, TwoThatAreTheSameInCxx) {
  EXPECT_EQ(round_trip<names::x>(R"({"bC":"SOME"})"), R"({"bC":"SOME"})");
  EXPECT_EQ(round_trip<names::x_b>(R"({"c":"double"})"), R"({"c":"double"})");
  EXPECT_EQ(round_trip<names::Accent>("{\"ü & 'x'\":\"t\"}"), "{\"ü & 'x'\":\"t\"}");
}

}  // namespace
}  // namespace natsproof
