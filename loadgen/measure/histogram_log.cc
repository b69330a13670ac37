#include "loadgen/measure/histogram_log.h"

#include <array>
#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace natsproof {
namespace {

constexpr std::string_view kStartTime = "#[StartTime: ";
constexpr std::string_view kBaseTime = "#[BaseTime: ";
constexpr std::string_view kTag = "Tag=";
constexpr std::string_view kNotInTag = ", \t\r\n";
constexpr std::int64_t kMillisecond = 1'000'000;

// Milliseconds as seconds with three decimals.
std::string seconds(std::int64_t ms) {
  const auto magnitude =
      ms < 0 ? 0 - static_cast<std::uint64_t>(ms) : static_cast<std::uint64_t>(ms);
  return fmt::format("{}{}.{:03}", ms < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
}

// Takes the text up to the next comma, or all of it.
std::string_view take_field(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  const std::string_view field = rest.substr(0, comma);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return field;
}

// Seconds whose nanoseconds fit 64 bits; the epoch's reach to the year 2255.
constexpr double kMostSeconds = 9e9;

std::optional<double> read_seconds(std::string_view field) {
  const auto s = to_number<double>(field);
  return s && std::abs(*s) < kMostSeconds ? s : std::nullopt;
}

std::int64_t to_ms(double s) {
  return std::llround(s * 1e3);
}

}  // namespace

HistogramLogWriter::HistogramLogWriter(std::int64_t start_utc_ms, std::string_view comment)
    : start_utc_ms_(start_utc_ms) {
  const auto utc = fmt::gmtime(static_cast<std::time_t>(start_utc_ms / 1000));
  text_ = fmt::format(
      "#[{}]\n"
      "#[Histogram log format version 1.3]\n"
      "{}{} (seconds since epoch), {:%Y-%m-%dT%H:%M:%S}Z]\n"
      "{}{} (seconds since epoch)]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      comment, kStartTime, seconds(start_utc_ms), utc, kBaseTime, seconds(start_utc_ms));
}

void HistogramLogWriter::add(std::string_view tag, std::int64_t utc_ms, Duration length,
                             const Histogram& histogram) {
  if (!tag.empty()) {
    text_ += kTag;
    for (const char c : tag) text_ += kNotInTag.find(c) == std::string_view::npos ? c : '_';
    text_ += ',';
  }
  const std::int64_t length_ms = (length.count() + kMillisecond / 2) / kMillisecond;
  const double max_ms = static_cast<double>(histogram.max().count()) / kMillisecond;
  text_ += fmt::format("{},{},{:.3f},{}\n", seconds(utc_ms - start_utc_ms_), seconds(length_ms),
                       max_ms, histogram.encode());
}

Result<std::optional<HistogramLogEntry>> HistogramLogReader::next() {
  while (const auto line = lines_.next()) {
    if (line->empty() || line->front() == '"') continue;  // the legend
    if (line->front() == '#') {
      read_comment(*line);
      continue;
    }
    auto entry = read_entry(*line);
    if (!entry.ok()) {
      return Error{fmt::format("line {}: {}", lines_.number(), entry.error().message)};
    }
    return std::optional(std::move(*entry));
  }
  return std::optional<HistogramLogEntry>{};
}

void HistogramLogReader::read_comment(std::string_view line) {
  for (const auto& [prefix, time] :
       {std::pair(kStartTime, &start_s_), std::pair(kBaseTime, &base_s_)}) {
    if (!line.starts_with(prefix)) continue;
    const std::string_view rest = line.substr(prefix.size());
    *time = read_seconds(rest.substr(0, rest.find(' ')));
  }
}

Result<HistogramLogEntry> HistogramLogReader::read_entry(std::string_view line) {
  HistogramLogEntry entry;
  if (line.starts_with(kTag)) entry.tag = take_field(line).substr(kTag.size());
  const std::string_view start_field = take_field(line), length_field = take_field(line),
                         max_field = take_field(line);
  const auto start = read_seconds(start_field), length = read_seconds(length_field);
  if (!start || !length || *length < 0 || !to_number<double>(max_field)) {
    return Error{fmt::format(
        "`{},{},{}` are not a start and a length in seconds and a maximum in milliseconds",
        start_field, length_field, max_field)};
  }
  if (!base_s_) {
    // A log without a base time has absolute stamps, or stamps from its start: HdrHistogram's tools
    // tell them apart so.
    constexpr double kYear = 365 * 86'400;
    base_s_ = start_s_ && *start < *start_s_ - kYear ? *start_s_ : 0.0;
  }
  if (std::abs(*base_s_ + *start) >= kMostSeconds) {
    return Error{fmt::format("`{}` s from the log's base time on is out of range", start_field)};
  }
  entry.utc_ms = to_ms(*base_s_) + to_ms(*start);
  entry.length = std::chrono::milliseconds(to_ms(*length));
  Result<Histogram> histogram = Histogram::decode(line);
  if (!histogram.ok()) return histogram.error();
  entry.histogram = std::move(*histogram);
  return entry;
}

}  // namespace natsproof
