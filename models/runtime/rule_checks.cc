#include "models/runtime/rule_checks.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

namespace natsproof {
namespace {

using google::protobuf::Duration;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

// In quotes, at most so many bytes of it, and nothing that a terminal would act on.
std::string shown(std::string_view text) {
  constexpr std::size_t kMostBytes = 60;
  std::string quoted = "\"";
  std::size_t end = text.size();
  if (end > kMostBytes) {
    end = kMostBytes;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // whole characters
  }
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 =  // U+0080 to U+009f are control characters, too
        byte == 0xc2 && i + 1 < end && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte == '"' || byte == '\\') {
      quoted += '\\';
      quoted += text[i];
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else if (is_c1) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++i]));
    } else {
      quoted += text[i];
    }
  }
  if (end == text.size()) return quoted + "\"";
  return fmt::format("{}…\" ({} bytes)", quoted, text.size());
}

std::string shown(const Timestamp& time) {
  return TimeUtil::ToString(time);
}

}  // namespace

std::size_t count_chars(std::string_view text) {
  // The bytes that do not continue a character: those which are not 10xxxxxx.
  constexpr std::uint64_t kLowest = 0x0101'0101'0101'0101;
  std::size_t continuing = 0, at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, 8);
    continuing += static_cast<std::size_t>(std::popcount((bytes >> 7) & ~(bytes >> 6) & kLowest));
  }
  for (; at < text.size(); ++at) continuing += (text[at] & 0xc0) == 0x80 ? 1 : 0;
  return text.size() - continuing;
}

namespace violated {

void required(const Path& at, std::string_view allowed, Violations& violations) {
  if (violations.full()) return;
  violations.add(at, "required", fmt::format("is missing; {}", allowed));
}

void chars(const Path& at, std::string_view value, std::size_t least, std::string_view allowed,
           Violations& violations) {
  if (violations.full()) return;
  const std::size_t count = count_chars(value);
  violations.add(at, count < least ? "min_chars" : "max_chars",
                 fmt::format("is {}, {} character{}; {}", shown(value), count,
                             count == 1 ? "" : "s", allowed));
}

void text(const Path& at, std::string_view rule, std::string_view value, std::string_view allowed,
          Violations& violations) {
  if (violations.full()) return;
  violations.add(at, rule, fmt::format("is {}; {}", shown(value), allowed));
}

template <class Number>
void number(const Path& at, std::string_view rule, Number value, std::string_view allowed,
            Violations& violations) {
  if (violations.full()) return;
  violations.add(at, rule, fmt::format("is {}; {}", value, allowed));
}
template void number(const Path&, std::string_view, std::int32_t, std::string_view, Violations&);
template void number(const Path&, std::string_view, std::int64_t, std::string_view, Violations&);
template void number(const Path&, std::string_view, std::uint32_t, std::string_view, Violations&);
template void number(const Path&, std::string_view, std::uint64_t, std::string_view, Violations&);
template void number(const Path&, std::string_view, float, std::string_view, Violations&);
template void number(const Path&, std::string_view, double, std::string_view, Violations&);

void known(const Path& at, int value, std::string_view allowed, Violations& violations) {
  number(at, "known", value, allowed, violations);
}

void items(const Path& at, std::string_view rule, std::size_t count, std::string_view allowed,
           Violations& violations) {
  if (violations.full()) return;
  violations.add(at, rule,
                 fmt::format("has {} element{}; {}", count, count == 1 ? "" : "s", allowed));
}

void time(const Path& at, const Timestamp& value, Violations& violations) {
  if (violations.full()) return;
  violations.add(at, "timestamp",
                 fmt::format("is {} seconds and {} nanoseconds since 1970; it must be from "
                             "0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, with 0 to "
                             "999999999 nanoseconds",
                             value.seconds(), value.nanos()));
}

void time(const Path& at, const Duration& value, Violations& violations) {
  if (violations.full()) return;
  violations.add(
      at, "duration",
      fmt::format("is {} seconds and {} nanoseconds; it must be at most 315576000000 seconds "
                  "and 999999999 nanoseconds, both of one sign",
                  value.seconds(), value.nanos()));
}

void before(const Path& at, const Timestamp& value, std::string_view allowed,
            Violations& violations) {
  if (violations.full()) return;
  violations.add(at, "before", fmt::format("is {}; {}", shown(value), allowed));
}

void check(const Path& at, Int128 left, std::string_view relation, Int128 right,
           std::string_view expression, Violations& violations) {
  if (violations.full()) return;
  violations.add(at, "check",
                 fmt::format("is {}; {} requires {}{}", left, expression, relation, right));
}

void check(const Path& at, bool left, std::string_view relation, bool right,
           std::string_view expression, Violations& violations) {
  if (violations.full()) return;
  violations.add(at, "check",
                 fmt::format("is {}; {} requires {}{}", left, expression, relation, right));
}

void check(const Path& at, const Timestamp& left, std::string_view relation, const Timestamp& right,
           std::string_view expression, Violations& violations) {
  if (violations.full()) return;
  violations.add(
      at, "check",
      fmt::format("is {}; {} requires {}{}", shown(left), expression, relation, shown(right)));
}

}  // namespace violated
}  // namespace natsproof
