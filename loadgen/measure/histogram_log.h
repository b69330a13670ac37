// `.hlog`: interval histograms one after another, in HdrHistogram's log format 1.3, which its
// public tools draw and sum up.
//
// A line is `[Tag=name,]start,length,max,histogram`: seconds from the log's base time, seconds, the
// interval's maximum in milliseconds, and Histogram::encode(). Times are kept to a millisecond.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/line_reader.h"

namespace natsproof {

class HistogramLogWriter {
 public:
  // `comment` stands in the header, on one line.
  HistogramLogWriter(std::int64_t start_utc_ms, std::string_view comment);

  // Intervals come in the order of their start. An empty tag means none; a comma, blank or line
  // end, which a tag cannot hold, becomes `_`.
  void add(std::string_view tag, std::int64_t utc_ms, Duration length, const Histogram& histogram);
  // The log so far: a whole one after every add().
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::int64_t start_utc_ms_;
  std::string text_;
};

struct HistogramLogEntry {
  std::string tag;
  std::int64_t utc_ms = 0;  // its start; from an unknown beginning where the log tells none
  Duration length{};
  Histogram histogram;
};

// One interval at a time, so that a long log needs no more memory than a short one. The text
// outlives the reader.
class HistogramLogReader {
 public:
  explicit HistogramLogReader(std::string_view text) : lines_(text) {}

  // Nothing at the end. Errors name the line; the next call goes on after it. Any bytes may be
  // given.
  Result<std::optional<HistogramLogEntry>> next();

 private:
  void read_comment(std::string_view line);
  Result<HistogramLogEntry> read_entry(std::string_view line);

  LineReader lines_;
  std::optional<double> start_s_, base_s_;
};

}  // namespace natsproof
