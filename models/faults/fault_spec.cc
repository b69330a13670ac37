#include "models/faults/fault_spec.h"

#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace natsproof {
namespace {

constexpr std::string_view kFault = "fault";

const std::vector<std::string>& knobs_of_faults() {
  static const std::vector<std::string> known = {
      "delay=5ms",    "error=503:10", "drop=1:before",  "wrong=1",   "twice=1",
      "late=300ms:1", "size=64KiB:5", "hang=200ms@10s", "crash@30s", "leak=1KiB"};
  return known;
}

Result<int> parse_code(std::string_view text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error == std::errc{} && end == text.data() + text.size() && code >= 400 && code <= 599) {
    return code;
  }
  return Error{fmt::format("`{}` is not an error code: 400 to 599 are allowed", text)};
}

// `0.5:before,1:after`.
Result<void> parse_drop(const Knob& knob, FaultSpec& faults) {
  for (std::string_view rest = knob.value;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view entry = rest.substr(0, comma);
    const std::size_t colon = entry.find(':');
    const std::string_view when =
        colon == std::string_view::npos ? std::string_view{} : entry.substr(colon + 1);
    if (when != "before" && when != "after") {
      return knob_error(kFault, knob,
                        fmt::format("`{}` does not say when: write a percentage and `before` or "
                                    "`after` execution, as in drop=0.5:before",
                                    entry));
    }
    double& share = when == "before" ? faults.drop_before : faults.drop_after;
    if (share != 0) return knob_error(kFault, knob, fmt::format("`{}` is given twice", when));
    const auto percent = parse_percent(entry.substr(0, colon));
    if (!percent) return knob_error(kFault, knob, percent.error().message);
    share = *percent;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (is_over_100(faults.drop_before + faults.drop_after)) {
    return knob_error(kFault, knob, "its shares are more than 100 percent together");
  }
  return {};
}

Result<Hang> parse_hang(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) {
    return Error{
        fmt::format("`{}` does not say when: write how long, @ and after which time, as "
                    "in 200ms@10s",
                    text)};
  }
  const auto lasting = parse_knob_time(text.substr(0, at));
  if (!lasting) return lasting.error();
  const auto after = parse_knob_time(text.substr(at + 1));
  if (!after) return after.error();
  return Hang{.lasting = *lasting, .after = *after};
}

template <typename T, typename U>
Result<void> keep(const Knob& knob, Result<T> parsed, U& in) {
  if (!parsed) return knob_error(kFault, knob, parsed.error().message);
  in = std::move(*parsed);
  return {};
}

template <typename T, typename ParseValue>
Result<void> keep_portions(const Knob& knob, const ParseValue& parse_value,
                           std::vector<Portion<T>>& in) {
  auto portions = parse_portions<T>(kFault, knob, parse_value);
  if (!portions) return portions.error();
  in = std::move(*portions);
  return {};
}

Result<void> parse_knob(const Knob& knob, FaultSpec& faults) {
  if (knob.name == "delay") return keep_portions(knob, parse_knob_time, faults.delay);
  if (knob.name == "error") return keep_portions(knob, parse_code, faults.error);
  if (knob.name == "drop") return parse_drop(knob, faults);
  if (knob.name == "wrong") return keep(knob, parse_percent(knob.value), faults.wrong);
  if (knob.name == "twice") return keep(knob, parse_percent(knob.value), faults.twice);
  if (knob.name == "late") return keep_portions(knob, parse_knob_time, faults.late);
  if (knob.name == "size") return keep_portions(knob, parse_knob_size, faults.size);
  if (knob.name == "hang") return keep(knob, parse_hang(knob.value), faults.hang);
  if (knob.name == "crash") return keep(knob, parse_knob_time(knob.value), faults.crash);
  return keep(knob, parse_knob_size(knob.value), faults.leak_bytes);
}

}  // namespace

Result<FaultSpec> parse_faults(std::string_view text) {
  FaultSpec faults;
  const auto knobs = split_knobs(text, kFault, knobs_of_faults());
  if (!knobs) return knobs.error();
  for (const Knob& knob : *knobs) {
    if (auto parsed = parse_knob(knob, faults); !parsed) return parsed.error();
  }
  const double together = percent_of_all(faults.error) + faults.drop_before + faults.drop_after +
                          faults.wrong + faults.twice + percent_of_all(faults.late) +
                          percent_of_all(faults.size);
  if (is_over_100(together)) {
    return Error{fmt::format(
        "faults `{}`: error, drop, wrong, twice, late and size exclude each other, and are {} "
        "percent together; at most 100 is allowed",
        text, together)};
  }
  return faults;
}

std::string faults_text(const FaultSpec& faults) {
  std::vector<std::string> knobs;
  const auto add = [&](std::string_view name, const auto& portions, const auto& text_of) {
    std::vector<std::string> entries;
    for (const auto& portion : portions) entries.push_back(text_of(portion));
    if (!entries.empty()) knobs.push_back(fmt::format("{}={}", name, fmt::join(entries, ",")));
  };
  const auto with_percent = [](std::string value, double percent) {
    return percent == 100 ? value : fmt::format("{}:{}", value, percent_text(percent));
  };
  add("delay", faults.delay, portion_text);
  add("error", faults.error, [&](const Portion<int>& portion) {
    return with_percent(std::to_string(portion.value), portion.percent);
  });
  std::vector<Portion<std::string_view>> drops;
  if (faults.drop_before != 0) drops.push_back({"before", faults.drop_before});
  if (faults.drop_after != 0) drops.push_back({"after", faults.drop_after});
  add("drop", drops, [](const Portion<std::string_view>& portion) {
    return fmt::format("{}:{}", percent_text(portion.percent), portion.value);
  });
  if (faults.wrong != 0) knobs.push_back("wrong=" + percent_text(faults.wrong));
  if (faults.twice != 0) knobs.push_back("twice=" + percent_text(faults.twice));
  add("late", faults.late, portion_text);
  add("size", faults.size, [&](const Portion<std::uint64_t>& portion) {
    return with_percent(knob_size_text(portion.value), portion.percent);
  });
  if (faults.hang) {
    knobs.push_back(fmt::format("hang={}@{}", knob_time_text(faults.hang->lasting),
                                knob_time_text(faults.hang->after)));
  }
  if (faults.crash) knobs.push_back("crash@" + knob_time_text(*faults.crash));
  if (faults.leak_bytes != 0) knobs.push_back("leak=" + knob_size_text(faults.leak_bytes));
  return fmt::format("{}", fmt::join(knobs, " "));
}

std::string error_fault_name(int code) {
  return fmt::format("error_{}", code);
}

}  // namespace natsproof
