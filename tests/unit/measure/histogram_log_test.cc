#include "loadgen/measure/histogram_log.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kLogStart = 1'441'812'279'474;

Histogram histogram_of_one(Duration value) {
  Histogram histogram;
  histogram.record(value);
  return histogram;
}

// Entries until the end or the first error; its text is left in `error`.
std::vector<HistogramLogEntry> read_all(std::string_view text, std::string* error = nullptr) {
  std::vector<HistogramLogEntry> entries;
  HistogramLogReader reader(text);
  for (;;) {
    auto entry = reader.next();
    if (!entry.ok()) {
      EXPECT_NE(error, nullptr) << entry.error().message;
      if (error != nullptr) *error = entry.error().message;
      return entries;
    }
    if (!entry->has_value()) return entries;
    entries.push_back(std::move(**entry));
  }
}

TEST(HistogramLogWriter, WritesFormat13) {
  HistogramLogWriter writer(kLogStart, "natsproof baseline");
  const Histogram histogram = histogram_of_one(2'769us);  // in the bucket up to 2,770,943 ns
  writer.add("echo", kLogStart + 127, 1'007ms, histogram);
  writer.add("", kLogStart + 1'134, 1s, Histogram{});
  EXPECT_EQ(
      writer.text(),
      "#[natsproof baseline]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: 1441812279.474 (seconds since epoch), 2015-09-09T15:24:39Z]\n"
      "#[BaseTime: 1441812279.474 (seconds since epoch)]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
      "Tag=echo,0.127,1.007,2.771," +
          histogram.encode() + "\n1.134,1.000,0.000," + Histogram{}.encode() + "\n");
}

TEST(HistogramLogWriter, KeepsTagsWithinTheirField) {
  HistogramLogWriter writer(kLogStart, "");
  writer.add("a,b c\nd", kLogStart, 1s, Histogram{});
  EXPECT_THAT(writer.text(), HasSubstr("\nTag=a_b_c_d,0.000,"));
}

TEST(HistogramLogReader, GivesBackWhatWasWritten) {
  HistogramLogWriter writer(kLogStart, "test");
  writer.add("echo", kLogStart, 999ms, histogram_of_one(1ms));
  writer.add("", kLogStart + 999, 1'001ms, histogram_of_one(5us));
  writer.add("*", kLogStart - 5, 0ms, Histogram{});
  const auto entries = read_all(writer.text());
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].tag, "echo");
  EXPECT_EQ(entries[0].utc_ms, kLogStart);
  EXPECT_EQ(entries[0].length, 999ms);
  EXPECT_EQ(entries[0].histogram, histogram_of_one(1ms));
  EXPECT_EQ(entries[1].tag, "");
  EXPECT_EQ(entries[1].utc_ms, kLogStart + 999);
  EXPECT_EQ(entries[1].length, 1'001ms);
  EXPECT_EQ(entries[1].histogram, histogram_of_one(5us));
  EXPECT_EQ(entries[2].utc_ms, kLogStart - 5);
  EXPECT_TRUE(entries[2].histogram.empty());
}

TEST(HistogramLogReader, KnowsStampsFromTheStartFromAbsoluteOnes) {
  const std::string line = ",1.000,0.000," + Histogram{}.encode() + "\n";
  const std::string start = "#[StartTime: 1441812279.474 (seconds since epoch), whenever]\n";
  EXPECT_EQ(read_all(start + "2.000" + line).at(0).utc_ms, kLogStart + 2'000);
  EXPECT_EQ(read_all(start + "1441812281.474" + line).at(0).utc_ms, kLogStart + 2'000);
  EXPECT_EQ(read_all("2.000" + line).at(0).utc_ms, 2'000);
  const std::string base = "#[BaseTime: 1000.000 (seconds since epoch)]\n";
  EXPECT_EQ(read_all(start + base + "2.000" + line).at(0).utc_ms, 1'002'000);
}

TEST(HistogramLogReader, PassesOverCommentsLegendsAndEmptyLines) {
  const std::string text =
      "#anything\r\n\n#[StartTime: nonsense\n\"StartTimestamp\",...\r\n1.0,1.0,0.0," +
      Histogram{}.encode() + "\r\n\n";
  EXPECT_EQ(read_all(text).size(), 1U);
  EXPECT_TRUE(read_all("").empty());
}

TEST(HistogramLogReader, RefusesATimeBeyondAllReckoning) {
  std::string error;
  read_all("#[BaseTime: 8000000000.000 (x)]\n2000000000,1.0,0.0," + Histogram{}.encode(), &error);
  EXPECT_THAT(error, HasSubstr("out of range"));
}

class BrokenLine : public testing::TestWithParam<const char*> {};
TEST_P(BrokenLine, IsNamedByItsNumber) {
  const std::string good = "1.000,1.000,0.000," + Histogram{}.encode() + "\n";
  std::string line = GetParam();
  if (const std::size_t at = line.find("HDR"); at != std::string::npos) {
    line.replace(at, 3, Histogram{}.encode());
  }
  const std::string text = good + line + "\n" + good;
  std::string error;
  EXPECT_EQ(read_all(text, &error).size(), 1U);
  EXPECT_THAT(error, HasSubstr("line 2: "));
  // The reader goes on after it.
  HistogramLogReader reader(text);
  EXPECT_TRUE(reader.next().ok());
  EXPECT_FALSE(reader.next().ok());
  const auto third = reader.next();
  ASSERT_TRUE(third.ok());
  EXPECT_TRUE(third->has_value());
}
INSTANTIATE_TEST_SUITE_P(Texts, BrokenLine,
                         testing::Values("x", "1.000,1.000,0.000", "1.000,1.000,0.000,HISTF",
                                         "nan,1.000,0.000,HDR", "1.000,-1.000,0.000,HDR",
                                         "1e300,1.000,0.000,HDR", "1.000,1e11,0.000,HDR",
                                         "1.000,1.000,inf,HDR", "Tag=only", "Tag=x,,,,"));

}  // namespace
}  // namespace natsproof
