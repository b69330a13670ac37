// What generated validators call: tests of values, which are quick, and, out of line, what they say
// when one fails. The sentence of a violation goes on from its path: priority "is 7; it must be at
// least 1 and at most 5".
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "models/runtime/int128.h"
#include "models/runtime/violations.h"

namespace natsproof {

// A regular expression as the plugin's tables. A state is the place of its row in `next`, which has
// a column for each class of bytes; in row 0 everything stays, for there nothing can match any
// more.
struct Pattern {
  const std::uint8_t* class_of;  // of [byte]
  const std::uint16_t* next;     // of [state + class]
  std::uint16_t start;
  std::uint16_t first_accepting;  // it and the rows after it accept
  // The state that the most bytes do not leave, and whether [byte] is one of them. Long runs of
  // them are passed without waiting for the table at each byte, which makes a URI thrice as fast.
  std::uint16_t run;
  const bool* stays;
};

[[nodiscard]] inline bool matches(std::string_view text, const Pattern& pattern) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::size_t state = pattern.start;
  while (at != end) {
    state = pattern.next[state + pattern.class_of[static_cast<unsigned char>(*at++)]];
    if (state == pattern.run) {
      while (at != end && pattern.stays[static_cast<unsigned char>(*at)]) ++at;
    }
  }
  return state >= pattern.first_accepting;
}

// Code points, in UTF-8.
[[nodiscard]] std::size_t count_chars(std::string_view text);

// Whether there are from `least` to `most` characters. Counts only where the number of bytes, of
// which a character has 1 to 4, does not tell.
[[nodiscard]] inline bool has_chars(std::string_view text, std::size_t least, std::size_t most) {
  const std::size_t bytes = text.size();
  if (bytes <= most && (bytes >= 4 * least || (least == 1 && bytes > 0))) return true;
  if (bytes < least || bytes / 4 > most) return false;
  const std::size_t chars = count_chars(text);
  return chars >= least && chars <= most;
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// As timestamp.proto and duration.proto have it.
[[nodiscard]] inline bool is_valid(const google::protobuf::Timestamp& time) {
  return time.seconds() >= -62'135'596'800 && time.seconds() <= 253'402'300'799 &&
         time.nanos() >= 0 && time.nanos() <= 999'999'999;
}
[[nodiscard]] inline bool is_valid(const google::protobuf::Duration& span) {
  return span.seconds() >= -315'576'000'000 && span.seconds() <= 315'576'000'000 &&
         span.nanos() >= -999'999'999 && span.nanos() <= 999'999'999 &&
         !(span.seconds() > 0 && span.nanos() < 0) && !(span.seconds() < 0 && span.nanos() > 0);
}

// Since 1970.
[[nodiscard]] inline Int128 nanos_of(const google::protobuf::Timestamp& time) {
  return Int128{time.seconds()} * 1'000'000'000 + time.nanos();
}

// The key of a map's entry as it stands in a path, when it is not a string.
class KeyText {
 public:
  explicit KeyText(bool key) : text_(key ? "true" : "false") {}
  template <class Integer>
  explicit KeyText(Integer key) {
    char* const end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), key).ptr;
    text_ = {digits_.data(), static_cast<std::size_t>(end - digits_.data())};
  }
  KeyText(const KeyText&) = delete;
  KeyText& operator=(const KeyText&) = delete;

  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  std::array<char, 20> digits_;  // -9223372036854775808
  std::string_view text_;
};

// Adds the violation `rule` of the value at `at`; `allowed` is the sentence's second half.
namespace violated {

void required(const Path& at, std::string_view allowed, Violations& violations);
// min_chars or max_chars, as the value has it.
void chars(const Path& at, std::string_view value, std::size_t least, std::string_view allowed,
           Violations& violations);
// pattern, format, without
void text(const Path& at, std::string_view rule, std::string_view value, std::string_view allowed,
          Violations& violations);
// at_least, at_most, above, below; the six types of a field's number.
template <class Number>
void number(const Path& at, std::string_view rule, Number value, std::string_view allowed,
            Violations& violations);
void known(const Path& at, int value, std::string_view allowed, Violations& violations);
// min_items, max_items
void items(const Path& at, std::string_view rule, std::size_t count, std::string_view allowed,
           Violations& violations);
// timestamp, duration: not a valid one
void time(const Path& at, const google::protobuf::Timestamp& value, Violations& violations);
void time(const Path& at, const google::protobuf::Duration& value, Violations& violations);
void before(const Path& at, const google::protobuf::Timestamp& value, std::string_view allowed,
            Violations& violations);
// check: the expression requires `relation` ("at most ", …; nothing: just that) right of left.
void check(const Path& at, Int128 left, std::string_view relation, Int128 right,
           std::string_view expression, Violations& violations);
void check(const Path& at, bool left, std::string_view relation, bool right,
           std::string_view expression, Violations& violations);
void check(const Path& at, const google::protobuf::Timestamp& left, std::string_view relation,
           const google::protobuf::Timestamp& right, std::string_view expression,
           Violations& violations);

}  // namespace violated
}  // namespace natsproof
