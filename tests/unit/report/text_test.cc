#include <gtest/gtest.h>

#include "loadgen/report/text_layout.h"
#include "loadgen/report/utc_time.h"

namespace natsproof {
namespace {

TEST(UtcTime, IsWrittenAsRfc3339) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_utc(1'709'210'096'007), "2024-02-29T12:34:56.007Z");
  EXPECT_EQ(format_utc(-1), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_utc(253'402'300'800'000), "9999-12-31T23:59:59.999Z");
}

TEST(UtcTime, ReadsWhatItWrites) {
  for (const std::int64_t ms : {0LL, 999LL, 1'709'210'096'007LL, 253'402'300'799'999LL})
    EXPECT_EQ(parse_utc(format_utc(ms)), ms);
}

TEST(UtcTime, ReadsNothingElse) {
  for (const char* text :
       {"", "2024-02-29", "2024-02-29T12:34:56Z", "2023-02-29T12:34:56.007Z",
        "2024-13-01T12:34:56.007Z", "2024-02-29T24:00:00.000Z", "2024-02-29T12:60:00.000Z",
        "2024-02-29T12:34:60.000Z", "2024-02-29 12:34:56.007Z", "2024-02-29T12:34:56.007+",
        "-024-02-29T12:34:56.007Z", "2024-02-29T12:34:56.0 7Z", "1969-12-31T23:59:59.999Z"}) {
    EXPECT_FALSE(parse_utc(text)) << text;
  }
}

TEST(TextLayout, CountsCharactersNotBytes) {
  EXPECT_EQ(display_width("412 µs"), 6u);
  EXPECT_EQ(right("412 µs", 8), "  412 µs");
  EXPECT_EQ(left("412 µs", 8), "412 µs  ");
  EXPECT_EQ(left("longer", 3), "longer");
  EXPECT_EQ(shortened("µµµµ", 4), "µµµµ");
  EXPECT_EQ(shortened("µµµµµ", 4), "µµµ…");
}

TEST(TextLayout, LeavesTheTerminalAlone) {
  EXPECT_EQ(printable("a\nb\tc"), "a b c");
  EXPECT_EQ(printable("\x1b[2J\x7f\xc2\x9b"
                      "31m"),
            "?[2J??31m");
  EXPECT_EQ(printable("µ – …"), "µ – …");
}

TEST(TextLayout, BreaksLinesBetweenWords) {
  const std::string words(98, 'x');
  EXPECT_EQ(wrapped("", words + " y"), words + " y\n");
  EXPECT_EQ(wrapped("", words + " yy"), words + "\nyy\n");
  EXPECT_EQ(wrapped("  - ", words + " y"), "  - " + words + "\n    y\n");
  EXPECT_EQ(wrapped("Title  ", ""), "Title\n");
  EXPECT_EQ(wrapped("", "a  b"), "a b\n");
}

TEST(TextLayout, KeepsNumberAndUnitTogether) {
  const std::string words(94, 'x');
  EXPECT_EQ(wrapped("", words + " 5.29 %, each"), words + "\n5.29 %, each\n");
  EXPECT_EQ(wrapped("", words + " 412 µs"), words + "\n412 µs\n");
  EXPECT_EQ(wrapped("", words + " 12 µs–1.2 ms"), words + "\n12 µs–1.2 ms\n");
  EXPECT_EQ(wrapped("", words + " 25 KiB/s"), words + "\n25 KiB/s\n");
  EXPECT_EQ(wrapped("", words + " 412 may"), words + " 412\nmay\n");
}

TEST(TextLayout, SaysAUnitOnceWhereARangeSharesIt) {
  EXPECT_EQ(format_range(405us, 420us), "405–420 µs");
  EXPECT_EQ(format_range(998us, 1020us), "998 µs–1.02 ms");
  EXPECT_EQ(format_range(405us, 405us), "405 µs");
}

}  // namespace
}  // namespace natsproof
