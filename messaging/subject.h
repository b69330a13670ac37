// Subjects: dot-separated tokens without blanks; `*` and `>` are wildcards where subscribing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "messaging/transport.h"

namespace natsproof {

// Errors name the subject and what is wrong. Wildcards are allowed only where subscribing.
Result<void> check_subject(std::string_view subject, bool wildcards_allowed);

// Reply subjects of our requests: `_INBOX.<22 letters>.<connection, 4 hex digits>.<sequence, 12 hex
// digits>`. Fixed width, so that a prepared frame is patched in place; one wildcard subscription
// per connection catches all of its own.
inline constexpr std::size_t kConnectionDigits = 4;
// `_INBOX.<22 letters>.`; mixes in time and pid: unique per process
std::string make_inbox_prefix(std::uint64_t seed);
void write_hex(char* to, std::uint64_t value, std::size_t digits);
// The sequence at the end of a reply subject; kNoSequence unless the last token is exactly 12
// lower-case hex digits.
Sequence sequence_of_reply(std::string_view subject);

}  // namespace natsproof
