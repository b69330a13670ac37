// Histogram::encode() and decode(): HdrHistogram's V2 encoding, as its tools write it.
//
// Big-endian. Base64 of: cookie 0x1c849314, length of what follows, zlib stream. In the stream:
// cookie 0x1c849313, length of the payload, normalising index offset, significant digits, lowest
// and highest trackable value, ratio as a double; then the payload, a ZigZag LEB128 number of at
// most 9 bytes for each counter up to the highest in use, where a negative one stands for as many
// zeros.
#define ZLIB_CONST  // next_in points to const
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "base/base64.h"
#include "loadgen/measure/histogram.h"

namespace natsproof {
namespace {

// The low nibble's neighbour names a word size, which V2 does not use.
constexpr std::uint32_t kCookieMask = ~0xf0U;
constexpr std::uint32_t kWordSize = 0x10;
constexpr std::uint32_t kV2 = 0x1c849303;
constexpr std::uint32_t kV2Compressed = 0x1c849304;
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kCompressedHeaderBytes = 8;
constexpr std::size_t kMostBytesOfNumber = 9;
// The fixed bound of what a text may make us allocate; the largest of our own takes a third of a
// megabyte.
constexpr std::size_t kLongestText = std::size_t{8} << 20;
// The format's counters are signed.
constexpr std::uint64_t kMostRecordings = std::numeric_limits<std::int64_t>::max();

template <typename Word>
void put(std::string& bytes, Word word) {
  for (std::size_t i = sizeof(Word); i-- > 0;) bytes += static_cast<char>(word >> (8 * i) & 0xff);
}

template <typename Word>
Word get(std::string_view bytes, std::size_t at) {
  Word word = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    word = static_cast<Word>(word << 8 | static_cast<unsigned char>(bytes[at + i]));
  }
  return word;
}

void put_number(std::string& bytes, std::int64_t number) {
  auto zigzag = static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
  for (std::size_t i = 1; i < kMostBytesOfNumber && zigzag >= 0x80; ++i, zigzag >>= 7) {
    bytes += static_cast<char>((zigzag & 0x7f) | 0x80);
  }
  bytes += static_cast<char>(zigzag);  // the ninth byte holds all that is left
}

std::string payload_of(std::span<const std::uint64_t> counters) {
  std::string payload;
  for (std::size_t i = 0; i < counters.size();) {
    std::size_t zeros = 0;
    while (i + zeros < counters.size() && counters[i + zeros] == 0) ++zeros;
    if (zeros > 1) {
      put_number(payload, -static_cast<std::int64_t>(zeros));
      i += zeros;
    } else {
      put_number(payload, static_cast<std::int64_t>(counters[i++]));
    }
  }
  if (payload.empty()) put_number(payload, 0);  // as HdrHistogram does: counter 0 is always there
  return payload;
}

// Takes a zlib stream byte by byte in constant memory, however much it unfolds into.
class Inflater {
 public:
  explicit Inflater(std::string_view compressed) {
    stream_.next_in = reinterpret_cast<const Bytef*>(compressed.data());
    stream_.avail_in = static_cast<uInt>(compressed.size());
    status_ = inflateInit(&stream_);
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Nothing at the end, or where the stream is broken.
  std::optional<std::uint8_t> next() {
    if (at_ == filled_ && !refill()) return std::nullopt;
    return buffer_[at_++];
  }
  // All was taken, and its checksum and length were right.
  bool ended_well() { return !next() && status_ == Z_STREAM_END && stream_.avail_in == 0; }

 private:
  bool refill() {
    if (status_ != Z_OK) return false;
    stream_.next_out = buffer_.data();
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    status_ = inflate(&stream_, Z_NO_FLUSH);
    at_ = 0;
    filled_ = buffer_.size() - stream_.avail_out;
    return filled_ > 0;
  }

  z_stream stream_{};
  int status_ = Z_OK;
  std::array<std::uint8_t, 4096> buffer_;
  std::size_t at_ = 0, filled_ = 0;
};

Error broken(std::string_view why) {
  return {fmt::format("this is not a histogram as HdrHistogram V2 writes it: {}", why)};
}

// How another histogram maps counters to values.
struct Layout {
  int half_bits = 0;  // log2 of half the sub-buckets
  int unit_bits = 0;  // log2 of the size of the smallest bucket
  std::uint64_t counters = 0;

  struct Range {
    std::uint64_t lowest, highest;
  };
  [[nodiscard]] Range range_of(std::uint64_t index) const {
    const std::uint64_t half = std::uint64_t{1} << half_bits;
    const std::uint64_t doublings = index < 2 * half ? 0 : (index >> half_bits) - 1;
    const int shift = static_cast<int>(doublings) + unit_bits;
    const std::uint64_t lowest = (index - doublings * half) << shift;
    return {lowest, lowest + (std::uint64_t{1} << shift) - 1};
  }
};

Result<Layout> layout_of(std::uint32_t digits, std::int64_t lowest, std::int64_t highest) {
  constexpr std::uint32_t kMostDigits = 5;
  if (digits > kMostDigits) return broken(fmt::format("{} significant digits", digits));
  if (lowest < 1 || highest / 2 < lowest) {
    return broken(fmt::format("a range from {} to {}", lowest, highest));
  }
  std::uint64_t finest = 2;  // values below this many units have a bucket each
  for (std::uint32_t i = 0; i < digits; ++i) finest *= 10;
  Layout layout;
  layout.half_bits = 63 - std::countl_zero(finest - 1);
  layout.unit_bits = 63 - std::countl_zero(static_cast<std::uint64_t>(lowest));
  constexpr int kMostBits = 61;
  if (layout.half_bits + layout.unit_bits > kMostBits) {
    return broken(fmt::format("{} digits from {} on do not fit 64 bits", digits, lowest));
  }
  std::uint64_t halves = 2;
  for (int bits = layout.half_bits + 1 + layout.unit_bits;
       bits < 63 && (std::uint64_t{1} << bits) <= static_cast<std::uint64_t>(highest); ++bits) {
    ++halves;
  }
  layout.counters = halves << layout.half_bits;
  return layout;
}

class Decoder {
 public:
  explicit Decoder(std::string_view compressed) : stream_(compressed) {}

  Result<Histogram> decode() {
    std::array<char, kHeaderBytes> header;
    for (char& byte : header) {
      const auto next = stream_.next();
      if (!next) return broken("its zlib stream is damaged or ends before the header does");
      byte = static_cast<char>(*next);
    }
    if (auto read = read_header({header.data(), header.size()}); !read.ok()) return read.error();
    if (auto read = read_payload(); !read.ok()) return read.error();
    if (!stream_.ended_well()) return broken("its zlib stream is damaged or goes on after its end");
    return std::move(histogram_);
  }

 private:
  Result<void> read_header(std::string_view header) {
    const auto cookie = get<std::uint32_t>(header, 0);
    if ((cookie & kCookieMask) != kV2) {
      return broken(fmt::format("the cookie inside is {:#010x}", cookie));
    }
    payload_left_ = get<std::uint32_t>(header, 4);
    if (get<std::uint32_t>(header, 8) != 0) return broken("its counters are shifted");
    if (std::bit_cast<double>(get<std::uint64_t>(header, 32)) != 1.0) {
      return broken("its values are scaled by a ratio other than 1");
    }
    const auto layout = layout_of(get<std::uint32_t>(header, 12),
                                  static_cast<std::int64_t>(get<std::uint64_t>(header, 16)),
                                  static_cast<std::int64_t>(get<std::uint64_t>(header, 24)));
    if (!layout.ok()) return layout.error();
    layout_ = *layout;
    if (payload_left_ > layout_.counters * kMostBytesOfNumber) {
      return broken(fmt::format("{} bytes of counters are too many for its range", payload_left_));
    }
    return {};
  }

  Result<void> read_payload() {
    std::uint64_t index = 0;
    while (payload_left_ > 0) {
      const std::optional<std::int64_t> number = next_number();
      if (!number) return broken("a counter is cut short or its zlib stream is damaged");
      const bool zeros = *number < 0;
      const std::uint64_t step = zeros ? 0 - static_cast<std::uint64_t>(*number) : 1;
      if (step > layout_.counters - index)
        return broken("there are more counters than its range has");
      if (!zeros) {
        if (auto done = record(index, static_cast<std::uint64_t>(*number)); !done.ok()) return done;
      }
      index += step;
    }
    return {};
  }

  Result<void> record(std::uint64_t index, std::uint64_t count) {
    if (count == 0) return {};
    if (count > kMostRecordings - histogram_.count()) {
      return broken("its counters add up to more than 63 bits hold");
    }
    constexpr std::uint64_t kHighest = Histogram::kHighestNs;
    const Layout::Range range = layout_.range_of(index);
    if (range.lowest > kHighest) {
      return broken(
          fmt::format("it holds {} ns, and this program's histograms end at 60 s", range.lowest));
    }
    const std::uint64_t ns = range.highest < kHighest ? range.highest : kHighest;
    histogram_.reserve();  // where it may throw; record() must not
    histogram_.record(Duration{static_cast<std::int64_t>(ns)}, count);
    return {};
  }

  std::optional<std::int64_t> next_number() {
    std::uint64_t zigzag = 0;
    for (std::size_t i = 0; i < kMostBytesOfNumber; ++i) {
      const auto byte = payload_left_ > 0 ? stream_.next() : std::nullopt;
      if (!byte) return std::nullopt;
      --payload_left_;
      const bool ninth = i + 1 == kMostBytesOfNumber;  // all its bits count
      zigzag |= std::uint64_t{ninth ? *byte : *byte & 0x7fU} << (7 * i);
      if ((*byte & 0x80) == 0) break;
    }
    return static_cast<std::int64_t>(zigzag >> 1 ^ (0 - (zigzag & 1)));
  }

  Inflater stream_;
  Layout layout_;
  std::uint64_t payload_left_ = 0;
  Histogram histogram_;
};

// 256 sub-buckets of 1 ns, then 128 for every doubling.
constexpr std::uint32_t kCoarseDigits = 2;
constexpr int kCoarseBits = 8;

int coarse_shift(Duration value) {
  const int bits = 64 - std::countl_zero(static_cast<std::uint64_t>(value.count()));
  return std::max(0, bits - kCoarseBits);
}

std::size_t coarse_index(Duration value) {
  const int shift = coarse_shift(value);
  return (static_cast<std::size_t>(shift) << (kCoarseBits - 1)) +
         (static_cast<std::size_t>(value.count()) >> shift);
}

std::string encoded(std::span<const std::uint64_t> counters, std::uint32_t digits) {
  const std::string payload = payload_of(counters);
  std::string plain;
  plain.reserve(kHeaderBytes + payload.size());
  put(plain, kV2 | kWordSize);
  put(plain, static_cast<std::uint32_t>(payload.size()));
  put(plain, std::uint32_t{0});
  put(plain, digits);
  put(plain, static_cast<std::uint64_t>(Histogram::kLowestNs));
  put(plain, static_cast<std::uint64_t>(Histogram::kHighestNs));
  put(plain, std::bit_cast<std::uint64_t>(1.0));
  plain += payload;

  uLongf size = compressBound(plain.size());
  std::string bytes(kCompressedHeaderBytes + size, '\0');
  compress(reinterpret_cast<Bytef*>(bytes.data() + kCompressedHeaderBytes), &size,
           reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  bytes.resize(kCompressedHeaderBytes + size);
  std::string header;
  put(header, kV2Compressed | kWordSize);
  put(header, static_cast<std::uint32_t>(size));
  return encode_base64(bytes.replace(0, kCompressedHeaderBytes, header));
}

}  // namespace

std::string Histogram::encode() const {
  return encoded(counters(), kSignificantDigits);
}

std::string Histogram::encode_coarse() const {
  if (empty()) return encoded({}, kCoarseDigits);
  std::vector<std::uint64_t> coarse(coarse_index(max()) + 1);
  for (const Bucket& bucket : buckets()) coarse[coarse_index(bucket.lowest)] += bucket.count;
  return encoded(coarse, kCoarseDigits);
}

Histogram Histogram::coarse() const {
  Histogram coarse;
  if (!empty()) coarse.reserve();
  for (const Bucket& bucket : buckets()) {
    const auto within = (std::int64_t{1} << coarse_shift(bucket.lowest)) - 1;
    coarse.record(Duration{std::min(bucket.lowest.count() | within, kHighestNs)}, bucket.count);
  }
  coarse.record(kOutOfRange, out_of_range_);
  return coarse;
}

Result<Histogram> Histogram::decode(std::string_view base64) {
  if (base64.size() > kLongestText) {
    return broken(fmt::format("{} characters are too many", base64.size()));
  }
  const std::optional<std::string> bytes = decode_base64(base64);
  if (!bytes) return broken("its base64 is damaged");
  if (bytes->size() < kCompressedHeaderBytes) return broken("it is too short");
  const auto cookie = get<std::uint32_t>(*bytes, 0);
  if ((cookie & kCookieMask) != kV2Compressed) {
    return broken(
        fmt::format("it begins with the cookie {:#010x}, not with a compressed V2's", cookie));
  }
  const std::string_view compressed = std::string_view(*bytes).substr(kCompressedHeaderBytes);
  if (get<std::uint32_t>(*bytes, 4) != compressed.size()) {
    return broken("its length is not the one it tells");
  }
  return Decoder(compressed).decode();
}

}  // namespace natsproof
