#include "models/faults/knobs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"
#include "base/units.h"

namespace natsproof {
namespace {

constexpr std::string_view kSeparators = " \t\r\n;";

// Where a knob's name ends; npos: it has no value.
std::size_t mark_of(std::string_view word) {
  return word.find_first_of("=@");
}

bool has(std::span<const std::string> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Result<std::vector<Knob>> split_knobs(std::string_view text, std::string_view noun,
                                      std::span<const std::string> examples,
                                      std::span<const std::string> whole_words) {
  std::vector<Knob> knobs;
  for (std::size_t at = text.find_first_not_of(kSeparators); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSeparators, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const std::size_t mark = mark_of(word);
    const bool whole = has(whole_words, word);
    Knob knob{.word = word, .name = word.substr(0, mark), .value = {}};
    if (mark != std::string_view::npos) knob.value = word.substr(mark + 1);
    if (!whole && has(whole_words, knob.name)) {
      return Error{
          fmt::format("{} `{}`: `{}` stands alone, without a value", noun, word, knob.name)};
    }
    if (!whole) {
      const auto example = std::find_if(
          examples.begin(), examples.end(),
          [&](std::string_view known) { return known.substr(0, mark_of(known)) == knob.name; });
      if (example == examples.end()) {
        std::vector<std::string> all;
        for (const std::string& known : examples) all.push_back(known.substr(0, mark_of(known)));
        all.insert(all.end(), whole_words.begin(), whole_words.end());
        return Error{fmt::format("{} `{}`: there is no `{}`{}; there are: {}", noun, word,
                                 knob.name, did_you_mean(knob.name, all), fmt::join(all, ", "))};
      }
      if (knob.value.empty()) {
        return Error{
            fmt::format("{} `{}`: it has no value; write it as in {}", noun, word, *example)};
      }
      if (const char sign = (*example)[knob.name.size()]; word[mark] != sign) {
        return Error{fmt::format("{} `{}`: after {} stands {}; write it as in {}", noun, word,
                                 knob.name, sign, *example)};
      }
    }
    for (const Knob& before : knobs) {
      if (before.name == knob.name) {
        return Error{
            fmt::format("{} `{}`: `{}` is given twice; write it once", noun, word, knob.name)};
      }
    }
    knobs.push_back(knob);
    at = text.find_first_not_of(kSeparators, end);
  }
  return knobs;
}

Error knob_error(std::string_view noun, const Knob& knob, std::string_view why) {
  return Error{fmt::format("{} `{}`: {}", noun, knob.word, why)};
}

Result<Duration> parse_knob_time(std::string_view text) {
  auto time = parse_duration(text);
  if (!time) return time.error();
  if (*time <= Duration::zero() || *time > kLongestKnobTime) {
    return Error{fmt::format("`{}` is out of range: more than nothing and up to {} is allowed",
                             text, knob_time_text(kLongestKnobTime))};
  }
  return *time;
}

Result<std::uint64_t> parse_knob_size(std::string_view text) {
  auto bytes = parse_bytes(text);
  if (!bytes) return bytes.error();
  if (*bytes > kLargestKnobSize) {
    return Error{fmt::format("`{}` is out of range: at most {} is allowed", text,
                             knob_size_text(kLargestKnobSize))};
  }
  return *bytes;
}

Result<double> parse_percent(std::string_view text) {
  // Through the share of a plan, so that both mean the same by 0.1.
  const auto share = parse_share(fmt::format("{}%", text));
  double percent = 0;
  if (share) std::from_chars(text.data(), text.data() + text.size(), percent);
  if (!share || percent <= 0) {
    return Error{fmt::format(
        "`{}` is not a percentage: write a number above 0 and up to 100, as in 10 or 0.5", text)};
  }
  return percent;
}

std::string knob_time_text(Duration time) {
  struct Unit {
    std::string_view name;
    Duration::rep ns;
  };
  constexpr std::array<Unit, 6> kUnits = {{{"h", 3'600'000'000'000},
                                           {"m", 60'000'000'000},
                                           {"s", 1'000'000'000},
                                           {"ms", 1'000'000},
                                           {"us", 1'000},
                                           {"ns", 1}}};
  const Unit& unit = *std::find_if(kUnits.begin(), kUnits.end(), [time](const Unit& u) {
    return u.ns == 1 || (time.count() != 0 && time.count() % u.ns == 0);
  });
  return fmt::format("{}{}", time.count() / unit.ns, unit.name);
}

std::string knob_size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  for (; unit + 1 < kUnits.size() && bytes != 0 && bytes % 1024 == 0; ++unit) bytes /= 1024;
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

std::string percent_text(double percent) {
  // The shortest text that is this number; never with an exponent, which is not read.
  const std::string shortest = fmt::format("{}", percent);
  return shortest.find('e') == std::string::npos ? shortest : fmt::format("{:.17f}", percent);
}

std::string portion_text(const Portion<Duration>& portion) {
  const std::string value = knob_time_text(portion.value);
  if (portion.percent == 100) return value;
  return fmt::format("{}:{}", value, percent_text(portion.percent));
}

}  // namespace natsproof
