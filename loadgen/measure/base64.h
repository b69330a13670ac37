// Base64 of RFC 4648: the standard alphabet, padded, on one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace natsproof {

std::string encode_base64(std::string_view bytes);
// Nothing unless the whole text is canonical base64: no blanks, padding in place, no bits set that
// mean nothing.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace natsproof
