#include "models/sample/payload.h"

#include <cstdint>
#include <string_view>

namespace natsproof {

std::string sample_payload(Random& random, std::size_t bytes) {
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr unsigned kBits = 6;     // of a character
  constexpr unsigned kInDraw = 10;  // characters in 64 bits
  std::string payload(bytes, '\0');
  std::uint64_t drawn = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    if (i % kInDraw == 0) drawn = random.next();
    payload[i] = kCharacters[drawn % kCharacters.size()];
    drawn >>= kBits;
  }
  return payload;
}

}  // namespace natsproof
