// Histograms as text, interval logs and percentile tables: whatever is read is written and read
// again the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <zlib.h>

#include "base/base64.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/histogram_log.h"
#include "loadgen/measure/percentile_distribution.h"

namespace natsproof {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void try_histogram(std::string_view text) {
  const Result<Histogram> read = Histogram::decode(text);
  if (!read.ok()) {
    require(!read.error().message.empty());
    return;
  }
  std::uint64_t recordings = 0;
  for (const Histogram::Bucket& bucket : read->buckets()) recordings += bucket.count;
  require(recordings == read->count());
  const Result<Histogram> again = Histogram::decode(read->encode());
  require(again.ok() && *again == *read);
  if (read->empty()) return;
  require(read->value_at({1}) == read->max() && read->value_at({0}) <= read->value_at({0.5}));
  const std::string table = write_percentile_distribution(percentile_distribution(*read));
  require(read_percentile_distribution(table).ok());
}

// The bytes as what a compressed text unfolds into: the way in that a mutated checksum bars.
void try_plain(std::string_view plain) {
  uLongf size = compressBound(plain.size());
  std::string zlib(size, '\0');
  constexpr int kFastest = 1;
  compress2(reinterpret_cast<Bytef*>(zlib.data()), &size,
            reinterpret_cast<const Bytef*>(plain.data()), plain.size(), kFastest);
  std::string bytes = "\x1c\x84\x93\x14";
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xff);
  try_histogram(encode_base64(bytes.append(zlib, 0, size)));
}

// The log written again, and whether the reader got to its end without an error.
struct Rewritten {
  std::string text;
  bool whole = true;
};
Rewritten rewrite_log(std::string_view text) {
  HistogramLogReader reader(text);
  HistogramLogWriter writer(0, "fuzz");
  Rewritten rewritten;
  for (;;) {
    auto entry = reader.next();
    if (!entry.ok()) {
      rewritten.whole = false;
      continue;
    }
    if (!entry->has_value()) break;
    writer.add((*entry)->tag, (*entry)->utc_ms, (*entry)->length, (*entry)->histogram);
  }
  rewritten.text = writer.text();
  return rewritten;
}

void try_log(std::string_view text) {
  const Rewritten once = rewrite_log(text), twice = rewrite_log(once.text);
  require(twice.whole && once.text == twice.text);
}

void try_distribution(std::string_view text) {
  const auto read = read_percentile_distribution(text);
  if (!read.ok()) return;
  const std::string once = write_percentile_distribution(*read);
  const auto again = read_percentile_distribution(once);
  require(again.ok() && write_percentile_distribution(*again) == once);
}

}  // namespace
}  // namespace natsproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  natsproof::try_histogram(text);
  natsproof::try_plain(text);
  natsproof::try_log(text);
  natsproof::try_distribution(text);
  return 0;
}
