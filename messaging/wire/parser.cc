#include "messaging/wire/parser.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace natsproof {
namespace {

constexpr WireStep kIncomplete{};
constexpr std::size_t kShortestFrameBytes =
    5;  // `+OK` and its CRLF: no less than any operation's name and a byte

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// The first byte that ends a token (a blank or a control byte), or `end`. Eight bytes at a time:
// subjects are most of what a small message's parsing costs. A byte b < 0x21 sets its top bit in
// (word - 0x21..) & ~word; borrows reach only bytes above the first such byte, which is the lowest
// on a little-endian machine.
const char* token_end(const char* at, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t kEach = 0x0101010101010101;
    for (; end - at >= 8; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      const std::uint64_t ends = (word - 0x21 * kEach) & ~word & 0x80 * kEach;
      if (ends != 0) return at + std::countr_zero(ends) / 8;
    }
  }
  while (at != end && static_cast<unsigned char>(*at) > ' ') ++at;
  return at;
}

// Operations are not case-sensitive. REQUIRES: `data` is as long as `verb`.
bool has_verb(std::string_view data, std::string_view verb) {
  for (std::size_t i = 0; i < verb.size(); ++i) {
    const char c = data[i];
    if (c != verb[i] && !(c >= 'a' && c <= 'z' && c - ('a' - 'A') == verb[i])) return false;
  }
  return true;
}

// 18 digits are more than any length or sid has, and cannot overflow.
bool read_number(std::string_view digits, std::uint64_t& value) {
  if (digits.size() > 18) return false;
  value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return true;
}

}  // namespace

WireStep WireParser::next(std::string_view data, WireEvent& event) {
  if (data.size() < kShortestFrameBytes) return kIncomplete;
  switch (data[0] | 0x20) {
    case 'm':
      if (has_verb(data, "MSG")) return message(data, 3, false, event);
      break;
    case 'h':
      if (has_verb(data, "HMSG")) return message(data, 4, true, event);
      break;
    case 'p':
      if (has_verb(data, "PING")) return line(data, 4, WireEvent::Kind::ping, event);
      if (has_verb(data, "PONG")) return line(data, 4, WireEvent::Kind::pong, event);
      break;
    case 'i':
      if (has_verb(data, "INFO")) return line(data, 4, WireEvent::Kind::info, event);
      break;
    default:
      if (has_verb(data, "+OK")) return line(data, 3, WireEvent::Kind::ok, event);
      if (has_verb(data, "-ERR")) return line(data, 4, WireEvent::Kind::error, event);
      break;
  }
  return wrong("an unknown operation", data);
}

// [H]MSG <subject> <sid> [reply-to] [<header bytes>] <bytes>\r\n<header><payload>\r\n
WireStep WireParser::message(std::string_view data, std::size_t verb_size, bool with_headers,
                             WireEvent& event) {
  std::array<std::string_view, 5> fields;
  std::size_t count = 0;
  const char* at = data.data() + verb_size;
  const char* const end = data.data() + std::min(data.size(), kMaxControlLineBytes);
  if (!is_blank(*at)) return wrong("no blank after the name of an operation", data);
  for (;;) {
    while (at != end && is_blank(*at)) ++at;
    if (at == end) return unfinished_line(data, kMaxControlLineBytes);
    if (*at == '\r') break;
    const char* const start = at;
    at = token_end(at, end);
    if (at == end) return unfinished_line(data, kMaxControlLineBytes);
    if (at == start || (!is_blank(*at) && *at != '\r'))
      return wrong("a control byte in a message's first line", data);
    if (count == fields.size()) return wrong("too many fields in a message's first line", data);
    fields[count++] = std::string_view(start, static_cast<std::size_t>(at - start));
  }
  if (++at == end) return unfinished_line(data, kMaxControlLineBytes);
  if (*at != '\n') return wrong("a CR without its LF", data);

  const std::size_t least = with_headers ? 4 : 3;
  if (count != least && count != least + 1)
    return wrong("a message's first line with too many or too few fields", data);
  std::uint64_t total = 0, header = 0;
  if (!read_number(fields[1], event.subscription))
    return wrong("a subscription that is not a number", data);
  if (!read_number(fields[count - 1], total)) return wrong("a length that is not a number", data);
  if (with_headers && !read_number(fields[count - 2], header))
    return wrong("a length that is not a number", data);
  if (header > total) return wrong("a header longer than its message", data);
  if (total > max_message_bytes_) {
    return wrong(fmt::format("a message of over {} bytes", max_message_bytes_), data);
  }

  const auto line_size = static_cast<std::size_t>(at + 1 - data.data());
  const std::size_t size = line_size + total + 2;
  if (data.size() < size) return {WireStep::Outcome::incomplete, size};
  const char* const body = data.data() + line_size;
  if (body[total] != '\r' || body[total + 1] != '\n')
    return wrong("a message that does not end in CRLF", data);
  event.kind = WireEvent::Kind::message;
  event.subject = fields[0];
  event.reply_to = count == least + 1 ? fields[2] : std::string_view{};
  event.headers = std::string_view(body, header);
  event.payload = std::string_view(body + header, total - header);
  return {WireStep::Outcome::event, size};
}

WireStep WireParser::line(std::string_view data, std::size_t verb_size, WireEvent::Kind kind,
                          WireEvent& event) {
  const std::size_t limit =
      kind == WireEvent::Kind::info ? kMaxInfoLineBytes : kMaxControlLineBytes;
  const auto end = data.substr(0, limit).find('\n');
  if (end == std::string_view::npos) return unfinished_line(data, limit);
  if (data[end - 1] != '\r') return wrong("a line that does not end in CRLF", data);
  auto text = data.substr(verb_size, end - 1 - verb_size);
  if (!text.empty() && !is_blank(text[0]))
    return wrong("no blank after the name of an operation", data);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (kind == WireEvent::Kind::error && text.size() >= 2 && text.front() == '\'' &&
      text.back() == '\'') {
    text = text.substr(1, text.size() - 2);
  }
  event.kind = kind;
  event.text = text;
  return {WireStep::Outcome::event, end + 1};
}

WireStep WireParser::unfinished_line(std::string_view data, std::size_t limit) {
  if (data.size() < limit) return kIncomplete;
  return wrong(fmt::format("a line of over {} bytes", limit), data);
}

WireStep WireParser::wrong(std::string_view what, std::string_view data) {
  std::string excerpt(data.substr(0, std::min(data.find('\n'), std::size_t{60})));
  for (char& c : excerpt) {
    if (c < ' ' || c == 127) c = '.';
  }
  fault_ = fmt::format("not the NATS protocol: the server sent {}, at \"{}\"", what, excerpt);
  return {WireStep::Outcome::fault, 0};
}

}  // namespace natsproof
