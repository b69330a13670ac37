#include "tests/oracle/json_oracle.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include <fmt/format.h>
#include <google/protobuf/util/field_comparator.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include "models/runtime/protobuf_codec.h"

namespace natsproof {
namespace {

bool says(const DecodeError& error, std::string_view words) {
  return error.message.find(words) != std::string::npos;
}

bool is_string(std::string_view token) {
  return token.starts_with('"');
}

// The content of a string token, its escapes resolved.
std::string content(std::string_view token) {
  const auto parsed = nlohmann::json::parse(token, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string();
}

bool matches(std::string_view token, const char* pattern) {
  return RE2::FullMatch(content(token), pattern);
}

constexpr const char* kInteger = "-?(0|[1-9][0-9]*)";
constexpr const char* kNumber = R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)";
constexpr const char* kTimestamp =
    R"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))";
constexpr const char* kDuration = R"(-?(0|[1-9][0-9]*)(\.[0-9]{1,9})?s)";
constexpr const char* kFieldMask = R"(([a-z][A-Za-z0-9]*([.,][a-z][A-Za-z0-9]*)*)?)";

// The key or value that begins at `offset`.
std::string_view token_at(std::string_view document, std::size_t offset) {
  std::size_t end = offset;
  if (document[offset] == '"') {
    for (++end; end < document.size() && document[end] != '"'; ++end) {
      if (document[end] == '\\') ++end;
    }
    end = std::min(end + 1, document.size());
  } else {
    end = std::min(document.find_first_of(" \t\r\n,}]", offset), document.size());
  }
  return document.substr(offset, end - offset);
}

// Protobuf's reader loses the sign of -0, but not that of -0.0.
std::string with_signed_zeros(std::string_view document) {
  std::string changed;
  bool in_string = false;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const char c = document[i];
    changed += c;
    if (in_string && c == '\\' && i + 1 < document.size()) {
      changed += document[++i];
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && c == '0' && i > 0 && document[i - 1] == '-' &&
               (i + 1 == document.size() ||
                std::string_view(" \t\r\n,}]").find(document[i + 1]) != std::string_view::npos) &&
               (i < 2 ||
                std::string_view(" \t\r\n,:[").find(document[i - 2]) != std::string_view::npos)) {
      changed += ".0";
    }
  }
  return changed;
}

using Json = nlohmann::ordered_json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const FieldDescriptor* field_of(const Descriptor& message, std::string_view name) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->json_name() == name || field->name() == name) return field;
  }
  return nullptr;
}

bool holds_integer(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return RE2::FullMatch(field.message_type()->full_name(),
                            R"(google\.protobuf\.U?Int(32|64)Value)");
    default:
      return false;
  }
}

void take_quotes_off(Json& object, const Descriptor& message);
// Of a number in a string, which stands for a field, an element or an entry's value.
void take_quotes_off(Json& value, const FieldDescriptor& field) {
  if (value.is_string() && holds_integer(field)) {
    const auto& text = value.get_ref<const std::string&>();
    if (RE2::FullMatch(text, kNumber) && text.find_first_of(".eE") != text.npos)
      value = Json::parse(text, nullptr, false);
  } else if (value.is_object() && field.message_type() && !field.is_map() &&
             field.message_type()->file()->package() != "google.protobuf") {
    take_quotes_off(value, *field.message_type());
  }
}

void take_quotes_off(Json& object, const Descriptor& message) {
  for (auto& [name, value] : object.items()) {
    const FieldDescriptor* field = field_of(message, name);
    if (!field) continue;
    const FieldDescriptor& element = field->is_map() ? *field->message_type()->map_value() : *field;
    if (field->is_repeated() && value.is_structured()) {
      for (Json& one : value) take_quotes_off(one, element);
    } else {
      take_quotes_off(value, *field);
    }
  }
}

// `null` for a repeated field.
void leave_out_no_lists(Json& object, const Descriptor& message) {
  for (auto member = object.begin(); member != object.end();) {
    const FieldDescriptor* field = field_of(message, member.key());
    if (field && field->is_repeated() && member->is_null()) {
      member = object.erase(member);
      continue;
    }
    const FieldDescriptor* element =
        field && field->is_map() ? field->message_type()->map_value() : field;
    const Descriptor* type = element ? element->message_type() : nullptr;
    if (type && type->file()->package() != "google.protobuf") {
      if (!field->is_repeated()) {
        if (member->is_object()) leave_out_no_lists(*member, *type);
      } else if (member->is_structured()) {
        for (Json& one : *member) {
          if (one.is_object()) leave_out_no_lists(one, *type);
        }
      }
    }
    ++member;
  }
}

std::string changed(std::string_view document, const Descriptor& root,
                    void (*change)(Json&, const Descriptor&)) {
  Json json = Json::parse(document, nullptr, false);
  if (!json.is_object()) return std::string(document);
  change(json, root);
  return json.dump();
}

}  // namespace

std::span<const NewerForm> newer_forms() {
  static const std::array<NewerForm, 2> kForms{{
      {"fraction or exponent of an integer in a string",
       "\"1e3\" and \"1.0\"; Protobuf 3.21 takes them without quotes only, the conformance suite "
       "of "
       "2026 requires them",
       [](std::string_view document, const Descriptor& root) {
         return changed(document, root, take_quotes_off);
       }},
      {"null for a list of google.protobuf.Value",
       "an absent list, as of any other type; Protobuf 3.21 takes it for a list of one null",
       [](std::string_view document, const Descriptor& root) {
         return changed(document, root, leave_out_no_lists);
       }},
  }};
  return kForms;
}

std::span<const StricterChoice> stricter_choices() {
  static const std::array<StricterChoice, 19> kChoices{{
      {"RFC 8259",
       "text that other JSON readers refuse: 'single' quotes, unquoted keys, trailing commas, "
       "unknown escapes, raw "
       "control characters, 5.",
       [](const DecodeError&, std::string_view, std::string_view document) {
         return !nlohmann::json::accept(document);
       }},
      {"duplicate keys", "readers differ in which one counts; Protobuf's even merges them",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "is there twice") && is_string(token);
       }},
      {"a key that is empty",
       "Protobuf's reader takes what it holds for another element of the list around it",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "unknown field") && token == "\"\"";
       }},
      {"null elements",
       "Protobuf's reader drops them silently, or makes a default of a map's value",
       [](const DecodeError&, std::string_view token, std::string_view) {
         return token == "null";
       }},
      {"one value for a list",
       "the mapping has an array there; Protobuf's reader takes a bare value for a list of one",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected an array") && !token.starts_with('[');
       }},
      {"a list in a list", "Protobuf's reader takes [[1], 2] for [1, 2]",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "found an array") && token.starts_with('[') &&
                error.path.ends_with(']');
       }},
      {"depth", "64 levels, where Protobuf's reader takes 100",
       [](const DecodeError& error, std::string_view, std::string_view document) {
         return says(error, "nested deeper than 64") &&
                std::count_if(document.begin(), document.end(),
                              [](char c) { return c == '{' || c == '['; }) > 64;
       }},
      {"bool in a string",
       "the mapping has true and false; Protobuf's reader takes \"yes\", \"T\", \"1\"",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected true or false") && is_string(token);
       }},
      {"integer in a string", "a number as JSON has it: no +1, no 007",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected an integer") && is_string(token) && !matches(token, kNumber);
       }},
      {"almost an integer", "Protobuf's reader rounds 1.00000000000000000001 to 1",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected an integer") && !is_string(token) &&
                RE2::FullMatch(std::string(token), kNumber);
       }},
      {"integer beyond a double",
       "9.007199254740993e15 is an integer, and Protobuf's reader takes it for another one",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "is not exact as a double") &&
                RE2::FullMatch(std::string(token), R"(-?[0-9.]+([eE][+-]?[0-9]+)?)");
       }},
      {"below the least int64",
       "Protobuf's reader takes -9223372036854775809 for -9223372036854775808",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "is out of range") && RE2::FullMatch(std::string(token), "-[0-9]{19,}");
       }},
      {"number in a string", "JSON's form of it: no 0x1p3, .5, 5., inf",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected a number") && is_string(token) && !matches(token, kNumber);
       }},
      {"enum number in a string", "a name is a string, a number is a number",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "is no value of this enum") &&
                RE2::FullMatch(content(token), "[+-]?[0-9]+");
       }},
      {"map keys", "integers as plain digits, true and false: one text for each key",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected a key") &&
                !matches(token, says(error, "integer") ? kInteger : "true|false");
       }},
      {"timestamp",
       "RFC 3339 to the letter, and nothing cut off: two digits for a month, at most nine for a "
       "fraction, and years 1 to "
       "9999 in UTC too",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected a time") &&
                (!matches(token, kTimestamp) || matches(token, "(0001|9999)-.*[+-].*"));
       }},
      {"duration", "the mapping's form: no +1s, 01s, 1.s",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected seconds") && !matches(token, kDuration);
       }},
      {"well-known type as an object",
       "the mapping gives wrappers, timestamps and the like a form of their own",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "found an object") && token.starts_with('{');
       }},
      {"field mask", "lowerCamelCase names, none of them empty",
       [](const DecodeError& error, std::string_view token, std::string_view) {
         return says(error, "expected paths") && !matches(token, kFieldMask);
       }},
  }};
  return kChoices;
}

const StricterChoice* choice_of(const DecodeError& error, std::string_view document) {
  const std::string_view token =
      error.offset < document.size() ? token_at(document, error.offset) : std::string_view();
  for (const StricterChoice& choice : stricter_choices()) {
    if (choice.is_it(error, token, document)) return &choice;
  }
  return nullptr;
}

namespace {

// How what Protobuf reads differs from what ours has read.
std::string differences_of(const std::string& document, const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> oracle(message.New());
  const auto status = google::protobuf::util::JsonStringToMessage(document, oracle.get());
  if (!status.ok()) return fmt::format("Protobuf refuses: {}", std::string(status.message()));
  std::string our_bytes, oracle_bytes;
  write_protobuf(message, our_bytes);
  write_protobuf(*oracle, oracle_bytes);
  if (our_bytes == oracle_bytes) return {};
  std::string differences;  // none: in the bits of a NaN
  google::protobuf::util::DefaultFieldComparator numbers;
  numbers.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&numbers);
  differencer.ReportDifferencesToString(&differences);
  if (differencer.Compare(*oracle, message)) return {};
  return "Protobuf read -> ours read:\n" + differences;
}

}  // namespace

std::string json_disagreement(std::string_view document, const Decoded& ours,
                              const google::protobuf::Message& message) {
  const bool rfc = nlohmann::json::accept(document);
  if (ours && !rfc) return "ours takes what RFC 8259 does not";
  if (!ours && ours.error().offset > document.size()) return "an offset behind the document";

  google::protobuf::LogSilencer silence;
  if (!ours) {
    const std::unique_ptr<google::protobuf::Message> oracle(message.New());
    const bool taken =
        google::protobuf::util::JsonStringToMessage(with_signed_zeros(document), oracle.get()).ok();
    if (!taken || choice_of(ours.error(), document)) return {};
    return fmt::format("ours refuses, Protobuf takes it: {}", ours.error().text());
  }
  std::string asked = with_signed_zeros(document);
  const std::string disagreement = differences_of(asked, message);
  if (disagreement.empty()) return {};
  for (const NewerForm& form : newer_forms()) asked = form.older(asked, *message.GetDescriptor());
  return differences_of(asked, message);
}

}  // namespace natsproof
