#include "models/runtime/well_known_writer.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/runtime/rule_checks.h"

namespace natsproof {
namespace {

// `count` digits with leading zeros.
char* put_digits(char* to, std::uint64_t number, int count) {
  for (int i = count - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
  return to + count;
}

// A point and three, six or nine digits; nothing for 0.
char* put_fraction(char* to, std::uint32_t nanos) {
  if (nanos == 0) return to;
  *to++ = '.';
  if (nanos % 1'000'000 == 0) return put_digits(to, nanos / 1'000'000, 3);
  if (nanos % 1'000 == 0) return put_digits(to, nanos / 1'000, 6);
  return put_digits(to, nanos, 9);
}

void write_null(JsonBuffer& out) {
  JsonWriter json(out);
  json.null();
  json.drop_comma();
}

template <typename Write>
void write_alone(JsonBuffer& out, Write write) {
  JsonWriter json(out);
  write(json);
  json.drop_comma();
}

// Whether each name of the path is as in user_id: others come back as another path, or as none.
bool has_camel_case(std::string_view path) {
  char before = '.';
  for (const char c : path) {
    const bool small = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    const bool in_name = before != '.' && before != '_';
    if (!small && !(in_name && (digit || c == '_' || c == '.'))) return false;
    before = c;
  }
  return before != '.' && before != '_';
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 40;
  return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "…";
}

}  // namespace

void write_json_part(const google::protobuf::Timestamp& time, JsonBuffer& out) {
  if (!is_valid(time)) {
    return out.fail(fmt::format("{} s {} ns is no Timestamp; those of the years 1 to 9999 are",
                                time.seconds(), time.nanos()));
  }
  using namespace std::chrono;
  const sys_seconds whole{seconds{time.seconds()}};
  const auto day = floor<days>(whole);
  const year_month_day date{day};
  const hh_mm_ss clock{whole - day};
  char* to = out.room(40);
  *to++ = '"';
  to = put_digits(to, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  *to++ = '-';
  to = put_digits(to, static_cast<unsigned>(date.month()), 2);
  *to++ = '-';
  to = put_digits(to, static_cast<unsigned>(date.day()), 2);
  *to++ = 'T';
  to = put_digits(to, static_cast<std::uint64_t>(clock.hours().count()), 2);
  *to++ = ':';
  to = put_digits(to, static_cast<std::uint64_t>(clock.minutes().count()), 2);
  *to++ = ':';
  to = put_digits(to, static_cast<std::uint64_t>(clock.seconds().count()), 2);
  to = put_fraction(to, static_cast<std::uint32_t>(time.nanos()));
  *to++ = 'Z';
  *to++ = '"';
  out.append_until(to);
}

void write_json_part(const google::protobuf::Duration& duration, JsonBuffer& out) {
  if (!is_valid(duration)) {
    return out.fail(fmt::format(
        "{} s {} ns is no Duration; those of at most 315576000000 s, with nanoseconds of "
        "the same sign, are",
        duration.seconds(), duration.nanos()));
  }
  char* to = out.room(40);
  *to++ = '"';
  if (duration.seconds() < 0 || duration.nanos() < 0) *to++ = '-';
  to = std::to_chars(to, to + 20, std::abs(duration.seconds())).ptr;
  to = put_fraction(to, static_cast<std::uint32_t>(std::abs(duration.nanos())));
  *to++ = 's';
  *to++ = '"';
  out.append_until(to);
}

void write_json_part(const google::protobuf::FieldMask& mask, JsonBuffer& out) {
  std::string text;
  for (const std::string& path : mask.paths()) {
    if (!has_camel_case(path)) {
      return out.fail(fmt::format(
          "the path `{}` has no form in JSON; those as in user_id or address.postal_code have",
          shortened(path)));
    }
    if (!text.empty()) text += ',';
    bool capital = false;
    for (const char c : path) {
      const bool small = c >= 'a' && c <= 'z';
      if (c != '_') text += capital && small ? static_cast<char>(c - 'a' + 'A') : c;
      capital = c == '_';
    }
  }
  write_alone(out, [&](JsonWriter& json) { json.string(text); });
}

void write_json_part(const google::protobuf::Empty&, JsonBuffer& out) {
  JsonWriter json(out);
  json.begin();
  json.end();
}

void write_json_part(const google::protobuf::Struct& object, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) {
    json.map(object.fields(), [&](const google::protobuf::Value& value) { json.message(value); });
  });
}

void write_json_part(const google::protobuf::ListValue& list, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) {
    json.list(list.values(), [&](const google::protobuf::Value& value) { json.message(value); });
  });
}

void write_json_part(const google::protobuf::Value& value, JsonBuffer& out) {
  using google::protobuf::Value;
  switch (value.kind_case()) {
    case Value::kNumberValue:
      if (!std::isfinite(value.number_value())) {
        return out.fail(
            fmt::format("{} has no form in a google.protobuf.Value; finite numbers have",
                        value.number_value()));
      }
      return write_alone(out, [&](JsonWriter& json) { json.number(value.number_value()); });
    case Value::kStringValue:
      return write_alone(out, [&](JsonWriter& json) { json.string(value.string_value()); });
    case Value::kBoolValue:
      return write_alone(out, [&](JsonWriter& json) { json.boolean(value.bool_value()); });
    case Value::kStructValue:
      return write_json_part(value.struct_value(), out);
    case Value::kListValue:
      return write_json_part(value.list_value(), out);
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      break;
  }
  write_null(out);
}

void write_json_part(const google::protobuf::BoolValue& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.boolean(value.value()); });
}

void write_json_part(const google::protobuf::Int32Value& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.number(value.value()); });
}

void write_json_part(const google::protobuf::Int64Value& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.number(value.value()); });
}

void write_json_part(const google::protobuf::UInt32Value& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.number(value.value()); });
}

void write_json_part(const google::protobuf::UInt64Value& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.number(value.value()); });
}

void write_json_part(const google::protobuf::FloatValue& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.number(value.value()); });
}

void write_json_part(const google::protobuf::DoubleValue& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.number(value.value()); });
}

void write_json_part(const google::protobuf::StringValue& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.string(value.value()); });
}

void write_json_part(const google::protobuf::BytesValue& value, JsonBuffer& out) {
  write_alone(out, [&](JsonWriter& json) { json.bytes(value.value()); });
}

}  // namespace natsproof
