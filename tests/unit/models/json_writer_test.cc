// What is written, to the byte, and against Protobuf's own writer and reader of JSON.
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/runtime/json_buffer.h"
#include "models/runtime/protobuf_codec.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "tests/effort.h"
#include "tests/unit/models/protobuf_json.h"
#include "tests/unit/models/random_message.h"
#include "unit/models/every_kind.natsproof.h"

namespace natsproof {
namespace {

template <typename Message>
std::string json_of(const Message& message) {
  JsonBuffer out;
  const Encoded encoded = write_json(message, out);
  EXPECT_TRUE(encoded) << encoded.error().text();
  return std::string(out.view());
}

// Equal but for the way numbers are written: Protobuf gives a float six to nine digits, ours the
// fewest that are that float.
bool same_document(const nlohmann::json& a, const nlohmann::json& b) {
  if (a.is_number() && b.is_number()) {
    return a == b || static_cast<float>(a.get<double>()) == static_cast<float>(b.get<double>());
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_object()) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(),
                      [](const auto& left, const auto& right) {
                        return left.key() == right.key() &&
                               same_document(left.value(), right.value());
                      });
  }
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), same_document);
  return a == b;
}

// The document is Protobuf's, and Protobuf reads the message from it, to the last bit.
template <typename Message>
void expect_as_protobuf(const Message& message) {
  const std::string ours = json_of(message);
  const std::string theirs = protobuf_json(message);
  const auto parsed = nlohmann::json::parse(ours, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded()) << ours;
  EXPECT_TRUE(same_document(parsed, nlohmann::json::parse(theirs))) << ours << '\n' << theirs;
  Message read;
  const auto status = google::protobuf::util::JsonStringToMessage(ours, &read);
  ASSERT_TRUE(status.ok()) << status.ToString() << '\n' << ours;
  std::string bytes, bytes_read;
  write_protobuf(message, bytes);
  write_protobuf(read, bytes_read);
  EXPECT_EQ(bytes, bytes_read) << ours;
}

TEST(JsonWriter, NothingOfAnEmptyMessage) {
  EXPECT_EQ(json_of(test::EveryScalar()), "{}");
  EXPECT_EQ(json_of(test::EveryKind()), "{}");
}

TEST(JsonWriter, EveryScalar) {
  test::EveryScalar message;
  message.set_double_field(0.1);
  message.set_float_field(0.1F);
  message.set_int32_field(std::numeric_limits<std::int32_t>::min());
  message.set_int64_field(std::numeric_limits<std::int64_t>::min());
  message.set_uint32_field(std::numeric_limits<std::uint32_t>::max());
  message.set_uint64_field(std::numeric_limits<std::uint64_t>::max());
  message.set_sint32_field(-1);
  message.set_sint64_field(-1);
  message.set_fixed32_field(32);
  message.set_fixed64_field(64);
  message.set_sfixed32_field(-32);
  message.set_sfixed64_field(-64);
  message.set_bool_field(true);
  message.set_string_field("text");
  message.set_bytes_field("\xff\xfe?");
  message.set_enum_field(test::BLUE);
  message.mutable_message_field();
  message.set_alias_field(test::ALSO_FIRST);
  EXPECT_EQ(json_of(message),
            R"({"doubleField":0.1,"floatField":0.1,"int32Field":-2147483648,)"
            R"("int64Field":"-9223372036854775808","uint32Field":4294967295,)"
            R"("uint64Field":"18446744073709551615","sint32Field":-1,"sint64Field":"-1",)"
            R"("fixed32Field":32,"fixed64Field":"64","sfixed32Field":-32,"sfixed64Field":"-64",)"
            R"("boolField":true,"stringField":"text","bytesField":"//4/","enumField":"BLUE",)"
            R"("messageField":{},"aliasField":"FIRST"})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, WhatIsPresentIsWrittenThoughItIsTheDefault) {
  test::EveryOptional message;
  message.set_double_field(0);
  message.set_int64_field(0);
  message.set_bool_field(false);
  message.set_string_field("");
  message.set_bytes_field("");
  message.set_enum_field(test::COLOUR_UNSPECIFIED);
  message.mutable_message_field();
  EXPECT_EQ(json_of(message),
            R"({"doubleField":0,"int64Field":"0","boolField":false,"stringField":"",)"
            R"("bytesField":"","enumField":"COLOUR_UNSPECIFIED","messageField":{}})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, OneOfThemIsPresent) {
  test::EveryOneof message;
  EXPECT_EQ(json_of(message), "{}");
  message.set_int32_field(0);
  EXPECT_EQ(json_of(message), R"({"int32Field":0})");
  message.set_null_field(google::protobuf::NULL_VALUE);
  EXPECT_EQ(json_of(message), R"({"nullField":null})");
  expect_as_protobuf(message);
  message.mutable_value_field()->set_null_value(google::protobuf::NULL_VALUE);
  EXPECT_EQ(json_of(message), R"({"valueField":null})");
  expect_as_protobuf(message);
  message.mutable_timestamp_field();
  EXPECT_EQ(json_of(message), R"({"timestampField":"1970-01-01T00:00:00Z"})");
}

TEST(JsonWriter, NumbersThatAreNone) {
  test::EveryScalar message;
  message.set_double_field(std::numeric_limits<double>::quiet_NaN());
  message.set_float_field(-std::numeric_limits<float>::infinity());
  EXPECT_EQ(json_of(message), R"({"doubleField":"NaN","floatField":"-Infinity"})");
  expect_as_protobuf(message);
  message.set_double_field(-std::numeric_limits<double>::quiet_NaN());
  message.set_float_field(std::numeric_limits<float>::infinity());
  EXPECT_EQ(json_of(message), R"({"doubleField":"NaN","floatField":"Infinity"})");
}

// Not the default, and a reader that takes -0 for an integer shall keep the sign.
TEST(JsonWriter, MinusZero) {
  test::EveryScalar message;
  message.set_double_field(-0.0);
  message.set_float_field(-0.0F);
  EXPECT_EQ(json_of(message), R"({"doubleField":-0.0,"floatField":-0.0})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, FewestDigitsThatAreTheNumber) {
  const std::vector<std::pair<double, std::string_view>> doubles{
      {1, "1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {19.99, "19.99"},
      {-12.5, "-12.5"},
      {-180, "-180"},
      {37.774929, "37.774929"},
      {123456789, "123456789"},
      {5e-324, "5e-324"},
      {0.001, "0.001"},
      {1e-6, "1e-06"},
      {1e300, "1e+300"},
      {0.1234567890123, "0.1234567890123"},
      {999999.999999, "999999.999999"},
      {-1.7976931348623157e308, "-1.7976931348623157e+308"},
      {9007199254740993.0, "9007199254740992"}};
  for (const auto& [number, text] : doubles) {
    test::EveryScalar message;
    message.set_double_field(number);
    EXPECT_EQ(json_of(message), "{\"doubleField\":" + std::string(text) + "}");
    expect_as_protobuf(message);
  }
  test::EveryScalar message;
  message.set_float_field(16777216.0F);
  EXPECT_EQ(json_of(message), R"({"floatField":16777216})");
  message.set_float_field(3.4028235e38F);
  EXPECT_EQ(json_of(message), R"({"floatField":3.4028235e+38})");
  message.set_float_field(1e-45F);
  EXPECT_EQ(json_of(message), R"({"floatField":1e-45})");
}

// fmt's shortest text has the same form between these bounds.
TEST(JsonWriter, FewestDigitsOfDecimalsAndTheirNeighbours) {
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const double scale = std::pow(10.0, static_cast<double>(random.below(9)));
    double number = static_cast<double>(random.below(2'000'000'000)) / scale;
    if (random.below(4) == 0) number = std::nextafter(number, 0);
    if (number < 0.001 || number >= 1e9) continue;
    if (random.below(2) == 0) number = -number;
    test::EveryScalar message;
    message.set_double_field(number);
    ASSERT_EQ(json_of(message), fmt::format("{{\"doubleField\":{}}}", number));
  }
}

TEST(JsonWriter, EnumsWithoutANameAreNumbers) {
  test::EveryRepeated message;
  message.add_enum_field(test::RED);
  message.add_enum_field(test::COLOUR_UNSPECIFIED);
  message.add_enum_field(static_cast<test::Colour>(77));
  message.add_enum_field(static_cast<test::Colour>(-77));
  EXPECT_EQ(json_of(message), R"({"enumField":["RED","COLOUR_UNSPECIFIED",77,-77]})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, Lists) {
  test::EveryRepeated message;
  for (const std::int64_t number : {3, 1, 2}) {
    message.add_int32_field(static_cast<std::int32_t>(number));
    message.add_int64_field(number);
    message.add_message_field()->set_number(number);
  }
  message.add_bool_field(true);
  message.add_bool_field(false);
  message.add_string_field("");
  message.add_bytes_field("");
  message.add_message_field();
  message.mutable_message_field(0)->add_children()->set_name("x");
  EXPECT_EQ(json_of(message),
            R"({"int32Field":[3,1,2],"int64Field":["3","1","2"],"boolField":[true,false],)"
            R"("stringField":[""],"bytesField":[""],)"
            R"("messageField":[{"number":"3","children":[{"name":"x"}]},{"number":"1"},)"
            R"({"number":"2"},{}]})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, MapsAreInTheOrderOfTheirKeys) {
  test::EveryMap message;
  for (const int key : {10, -1, 3, 0, -20, 100}) {
    (*message.mutable_int32_key())[key] = "";
    (*message.mutable_sint64_key())[key] = "";
  }
  (*message.mutable_uint64_key())[std::numeric_limits<std::uint64_t>::max()] = "";
  (*message.mutable_uint64_key())[9] = "";
  (*message.mutable_bool_key())[true] = "t";
  (*message.mutable_bool_key())[false] = "f";
  for (const char* key : {"b", "", "\xc3\xa9", "a\"", "ab", "B"}) {
    (*message.mutable_string_key())[key] = key;
  }
  EXPECT_EQ(json_of(message),
            R"({"int32Key":{"-20":"","-1":"","0":"","3":"","10":"","100":""},)"
            R"("uint64Key":{"9":"","18446744073709551615":""},)"
            R"("sint64Key":{"-20":"","-1":"","0":"","3":"","10":"","100":""},)"
            R"("boolKey":{"false":"f","true":"t"},)"
            R"("stringKey":{"":"","B":"B","a\"":"a\"","ab":"ab","b":"b","é":"é"}})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, ValuesOfMaps) {
  test::EveryMap message;
  (*message.mutable_double_value())["n"] = std::numeric_limits<double>::quiet_NaN();
  (*message.mutable_double_value())["z"] = 0;
  (*message.mutable_int64_value())["i"] = 0;
  (*message.mutable_bool_value())["b"] = false;
  (*message.mutable_bytes_value())["y"] = "a";
  (*message.mutable_enum_value())["known"] = test::GREEN;
  (*message.mutable_enum_value())["unknown"] = static_cast<test::Colour>(9);
  (*message.mutable_message_value())["m"].set_name("leaf");
  (*message.mutable_timestamp_value())["t"];
  EXPECT_EQ(json_of(message),
            R"({"doubleValue":{"n":"NaN","z":0},"int64Value":{"i":"0"},"boolValue":{"b":false},)"
            R"("bytesValue":{"y":"YQ=="},"enumValue":{"known":"GREEN","unknown":9},)"
            R"("messageValue":{"m":{"name":"leaf"}},)"
            R"("timestampValue":{"t":"1970-01-01T00:00:00Z"}})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, TheSameBytesHoweverAMapCameAbout) {
  test::EveryMap up, down;
  for (int i = 0; i < 300; ++i) {
    (*up.mutable_string_key())[std::to_string(i)] = "x";
    (*up.mutable_int32_key())[i] = "x";
    (*down.mutable_string_key())[std::to_string(299 - i)] = "x";
    (*down.mutable_int32_key())[299 - i] = "x";
  }
  EXPECT_EQ(json_of(up), json_of(down));
  expect_as_protobuf(up);
}

TEST(JsonWriter, Names) {
  test::EveryName message;
  message.set_class_("1");
  message.set_camelcase("2");
  message.set_with_json_name("3");
  message.set_trailing_1_number("4");
  message.mutable_inner()->set_kind(test::EveryName::Inner::SOME);
  message.mutable_inner()->mutable_deep()->set_value("5");
  EXPECT_EQ(json_of(message), R"({"class":"1","camelCase":"2","@other":"3","trailing1Number":"4",)"
                              R"("inner":{"kind":"SOME","deep":{"value":"5"}}})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, WhatStringsEscape) {
  test::EveryScalar message;
  message.set_string_field(std::string("\"\\/\b\f\n\r\t\x01\x1f\x7f<é\xe2\x80\xa8😀") + '\0');
  EXPECT_EQ(json_of(message),
            "{\"stringField\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<é"
            "\xe2\x80\xa8😀\\u0000\"}");
  expect_as_protobuf(message);
}

// What is escaped needs more room than it took; what is before and behind it goes eight bytes at a
// time.
TEST(JsonWriter, LongTextsWithEscapesHereAndThere) {
  Random random(1);
  for (int i = 0; i < 2'000; ++i) {
    test::Leaf message;
    for (std::uint64_t n = random.below(12); n > 0; --n) {
      *message.mutable_name() += std::string(random.below(40), 'a');
      *message.mutable_name() += std::string_view("\"\n\x02")[random.below(3)];
    }
    const auto document = nlohmann::json::parse(json_of(message), nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << message.name();
    ASSERT_EQ(document.value("name", ""), message.name());
  }
}

// The scan takes eight bytes at a time: every character at every place of strings of every length.
TEST(JsonWriter, EscapesAreFoundWhereverTheyStand) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 0x80; ++c) {
        test::Leaf message;
        message.set_name(std::string(size, 'a'));
        (*message.mutable_name())[at] = static_cast<char>(c);
        const auto document = nlohmann::json::parse(json_of(message), nullptr, false);
        ASSERT_FALSE(document.is_discarded())
            << "character " << c << " at " << at << " of " << size;
        ASSERT_EQ(document["name"].get<std::string>(), message.name());
      }
    }
  }
}

TEST(JsonWriter, BytesInBase64) {
  const std::vector<std::pair<std::string, std::string>> known{
      {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};  // RFC 4648, 10
  for (const auto& [bytes, text] : known) {
    test::EveryScalar message;
    message.set_bytes_field(bytes);
    EXPECT_EQ(json_of(message), R"({"bytesField":")" + text + R"("})");
  }
}

TEST(JsonWriter, Timestamps) {
  const std::vector<std::pair<std::pair<std::int64_t, std::int32_t>, std::string>> known{
      {{0, 0}, "1970-01-01T00:00:00Z"},
      {{0, 500'000'000}, "1970-01-01T00:00:00.500Z"},
      {{0, 1'000}, "1970-01-01T00:00:00.000001Z"},
      {{-1, 999'999'999}, "1969-12-31T23:59:59.999999999Z"},
      {{951'782'400, 0}, "2000-02-29T00:00:00Z"},
      {{4'107'542'400, 0}, "2100-03-01T00:00:00Z"},
      {{-62'135'596'800, 0}, "0001-01-01T00:00:00Z"},
      {{253'402'300'799, 999'999'999}, "9999-12-31T23:59:59.999999999Z"}};
  for (const auto& [time, text] : known) {
    test::EveryWellKnown message;
    message.mutable_timestamp()->set_seconds(time.first);
    message.mutable_timestamp()->set_nanos(time.second);
    EXPECT_EQ(json_of(message), R"({"timestamp":")" + text + R"("})");
    expect_as_protobuf(message);
  }
}

TEST(JsonWriter, Durations) {
  const std::vector<std::pair<std::pair<std::int64_t, std::int32_t>, std::string>> known{
      {{0, 0}, "0s"},
      {{0, 1}, "0.000000001s"},
      {{0, -1}, "-0.000000001s"},
      {{-1, -500'000'000}, "-1.500s"},
      {{3, 40'000}, "3.000040s"},
      {{-5, 0}, "-5s"},
      {{315'576'000'000, 0}, "315576000000s"},
      {{-315'576'000'000, 0}, "-315576000000s"}};
  for (const auto& [time, text] : known) {
    test::EveryWellKnown message;
    message.mutable_duration()->set_seconds(time.first);
    message.mutable_duration()->set_nanos(time.second);
    EXPECT_EQ(json_of(message), R"({"duration":")" + text + R"("})");
    expect_as_protobuf(message);
  }
}

// The error of what cannot be written.
template <typename Message>
std::string mistake_of(const Message& message) {
  JsonBuffer out;
  EXPECT_TRUE(write_json(test::Leaf(), out));
  const Encoded encoded = write_json(message, out);
  EXPECT_EQ(out.view(), "{}");
  EXPECT_TRUE(write_json(test::Leaf(), out));  // and nothing of the mistake is left
  EXPECT_EQ(out.view(), "{}{}");
  return encoded ? "written" : encoded.error().text();
}

TEST(JsonWriter, RefusesTimesThatAreNone) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::pair<std::int64_t, std::int32_t>> timestamps{
      {253'402'300'800, 0}, {-62'135'596'801, 0}, {0, -1},    {0, 1'000'000'000},
      {kFirst, 0},          {kLast, 0},           {kLast, -1}};
  const std::vector<std::pair<std::int64_t, std::int32_t>> durations{
      {315'576'000'001, 0},
      {-315'576'000'001, 0},
      {1, -1},
      {-1, 1},
      {0, 1'000'000'000},
      {0, -1'000'000'000},
      {kFirst, 0},
      {kLast, 0},
      {0, std::numeric_limits<std::int32_t>::min()}};
  for (const auto& [seconds, nanos] : timestamps) {
    test::EveryWellKnown message;
    message.mutable_timestamp()->set_seconds(seconds);
    message.mutable_timestamp()->set_nanos(nanos);
    EXPECT_EQ(mistake_of(message),
              fmt::format("timestamp: {} s {} ns is no Timestamp; those of the years 1 to 9999 are",
                          seconds, nanos));
  }
  for (const auto& [seconds, nanos] : durations) {
    test::EveryWellKnown message;
    message.mutable_duration()->set_seconds(seconds);
    message.mutable_duration()->set_nanos(nanos);
    EXPECT_THAT(mistake_of(message), testing::StartsWith(fmt::format(
                                         "duration: {} s {} ns is no Duration", seconds, nanos)));
  }
}

TEST(JsonWriter, SaysWhereWhatItRefusesIs) {
  test::EveryKind message;
  message.mutable_scalar()->set_string_field("x");
  test::EveryWellKnown& known = *message.add_more()->add_more()->mutable_well_known();
  known.add_timestamps();
  known.add_timestamps()->set_nanos(-1);
  EXPECT_THAT(mistake_of(message),
              testing::StartsWith("more[0].more[0].well_known.timestamps[1]: 0 s -1 ns"));
  known.clear_timestamps();
  auto& times = *message.mutable_map_()->mutable_timestamp_value();
  times["good"];
  times[R"(a"b)"].set_nanos(-1);
  EXPECT_THAT(mistake_of(message),
              testing::StartsWith(R"(map_.timestamp_value["a\"b"]: 0 s -1 ns)"));
  times.clear();
  auto& fields = *known.mutable_struct_field()->mutable_fields();
  fields["l"].mutable_list_value()->add_values()->set_number_value(
      std::numeric_limits<double>::infinity());
  EXPECT_EQ(mistake_of(message),
            "more[0].more[0].well_known.struct_field.l[0]: inf has no form in a "
            "google.protobuf.Value; finite numbers have");
}

// The first two: what the conformance suite has; 3.21 writes the first all the same.
TEST(JsonWriter, RefusesPathsThatWouldComeBackAsOthers) {
  for (const char* path : {"foo__bar", "fooBar", "foo_3_bar", "foo_", "_foo", "", ".", "a.", "a..b",
                           "a b", "a,b", "3a", "a.3", "*", "Foo", "a_.b", "caf\u00e9"}) {
    test::EveryWellKnown message;
    message.mutable_field_mask()->add_paths("good");
    message.mutable_field_mask()->add_paths(path);
    JsonBuffer out;
    const Encoded encoded = write_json(message, out);
    ASSERT_FALSE(encoded) << path;
    EXPECT_EQ(encoded.error().path, "field_mask");
    EXPECT_THAT(encoded.error().message, testing::StartsWith(fmt::format("the path `{}`", path)));
    EXPECT_EQ(out.view(), "");
  }
}

// The reader takes 64 levels of objects and lists.
TEST(JsonWriter, NestsAsDeepAsTheReaderTakes) {
  const auto lists = [](int levels) {
    test::Leaf root;
    test::Leaf* leaf = &root;
    for (int i = 0; i < levels; ++i) leaf = leaf->add_children();
    return root;
  };
  test::Leaf again;
  EXPECT_TRUE(read_json(json_of(lists(31)), again));  // 63 levels
  JsonBuffer out;
  const Encoded deeper = write_json(lists(32), out);
  ASSERT_FALSE(deeper);
  EXPECT_THAT(deeper.error().text(),
              testing::HasSubstr("children[0]: nested deeper than 64 levels"));
  EXPECT_EQ(out.view(), "");
  EXPECT_FALSE(write_json(lists(2000), out));
  EXPECT_EQ(out.view(), "");

  test::EveryKind root;
  test::EveryKind* kind = &root;
  for (int i = 1; i < 63; ++i) kind = kind->mutable_again();
  test::EveryWellKnown& known = *kind->mutable_well_known();  // the 64th level
  known.mutable_timestamp()->set_seconds(1);
  test::EveryKind read;
  EXPECT_TRUE(read_json(json_of(root), read));
  known.mutable_value()->mutable_list_value();
  EXPECT_THAT(write_json(root, out).error().text(), testing::HasSubstr("well_known.value: nested"));
  known.mutable_value()->mutable_struct_value();
  EXPECT_THAT(write_json(root, out).error().text(), testing::HasSubstr("well_known.value: nested"));
  known.clear_value();
  known.add_int64_values();
  EXPECT_THAT(write_json(root, out).error().text(),
              testing::HasSubstr("well_known.int64_values: nested"));
}

TEST(JsonWriter, FieldMasks) {
  test::EveryWellKnown message;
  message.mutable_field_mask();
  EXPECT_EQ(json_of(message), R"({"fieldMask":""})");
  expect_as_protobuf(message);
  for (const char* path : {"order_id", "customer.first_name", "x1.b_cd_ef"}) {
    message.mutable_field_mask()->add_paths(path);
  }
  EXPECT_EQ(json_of(message), R"({"fieldMask":"orderId,customer.firstName,x1.bCdEf"})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, Wrappers) {
  test::EveryWellKnown message;
  message.mutable_double_value();
  message.mutable_float_value()->set_value(0.1F);
  message.mutable_int64_value();
  message.mutable_uint64_value()->set_value(7);
  message.mutable_int32_value()->set_value(-7);
  message.mutable_uint32_value();
  message.mutable_bool_value();
  message.mutable_string_value()->set_value("\"");
  message.mutable_bytes_value()->set_value("a");
  message.mutable_empty();
  message.add_int64_values();
  message.add_int64_values()->set_value(1);
  EXPECT_EQ(json_of(message),
            R"({"doubleValue":0,"floatValue":0.1,"int64Value":"0","uint64Value":"7",)"
            R"("int32Value":-7,"uint32Value":0,"boolValue":false,"stringValue":"\"",)"
            R"("bytesValue":"YQ==","empty":{},"int64Values":["0","1"]})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, Structs) {
  test::EveryWellKnown message;
  message.mutable_struct_field();
  message.mutable_list_value();
  EXPECT_EQ(json_of(message), R"({"structField":{},"listValue":[]})");
  expect_as_protobuf(message);
  auto& fields = *message.mutable_struct_field()->mutable_fields();
  fields["z"].set_null_value(google::protobuf::NULL_VALUE);
  fields["a"].set_number_value(1.5);
  fields["s"].mutable_struct_value();
  auto& list = *fields["l"].mutable_list_value();
  list.add_values()->set_bool_value(false);
  list.add_values()->set_string_value("\n");
  list.add_values()->mutable_list_value();
  message.mutable_value()->set_number_value(-0.0);
  EXPECT_EQ(json_of(message),
            R"({"structField":{"a":1.5,"l":[false,"\n",[]],"s":{},"z":null},"value":-0.0,)"
            R"("listValue":[]})");
  expect_as_protobuf(message);
}

TEST(JsonWriter, RandomMessages) {
  for (int seed = 1; seed <= effort(1'000); ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    test::EveryKind message;
    fill_randomly(message, random);
    ASSERT_NO_FATAL_FAILURE(expect_as_protobuf(message)) << seed;
    if (HasFailure()) return;
    test::EveryKind read;
    const std::string document = json_of(message);
    ASSERT_TRUE(read_json(document, read));
    EXPECT_EQ(json_of(read), document);
  }
}

TEST(JsonWriter, AppendsAndGrows) {
  test::Leaf small, large;
  small.set_name("x");
  large.set_name(std::string(1'000'000, '\x01'));  // six characters each
  JsonBuffer out;
  EXPECT_EQ(out.view(), "");
  ASSERT_TRUE(write_json(small, out));
  ASSERT_TRUE(write_json(large, out));
  ASSERT_TRUE(write_json(small, out));
  const std::string_view view = out.view();
  ASSERT_EQ(view.size(), 2 * 12 + 11 + 6'000'000U);
  EXPECT_EQ(view.substr(0, 27), R"({"name":"x"}{"name":"\u0001)");
  EXPECT_EQ(view.substr(view.size() - 14), "\"}{\"name\":\"x\"}");
  out.clear();
  EXPECT_EQ(out.view(), "");
  ASSERT_TRUE(write_json(small, out));
  EXPECT_EQ(out.view(), R"({"name":"x"})");
}

// Every capacity is met with every kind of value somewhere.
TEST(JsonWriter, GrowsAtAnyPlace) {
  Random random(1);
  test::EveryKind message;
  fill_randomly(message, random);
  const std::string document = json_of(message);
  for (std::size_t before = 0; before < 600; ++before) {
    JsonBuffer out;
    test::Leaf leaf;
    leaf.set_name(std::string(before, 'a'));
    ASSERT_TRUE(write_json(leaf, out));
    const std::size_t begin = out.view().size();
    ASSERT_TRUE(write_json(message, out));
    ASSERT_EQ(out.view().substr(begin), document) << before;
  }
}

}  // namespace
}  // namespace natsproof
