// Where a text stops being UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF). For
// saying so, not for speed.
#pragma once

#include <cstddef>
#include <string_view>

namespace natsproof {

// The bytes of the character at `at`; 0 when there is none. REQUIRES: at < text.size().
std::size_t utf8_length(std::string_view text, std::size_t at);

// The first byte that belongs to no character; text.size() when there is none.
std::size_t find_not_utf8(std::string_view text);

}  // namespace natsproof
