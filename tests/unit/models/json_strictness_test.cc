// Where our reader of JSON refuses what Protobuf's takes: the whole list, each with its reason and
// an example.
#include <map>
#include <string>
#include <string_view>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "tests/oracle/json_oracle.h"
#include "unit/models/every_kind.natsproof.h"

namespace natsproof {
namespace {

std::string nested(int levels) {
  std::string document;
  for (int i = 1; i < levels; ++i) document += R"({"again":)";
  return document + "{}" + std::string(static_cast<std::size_t>(levels - 1), '}');
}

const std::multimap<std::string, std::string>& examples() {
  static const std::multimap<std::string, std::string> kExamples{
      {"RFC 8259", R"({"scalar":{'stringField':"x"}})"},
      {"RFC 8259", R"({scalar:{}})"},
      {"RFC 8259", R"({"scalar":{},})"},
      {"RFC 8259", "{\"scalar\":{\"stringField\":\"a\tb\"}}"},
      {"RFC 8259", R"({"scalar":{"stringField":"\x"}})"},
      {"RFC 8259", R"({"scalar":{"doubleField":5.}})"},
      {"duplicate keys", R"({"scalar":{"int32Field":1},"scalar":{"int32Field":2}})"},
      {"duplicate keys", R"({"repeated":{"int32_field":[1],"int32Field":[2]}})"},
      {"a key that is empty", R"({"more":[{"":{}}]})"},
      {"null elements", R"({"repeated":{"stringField":["a",null]}})"},
      {"null elements", R"({"map":{"stringKey":{"a":null}}})"},
      {"one value for a list", R"({"repeated":{"int32Field":1}})"},
      {"a list in a list", R"({"repeated":{"int32Field":[[1],2]}})"},
      {"depth", nested(65)},
      {"bool in a string", R"({"scalar":{"boolField":"true"}})"},
      {"bool in a string", R"({"wellKnown":{"boolValue":"yes"}})"},
      {"integer in a string", R"({"scalar":{"int32Field":"+1"}})"},
      {"integer in a string", R"({"scalar":{"int64Field":"007"}})"},
      {"almost an integer", R"({"scalar":{"int32Field":1.00000000000000000001}})"},
      {"integer beyond a double", R"({"scalar":{"int64Field":9.007199254740993e15}})"},
      {"below the least int64", R"({"scalar":{"int64Field":-9223372036854775809}})"},
      {"number in a string", R"({"scalar":{"doubleField":"0x1p3"}})"},
      {"number in a string", R"({"scalar":{"floatField":".5"}})"},
      {"enum number in a string", R"({"scalar":{"enumField":"1"}})"},
      {"map keys", R"({"map":{"int32Key":{"01":"a"}}})"},
      {"map keys", R"({"map":{"boolKey":{"True":"a"}}})"},
      {"timestamp", R"({"wellKnown":{"timestamp":"1972-1-1T10:00:20Z"}})"},
      {"timestamp", R"({"wellKnown":{"timestamp":"1972-01-01T10:00:20.0210000009Z"}})"},
      {"timestamp", R"({"wellKnown":{"timestamp":"0001-01-01T00:00:00+01:00"}})"},
      {"duration", R"({"wellKnown":{"duration":"1.s"}})"},
      {"duration", R"({"wellKnown":{"duration":"+1s"}})"},
      {"well-known type as an object", R"({"wellKnown":{"int64Value":{"value":5}}})"},
      {"well-known type as an object", R"({"wellKnown":{"timestamp":{"seconds":5}}})"},
      {"field mask", R"({"wellKnown":{"fieldMask":"a_b"}})"},
      {"field mask", R"({"wellKnown":{"fieldMask":"a,,b"}})"},
  };
  return kExamples;
}

TEST(JsonStrictness, EachChoiceRefusesWhatProtobufTakes) {
  for (const auto& [name, document] : examples()) {
    SCOPED_TRACE(document);
    test::EveryKind message;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(document, &message).ok());
    const Decoded result = read_json(document, message);
    ASSERT_FALSE(result);
    const StricterChoice* choice = choice_of(result.error(), document);
    ASSERT_NE(choice, nullptr) << result.error().text();
    EXPECT_EQ(choice->name, name) << result.error().text();
  }
}

TEST(JsonStrictness, WhatIsNewerThanDebiansProtobuf) {
  for (const char* document : {
           R"({"scalar":{"int32Field":"1e3","uint64Field":"1.0","stringField":"1e3"}})",
           R"({"repeated":{"int64Field":["1.0","2"]},"map":{"int64Value":{"1e3":"1e3"}}})",
           R"({"wellKnown":{"values":null}})",
           R"({"wellKnown":{"int64Value":"1e3","value":"1e3","stringValue":"1.0"}})",
       }) {
    SCOPED_TRACE(document);
    test::EveryKind message;
    test::EveryKind theirs;
    const bool taken = google::protobuf::util::JsonStringToMessage(document, &theirs).ok();
    const Decoded result = read_json(document, message);
    EXPECT_FALSE(taken && theirs.well_known().values_size() == message.well_known().values_size());
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(json_disagreement(document, result, message), "");
    message.mutable_scalar()->set_string_field("another");
    EXPECT_NE(json_disagreement(document, result, message), "");
  }
  EXPECT_EQ(newer_forms().size(), 2U);
}

TEST(JsonStrictness, EachChoiceHasAnExample) {
  for (const StricterChoice& choice : stricter_choices()) {
    EXPECT_TRUE(examples().contains(choice.name)) << choice.name;
  }
}

}  // namespace
}  // namespace natsproof
