// What fault specs and work specs have in common: knobs `name=value` (one is `name@value`),
// separated by blanks or `;`, whose values may be lists with a percentage for each entry.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace natsproof {

// A value, and for which part of the requests.
template <typename T>
struct Portion {
  T value{};
  double percent = 100;
  bool operator==(const Portion&) const = default;
};

template <typename T>
double percent_of_all(const std::vector<Portion<T>>& portions) {
  double sum = 0;
  for (const Portion<T>& portion : portions) sum += portion.percent;
  return sum;
}
// Whether shares that are meant to be 100 together are more than that; decimals do not add up
// exactly.
inline bool is_over_100(double percent) {
  return percent > 100 + 1e-9;
}

struct Knob {
  std::string_view word;         // as written
  std::string_view name, value;  // before and after the first `=` or `@`
};

// Views into `text`. `examples` has each knob that there is, as in `delay=5ms`. Errors: a name that
// is not among them (with the nearest one), a knob without a value, with the other mark, or given
// twice. `noun` is what a knob is called in them: `fault`. Words that are in `whole_words` are
// taken as knobs without a value.
Result<std::vector<Knob>> split_knobs(std::string_view text, std::string_view noun,
                                      std::span<const std::string> examples,
                                      std::span<const std::string> whole_words = {});

// `noun `knob=value`: why`.
Error knob_error(std::string_view noun, const Knob& knob, std::string_view why);

inline constexpr Duration kLongestKnobTime = 1h;
inline constexpr std::uint64_t kLargestKnobSize = std::uint64_t{1} << 30;  // 1 GiB

// Errors are reasons, for knob_error(). Above zero, up to the limits here.
Result<Duration> parse_knob_time(std::string_view text);
Result<std::uint64_t> parse_knob_size(std::string_view text);  // 0 is allowed
Result<double> parse_percent(std::string_view text);           // above 0, at most 100; without a %

// `150us:10,2ms:5`; without a percentage: 100. Errors: those of `parse_value` and of the
// percentages, and shares over 100 together, as knob_error().
template <typename T, typename ParseValue>
Result<std::vector<Portion<T>>> parse_portions(std::string_view noun, const Knob& knob,
                                               const ParseValue& parse_value) {
  std::vector<Portion<T>> portions;
  for (std::string_view rest = knob.value;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view entry = rest.substr(0, comma);
    const std::size_t colon = entry.find(':');
    auto value = parse_value(entry.substr(0, colon));
    if (!value) return knob_error(noun, knob, value.error().message);
    Portion<T> portion{.value = *value};
    if (colon != std::string_view::npos) {
      const auto percent = parse_percent(entry.substr(colon + 1));
      if (!percent) return knob_error(noun, knob, percent.error().message);
      portion.percent = *percent;
    }
    portions.push_back(portion);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (is_over_100(percent_of_all(portions))) {
    return knob_error(noun, knob, "its shares are more than 100 percent together");
  }
  return portions;
}

// As they are read: in the largest unit that makes a whole number.
std::string knob_time_text(Duration time);
std::string knob_size_text(std::uint64_t bytes);
// With a percentage, unless that is 100.
std::string portion_text(const Portion<Duration>& portion);
std::string percent_text(double percent);

}  // namespace natsproof
