// Base64 of RFC 4648, on one line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace natsproof {

constexpr std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}
// The standard alphabet, padded. Writes base64_size() characters and returns their end.
char* encode_base64(std::string_view bytes, char* to);
std::string encode_base64(std::string_view bytes);

enum class Base64 {
  canonical,  // the standard alphabet, padded
  any,        // or the URL-safe one, or without padding; not both alphabets in one text
};
// Nothing for any other text: foreign characters (blanks among them), a wrong length, bits left
// over that are not zero.
std::optional<std::string> decode_base64(std::string_view text, Base64 form = Base64::canonical);

}  // namespace natsproof
