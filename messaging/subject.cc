#include "messaging/subject.h"

#include <algorithm>
#include <array>
#include <atomic>

#include <fmt/format.h>
#include <unistd.h>

#include "base/random.h"

namespace natsproof {
namespace {

// Two subjects and two sizes must fit the server's control line of 4096 bytes.
constexpr std::size_t kMaxSubjectBytes = 2000;

// The value of a lower-case hex digit; 16 for any other byte.
constexpr auto kHexDigits = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(16);
  for (std::uint8_t i = 0; i < 16; ++i)
    values[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
  return values;
}();

Error bad_subject(std::string_view subject, std::string_view what) {
  return Error{fmt::format("subject \"{}\": {}", subject.substr(0, 100), what)};
}

}  // namespace

Result<void> check_subject(std::string_view subject, bool wildcards_allowed) {
  if (subject.empty())
    return bad_subject(subject,
                       "is empty; a subject is tokens joined by dots, such as orders.place");
  if (subject.size() > kMaxSubjectBytes) {
    return bad_subject(subject, fmt::format("has {} bytes; at most {} are allowed", subject.size(),
                                            kMaxSubjectBytes));
  }
  const bool blank = std::any_of(subject.begin(), subject.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 127;
  });
  if (blank) return bad_subject(subject, "has a blank or a control character");
  for (std::size_t start = 0; start <= subject.size();) {
    const auto dot = std::min(subject.find('.', start), subject.size());
    const auto token = subject.substr(start, dot - start);
    if (token.empty())
      return bad_subject(subject,
                         "has an empty token (a dot at its start, at its end, or two in a row)");
    if (token == "*" || token == ">") {
      if (!wildcards_allowed)
        return bad_subject(
            subject, fmt::format("has the wildcard {}, which only a subscription can", token));
      if (token == ">" && dot != subject.size())
        return bad_subject(subject, "has the wildcard > before its end");
    }
    start = dot + 1;
  }
  return {};
}

std::string make_inbox_prefix(std::uint64_t seed) {
  static std::atomic<std::uint64_t> made{0};
  const auto now_ns = std::chrono::system_clock::now().time_since_epoch().count();
  // Each part goes through the hash by itself, so that none can cancel out another.
  std::uint64_t mixed = mix64(seed);
  mixed = mix64(mixed ^ static_cast<std::uint64_t>(now_ns));
  mixed = mix64(mixed ^ static_cast<std::uint64_t>(getpid()));
  mixed = mix64(mixed ^ made.fetch_add(1));
  Random random(mixed);
  std::string prefix = "_INBOX.";
  for (int i = 0; i < 22; ++i) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    prefix += kLetters[random.below(kLetters.size())];
  }
  prefix += '.';
  return prefix;
}

void write_hex(char* to, std::uint64_t value, std::size_t digits) {
  for (char* at = to + digits; at != to; value >>= 4) *--at = "0123456789abcdef"[value & 15];
}

Sequence sequence_of_reply(std::string_view subject) {
  if (subject.size() < kSequenceDigits) return kNoSequence;
  if (subject.size() > kSequenceDigits && subject[subject.size() - kSequenceDigits - 1] != '.')
    return kNoSequence;
  Sequence sequence = 0;
  std::uint8_t seen = 0;
  for (const char c : subject.substr(subject.size() - kSequenceDigits)) {
    const std::uint8_t digit = kHexDigits[static_cast<unsigned char>(c)];
    seen |= digit;
    sequence = sequence << 4 | digit;
  }
  return seen < 16 ? sequence : kNoSequence;
}

}  // namespace natsproof
