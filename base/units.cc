#include "base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace natsproof {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// What a quantity is called and how it is written, for its errors.
struct Quantity {
  std::string_view noun;
  std::string_view how;
  std::span<const Unit> units;
};

constexpr std::array<Unit, 6> kDurationUnits = {
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Unit, 4> kRateUnits = {
    {{"/s", 1}, {"k/s", 1e3}, {"/m", 1 / 60.0}, {"k/m", 1e3 / 60.0}}};
constexpr std::array<Unit, 8> kBytesUnits = {{{"", 1},
                                              {"B", 1},
                                              {"KiB", 1024.0},
                                              {"MiB", 1024.0 * 1024},
                                              {"GiB", 1024.0 * 1024 * 1024},
                                              {"KB", 1e3},
                                              {"MB", 1e6},
                                              {"GB", 1e9}}};
constexpr std::array<Unit, 1> kShareUnits = {{{"%", 1}}};

constexpr Quantity kDuration = {
    "a duration", "write a number and a unit, ns us ms s m h, as in 250us or 1.5s", kDurationUnits};
constexpr Quantity kRate = {"a rate",
                            "write a number, k for thousands if you like, and /s or /m, as in "
                            "2000/s, 5k/s or 100/m",
                            kRateUnits};
constexpr Quantity kBytes = {
    "a size",
    "write a whole number of bytes, or a number and a unit, B KiB MiB GiB KB MB GB, "
    "as in 128, 128B or 64KiB",
    kBytesUnits};
constexpr Quantity kShare = {"a share", "write a percentage from 0% to 100%, as in 1% or 99.9%",
                             kShareUnits};
constexpr Quantity kQuantile = {
    "a quantile", "write p and a percentage above 0 and below 100, as in p50, p99 or p99.9", {}};

Error refuse(std::string_view text, const Quantity& quantity, std::string_view why = {}) {
  return {fmt::format("`{}` is not {}{}{}: {}", text, quantity.noun, why.empty() ? "" : ", ", why,
                      quantity.how)};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The end of the plain decimal number that text begins with: digits, perhaps a point and digits. 0:
// there is none.
std::size_t end_of_number(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end == 0 || end + 1 >= text.size() || text[end] != '.' || !is_digit(text[end + 1])) {
    return end;
  }
  for (++end; end < text.size() && is_digit(text[end]);) ++end;
  return end;
}

// from_chars never looks at the locale. Nothing when the number is too large for a double, or too
// small.
std::optional<double> to_double(std::string_view decimal) {
  double value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  if (error != std::errc{} || end != decimal.data() + decimal.size()) return std::nullopt;
  return value;
}

// Percentages are scaled in the text and not in the double, so that 99.9% is the double nearest to
// 0.999.
std::optional<double> percent_to_double(std::string_view decimal) {
  return to_double(fmt::format("{}e-2", decimal));
}

struct Written {
  std::string_view number;
  double factor = 1;
};

Result<Written> split(std::string_view text, const Quantity& quantity) {
  if (text.empty()) return refuse(text, quantity, "it is empty");
  if (text.front() == '-') return refuse(text, quantity, "it is negative");
  const std::size_t end = end_of_number(text);
  if (end == 0) return refuse(text, quantity);
  const std::string_view name = text.substr(end);
  if (!name.empty() && (name.front() == ',' || name.front() == '\'' || name.front() == '_')) {
    return refuse(text, quantity, "digits are written without separators, decimals with a point");
  }
  for (const Unit& unit : quantity.units) {
    if (unit.name == name) return Written{text.substr(0, end), unit.factor};
  }
  return refuse(text, quantity);
}

// Number times unit, below `bound`.
Result<double> parse(std::string_view text, const Quantity& quantity, double bound) {
  const Result<Written> written = split(text, quantity);
  if (!written.ok()) return written.error();
  const std::optional<double> number = to_double(written->number);
  if (!number || *number * written->factor >= bound) {
    return refuse(text, quantity, "it is out of range");
  }
  return *number * written->factor;
}

// Three significant digits.
std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  constexpr double kBound = 0x1p63;
  const Result<double> ns = parse(text, kDuration, kBound);
  if (!ns.ok()) return ns.error();
  const double rounded = std::round(*ns);
  if (*ns > 0 && rounded == 0) return refuse(text, kDuration, "it is less than a nanosecond");
  return Duration{static_cast<Duration::rep>(rounded)};
}

Result<Rate> parse_rate(std::string_view text) {
  constexpr double kBound = 1e12;  // more than one a picosecond is a slip of the finger
  const Result<double> per_s = parse(text, kRate, kBound);
  if (!per_s.ok()) return per_s.error();
  return Rate{*per_s};
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr double kBound = 0x1p53;  // up to here doubles are exact
  const Result<double> bytes = parse(text, kBytes, kBound);
  if (!bytes.ok()) return bytes.error();
  if (*bytes != std::floor(*bytes))
    return refuse(text, kBytes, "it is not a whole number of bytes");
  return static_cast<std::uint64_t>(*bytes);
}

Result<double> parse_share(std::string_view text) {
  const Result<Written> written = split(text, kShare);
  if (!written.ok()) return written.error();
  const std::optional<double> share = percent_to_double(written->number);
  if (!share || *share > 1) return refuse(text, kShare, "it is out of range");
  return *share;
}

Result<Quantile> parse_quantile(std::string_view text) {
  if (text.size() < 2 || text.front() != 'p') return refuse(text, kQuantile);
  const std::string_view percent = text.substr(1);
  if (end_of_number(percent) != percent.size()) return refuse(text, kQuantile);
  const std::optional<double> q = percent_to_double(percent);
  if (!q || *q <= 0 || *q >= 1) return refuse(text, kQuantile, "it is out of range");
  return Quantile{*q};
}

std::string format_duration(Duration value) {
  constexpr std::array<Unit, 5> kPrinted = {
      {{"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
  const double ns = std::abs(static_cast<double>(value.count()));
  const char* sign = value.count() < 0 ? "-" : "";
  if (ns < 1000) return fmt::format("{}{:.0f} ns", sign, ns);
  for (const Unit& unit : kPrinted) {
    // Rounding must not print 1000 of a unit where 1.00 of the next is meant.
    if (ns / unit.factor < 999.5 || unit.name == kPrinted.back().name) {
      return fmt::format("{}{} {}", sign, three_digits(ns / unit.factor), unit.name);
    }
  }
  return {};
}

std::string format_rate(Rate value) {
  const bool whole = value.per_s == std::floor(value.per_s);
  if ((whole || value.per_s >= 99.95) && value.per_s >= 0 && value.per_s < 1e15) {
    return format_count(static_cast<std::uint64_t>(std::round(value.per_s))) + "/s";
  }
  return fmt::format("{:.3g}/s", value.per_s);
}

std::string format_count(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string format_bytes(std::uint64_t value) {
  constexpr std::array<Unit, 6> kPrinted = {{{"KiB", 0x1p10},
                                             {"MiB", 0x1p20},
                                             {"GiB", 0x1p30},
                                             {"TiB", 0x1p40},
                                             {"PiB", 0x1p50},
                                             {"EiB", 0x1p60}}};
  const auto bytes = static_cast<double>(value);
  if (value < 1024) return fmt::format("{} B", value);
  for (const Unit& unit : kPrinted) {
    if (bytes / unit.factor < 1023.5 || unit.name == kPrinted.back().name) {
      return fmt::format("{} {}", three_digits(bytes / unit.factor), unit.name);
    }
  }
  return {};
}

std::string format_share(double value) {
  if (value == 0) return "0 %";
  if (value == 1) return "100 %";
  // 99.999 % must not read as 100 %, nor a rare failure as none.
  constexpr int kFewestDigits = 2;
  constexpr int kMostDigits = 12;
  std::string printed;
  for (int digits = kFewestDigits; digits <= kMostDigits; ++digits) {
    printed = fmt::format("{:.{}f}", value * 100, digits);
    if (to_double(printed) != 0.0 && to_double(printed) != 100.0) break;
  }
  return printed + " %";
}

std::string format_cores(double value) {
  return three_digits(value * 100) + " %";
}

std::string format_growth(double bytes_per_min) {
  constexpr double kMost = 0x1p62;
  const double size = std::min(std::abs(bytes_per_min), kMost);
  const std::string text = format_bytes(static_cast<std::uint64_t>(std::llround(size)));
  return (bytes_per_min < 0 && size >= 0.5 ? "-" : "") + text + "/min";
}

std::string format_quantile(Quantile value) {
  return fmt::format("p{:.12g}", value.value * 100);
}

}  // namespace natsproof
