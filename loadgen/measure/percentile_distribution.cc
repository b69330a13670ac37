#include "loadgen/measure/percentile_distribution.h"

#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "loadgen/measure/line_reader.h"

namespace natsproof {
namespace {

constexpr double kNsPerMs = 1e6;

// The percentage of the table's i-th line: 0, 10, ... 50, 55, ... 75, 77.5, ...
double level_of_line(std::uint64_t i) {
  constexpr std::uint64_t kLinesPerHalving = 5;
  const auto distance = std::ldexp(100.0, -static_cast<int>(i / kLinesPerHalving));
  const auto step = distance / 2 / kLinesPerHalving;
  return 100 - distance + step * static_cast<double>(i % kLinesPerHalving);
}

// To a microsecond, halves upwards as Java rounds them.
std::string milliseconds(Duration value) {
  const std::int64_t us = value.count() / 1000 + (value.count() % 1000 >= 500 ? 1 : 0);
  return fmt::format("{}.{:03}", us / 1000, us % 1000);
}

std::vector<std::string_view> words_of_line(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  return words;
}

// A time this program can hold: up to some eleven days.
std::optional<double> to_ns(std::string_view ms) {
  constexpr double kBound = 1e9;
  const auto number = to_number<double>(ms);
  if (!number || *number < 0 || *number >= kBound) return std::nullopt;
  return *number * kNsPerMs;
}

Duration rounded(double ns) {
  return Duration{std::llround(ns)};
}

class DistributionReader {
 public:
  explicit DistributionReader(std::string_view text) : lines_(text) {}

  Result<PercentileDistribution> read() {
    while (const auto line = lines_.next()) {
      if (line->starts_with('#')) {
        if (!read_footer(*line)) return broken("a broken summary", *line);
        continue;
      }
      const std::vector<std::string_view> words = words_of_line(*line);
      if (words.empty() || words.front() == "Value") continue;
      if (!read_line(words)) {
        return broken("not a value, a percentile, a count and 1/(1-percentile), ascending", *line);
      }
    }
    return std::move(read_);
  }

 private:
  [[nodiscard]] Error broken(std::string_view why, std::string_view line) const {
    return {fmt::format("line {}: `{}` is {}", lines_.number(), line.substr(0, 100), why)};
  }

  bool read_line(const std::vector<std::string_view>& words) {
    if (words.size() < 3 || words.size() > 4) return false;
    const auto ns = to_ns(words[0]);
    const auto level = to_number<double>(words[1]);
    const auto count = to_number<std::uint64_t>(words[2]);
    if (!ns || !level || !count || *level < 0 || *level > 1) return false;
    const PercentileDistribution::Line line{rounded(*ns), {*level}, *count};
    if (!read_.lines.empty()) {
      const auto& last = read_.lines.back();
      if (line.value < last.value || line.level.value < last.level.value ||
          line.count < last.count) {
        return false;
      }
    }
    read_.lines.push_back(line);
    return true;
  }

  // `#[Name = number, Name = number]`
  bool read_footer(std::string_view line) {
    const std::size_t first = line.find('='), comma = line.find(','), second = line.rfind('=');
    const std::size_t end = line.rfind(']');
    if (!line.starts_with("#[M")) return true;
    if (first == second || comma < first || second < comma || end == std::string_view::npos ||
        end < second) {
      return false;
    }
    const auto number = [&](std::size_t from, std::size_t to) {
      const auto words = words_of_line(line.substr(from + 1, to - from - 1));
      return words.size() == 1 ? words.front() : std::string_view{};
    };
    const auto left = to_ns(number(first, comma));
    if (!left) return false;
    if (line.starts_with("#[Mean")) {
      const auto right = to_ns(number(second, end));
      if (!right) return false;
      read_.mean_ns = *left;
      read_.stddev_ns = *right;
    } else {
      const auto right = to_number<std::uint64_t>(number(second, end));
      if (!right) return false;
      read_.max = rounded(*left);
      read_.count = *right;
    }
    return true;
  }

  LineReader lines_;
  PercentileDistribution read_;
};

}  // namespace

PercentileDistribution percentile_distribution(const Histogram& histogram) {
  PercentileDistribution distribution;
  distribution.mean_ns = histogram.mean_ns();
  distribution.stddev_ns = histogram.stddev_ns();
  distribution.max = histogram.max();
  distribution.count = histogram.count();
  const auto total = static_cast<double>(histogram.count());
  std::uint64_t passed = 0, line = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    passed += bucket.count;
    const double percentile = 100 * static_cast<double>(passed) / total;
    for (double level = level_of_line(line); level < 100 && percentile >= level;
         level = level_of_line(line)) {
      distribution.lines.push_back({bucket.highest, {level / 100}, passed});
      ++line;
      if (passed == histogram.count()) break;  // the rest is said by the last line
    }
  }
  if (!histogram.empty()) {
    distribution.lines.push_back({histogram.max(), {1}, histogram.count()});
  }
  return distribution;
}

std::string write_percentile_distribution(const PercentileDistribution& distribution) {
  std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                 "TotalCount", "1/(1-Percentile)");
  for (const PercentileDistribution::Line& line : distribution.lines) {
    fmt::format_to(std::back_inserter(text), "{:>12} {:.12f} {:>10}", milliseconds(line.value),
                   line.level.value, line.count);
    if (line.level.value < 1) {
      fmt::format_to(std::back_inserter(text), " {:14.2f}", 1 / (1 - line.level.value));
    }
    text += '\n';
  }
  fmt::format_to(std::back_inserter(text),
                 "#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n"
                 "#[Max     = {:>12}, Total count    = {:12}]\n"
                 "#[Buckets = {:12}, SubBuckets     = {:12}]\n",
                 distribution.mean_ns / kNsPerMs, distribution.stddev_ns / kNsPerMs,
                 milliseconds(distribution.max), distribution.count, Histogram::kBuckets,
                 Histogram::kSubBuckets);
  return text;
}

Result<PercentileDistribution> read_percentile_distribution(std::string_view text) {
  return DistributionReader(text).read();
}

}  // namespace natsproof
