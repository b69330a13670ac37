#include "models/runtime/exact_integer.h"

#include <charconv>
#include <cstdint>
#include <string>

namespace natsproof {

ExactInteger read_exact_integer(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);

  // number = digits * 10^exponent
  const std::size_t e = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, e);
  const std::size_t dot = mantissa.find('.');
  std::string digits(mantissa.substr(0, dot));
  if (dot != mantissa.npos) digits += mantissa.substr(dot + 1);
  const auto fraction = static_cast<std::int64_t>(digits.size() - mantissa.substr(0, dot).size());
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return {.whole = true, .is_double = true};

  std::int64_t exponent = 0;
  if (e != number.npos) {
    std::string_view written = number.substr(e + 1);
    if (written.starts_with('+')) written.remove_prefix(1);
    const auto [stop, error] =
        std::from_chars(written.data(), written.data() + written.size(), exponent);
    constexpr std::int64_t kHuge = std::int64_t{1} << 62;
    if (error != std::errc{}) exponent = written.starts_with('-') ? -kHuge : kHuge;
  }
  exponent -= fraction;
  while (digits.ends_with('0')) {
    digits.pop_back();
    ++exponent;
  }
  if (exponent < 0) return {};
  constexpr std::int64_t kMostDigits = 20;  // of 2^64
  if (exponent > kMostDigits || static_cast<std::int64_t>(digits.size()) + exponent > kMostDigits) {
    return {.whole = true, .overflow = true};
  }
  Int128 value = 0;
  for (const char digit : digits) value = value * 10 + (digit - '0');
  for (; exponent > 0; --exponent) value *= 10;
  const bool is_double = static_cast<Int128>(static_cast<double>(value)) == value;
  return {.whole = true, .value = negative ? -value : value, .is_double = is_double};
}

}  // namespace natsproof
