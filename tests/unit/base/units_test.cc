#include "base/units.h"

#include <clocale>
#include <limits>
#include <locale>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;

template <typename T>
std::string error_of(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message;
}

TEST(ParseDuration, KnowsEveryUnit) {
  EXPECT_EQ(*parse_duration("7ns"), 7ns);
  EXPECT_EQ(*parse_duration("250us"), 250us);
  EXPECT_EQ(*parse_duration("1ms"), 1ms);
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("2m"), 2min);
  EXPECT_EQ(*parse_duration("1h"), 1h);
  EXPECT_EQ(*parse_duration("0s"), 0s);
}

TEST(ParseDuration, RoundsToNanosecondsAndNeverToNothing) {
  EXPECT_EQ(*parse_duration("1.1ms"), 1'100'000ns);
  EXPECT_EQ(*parse_duration("0.3s"), 300'000'000ns);
  EXPECT_EQ(*parse_duration("1.6ns"), 2ns);
  EXPECT_THAT(error_of(parse_duration("0.4ns")), HasSubstr("less than a nanosecond"));
}

TEST(ParseDuration, SaysWhatIsWrongAndWhatIsAllowed) {
  EXPECT_EQ(error_of(parse_duration("1mss")),
            "`1mss` is not a duration: write a number and a unit, ns us ms s m h, as in 250us or "
            "1.5s");
  EXPECT_THAT(error_of(parse_duration("-1ms")), HasSubstr("negative"));
  EXPECT_THAT(error_of(parse_duration("")), HasSubstr("empty"));
  EXPECT_THAT(error_of(parse_duration("1,500ms")), HasSubstr("without separators"));
  EXPECT_THAT(error_of(parse_duration("1'500ms")), HasSubstr("without separators"));
  EXPECT_THAT(error_of(parse_duration("1e300h")), HasSubstr("not a duration"));
  EXPECT_THAT(error_of(parse_duration("9223372036854775807ns")), HasSubstr("out of range"));
  EXPECT_THAT(error_of(parse_duration(std::string(400, '9') + "s")), HasSubstr("out of range"));
}

class NotADuration : public testing::TestWithParam<const char*> {};
TEST_P(NotADuration, IsRefused) {
  EXPECT_FALSE(parse_duration(GetParam()).ok()) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(Texts, NotADuration,
                         testing::Values("1", "ms", "+1ms", "1 ms", " 1ms", "1ms ", "1MS", "1e3ms",
                                         "0x10ms", "nans", "infs", "nan", "inf", "1.ms", ".5ms",
                                         "1.2.3ms", "1m30s", "1us1", "1d"));

TEST(ParseRate, ReadsPerSecondAndPerMinute) {
  EXPECT_EQ(parse_rate("2000/s")->per_s, 2000);
  EXPECT_EQ(parse_rate("5k/s")->per_s, 5000);
  EXPECT_EQ(parse_rate("0.5/s")->per_s, 0.5);
  EXPECT_DOUBLE_EQ(parse_rate("90/m")->per_s, 1.5);
  EXPECT_EQ(parse_rate("0/s")->per_s, 0);
}

TEST(ParseRate, RefusesTheRest) {
  for (const char* text : {"2000", "2000/", "2,000/s", "2000/h", "5K/s", "-1/s", "inf/s", "nan/s",
                           "/s", "1000000000000/s", ""}) {
    EXPECT_THAT(error_of(parse_rate(text)), HasSubstr("2000/s, 5k/s or 100/m")) << text;
  }
}

TEST(ParseBytes, TellsBinaryFromDecimalUnits) {
  EXPECT_EQ(*parse_bytes("128"), 128U);
  EXPECT_EQ(*parse_bytes("128B"), 128U);
  EXPECT_EQ(*parse_bytes("64KiB"), 65'536U);
  EXPECT_EQ(*parse_bytes("1MiB"), 1'048'576U);
  EXPECT_EQ(*parse_bytes("2GiB"), 2'147'483'648U);
  EXPECT_EQ(*parse_bytes("64KB"), 64'000U);
  EXPECT_EQ(*parse_bytes("1.5MB"), 1'500'000U);
  EXPECT_EQ(*parse_bytes("1GB"), 1'000'000'000U);
  EXPECT_EQ(*parse_bytes("0"), 0U);
}

TEST(ParseBytes, RefusesFractionsAndWhatDoesNotFit) {
  EXPECT_THAT(error_of(parse_bytes("1.5")), HasSubstr("whole number of bytes"));
  EXPECT_THAT(error_of(parse_bytes("9007199254740992")), HasSubstr("out of range"));
  EXPECT_EQ(*parse_bytes("9007199254740991"), 9'007'199'254'740'991U);
  for (const char* text : {"64kb", "64K", "64 KiB", "-1", "", "1,024", "B"}) {
    EXPECT_THAT(error_of(parse_bytes(text)), HasSubstr("128, 128B or 64KiB")) << text;
  }
}

TEST(ParseShare, IsTheNearestDouble) {
  EXPECT_EQ(*parse_share("1%"), 0.01);
  EXPECT_EQ(*parse_share("99.9%"), 0.999);
  EXPECT_EQ(*parse_share("99.99%"), 0.9999);
  EXPECT_EQ(*parse_share("0%"), 0.0);
  EXPECT_EQ(*parse_share("100%"), 1.0);
}

TEST(ParseShare, RefusesTheRest) {
  EXPECT_THAT(error_of(parse_share("100.1%")), HasSubstr("out of range"));
  for (const char* text : {"1", "0.5", "1 %", "-1%", "nan%", "%", ""}) {
    EXPECT_THAT(error_of(parse_share(text)), HasSubstr("as in 1% or 99.9%")) << text;
  }
}

TEST(ParseQuantile, IsTheNearestDouble) {
  EXPECT_EQ(parse_quantile("p50")->value, 0.5);
  EXPECT_EQ(parse_quantile("p99")->value, 0.99);
  EXPECT_EQ(parse_quantile("p99.9")->value, 0.999);
  EXPECT_EQ(parse_quantile("p99.99")->value, 0.9999);
}

TEST(ParseQuantile, RefusesEndsAndNonsense) {
  for (const char* text : {"p0", "p100", "p999", "p0.0"}) {
    EXPECT_THAT(error_of(parse_quantile(text)), HasSubstr("out of range")) << text;
  }
  for (const char* text : {"99", "p", "P99", "p99%", "p-1", "pnan", "pinf", "p99.", "p1e1", ""}) {
    EXPECT_THAT(error_of(parse_quantile(text)), HasSubstr("as in p50, p99 or p99.9")) << text;
  }
}

struct CommaForPoint : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Units, DoNotLookAtTheLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaForPoint));
  const std::string c_before = std::setlocale(LC_ALL, nullptr);
  std::setlocale(LC_ALL, "de_DE.UTF-8");  // where it is installed
  EXPECT_EQ(*parse_duration("1.5ms"), 1500us);
  EXPECT_EQ(parse_quantile("p99.9")->value, 0.999);
  EXPECT_EQ(format_duration(1500us), "1.50 ms");
  EXPECT_EQ(format_rate({1234567}), "1,234,567/s");
  EXPECT_EQ(format_share(0.5), "50.00 %");
  EXPECT_EQ(format_quantile({0.999}), "p99.9");
  std::setlocale(LC_ALL, c_before.c_str());
  std::locale::global(before);
}

TEST(FormatDuration, HasThreeSignificantDigits) {
  EXPECT_EQ(format_duration(0ns), "0 ns");
  EXPECT_EQ(format_duration(999ns), "999 ns");
  EXPECT_EQ(format_duration(1000ns), "1.00 µs");
  EXPECT_EQ(format_duration(12'345ns), "12.3 µs");
  EXPECT_EQ(format_duration(412us), "412 µs");
  EXPECT_EQ(format_duration(1'234'567ns), "1.23 ms");
  EXPECT_EQ(format_duration(5s), "5.00 s");
  EXPECT_EQ(format_duration(600s), "600 s");
  EXPECT_EQ(format_duration(1h), "60.0 m");
  EXPECT_EQ(format_duration(24h), "24.0 h");
  EXPECT_EQ(format_duration(-1500us), "-1.50 ms");
}

TEST(FormatDuration, MovesToTheNextUnitWhenRoundingReachesIt) {
  EXPECT_EQ(format_duration(999'499ns), "999 µs");
  EXPECT_EQ(format_duration(999'500ns), "1.00 ms");
  EXPECT_EQ(format_duration(9'994us), "9.99 ms");
  EXPECT_EQ(format_duration(9'996us), "10.0 ms");
  EXPECT_EQ(format_duration(99'960us), "100 ms");
}

TEST(FormatDuration, HasAnAnswerForTheExtremes) {
  EXPECT_EQ(format_duration(Duration::max()), "2562048 h");
  EXPECT_EQ(format_duration(Duration::min()), "-2562048 h");
}

TEST(FormatRate, GroupsThousandsAndKeepsSmallFractions) {
  EXPECT_EQ(format_rate({2000}), "2,000/s");
  EXPECT_EQ(format_rate({1999.6}), "2,000/s");
  EXPECT_EQ(format_rate({1.0 / 3}), "0.333/s");
  EXPECT_EQ(format_rate({0}), "0/s");
  EXPECT_EQ(format_rate({50}), "50/s");
  EXPECT_EQ(format_rate({12.34}), "12.3/s");
}

TEST(FormatCount, GroupsThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1'234'567), "1,234,567");
  EXPECT_EQ(format_count(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(FormatBytes, IsExactBelowAKibibyte) {
  EXPECT_EQ(format_bytes(128), "128 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(65'536), "64.0 KiB");
  EXPECT_EQ(format_bytes(1'048'576), "1.00 MiB");
  EXPECT_EQ(format_bytes(1'048'575), "1.00 MiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
}

TEST(FormatShare, NeverRoundsToAllOrNothing) {
  EXPECT_EQ(format_share(0.9998), "99.98 %");
  EXPECT_EQ(format_share(0.01), "1.00 %");
  EXPECT_EQ(format_share(1), "100 %");
  EXPECT_EQ(format_share(0), "0 %");
  EXPECT_EQ(format_share(0.999999), "99.9999 %");
  EXPECT_EQ(format_share(0.0000123), "0.001 %");
}

TEST(FormatQuantile, IsWhatParseReads) {
  for (const char* text : {"p50", "p99", "p99.9", "p99.99", "p99.999", "p0.1", "p7"}) {
    EXPECT_EQ(format_quantile(*parse_quantile(text)), text);
  }
}

}  // namespace
}  // namespace natsproof
