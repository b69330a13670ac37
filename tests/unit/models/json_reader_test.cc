// Reading JSON: what is read, and what is said of what cannot be.
#include <limits>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/runtime/protobuf_codec.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "tests/oracle/json_oracle.h"
#include "unit/models/every_kind.natsproof.h"

namespace natsproof {
namespace {

using models::v1::Order;
using test::EveryKind;

template <typename Message>
std::string disagreement(std::string_view document) {
  Message message;
  const Decoded result = read_json(document, message);
  return json_disagreement(document, result, message);
}

// A document and where it is wrong. `says` is a part of the sentence.
struct Mistake {
  std::string_view document;
  std::string_view path;
  std::size_t offset;
  std::string_view says;
};

template <typename Message>
void expect_mistake(const Mistake& expected) {
  SCOPED_TRACE(expected.document);
  Message message;
  const Decoded result = read_json(expected.document, message);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().path, expected.path);
  EXPECT_EQ(result.error().offset, expected.offset);
  EXPECT_THAT(result.error().message, testing::HasSubstr(std::string(expected.says)));
}

TEST(ReadJson, ReplacesWhatWasThere) {
  models::v1::ValidationProbe probe;
  probe.set_email("old@example.org");
  ASSERT_TRUE(read_json(R"({"number":"250"})", probe));
  EXPECT_EQ(probe.number(), 250);
  EXPECT_EQ(probe.email(), "");
}

TEST(ReadJson, TakesJsonNamesAndOriginalNamesInAnyOrderWithEscapes) {
  test::EveryName names;
  ASSERT_TRUE(read_json(
      R"({"trailing_1_number":"b","@other":"a","inner":{"deep":{"value":"d"},"kind":"SOME"},"c\u006cass":"c"})",
      names));
  EXPECT_EQ(names.with_json_name(), "a");
  EXPECT_EQ(names.trailing_1_number(), "b");
  EXPECT_EQ(names.class_(), "c");
  EXPECT_EQ(names.inner().deep().value(), "d");
  EXPECT_EQ(names.inner().kind(), test::EveryName_Inner_Kind_SOME);
}

TEST(ReadJson, NullStandsForAnAbsentField) {
  EveryKind message;
  ASSERT_TRUE(read_json(
      R"({"scalar":null,"optional":{"stringField":null,"messageField":null},"repeated":{"int32Field":null},
          "map":{"stringKey":null},"oneof":{"stringField":null},"wellKnown":{"timestamp":null,"int64Value":null}})",
      message));
  EXPECT_FALSE(message.has_scalar());
  EXPECT_FALSE(message.optional_().has_string_field());
  EXPECT_FALSE(message.optional_().has_message_field());
  EXPECT_EQ(message.oneof_().choice_case(), test::EveryOneof::CHOICE_NOT_SET);
  EXPECT_FALSE(message.well_known().has_timestamp());
  EXPECT_FALSE(message.well_known().has_int64_value());
}

TEST(ReadJson, NullIsAValueOfValueAndNullValue) {
  test::EveryWellKnown message;
  ASSERT_TRUE(read_json(R"({"value":null,"nullValue":null,"values":[null,1]})", message));
  EXPECT_EQ(message.value().kind_case(), google::protobuf::Value::kNullValue);
  EXPECT_EQ(message.values_size(), 2);
  test::EveryOneof oneof;
  ASSERT_TRUE(read_json(R"({"nullField":null})", oneof));
  EXPECT_EQ(oneof.choice_case(), test::EveryOneof::kNullField);
}

// Documents at the edges of the mapping, each read, or refused, as Protobuf's reader does it.
TEST(ReadJson, AgreesWithProtobufAtTheEdges) {
  for (
      const std::string_view document : {
          R"({"int32Field":1.0,"int64Field":1e3,"uint32Field":-0,"uint64Field":"18446744073709551615"})",
          R"({"int32Field":-2147483648,"int64Field":"-9223372036854775808","uint32Field":4294967295})",
          R"({"int32Field":2147483648})",
          R"({"int32Field":"2147483648"})",
          R"({"int32Field":1.5})",
          R"({"int32Field":"1.0"})",
          R"({"int32Field":"1e3"})",
          R"({"int32Field":" 1"})",
          R"({"int32Field":""})",
          R"({"int32Field":true})",
          R"({"int32Field":[1]})",
          R"({"int32Field":"\u0031"})",
          R"({"int64Field":9223372036854775808})",
          R"({"int64Field":9223372036854775807.0})",
          R"({"int64Field":1e18,"uint64Field":1e19})",
          R"({"uint64Field":-1})",
          R"({"uint64Field":"-0"})",
          R"({"uint64Field":18446744073709551616})",
          R"({"uint32Field":4294967296})",
          R"({"int32Field":1e400})",
          R"({"doubleField":"NaN"})",
          R"({"doubleField":"Infinity"})",
          R"({"doubleField":"-Infinity"})",
          R"({"doubleField":"nan"})",
          R"({"doubleField":"1.5e3"})",
          R"({"doubleField":1e-999})",
          R"({"doubleField":1e999})",
          R"({"doubleField":"1e999"})",
          R"({"doubleField":"1e-999"})",
          R"({"doubleField":-0.0})",
          R"({"doubleField":123456789012345678901234567890,"floatField":16777217})",
          R"({"floatField":3.4028235e38})",
          R"({"floatField":3.4028236e38})",
          R"({"floatField":1e-50})",
          R"({"floatField":"Infinity"})",
          R"({"boolField":1})",
          R"({"stringField":1})",
          R"({"stringField":"\u0000\ud83d\ude00\/\b\f\n\r\t\"\\"})",
          R"({"stringField":"\udc00"})",
          R"({"bytesField":"AQI="})",
          R"({"bytesField":"AQI"})",
          R"({"bytesField":"-_-_"})",
          R"({"bytesField":"+\/+\/"})",
          R"({"bytesField":"A"})",
          R"({"bytesField":"AQI=="})",
          R"({"bytesField":"+/-_"})",
          R"({"bytesField":"AR=="})",
          R"({"bytesField":"AQ="})",
          R"({"bytesField":"===="})",
          R"({"bytesField":"A Q="})",
          R"({"bytesField":""})",
          R"({"enumField":"RED"})",
          R"({"enumField":-3})",
          R"({"enumField":77})",
          R"({"enumField":1.0})",
          R"({"enumField":"red"})",
          R"({"enumField":99999999999})",
          R"({"aliasField":"ALSO_FIRST"})",
          R"({"messageField":{"children":[{},{"name":"x"}]}})",
          R"({"messageField":[]})",
          R"({"messageField":""})",
      }) {
    EXPECT_EQ(disagreement<test::EveryScalar>(document), "") << document;
  }
  for (
      const std::string_view document : {
          R"({"timestamp":"1972-01-01T10:00:20.021Z"})",
          R"({"timestamp":"1972-01-01T10:00:20.021+01:00"})",
          R"({"timestamp":"1972-01-01t10:00:20z"})",
          R"({"timestamp":"1972-02-30T10:00:20Z"})",
          R"({"timestamp":"1972-01-01T24:00:00Z"})",
          R"({"timestamp":"1972-01-01T23:59:60Z"})",
          R"({"timestamp":"0001-01-01T00:00:00Z"})",
          R"({"timestamp":"9999-12-31T23:59:59.999999999Z"})",
          R"({"timestamp":"0000-01-01T00:00:00Z"})",
          R"({"timestamp":"1969-12-31T23:59:59.5Z"})",
          R"({"timestamp":"1972-01-01T10:00:20-23:59"})",
          R"({"timestamp":"1972-01-01T10:00:20+24:00"})",
          R"({"timestamp":"1972-01-01T10:00:20"})",
          R"({"timestamp":1})",
          R"({"timestamp":""})",
          R"({"duration":"1.5s"})",
          R"({"duration":"-0.5s"})",
          R"({"duration":"-1.000000001s"})",
          R"({"duration":"315576000000s"})",
          R"({"duration":"315576000001s"})",
          R"({"duration":"1"})",
          R"({"duration":".5s"})",
          R"({"duration":"1e3s"})",
          R"({"duration":"-s"})",
          R"({"duration":"-0s"})",
          R"({"fieldMask":"a.bC,d"})",
          R"({"fieldMask":""})",
          R"({"struct":{"a":1,"b":[null,true,"x",{"c":{}}]}})",
          R"({"structField":{"a":1,"b":[null,true,"x",{"c":{}}]}})",
          R"({"value":[1,2]})",
          R"({"value":"x"})",
          R"({"value":1e999})",
          R"({"listValue":[null,1,[2]]})",
          R"({"int64Value":"5","stringValue":"x","bytesValue":"AQI=","boolValue":false,"doubleValue":"NaN"})",
          R"({"int64Value":{"value":5}})",
          R"({"empty":{}})",
          R"({"empty":{"a":1}})",
          R"({"nullValue":"NULL_VALUE"})",
          R"({"nullValue":0})",
          R"({"int64Values":[1,"2"]})",
      }) {
    EXPECT_EQ(disagreement<test::EveryWellKnown>(document), "") << document;
  }
  for (
      const std::string_view document : {
          R"({"int32Key":{"1":"a","-2":"b"},"boolKey":{"true":"1","false":"2"},"uint64Key":{"18446744073709551615":"c"}})",
          R"({"int32Key":{"2147483648":"a"}})",
          R"({"int32Key":{"1.0":"a"}})",
          R"({"int32Key":{"":"a"}})",
          R"({"uint32Key":{"-1":"a"}})",
          R"({"stringKey":{"":"x","a\"b":"y"}})",
          R"({"messageValue":{"a":{"name":"b"}}})",
          R"({"enumValue":{"a":"GREEN","b":5}})",
          R"({"timestampValue":{"a":"1972-01-01T10:00:20Z"}})",
          R"({"stringKey":[]})",
          R"({"stringKey":{"a":{}}})",
      }) {
    EXPECT_EQ(disagreement<test::EveryMap>(document), "") << document;
  }
  for (const std::string_view document : {
           R"({"stringField":"x","int32Field":1})",
           R"({"stringField":"x","int32Field":null})",
           R"({"valueField":null})",
           R"({"timestampField":"1972-01-01T10:00:20Z"})",
           R"({"messageField":{}})",
       }) {
    EXPECT_EQ(disagreement<test::EveryOneof>(document), "") << document;
  }
}

TEST(ReadJson, IntegersInStringsMayHaveAFractionOrAnExponent) {
  test::EveryScalar read;
  ASSERT_TRUE(read_json(
      R"({"int32Field":"1e3","int64Field":"-9.223372036854775808e18","uint32Field":"4294967295.0",)"
      R"("uint64Field":"1E+19","sint32Field":"-21474836480e-1","sint64Field":"0e99999999999999999999",)"
      R"("fixed32Field":"1.50e1","fixed64Field":"-0.0"})",
      read));
  EXPECT_EQ(read.int32_field(), 1000);
  EXPECT_EQ(read.int64_field(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read.uint32_field(), 4294967295U);
  EXPECT_EQ(read.uint64_field(), 10'000'000'000'000'000'000U);
  EXPECT_EQ(read.sint32_field(), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(read.sint64_field(), 0);
  EXPECT_EQ(read.fixed32_field(), 15U);
  EXPECT_EQ(read.fixed64_field(), 0U);
  test::EveryWellKnown wrapped;
  ASSERT_TRUE(read_json(R"({"int64Value":"1e3","int64Values":["2.0",3e0]})", wrapped));
  EXPECT_EQ(wrapped.int64_value().value(), 1000);
  EXPECT_EQ(wrapped.int64_values(0).value(), 2);

  for (const Mistake& mistake : {
           Mistake{R"({"int32Field":"1e-1"})", "int32_field", 14,
                   "expected an integer, found \"1e-1\""},
           {R"({"int32Field":"1.5"})", "int32_field", 14, "expected an integer, found \"1.5\""},
           {R"({"int32Field":"1e400"})", "int32_field", 14, "\"1e400\" is out of range"},
           {R"({"uint64Field":"1e536870000"})", "uint64_field", 15, "is out of range"},
           {R"({"uint64Field":"1e99999999999999999999"})", "uint64_field", 15, "is out of range"},
           {R"({"uint64Field":"1e-99999999999999999999"})", "uint64_field", 15, "an integer"},
           {R"({"int32Field":"2147483648.0"})", "int32_field", 14, "is out of range"},
           {R"({"int32Field":"-2.147483649e9"})", "int32_field", 14, "is out of range"},
           {R"({"uint32Field":"-1.0"})", "uint32_field", 15, "is out of range: 0 to 4294967295"},
           {R"({"int64Field":"9.223372036854775808e18"})", "int64_field", 14, "is out of range"},
           {R"({"uint64Field":"18446744073709551616.0"})", "uint64_field", 15, "is out of range"},
           {R"({"int64Field":"9.007199254740993e15"})", "int64_field", 14,
            "is not exact as a double"},
           {R"({"int32Field":"1.e3"})", "int32_field", 14, "expected an integer"},
           {R"({"int32Field":"01.0"})", "int32_field", 14, "expected an integer"},
           {R"({"int32Field":"+1e3"})", "int32_field", 14, "expected an integer"},
           {R"({"int32Field":"1e3 "})", "int32_field", 14, "expected an integer"},
           {R"({"int32Field":"1e"})", "int32_field", 14, "expected an integer"},
           {R"({"enumField":"1e0"})", "enum_field", 13, "is no value of this enum"},
       }) {
    expect_mistake<test::EveryScalar>(mistake);
  }
  // A key has one text.
  expect_mistake<test::EveryMap>({R"({"int32Key":{"1e0":"a"}})", "int32_key[\"1e0\"]", 13,
                                  "expected a key that is an integer"});
}

TEST(ReadJson, SaysWhatIsWrongAndWhere) {
  for (const Mistake& mistake : {
           Mistake{"", "", 0, "the document ends"},
           {"  ", "", 2, "the document ends"},
           {"null", "", 0, "a message is an object; found null"},
           {" [1]", "", 1, "expected an object, found an array"},
           {"{", "", 1, "expected a key or `}`"},
           {R"({"orderId")", "order_id", 10, "expected `:`"},
           {R"({"orderId":)", "order_id", 11, "expected a value"},
           {R"({"orderId":"a)", "order_id", 11, "a string that is not closed"},
           {R"({"orderId":"a",})", "", 15, "expected a key"},
           {R"({"orderId":"a" "status":1})", "", 15, "expected `,` or `}`"},
           {R"({"orderId":"a"}})", "", 15, "text behind the end"},
           {R"({"orderId":"a"} {})", "", 16, "text behind the end"},
           {R"({"orderId":1})", "order_id", 11, "expected a string, found 1"},
           {R"({"order_id":{}})", "order_id", 12, "expected a string, found an object"},
           {R"({"orderNo":1})", "orderNo", 1, "unknown field \"orderNo\""},
           {R"({"orderNo":01})", "orderNo", 1, "unknown field \"orderNo\""},
           {R"({"orderId":"a","orderId":"b"})", "order_id", 15, "\"orderId\" is there twice"},
           {R"({"orderId":"a","order_id":"b"})", "order_id", 15, "is there twice"},
           {R"({"orderId":"a","order\u0049d":"b"})", "order_id", 15, "is there twice"},
           {R"({"metadata":{"a":"1","\u0061":"2"}})", "metadata[\"a\"]", 21, "is there twice"},
           {R"({"metadata":{"a":1}})", "metadata[\"a\"]", 17, "expected a string"},
           {R"({"items":[{},{"product":{"variants":[{"priceCents":"12x"}]}}]})",
            "items[1].product.variants[0].price_cents", 51, "expected an integer, found \"12x\""},
           {R"({"items":[{"quantity":2147483648}]})", "items[0].quantity", 22,
            "2147483648 is out of range: -2147483648 to 2147483647"},
           {R"({"items":[null]})", "items[0]", 10, "expected an object, found null"},
           {R"({"items":{}})", "items", 9, "expected an array, found an object"},
           {R"({"status":"SHIPPPED"})", "status", 10, "known: ORDER_STATUS_UNSPECIFIED, PENDING"},
           {R"({"createdAt":"yesterday"})", "created_at", 13, "expected a time"},
           {R"({"priority":01})", "priority", 12, "leading zero"},
           {R"({"priority":1.})", "priority", 12, "without digits behind its point"},
           {R"({"priority":-})", "priority", 12, "a minus without a number"},
           {R"({"priority":nul})", "priority", 12, "expected a value"},
           {R"({"priority":nullx})", "", 16, "expected `,` or `}`"},
           {"{\"notes\":\"a\nb\"}", "notes", 11, "control character in a string, 0x0a"},
           {"{\"notes\":\"a\xff\"}", "notes", 11, "not UTF-8: byte 0xff"},
           {"{\"notes\":\"\xed\xa0\x80\"}", "notes", 10, "not UTF-8"},
           {"{\"notes\":\"\xc0\x80\"}", "notes", 10, "not UTF-8"},
           {"{\"a\xf0\x9f\":1}", "", 3, "not UTF-8"},
           {R"({"notes":"\ud800"})", "notes", 10, "surrogate pair"},
           {R"({"notes":"\udc00"})", "notes", 10, "surrogate pair"},
           {R"({"notes":"\ud800\u0041"})", "notes", 10, "surrogate pair"},
           {R"({"notes":"\x41"})", "notes", 10, "a backslash before what it does not escape"},
           {R"({"notes":"\u12g4"})", "notes", 14, "four hexadecimal digits"},
           {R"({"requiresApproval":"true"})", "requires_approval", 20,
            "expected true or false, found \"true\""},
       }) {
    expect_mistake<Order>(mistake);
  }
  expect_mistake<test::EveryOneof>(
      {R"({"stringField":"x","int32Field":1})", "int32_field", 32, "another field of `choice`"});
}

// What a refusal quotes is short, however long the document.
TEST(ReadJson, LongKeysAreCut) {
  const std::string key(1'000'000, 'k');
  const std::string cut = "[\"" + key.substr(0, 100) + "…\"]";
  struct Case {
    std::string document, path;
  };
  for (const Case& wrong : {
           Case{"{\"" + key + "\":1}", cut},
           Case{R"({"metadata":{")" + key + R"(":1}})", "metadata" + cut},
           Case{R"({"metadata":{")" + key + R"(":"",")" + key + "\":\"\"}}", "metadata" + cut},
           Case{R"({"items":[{"x\n[0].\"y":1}]})", R"(items[0]["x\u000a[0].\"y"])"},
           Case{R"({"":1})", R"([""])"},
           Case{R"({"0a":1})", R"(["0a"])"},
       }) {
    Order order;
    const Decoded read = read_json(wrong.document, order);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().path, wrong.path);
    EXPECT_LT(read.error().text().size(), 500U);
  }
}

TEST(ReadJson, NestsSixtyFourDeepAndNoDeeper) {
  const auto nested = [](int levels) {
    std::string document;
    for (int i = 1; i < levels; ++i) document += R"({"again":)";
    document += "{}";
    for (int i = 1; i < levels; ++i) document += "}";
    return document;
  };
  EveryKind message;
  EXPECT_TRUE(read_json(nested(64), message));
  const std::string deeper = nested(65);
  const Decoded result = read_json(deeper, message);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().offset, deeper.find("{}"));
  EXPECT_THAT(result.error().message, testing::HasSubstr("nested deeper than 64 levels"));

  std::string lists = R"({"wellKnown":{"value":)" + std::string(100'000, '[');
  const Decoded unclosed = read_json(lists, message);
  ASSERT_FALSE(unclosed);
  EXPECT_THAT(unclosed.error().message, testing::HasSubstr("nested deeper than 64 levels"));
}

TEST(ReadJson, TheSameKeyInDifferentObjectsIsNoDuplicate) {
  Order order;
  EXPECT_TRUE(read_json(
      R"({"items":[{"itemId":"a"},{"itemId":"b"}],"customer":{"addresses":[{},{}]}})", order));
}

TEST(ReadJson, LongDocumentsAfterShortOnesAndShortAfterLong) {
  Order order;
  for (const std::size_t size : {10u, 100'000u, 20u, 1'000'000u, 5u}) {
    const std::string document = R"({"notes":")" + std::string(size, 'n') + R"("})";
    ASSERT_TRUE(read_json(document, order));
    EXPECT_EQ(order.notes().size(), size);
  }
}

}  // namespace
}  // namespace natsproof
