#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/random.h"
#include "loadgen/measure/histogram.h"

namespace natsproof {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Written by the Java HdrHistogram 2.1.11, as the comments say.
constexpr std::string_view kEmpty = "HISTFAAAACB4nJNpmSzMwMDAyAABzFAaxOf94R7BYP8BKgIAUR8EHw==";
constexpr std::string_view kZero =  // one value: 0
    "HISTFAAAACF4nJNpmSzMwMDAyAABzFAaxOf94R7BYP8BIsAEAFEhBCE=";
constexpr std::string_view kThousand =  // 1,000, 2,000, ... 1,000,000
    "HISTFAAAAIl4nJNpmSzMwMB+mgECmKE0IxDz/nCPYLD/ABE4z890lp9pKgfTU3amhSxMH5mhaDkT03dGLGglI1M1UyUe"
    "nM1kDYS2YJI8WpdJmkkWCBEk/fn8TLxM3EAMgQgWdtHhKs/OxAqGzFAaFRIvOqp/6OtnZmJAgxgCuCDRCmlh5qjlo5aP"
    "DMsBZUI9YQ==";
constexpr std::string_view kBig =  // the thousand, and 60 s 2^40 times
    "HISTFAAAAJB4nJNpmSzMwMB+hQECmKE0IxDz/nCPYLD/ABE4z890lp9pKgfTU3amhSxMH5mhaDkT03dGLGglI1M1UyUe"
    "nM1kDYS2YJI8WpdJmkkWCBEk/fn8TLxM3EAMgQgWdtHhKs/OxAqGzFAaFRIvOqp/6OtnZmJAgxgCuCDRCmlh5qjlo5aP"
    "DMs3/2VsAAEHAO3gQds=";
constexpr std::string_view kCoarse =  // 1 ms, 2 ms, ... 1 s, in 1 us .. 1 h at 2 digits
    "HISTFAAAAH94nJNpmSzMwMBUwQABTBCK+QUQuxnsWMBg/wEi8pyT6S8jUzMjUzmTK5M1kyUQqzNJA6EsmATR4ky8TNxA"
    "jEyi8jmZWMGQGUqjsrGxMEUZ0CCGACmCZGhGBywYItjFKFOIEGQBATYWOGAjkkUtaS4OIEAQHFyECQqkWQDPKBPA";
constexpr std::string_view kFine =  // the same at 5 digits, in 1 ns .. 60 s
    "HISTFAAAALZ4nJNpmSzMwMB9kgECWKE0IxDz/nCPYLD/ABGYf8iO6e9/fqat6zmYjl5gZ5p4nIVp4QtmOP5/iYmp/wsj"
    "Tvz1BiNTexVTaxUJ5Ns4pkZbpmZbEAlBtGC/VGTaLwdFB+UQbGQ0JMSPCzHN5wehuRgkVkE8UqPqqaL+OxfTWXam8+wg"
    "EplBniAVjRo1f9T8QWJ+PzvTU2Yoes6MYNNfcMAdMOr+QeiqUfcPFcEBd8CQcD8AbQFp+w==";
constexpr std::string_view kNoDigits =  // 5,000 and 700,000, in 1 .. 3600e9 at 0 digits
    "HISTFAAAACR4nJNpmSzMwMDAwoAKGBkYmN0MdixgsP8AEZBk4mYCAGAkBHQ=";
constexpr std::string_view kTooLong =  // 61 s
    "HISTFAAAACV4nJNpmSzMwMDAwgABzFCaEch0M9ixgMH+A0Rg4xpmJgBkyQWx";
constexpr std::string_view kEdge =  // 60 s at 2 digits: its bucket reaches to 60.13 s
    "HISTFAAAACR4nJNpmSzMwMDAzAABTFCaEYh5f7hHMNh/gAjstWYCAFw4BRo=";

Histogram thousand() {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(Duration{i * 1000});
  return histogram;
}

TEST(HistogramEncoding, IsByteForByteHdrHistograms) {
  EXPECT_EQ(Histogram{}.encode(), kEmpty);
  Histogram histogram;
  histogram.record(0ns);
  EXPECT_EQ(histogram.encode(), kZero);
  histogram = thousand();
  EXPECT_EQ(histogram.encode(), kThousand);
  histogram.record(60s, std::uint64_t{1} << 40);
  EXPECT_EQ(histogram.encode(), kBig);
}

TEST(HistogramDecoding, ReadsHdrHistograms) {
  EXPECT_EQ(*Histogram::decode(kEmpty), Histogram{});
  EXPECT_EQ(*Histogram::decode(kThousand), thousand());
  const Histogram big = *Histogram::decode(kBig);
  EXPECT_EQ(big.count(), (std::uint64_t{1} << 40) + 1000);
  EXPECT_EQ(big.max(), Duration{60'028'878'847});
}

TEST(HistogramDecoding, GivesBackWhatWasEncoded) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    Histogram histogram;
    const std::uint64_t values = random.below(500);
    for (std::uint64_t i = 0; i < values; ++i) {
      const double ns = std::exp(random.uniform() * std::log(60e9));
      histogram.record(Duration{static_cast<std::int64_t>(ns)},
                       random.next() >> (20 + random.below(44)));
    }
    const std::string text = histogram.encode();
    ASSERT_THAT(text, StartsWith("HISTFAAA"));
    ASSERT_EQ(*Histogram::decode(text), histogram);
  }
}

TEST(HistogramDecoding, ReadsOtherPrecisionsAtTheHighestOfABucket) {
  const Histogram coarse = *Histogram::decode(kCoarse);
  EXPECT_EQ(coarse.count(), 1000U);
  // What Java prints for them, to the precision of our own buckets.
  const auto ours = [](std::int64_t ns) {
    Histogram histogram;
    histogram.record(Duration{ns});
    return histogram.max();
  };
  EXPECT_EQ(coarse.value_at({0.5}), ours(501'219'327));
  EXPECT_EQ(coarse.value_at({0.99}), ours(994'050'047));
  EXPECT_EQ(coarse.max(), ours(1'002'438'655));
  const Histogram fine = *Histogram::decode(kFine);
  EXPECT_EQ(fine.value_at({0.5}), ours(500'000'767));
  EXPECT_EQ(fine.value_at({0.99}), ours(990'003'199));
  const Histogram no_digits = *Histogram::decode(kNoDigits);
  EXPECT_EQ(no_digits.value_at({0.5}), ours(8'191));
  EXPECT_EQ(no_digits.max(), ours(1'048'575));
}

TEST(HistogramDecoding, KeepsABucketThatReachesBeyondTheEnd) {
  const Histogram edge = *Histogram::decode(kEdge);
  EXPECT_EQ(edge.count(), 1U);
  EXPECT_EQ(edge.out_of_range(), 0U);
  EXPECT_GE(edge.max(), 60s);
}

std::string decode_error(std::string_view text) {
  const auto histogram = Histogram::decode(text);
  return histogram.ok() ? "no error" : histogram.error().message;
}

TEST(HistogramDecoding, RefusesWhatIsNoCompressedV2) {
  EXPECT_THAT(decode_error(""), HasSubstr("too short"));
  EXPECT_THAT(decode_error("HIST"), HasSubstr("too short"));
  EXPECT_THAT(decode_error("not base64!!"), HasSubstr("base64 is damaged"));
  EXPECT_THAT(decode_error("HISTEwAAAAMAAAAAAAAAAw=="), HasSubstr("cookie 0x1c849313"));
  EXPECT_THAT(decode_error("DHISTwAAAAMAAAAAAAAD6ByEkxQAAAAh"), HasSubstr("cookie 0x0c721"));
  EXPECT_THAT(decode_error(kTooLong), HasSubstr("histograms end at 60 s"));
  EXPECT_THAT(decode_error(std::string(9 << 20, 'A')), HasSubstr("too many"));
}

TEST(HistogramDecoding, RefusesEveryCutAndEveryWrongByte) {
  const std::string whole = *decode_base64(kThousand);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_FALSE(Histogram::decode(encode_base64(whole.substr(0, length))).ok()) << length;
  }
  ASSERT_FALSE(Histogram::decode(encode_base64(whole + "x")).ok());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if (at == 3 || (at >= 8 && at < 10))
      continue;  // a word size; zlib's own header has spare values
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    ASSERT_FALSE(Histogram::decode(encode_base64(damaged)).ok()) << at;
  }
}

// What decode() sees inside the zlib stream.
struct Inside {
  std::uint32_t cookie = 0x1c849313;
  std::uint32_t shift = 0, digits = 3;
  std::int64_t lowest = 1, highest = 60'000'000'000;
  double ratio = 1;
  std::string payload;
  std::int64_t payload_length = -1;  // negative: as it is

  [[nodiscard]] std::string text() const {
    std::string plain;
    const auto put = [](std::string& to, std::uint64_t word, int bytes) {
      while (bytes-- > 0) to += static_cast<char>(word >> (8 * bytes));
    };
    put(plain, cookie, 4);
    put(plain, payload_length < 0 ? payload.size() : static_cast<std::uint64_t>(payload_length), 4);
    put(plain, shift, 4);
    put(plain, digits, 4);
    put(plain, static_cast<std::uint64_t>(lowest), 8);
    put(plain, static_cast<std::uint64_t>(highest), 8);
    put(plain, std::bit_cast<std::uint64_t>(ratio), 8);
    plain += payload;
    uLongf size = compressBound(plain.size());
    std::string zlib(size, '\0');
    compress(reinterpret_cast<Bytef*>(zlib.data()), &size,
             reinterpret_cast<const Bytef*>(plain.data()), plain.size());
    std::string bytes;
    put(bytes, 0x1c849314, 4);
    put(bytes, size, 4);
    return encode_base64(bytes + zlib.substr(0, size));
  }
};

TEST(HistogramDecoding, RefusesHeadersItCannotHonour) {
  EXPECT_EQ(decode_error(Inside{.payload = "\x02"}.text()), "no error");
  EXPECT_THAT(decode_error(Inside{.cookie = 0x1c849301}.text()), HasSubstr("cookie inside"));
  EXPECT_THAT(decode_error(Inside{.shift = 7}.text()), HasSubstr("shifted"));
  EXPECT_THAT(decode_error(Inside{.digits = 6}.text()), HasSubstr("6 significant digits"));
  EXPECT_THAT(decode_error(Inside{.lowest = 0}.text()), HasSubstr("a range from 0"));
  EXPECT_THAT(decode_error(Inside{.lowest = -5}.text()), HasSubstr("a range from -5"));
  EXPECT_THAT(decode_error(Inside{.lowest = 100, .highest = 150}.text()),
              HasSubstr("a range from 100"));
  EXPECT_THAT(decode_error(Inside{.lowest = std::int64_t{1} << 60, .highest = INT64_MAX}.text()),
              HasSubstr("do not fit 64 bits"));
  EXPECT_THAT(decode_error(Inside{.ratio = 0.5}.text()), HasSubstr("ratio"));
}

TEST(HistogramDecoding, RefusesCountersItCannotHold) {
  EXPECT_THAT(decode_error(Inside{.payload = "\x02\x80"}.text()), HasSubstr("cut short"));
  EXPECT_THAT(decode_error(Inside{.payload = "\x02", .payload_length = 2}.text()),
              HasSubstr("cut short"));
  EXPECT_THAT(decode_error(Inside{.payload = "\x02\x02", .payload_length = 1}.text()),
              HasSubstr("goes on after its end"));
  EXPECT_THAT(decode_error(Inside{.payload_length = 0xffffffff}.text()), HasSubstr("too many"));
  // One run of zeros over the end: -(27,648 + 1), and the most negative number of all.
  EXPECT_THAT(decode_error(Inside{.payload = "\x81\xb0\x03"}.text()), HasSubstr("more counters"));
  EXPECT_THAT(decode_error(Inside{.payload = std::string(9, '\xff')}.text()),
              HasSubstr("more counters"));
  EXPECT_EQ(decode_error(Inside{.payload = "\xff\xaf\x03"}.text()), "no error");
  // 2^63 - 1 twice.
  const std::string most = "\xfe\xff\xff\xff\xff\xff\xff\xff\xff";
  EXPECT_EQ(Histogram::decode(Inside{.payload = most}.text())->count(), std::uint64_t{INT64_MAX});
  EXPECT_THAT(decode_error(Inside{.payload = most + "\x02"}.text()), HasSubstr("63 bits"));
}

TEST(HistogramDecoding, SurvivesTheWidestRange) {
  const std::string text = Inside{.digits = 5, .highest = INT64_MAX, .payload = "\x02"}.text();
  EXPECT_EQ(Histogram::decode(text)->count(), 1U);
  // The last of its 47 * 131,072 counters: refused for its value, not lost in an overflow.
  std::string payload;
  std::uint64_t zigzag = 2 * (std::uint64_t{47} * 131'072 - 1) - 1;
  for (; zigzag >= 0x80; zigzag >>= 7) payload += static_cast<char>(zigzag | 0x80);
  payload += static_cast<char>(zigzag);
  const auto error_with = [&](const std::string& counters) {
    return decode_error(
        Inside{.digits = 5, .highest = INT64_MAX, .payload = payload + counters}.text());
  };
  EXPECT_THAT(error_with("\x02"), HasSubstr("it holds 9223336852482686976 ns"));
  EXPECT_THAT(error_with(std::string(2, '\0')), HasSubstr("more counters"));
}

TEST(CoarseHistogram, HasEveryRecordingWithinOnePercentAbove) {
  for (const std::int64_t ns : {0L, 1L, 127L, 255L, 256L, 257L, 2047L, 2048L, 12'345L, 999'999L,
                                1'000'000'007L, 60'000'000'000L}) {
    Histogram histogram;
    histogram.record(Duration{ns}, 3);
    const Histogram coarse = histogram.coarse();
    ASSERT_EQ(coarse.count(), 3u);
    EXPECT_GE(coarse.max(), histogram.min());
    EXPECT_LE(coarse.min().count(), ns + ns / 128) << ns;
    if (ns < 256) {
      EXPECT_EQ(coarse, histogram) << ns;
    }
  }
}

TEST(CoarseHistogram, IsWhatItsTextDecodesInto) {
  Histogram histogram;
  for (std::uint64_t i = 0; i < 2000; ++i)
    histogram.record(Duration{static_cast<Duration::rep>(mix64(i) % 1'000'000 + i * i)});
  const Histogram coarse = histogram.coarse();
  const std::string text = histogram.encode_coarse();
  const auto decoded = Histogram::decode(text);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, coarse);
  EXPECT_EQ(coarse.coarse(), coarse);
  EXPECT_EQ(coarse.encode_coarse(), text);
  EXPECT_LT(2 * text.size(), histogram.encode().size());
  EXPECT_EQ(*Histogram::decode(Histogram{}.encode_coarse()), Histogram{});
}

TEST(CoarseHistogram, KeepsWhatWasOutOfRange) {
  Histogram histogram;
  histogram.record(Histogram::kOutOfRange, 4);
  EXPECT_EQ(histogram.coarse().out_of_range(), 4u);
}

}  // namespace
}  // namespace natsproof
