// Quantities with their units, read from and written for people.
//
// Plans, claims and flags write units out: `250us`, `1ms`, `1.5s`, `2m`, `2000/s`, `100B`, `64KiB`,
// `1%`. Printed figures carry theirs. A parse error says what is wrong and what is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace natsproof {

// A number of things a second.
struct Rate {
  double per_s = 0;
  bool operator==(const Rate&) const = default;
};

// 0..1 in code, a percentile only in print: Quantile{0.99} is p99.
struct Quantile {
  double value = 0;
  bool operator==(const Quantile&) const = default;
};

Result<Duration> parse_duration(std::string_view text);    // ns us ms s m h; not negative
Result<Rate> parse_rate(std::string_view text);            // 2000/s, 5k/s, 100/m
Result<std::uint64_t> parse_bytes(std::string_view text);  // 128, 128B, 64KiB, 1MiB, 64KB
Result<double> parse_share(std::string_view text);         // 1%, 99.9% -> 0..1
Result<Quantile> parse_quantile(std::string_view text);    // p50, p99, p99.9; above 0 and below 100

std::string format_duration(Duration value);    // 3 significant digits: 412 µs, 1.23 ms, 5.00 s
std::string format_rate(Rate value);            // 2,000/s
std::string format_count(std::uint64_t value);  // 1,234,567
std::string counted(std::uint64_t count, std::string_view noun);  // 1 request; 1,200 requests
std::string format_bytes(std::uint64_t value);                    // 128 B, 64.0 KiB
std::string format_share(double value);                           // 99.98 %
std::string format_quantile(Quantile value);                      // p99.9
// A share of one core, which many threads may exceed: `42.3 %`, `153 %`. 3 significant digits.
std::string format_cores(double value);
// Of memory, perhaps negative: `17.6 MiB/min`, `-820 KiB/min`.
std::string format_growth(double bytes_per_min);

}  // namespace natsproof
