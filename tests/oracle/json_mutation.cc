#include "tests/oracle/json_mutation.h"

#include <array>
#include <vector>

#include <nlohmann/json.hpp>

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

// Values that have been misread somewhere, by somebody. As text, since a DOM would lose -0, 1e3
// and 1.0.
constexpr auto kValues = std::to_array<std::string_view>({
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "[null]",
    "[1]",
    "[[]]",
    R"({"a":1})",
    R"({"seconds":1})",
    R"({"value":"1"})",
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "1.0",
    "1e3",
    "1E+2",
    "1.5",
    "100e-2",
    "1e-1",
    "77",
    "127",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9.007199254740993e15",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "9223372036854775807.0",
    "18446744073709551615",
    "18446744073709551616",
    "1e18",
    "1e19",
    "1e20",
    "1e308",
    "-1e308",
    "1e-999",
    "1e999",
    "3.4028235e38",
    "3.4028236e38",
    "1e-50",
    "123456789012345678901234567890",
    R"("")",
    R"("0")",
    R"("-0")",
    R"("1")",
    R"("-1")",
    R"("+1")",
    R"("01")",
    R"(" 1")",
    R"("1 ")",
    R"("1.0")",
    R"("1e3")",
    R"("-1E+2")",
    R"("100e-2")",
    R"("-0.0")",
    R"("1e-1")",
    R"("1e400")",
    R"("9.007199254740993e15")",
    R"("9223372036854775807.0")",
    R"("1e19")",
    R"("0x1")",
    R"("\u0031")",
    R"("2147483648")",
    R"("18446744073709551615")",
    R"("18446744073709551616")",
    R"("9223372036854775808")",
    R"("NaN")",
    R"("Infinity")",
    R"("-Infinity")",
    R"("nan")",
    R"("inf")",
    R"("true")",
    R"("t")",
    R"("null")",
    R"("RED")",
    R"("red")",
    R"("BLUE")",
    R"("NULL_VALUE")",
    R"("COLOUR_UNSPECIFIED")",
    R"("CREDIT_CARD")",
    R"("AQI=")",
    R"("AQI")",
    R"("AQ")",
    R"("A")",
    R"("AR==")",
    R"("-_-_")",
    R"("+/+/")",
    R"("+/-_")",
    R"("====")",
    R"("1972-01-01T10:00:20.021Z")",
    R"("1972-01-01T10:00:20+01:00")",
    R"("1972-02-30T00:00:00Z")",
    R"("1972-1-1T0:0:0Z")",
    R"("0001-01-01T00:00:00Z")",
    R"("0001-01-01T00:00:00+00:01")",
    R"("9999-12-31T23:59:59.999999999Z")",
    R"("9999-12-31T23:59:59-00:01")",
    R"("1969-12-31T23:59:59.000000001Z")",
    R"("2000-02-29T24:00:00Z")",
    R"("1s")",
    R"("-1.5s")",
    R"("1.000000001s")",
    R"("1.0000000001s")",
    R"("315576000000s")",
    R"("315576000001s")",
    R"("a")",
    R"("a.bC,d")",
    R"("a_b")",
    R"("a,")",
    R"("\ud83d\ude00\u0000\"\\\/")",
    R"("Zoë – 漢字")",
});

constexpr auto kKeys = std::to_array<std::string_view>(
    {"1", "-1", "01", "true", "false", "True", "", "a\"b", "unknown", "string_field", "stringField",
     "int32Field", "doubleField", "value"});

// Nodes in the order of a walk.
void collect(Json& node, std::vector<Json*>& nodes) {
  nodes.push_back(&node);
  if (!node.is_structured()) return;
  for (Json& child : node) collect(child, nodes);
}

// A string that will be replaced by a text in the document.
std::string mark(std::size_t value) {
  return "@@" + std::to_string(value) + "@@";
}

void change(Json& root, Random& random) {
  std::vector<Json*> nodes;
  collect(root, nodes);
  Json& node = *nodes[random.below(nodes.size())];
  const auto value = [&] { return Json(mark(random.below(kValues.size()))); };
  if (&node != &root && random.below(3) > 0) {
    node = value();
    return;
  }
  if (node.is_array()) {
    if (!node.empty() && random.below(2) == 0) {
      node.erase(random.below(node.size()));
    } else {
      node.push_back(value());
    }
  } else if (node.is_object()) {
    if (!node.empty() && random.below(2) == 0) {
      auto entry = node.begin();
      std::advance(entry, static_cast<std::ptrdiff_t>(random.below(node.size())));
      if (random.below(2) == 0) {
        node[std::string(kKeys[random.below(kKeys.size())])] = *entry;
      } else {
        node.erase(entry);
      }
    } else {
      node[std::string(kKeys[random.below(kKeys.size())])] = value();
    }
  } else {
    node = value();
  }
}

}  // namespace

std::string mutate_json(std::string_view document, Random& random) {
  Json root = Json::parse(document, nullptr, false);
  if (root.is_discarded()) return std::string(document);
  for (std::uint64_t left = 1 + random.below(3); left > 0; --left) change(root, random);
  std::string text = root.dump(static_cast<int>(random.below(3)) - 1);
  for (std::size_t at = 0; (at = text.find("\"@@", at)) != std::string::npos;) {
    const std::size_t end = text.find("@@\"", at + 3);
    const std::string_view value = kValues[std::stoul(text.substr(at + 3, end - at - 3))];
    text.replace(at, end + 3 - at, value);
    at += value.size();
  }
  return text;
}

}  // namespace natsproof
