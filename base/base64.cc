#include "base/base64.h"

#include <array>
#include <cstdint>

namespace natsproof {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kStandard = 0x100, kUrlSafe = 0x200, kForeign = 0x400;

constexpr std::array<std::uint16_t, 256> kSextets = [] {
  std::array<std::uint16_t, 256> sextets{};
  sextets.fill(kForeign);
  std::uint16_t value = 0;
  for (const char c : kAlphabet) sextets[static_cast<unsigned char>(c)] = value++;
  sextets['+'] = 62 | kStandard;
  sextets['/'] = 63 | kStandard;
  sextets['-'] = 62 | kUrlSafe;
  sextets['_'] = 63 | kUrlSafe;
  return sextets;
}();

std::uint32_t octet(char c) {
  return static_cast<unsigned char>(c);
}

std::uint32_t sextet(char c) {
  return kSextets[static_cast<unsigned char>(c)];
}

}  // namespace

char* encode_base64(std::string_view bytes, char* to) {
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t bits =
        octet(bytes[i]) << 16 | octet(bytes[i + 1]) << 8 | octet(bytes[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) *to++ = kAlphabet[bits >> shift & 63];
  }
  if (const std::size_t rest = bytes.size() - i; rest > 0) {
    const std::uint32_t bits = octet(bytes[i]) << 16 | (rest == 2 ? octet(bytes[i + 1]) << 8 : 0);
    *to++ = kAlphabet[bits >> 18 & 63];
    *to++ = kAlphabet[bits >> 12 & 63];
    *to++ = rest == 2 ? kAlphabet[bits >> 6 & 63] : '=';
    *to++ = '=';
  }
  return to;
}

std::string encode_base64(std::string_view bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  encode_base64(bytes, text.data());
  return text;
}

std::optional<std::string> decode_base64(std::string_view text, Base64 form) {
  if (form == Base64::canonical && text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with('=')) {
    if (text.size() % 4 != 0) return std::nullopt;
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + (rest ? rest - 1 : 0), '\0');
  char* out = bytes.data();
  std::uint32_t seen = 0;  // flags of all characters
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = sextet(text[i]), b = sextet(text[i + 1]), c = sextet(text[i + 2]),
                        d = sextet(text[i + 3]);
    seen |= a | b | c | d;
    const std::uint32_t bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);
    *out++ = static_cast<char>(bits >> 16);
    *out++ = static_cast<char>(bits >> 8);
    *out++ = static_cast<char>(bits);
  }
  if (rest) {
    const std::uint32_t a = sextet(text[i]), b = sextet(text[i + 1]),
                        c = rest == 3 ? sextet(text[i + 2]) : 0;
    seen |= a | b | c;
    const std::uint32_t bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6;
    *out++ = static_cast<char>(bits >> 16);
    if (rest == 3) *out++ = static_cast<char>(bits >> 8);
    const std::uint32_t left_over = rest == 3 ? 0xff : 0xffff;
    if (bits & left_over) return std::nullopt;
  }
  if (seen & kUrlSafe && (form == Base64::canonical || seen & kStandard)) return std::nullopt;
  if (seen & kForeign) return std::nullopt;
  return bytes;
}

}  // namespace natsproof
