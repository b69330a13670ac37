#include "loadgen/report/utc_time.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace natsproof {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;

constexpr std::int64_t kLastUtcMs = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

// Digits only, unlike from_chars, which would take a sign.
std::optional<int> number(std::string_view digits) {
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

std::string format_utc(std::int64_t utc_ms) {
  const sys_time<milliseconds> time{milliseconds{std::clamp<std::int64_t>(utc_ms, 0, kLastUtcMs)}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<milliseconds> clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000Z";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] != '0' && text[i] != kShape[i]) return std::nullopt;
  }
  const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2)), hour = number(text.substr(11, 2));
  const auto minute = number(text.substr(14, 2)), second = number(text.substr(17, 2));
  const auto ms = number(text.substr(20, 3));
  if (!year || !month || !day || !hour || !minute || !second || !ms) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const auto time = sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
                    std::chrono::seconds{*second} + milliseconds{*ms};
  return time.time_since_epoch().count();
}

}  // namespace natsproof
