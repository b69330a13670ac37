#include "models/runtime/well_known_reader.h"

#include <charconv>
#include <chrono>
#include <optional>

namespace natsproof {
namespace {

// Takes `count` digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  int value = 0;
  if (text.size() < count) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// `.` and one to nine digits, or nothing: nanoseconds.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::size_t count = 0;
  int nanos = 0;
  for (int unit = 100'000'000; count < text.size() && text[count] >= '0' && text[count] <= '9';
       ++count, unit /= 10) {
    if (count == 9) return std::nullopt;
    nanos += (text[count] - '0') * unit;
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return nanos;
}

// Z or +hh:mm: seconds east.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool west = text.starts_with('-');
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t kMostSeconds = 315'576'000'000;  // of a duration: 10,000 years

struct SecondsAndNanos {
  std::int64_t seconds;
  int nanos;
};

std::optional<SecondsAndNanos> read_timestamp(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto nanos = take_fraction(text);
  if (!nanos) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return SecondsAndNanos{seconds, *nanos};
}

std::optional<SecondsAndNanos> read_duration(std::string_view text) {
  const bool negative = take(text, '-');
  std::int64_t seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const auto count = static_cast<std::size_t>(stop - text.data());
  if (error != std::errc{} || text[0] == '-' || (text[0] == '0' && count > 1)) return std::nullopt;
  text.remove_prefix(count);
  const auto nanos = take_fraction(text);
  if (!nanos || text != "s" || seconds > kMostSeconds) return std::nullopt;
  return negative ? SecondsAndNanos{-seconds, -*nanos} : SecondsAndNanos{seconds, *nanos};
}

// address.postalCode -> address.postal_code; false: not a path.
bool snake_case(std::string_view path, std::string& to) {
  bool begin = true;  // of a name
  for (const char c : path) {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool small = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (c == '.' ? begin : !(small || (!begin && (capital || digit)))) return false;
    if (capital) {
      to += '_';
      to += static_cast<char>(c | 0x20);
    } else {
      to += c;
    }
    begin = c == '.';
  }
  return !begin;
}

constexpr std::array<JsonName, 0> kNoFields{};

}  // namespace

void read_json_part(JsonReader& in, google::protobuf::Timestamp& time) {
  const std::string_view text = in.text();
  if (in.failed()) return;
  const auto read = read_timestamp(text);
  if (!read) {
    return in.fail(
        "expected a time of the years 1 to 9999 as in \"2026-11-21T09:30:00.5Z\": at most nine "
        "digits of a "
        "second, and Z or an offset such as +01:00");
  }
  time.set_seconds(read->seconds);
  time.set_nanos(read->nanos);
}

void read_json_part(JsonReader& in, google::protobuf::Duration& duration) {
  const std::string_view text = in.text();
  if (in.failed()) return;
  const auto read = read_duration(text);
  if (!read) {
    return in.fail(
        "expected seconds as in \"-1.5s\": at most nine digits behind the point, and at most "
        "315576000000 seconds");
  }
  duration.set_seconds(read->seconds);
  duration.set_nanos(read->nanos);
}

void read_json_part(JsonReader& in, google::protobuf::FieldMask& mask) {
  std::string_view text = in.text();
  if (in.failed() || text.empty()) return;
  while (true) {
    const std::size_t comma = text.find(',');
    if (!snake_case(text.substr(0, comma), *mask.add_paths())) {
      return in.fail("expected paths of fields as in \"userId,address.postalCode\"");
    }
    if (comma == text.npos) return;
    text.remove_prefix(comma + 1);
  }
}

void read_json_part(JsonReader& in, google::protobuf::Empty&) {
  in.object(kNoFields, [](std::size_t) {});
}

void read_json_part(JsonReader& in, google::protobuf::Struct& object) {
  in.map(*object.mutable_fields(),
         [&](google::protobuf::Value& value) { read_json_part(in, value); });
}

void read_json_part(JsonReader& in, google::protobuf::ListValue& list) {
  in.list([&] { read_json_part(in, *list.add_values()); });
}

void read_json_part(JsonReader& in, google::protobuf::Value& value) {
  switch (in.peek()) {
    case '{':
      return read_json_part(in, *value.mutable_struct_value());
    case '[':
      return read_json_part(in, *value.mutable_list_value());
    case '"':
      return in.string(*value.mutable_string_value());
    case 't':
    case 'f':
      return value.set_bool_value(in.boolean());
    case 'n':
      if (in.null()) value.set_null_value(google::protobuf::NULL_VALUE);
      return;
    default:
      return value.set_number_value(in.number());
  }
}

void read_json_part(JsonReader& in, google::protobuf::BoolValue& value) {
  value.set_value(in.boolean());
}

void read_json_part(JsonReader& in, google::protobuf::Int32Value& value) {
  value.set_value(in.int32());
}

void read_json_part(JsonReader& in, google::protobuf::Int64Value& value) {
  value.set_value(in.int64());
}

void read_json_part(JsonReader& in, google::protobuf::UInt32Value& value) {
  value.set_value(in.uint32());
}

void read_json_part(JsonReader& in, google::protobuf::UInt64Value& value) {
  value.set_value(in.uint64());
}

void read_json_part(JsonReader& in, google::protobuf::FloatValue& value) {
  value.set_value(in.float32());
}

void read_json_part(JsonReader& in, google::protobuf::DoubleValue& value) {
  value.set_value(in.float64());
}

void read_json_part(JsonReader& in, google::protobuf::StringValue& value) {
  in.string(*value.mutable_value());
}

void read_json_part(JsonReader& in, google::protobuf::BytesValue& value) {
  in.bytes(*value.mutable_value());
}

}  // namespace natsproof
