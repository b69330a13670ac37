// Seeded garbage: whatever a spec is, it is refused with a message, or is the same after it was
// written and read again.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/random.h"
#include "models/faults/fault_spec.h"
#include "models/faults/work_spec.h"

namespace natsproof {
namespace {

constexpr int kTexts = 50'000;

// Pieces of specs in any order, some changed.
std::string random_text(Random& random) {
  constexpr std::string_view kPieces[] = {"delay=",
                                          "error=",
                                          "drop=",
                                          "wrong=",
                                          "twice=",
                                          "late=",
                                          "size=",
                                          "hang=",
                                          "crash@",
                                          "leak=",
                                          "cpu=",
                                          "alloc=",
                                          "delay_per_item=",
                                          "cliffracer",
                                          "150us",
                                          "2ms",
                                          "10s",
                                          "503",
                                          "64KiB",
                                          "1.5",
                                          "0.001",
                                          "33.333333",
                                          "100",
                                          ":",
                                          ":before",
                                          ":after",
                                          ",",
                                          ";",
                                          " ",
                                          "@",
                                          "%",
                                          "1h",
                                          "wrong=1",
                                          "late=1ms:5 ",
                                          "drop=1:after ",
                                          "cpu=1ms ",
                                          "size=0:1 ",
                                          "0",
                                          "e"};
  std::string text;
  for (std::uint64_t i = random.below(9); i > 0; --i) {
    text += kPieces[random.below(std::size(kPieces))];
  }
  if (!text.empty() && random.below(4) == 0) {
    text[random.below(text.size())] = static_cast<char>(random.below(256));
  }
  return text;
}

TEST(Specs, AreRefusedOrTheSameWhenReadAgain) {
  Random random{1};
  int faults_read = 0, work_read = 0;
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = random_text(random);
    if (const auto faults = parse_faults(text)) {
      ++faults_read;
      const auto again = parse_faults(faults_text(*faults));
      ASSERT_TRUE(again) << text << ": " << again.error().message;
      ASSERT_EQ(*again, *faults) << text << " was written as " << faults_text(*faults);
    } else {
      ASSERT_NE(faults.error().message, "") << text;
    }
    if (const auto work = parse_work(text)) {
      ++work_read;
      const auto again = parse_work(work_text(*work));
      ASSERT_TRUE(again) << text << ": " << again.error().message;
      ASSERT_EQ(*again, *work) << text << " was written as " << work_text(*work);
    }
  }
  EXPECT_GT(faults_read, 1000);
  EXPECT_GT(work_read, 1000);
}

}  // namespace
}  // namespace natsproof
