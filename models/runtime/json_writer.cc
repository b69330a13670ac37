#include "models/runtime/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/base64.h"

namespace natsproof {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

// Whether one of the eight bytes is a control character, a quote or a backslash.
bool has_special(std::uint64_t word) {
  const auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
  return control | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\');
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

constexpr std::size_t kLongestNumber = 40;

}  // namespace

void JsonWriter::string(std::string_view text) {
  const char* from = text.data();
  const char* const end = from + text.size();
  char* to = out_.room(text.size() + 3);
  *to++ = '"';
  while (end - from >= 8) {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    if (has_special(word)) break;
    std::memcpy(to, &word, sizeof word);
    from += 8;
    to += 8;
  }
  for (; from != end && !is_special(*from); ++from) *to++ = *from;
  if (from != end) [[unlikely]] {
    out_.append_until(to);
    to = out_.room(6 * static_cast<std::size_t>(end - from) + 2);
    for (; from != end; ++from) {
      if (is_special(*from)) {
        to = escape(*from, to);
      } else {
        *to++ = *from;
      }
    }
  }
  *to++ = '"';
  *to++ = ',';
  out_.append_until(to);
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
  if (!write_finite(value, out_)) quoted(name_of(value));
}

}  // namespace natsproof
