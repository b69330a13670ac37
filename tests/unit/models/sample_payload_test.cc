#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "models/sample/payload.h"

namespace natsproof {
namespace {

std::string payload(std::uint64_t seed, std::size_t bytes) {
  Random random(seed);
  return sample_payload(random, bytes);
}

TEST(Payload, HasExactlyTheBytesAskedFor) {
  for (const std::size_t bytes : {0U, 1U, 9U, 10U, 11U, 100U, 128U, 65535U, 1048576U}) {
    EXPECT_EQ(payload(1, bytes).size(), bytes);
  }
}

TEST(Payload, IsPrintable) {
  const std::string text = payload(2, 100'000);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';  // as it is in JSON, too
  }));
}

// 64 characters, each equally often: 6 bits in a byte is all there is to be had.
TEST(Payload, LeavesNothingToCompressButTheEighthAndSeventhBit) {
  constexpr std::size_t kEach = 10'000;
  std::array<std::size_t, 256> counts{};
  for (const char c : payload(3, 64 * kEach)) ++counts[static_cast<unsigned char>(c)];
  EXPECT_EQ(std::count_if(counts.begin(), counts.end(), [](auto n) { return n > 0; }), 64);
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    EXPECT_NEAR(static_cast<double>(count), kEach, 500);  // five standard deviations
  }
}

TEST(Payload, IsTheSameForASeed) {
  EXPECT_EQ(payload(1, 24), "BzlAJyeLKEnxujlFajr7eVlM");
  EXPECT_NE(payload(1, 24), payload(2, 24));
}

}  // namespace
}  // namespace natsproof
