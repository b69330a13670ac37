#include "models/runtime/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/base64.h"

namespace natsproof {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

std::uint64_t load(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Whether one of the eight bytes is a control character, a quote or a backslash.
bool has_special(std::uint64_t word) {
  // With this bit turned over a blank is above a quote, and quotes border on control characters.
  const std::uint64_t controls_and_quotes = (word ^ kOnes * 0x02) - kOnes * 0x21;
  const std::uint64_t backslashes = (word ^ kOnes * '\\') - kOnes;
  return (controls_and_quotes | backslashes) & ~word & kHighs;
}

bool is_special(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// At most six characters.
char* escape(char c, char* to) {
  *to++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *to++ = c;
      return to;
    case '\b':
      *to++ = 'b';
      return to;
    case '\f':
      *to++ = 'f';
      return to;
    case '\n':
      *to++ = 'n';
      return to;
    case '\r':
      *to++ = 'r';
      return to;
    case '\t':
      *to++ = 't';
      return to;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::memcpy(to, "u00", 3);
  to[3] = kDigits[static_cast<unsigned char>(c) >> 4];
  to[4] = kDigits[static_cast<unsigned char>(c) & 15];
  return to + 5;
}

// False when something is to be escaped; `to` holds any part of the text then.
bool copy_plain(std::string_view text, char* to) {
  if (text.size() < sizeof(std::uint64_t)) {
    for (const char c : text) {
      if (is_special(c)) return false;
      *to++ = c;
    }
    return true;
  }
  const auto copy_eight = [&](std::size_t at) {
    const std::uint64_t word = load(text.data() + at);
    std::memcpy(to + at, &word, sizeof word);
    return !has_special(word);
  };
  const std::size_t last = text.size() - sizeof(std::uint64_t);
  for (std::size_t at = 0; at < last; at += sizeof(std::uint64_t)) {
    if (!copy_eight(at)) return false;
  }
  return copy_eight(last);  // again what the ones before have left over, and some of theirs
}

// Returns the end of what is written.
char* copy_escaped(std::string_view text, char* to) {
  const char* from = text.data();
  const char* const end = from + text.size();
  while (from != end) {
    if (end - from >= 8 && !has_special(load(from))) {
      std::memcpy(to, from, 8);
      from += 8;
      to += 8;
    } else if (is_special(*from)) {
      to = escape(*from++, to);
    } else {
      *to++ = *from++;
    }
  }
  return to;
}

constexpr std::size_t kLongestNumber = 40;

}  // namespace

void JsonWriter::string(std::string_view text) {
  char* to = out_.room(text.size() + 3);
  char* end = to + 1 + text.size();
  if (!copy_plain(text, to + 1)) [[unlikely]] {
    to = out_.room(6 * text.size() + 3);
    end = copy_escaped(text, to + 1);
  }
  *to = '"';
  *end++ = '"';
  *end++ = ',';
  out_.append_until(end);
}

void JsonWriter::quoted(std::string_view text) {
  char* to = out_.room(text.size() + 3);
  *to++ = '"';
  std::memcpy(to, text.data(), text.size());
  to += text.size();
  *to++ = '"';
  *to++ = ',';
  out_.append_until(to);
}

void JsonWriter::bytes(std::string_view data) {
  char* to = out_.room(base64_size(data.size()) + 3);
  *to++ = '"';
  to = encode_base64(data, to);
  *to++ = '"';
  *to++ = ',';
  out_.append_until(to);
}

void JsonWriter::number(std::int32_t value) {
  char* to = out_.room(kLongestNumber);
  to = std::to_chars(to, to + kLongestNumber, value).ptr;
  *to++ = ',';
  out_.append_until(to);
}

void JsonWriter::number(std::uint32_t value) {
  char* to = out_.room(kLongestNumber);
  to = std::to_chars(to, to + kLongestNumber, value).ptr;
  *to++ = ',';
  out_.append_until(to);
}

void JsonWriter::number(std::int64_t value) {
  char* to = out_.room(kLongestNumber);
  *to++ = '"';
  to = std::to_chars(to, to + kLongestNumber - 3, value).ptr;
  *to++ = '"';
  *to++ = ',';
  out_.append_until(to);
}

void JsonWriter::number(std::uint64_t value) {
  char* to = out_.room(kLongestNumber);
  *to++ = '"';
  to = std::to_chars(to, to + kLongestNumber - 3, value).ptr;
  *to++ = '"';
  *to++ = ',';
  out_.append_until(to);
}

namespace {

// Decimals of at most six places, as people write them, in a fraction of the time of to_chars; null
// for other numbers. Exact: no two decimals of at most 15 digits are the same double, and the
// division rounds correctly.
char* put_decimal(double value, char* to) {
  const double magnitude = std::fabs(value);
  if (!(magnitude >= 0.001 && magnitude < 1e9)) return nullptr;
  const auto millionths = static_cast<std::uint64_t>(magnitude * 1e6 + 0.5);
  if (static_cast<double>(millionths) / 1e6 != magnitude) return nullptr;
  if (value < 0) *to++ = '-';
  to = std::to_chars(to, to + 10, millionths / 1'000'000).ptr;
  auto fraction = static_cast<std::uint32_t>(millionths % 1'000'000);
  if (fraction == 0) return to;
  *to++ = '.';
  for (; fraction > 0; fraction = fraction % 100'000 * 10) {
    *to++ = static_cast<char>('0' + fraction / 100'000);
  }
  return to;
}

// A double's shortest text has 24 characters at most.
template <typename Float>
bool write_finite(Float value, JsonBuffer& out) {
  if (!std::isfinite(value)) return false;
  char* to = out.room(kLongestNumber);
  to = std::to_chars(to, to + kLongestNumber, value).ptr;
  if (value == 0 &&
      std::signbit(value)) {  // many readers take -0 for an integer, which has no sign
    *to++ = '.';
    *to++ = '0';
  }
  *to++ = ',';
  out.append_until(to);
  return true;
}

std::string_view name_of(double value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

}  // namespace

void JsonWriter::number(float value) {
  if (!write_finite(value, out_)) quoted(name_of(value));
}

void JsonWriter::number(double value) {
  char* to = out_.room(kLongestNumber);
  if (char* end = put_decimal(value, to)) [[likely]] {
    *end++ = ',';
    out_.append_until(end);
  } else if (!write_finite(value, out_)) {
    quoted(name_of(value));
  }
}

}  // namespace natsproof
