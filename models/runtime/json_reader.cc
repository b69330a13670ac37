#include "models/runtime/json_reader.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "base/base64.h"
#include "models/runtime/exact_integer.h"
#include "models/runtime/json_place.h"

namespace natsproof {
namespace {

namespace ondemand = simdjson::SIMDJSON_BUILTIN_IMPLEMENTATION::ondemand;

// A thread's own: grown to the largest document it has read.
struct Workspace {
  ondemand::parser parser;
  std::vector<char> copy;
  std::vector<char> scratch;  // for strings with escapes
};

Workspace& workspace() {
  thread_local Workspace own;
  return own;
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// A value in an error message: short, and never more than its own token.
std::string shown(const char* token, const char* end) {
  constexpr std::ptrdiff_t kMost = 40;
  const char* stop = token;
  if (*token == '"') {
    for (++stop; stop < end && *stop != '"'; ++stop) {
      if (*stop == '\\') ++stop;
    }
    if (stop < end) ++stop;
  } else {
    while (stop < end && !is_space(*stop) && *stop != ',' && *stop != '}' && *stop != ']') ++stop;
  }
  if (stop - token <= kMost) return {token, stop};
  stop = token + kMost;
  while (stop > token && (static_cast<unsigned char>(*stop) & 0xc0) == 0x80)
    --stop;  // whole characters
  return std::string(token, stop) + "…";
}

std::string described(const char* token, const char* end) {
  switch (*token) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    default:
      return shown(token, end);
  }
}

// RFC 8259's number: nothing else may stand in a string for one.
bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const bool zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

template <typename Integer>
std::string range_of() {
  return fmt::format("{} to {}", std::numeric_limits<Integer>::min(),
                     std::numeric_limits<Integer>::max());
}

// Plain decimal digits, as canonical as JSON has them: no plus, no leading zeros.
enum class Digits { read, not_digits, out_of_range };

template <typename Integer>
Digits read_digits(std::string_view text, Integer& number) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() > sign + 1 && text[sign] == '0') return Digits::not_digits;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || stop != text.data() + text.size()) {
    return Digits::not_digits;
  }
  return error == std::errc{} ? Digits::read : Digits::out_of_range;
}

}  // namespace

JsonReader::JsonReader(std::string_view document) {
  Workspace& own = workspace();
  const std::size_t needed = document.size() + simdjson::SIMDJSON_PADDING;
  if (own.copy.size() < needed) own.copy.resize(needed + needed / 2);
  if (!document.empty()) std::memcpy(own.copy.data(), document.data(), document.size());
  std::memset(own.copy.data() + document.size(), 0, simdjson::SIMDJSON_PADDING);
  begin_ = own.copy.data();
  end_ = begin_ + document.size();

  simdjson::error_code error = simdjson::SUCCESS;
  if (own.parser.capacity() < document.size()) error = own.parser.allocate(own.copy.size());
  if (!error) error = own.parser.iterate(begin_, document.size(), own.copy.size()).get(document_);
  if (!error) error = document_.get_value().get(value_);
  if (error == simdjson::SCALAR_DOCUMENT_AS_VALUE) {
    const char* place = begin_;
    while (is_space(*place)) ++place;
    fail_at(place, fmt::format("a message is an object; found {}", shown(place, end_)));
  } else if (error) {
    fail_syntax();
  }
}

Decoded JsonReader::finish(const google::protobuf::Descriptor& root) {
  if (!failed_) {
    // simdjson does not look behind the root value; at the end of the document there is no location
    // any more.
    const auto location = document_.current_location();
    if (location.error() == simdjson::OUT_OF_BOUNDS) return {};
    fail_syntax();
  }
  const std::string_view document(begin_, static_cast<std::size_t>(end_ - begin_));
  std::optional<std::size_t> offset;
  if (place_) offset = static_cast<std::size_t>(place_ - begin_);
  auto found = find_json_place(document, offset, root, kMaxDepth);
  if (found && !found->message.empty()) return *std::move(found);
  DecodeError error{.offset = offset.value_or(0), .message = what_};
  if (found) error.path = found->path;
  return error;
}

void JsonReader::fail_at(const char* place, std::string what) {
  if (failed_) return;
  failed_ = true;
  place_ = place;
  what_ = std::move(what);
}

void JsonReader::fail(std::string what) {
  fail_at(token(), std::move(what));
}

void JsonReader::fail_syntax() {
  if (failed_) return;
  failed_ = true;
  what_ = kUnexplained;
}

void JsonReader::fail_expecting(const char* what) {
  const char* found = token();
  fail_at(found, fmt::format("expected {}, found {}", what, described(found, end_)));
}

void JsonReader::fail_duplicate(const char* key) {
  fail_at(key - 1, fmt::format("{} is there twice", shown(key - 1, end_)));
}

const char* JsonReader::token() {
  return value_.raw_json_token().data();
}

bool JsonReader::begin(Object& object) {
  if (failed_) return false;
  if (++depth_ > kMaxDepth) {
    fail(fmt::format("nested deeper than {} levels", kMaxDepth));
    return false;
  }
  const auto error = value_.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) {
    fail_expecting("an object");
  } else if (error) {
    fail_syntax();
  }
  return !failed_;
}

bool JsonReader::begin(Array& array) {
  if (failed_) return false;
  if (++depth_ > kMaxDepth) {
    fail(fmt::format("nested deeper than {} levels", kMaxDepth));
    return false;
  }
  const auto error = value_.get_array().get(array);
  if (error == simdjson::INCORRECT_TYPE) {
    fail_expecting("an array");
  } else if (error) {
    fail_syntax();
  }
  return !failed_;
}

char JsonReader::peek() {
  return failed_ ? '\0' : *token();
}

bool JsonReader::null() {
  if (failed_ || *token() != 'n') return false;
  bool is_null = false;
  if (value_.is_null().get(is_null) || !is_null) {
    fail_expecting("a value");
    return false;
  }
  return true;
}

bool JsonReader::boolean() {
  bool truth = false;
  if (value_.get_bool().get(truth)) fail_expecting("true or false");
  return truth;
}

std::string_view JsonReader::unescape(const char* raw) {
  const auto left = static_cast<std::size_t>(end_ - raw);
  const auto* quote = static_cast<const char*>(std::memchr(raw, '"', left));
  const auto size = static_cast<std::size_t>((quote ? quote : end_) - raw);
  if (!std::memchr(raw, '\\', size)) [[likely]] {
    return {raw, size};
  }
  Workspace& own = workspace();
  if (own.scratch.size() < own.copy.size()) own.scratch.resize(own.copy.size());
  auto* to = reinterpret_cast<std::uint8_t*>(own.scratch.data());
  std::string_view text;
  ondemand::raw_json_string escaped(reinterpret_cast<const std::uint8_t*>(raw));
  if (own.parser.unescape(escaped, to).get(text)) {
    fail_at(raw - 1, "a string with a bad escape");
    return {};
  }
  return text;
}

std::string_view JsonReader::text() {
  ondemand::raw_json_string raw;
  if (failed_) return {};
  if (value_.get_raw_json_string().get(raw)) {
    fail_expecting("a string");
    return {};
  }
  return unescape(raw.raw());
}

void JsonReader::string(std::string& to) {
  const std::string_view found = text();
  to.assign(found.data(), found.size());
}

void JsonReader::bytes(std::string& data) {
  const std::string_view found = text();
  if (failed_) return;
  auto decoded = decode_base64(found, Base64::any);
  if (!decoded) return fail_expecting("base64");
  data = std::move(*decoded);
}

template <typename Integer>
Integer JsonReader::integer_in_string() {
  const std::string_view digits = text();
  if (failed_) return 0;
  Integer number = 0;
  switch (read_digits(digits, number)) {
    case Digits::read:
      return number;
    case Digits::not_digits:
      if (digits.find_first_of(".eE") != digits.npos)
        return integer_with_fraction_or_exponent<Integer>(digits);
      fail_expecting("an integer");
      break;
    case Digits::out_of_range:
      fail(fmt::format("{} is out of range: {}", shown(token(), end_), range_of<Integer>()));
      break;
  }
  return 0;
}

// 1.0 and 1e3 are integers to the mapping. Rare, and so by decimal arithmetic, which is exact.
template <typename Integer>
Integer JsonReader::integer_with_fraction_or_exponent(std::string_view digits) {
  if (!is_json_number(digits)) return fail_expecting("an integer"), 0;
  const ExactInteger exact = read_exact_integer(digits);
  const std::string text = shown(token(), end_);
  if (!exact.whole) return fail_expecting("an integer"), 0;
  if (exact.overflow || exact.value < std::numeric_limits<Integer>::min() ||
      exact.value > std::numeric_limits<Integer>::max()) {
    return fail(fmt::format("{} is out of range: {}", text, range_of<Integer>())), 0;
  }
  // Readers that go through a double, and most do, would see another number.
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  if ((exact.value > kExact || exact.value < -kExact) &&
      digits.find_first_of(".eE") != digits.npos && !exact.is_double) {
    return fail(fmt::format("{} is not exact as a double; write it without fraction and exponent",
                            text)),
           0;
  }
  return static_cast<Integer>(exact.value);
}

template <typename Integer>
Integer JsonReader::integer() {
  if (failed_) return 0;
  if (*token() == '"') return integer_in_string<Integer>();
  using Wide = std::conditional_t<std::is_signed_v<Integer>, std::int64_t, std::uint64_t>;
  Wide number = 0;
  const auto error = [&] {
    if constexpr (std::is_signed_v<Integer>) {
      return value_.get_int64().get(number);
    } else {
      return value_.get_uint64().get(number);
    }
  }();
  if (error) {
    const char* const start = token();
    const char* stop = start;
    while (stop < end_ && !is_space(*stop) && *stop != ',' && *stop != '}' && *stop != ']') ++stop;
    return integer_with_fraction_or_exponent<Integer>(
        {start, static_cast<std::size_t>(stop - start)});
  }
  if (number < std::numeric_limits<Integer>::min() ||
      number > std::numeric_limits<Integer>::max()) {
    fail(fmt::format("{} is out of range: {}", number, range_of<Integer>()));
    return 0;
  }
  return static_cast<Integer>(number);
}

std::int32_t JsonReader::int32() {
  return integer<std::int32_t>();
}
std::int64_t JsonReader::int64() {
  return integer<std::int64_t>();
}
std::uint32_t JsonReader::uint32() {
  return integer<std::uint32_t>();
}
std::uint64_t JsonReader::uint64() {
  return integer<std::uint64_t>();
}

double JsonReader::number() {
  if (failed_) return 0;
  double number = 0;
  const char* start = token();
  if (!value_.get_double().get(number)) return number;
  if (*start == '-' || (*start >= '0' && *start <= '9')) {
    fail(fmt::format("{} is not a number a double can hold", shown(start, end_)));
  } else {
    fail_expecting("a number");
  }
  return 0;
}

double JsonReader::float64() {
  if (failed_) return 0;
  if (*token() != '"') return number();
  const std::string_view found = text();
  if (found == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (found == "Infinity") return std::numeric_limits<double>::infinity();
  if (found == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (failed_ || !is_json_number(found)) {
    fail_expecting("a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    return 0;
  }
  // from_chars does not tell too large from too small; strtod does, and nobody sets a locale here.
  const double number = std::strtod(std::string(found).c_str(), nullptr);
  if (std::isinf(number)) fail_expecting("a number a double can hold");
  return number;
}

float JsonReader::float32() {
  const double number = float64();
  const auto rounded = static_cast<float>(number);
  if (std::isinf(rounded) && !std::isinf(number)) {
    fail(fmt::format("{} is not a number a float can hold", shown(token(), end_)));
    return 0;
  }
  return rounded;
}

std::int32_t JsonReader::enumeration(std::span<const JsonEnumValue> values) {
  if (failed_) return 0;
  if (*token() != '"') {
    const char first = *token();
    if (first != '-' && (first < '0' || first > '9')) {
      fail_expecting("the name or number of an enum value");
      return 0;
    }
    return integer<std::int32_t>();
  }
  const std::string_view found = text();
  if (failed_) return 0;
  for (const JsonEnumValue& value : values) {
    if (value.name.is(found)) return value.number;
  }
  std::string known;
  for (const JsonEnumValue& value : values) {
    if (known.size() > 200) {
      known += ", …";
      break;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", value.name.original());
  }
  fail(fmt::format("{} is no value of this enum; known: {}", shown(token(), end_), known));
  return 0;
}

std::size_t JsonReader::find_anywhere(const char* key, std::span<const JsonName> names) {
  const std::string_view found = unescape(key);
  if (failed_) return kUnknown;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].is(found)) return i;
  }
  fail_at(key - 1, fmt::format("unknown field {}", shown(key - 1, end_)));
  return kUnknown;
}

bool JsonReader::read_key(const char* raw, std::string& key) {
  key = unescape(raw);
  return !failed_;
}

bool JsonReader::read_key(const char* raw, bool& key) {
  const std::string_view found = unescape(raw);
  key = found == "true";
  if (!key && found != "false") fail_at(raw - 1, "expected a key \"true\" or \"false\"");
  return !failed_;
}

namespace {

template <typename Integer>
std::string key_mistake(std::string_view found, Integer& key) {
  switch (read_digits(found, key)) {
    case Digits::read:
      return {};
    case Digits::not_digits:
      return "expected a key that is an integer";
    case Digits::out_of_range:
      break;
  }
  return fmt::format("the key is out of range: {}", range_of<Integer>());
}

}  // namespace

bool JsonReader::read_key(const char* raw, std::int32_t& key) {
  if (std::string what = key_mistake(unescape(raw), key); !what.empty()) fail_at(raw - 1, what);
  return !failed_;
}

bool JsonReader::read_key(const char* raw, std::int64_t& key) {
  if (std::string what = key_mistake(unescape(raw), key); !what.empty()) fail_at(raw - 1, what);
  return !failed_;
}

bool JsonReader::read_key(const char* raw, std::uint32_t& key) {
  if (std::string what = key_mistake(unescape(raw), key); !what.empty()) fail_at(raw - 1, what);
  return !failed_;
}

bool JsonReader::read_key(const char* raw, std::uint64_t& key) {
  if (std::string what = key_mistake(unescape(raw), key); !what.empty()) fail_at(raw - 1, what);
  return !failed_;
}

}  // namespace natsproof
