#include "models/runtime/base64.h"

#include <array>
#include <cstdint>

namespace natsproof {
namespace {

constexpr std::uint32_t kStandard = 0x100, kUrlSafe = 0x200, kForeign = 0x400;

constexpr std::array<std::uint16_t, 256> kSextets = [] {
  std::array<std::uint16_t, 256> sextets{};
  sextets.fill(kForeign);
  std::uint16_t value = 0;
  for (char c = 'A'; c <= 'Z'; ++c) sextets[static_cast<unsigned char>(c)] = value++;
  for (char c = 'a'; c <= 'z'; ++c) sextets[static_cast<unsigned char>(c)] = value++;
  for (char c = '0'; c <= '9'; ++c) sextets[static_cast<unsigned char>(c)] = value++;
  sextets['+'] = 62 | kStandard;
  sextets['/'] = 63 | kStandard;
  sextets['-'] = 62 | kUrlSafe;
  sextets['_'] = 63 | kUrlSafe;
  return sextets;
}();

std::uint32_t sextet(char c) {
  return kSextets[static_cast<unsigned char>(c)];
}

}  // namespace

bool decode_base64(std::string_view text, std::string& data) {
  if (text.ends_with('=')) {
    if (text.size() % 4 != 0) return false;
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return false;
  data.resize(text.size() / 4 * 3 + (rest ? rest - 1 : 0));
  char* out = data.data();
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
    if (bits & left_over) return false;
  }
  const bool both = (seen & kStandard) && (seen & kUrlSafe);
  return !(seen & kForeign) && !both;
}

}  // namespace natsproof
