// UTC as people and dashboards write it (RFC 3339, milliseconds): 2026-03-01T12:00:00.250Z.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace natsproof {

// Milliseconds since 1970; times outside the years 1970 to 9999 are moved to the nearest inside.
std::string format_utc(std::int64_t utc_ms);
// Exactly what format_utc() writes; nothing for anything else.
std::optional<std::int64_t> parse_utc(std::string_view text);

}  // namespace natsproof
