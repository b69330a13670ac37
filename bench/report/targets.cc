#include "bench/report/targets.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace natsproof {
namespace {

enum class Asked { at_least_times, at_most_times, under_percent, under_ns };

struct Figure {
  std::string_view model, encoding, operation;
};

// `over` divided by `under`, but for a time: that is `over` alone.
struct Target {
  std::string_view about;
  Figure over, under;
  Asked asked;
  double limit;
};

constexpr std::string_view kOrder = "order-10";
constexpr std::string_view kProbe = "probe";

constexpr std::array kTargets{
    Target{"order-10: JSON decode, times as fast as protobuf's utility",
           {kOrder, kJsonByProtobuf, kDecode},
           {kOrder, kJson, kDecode},
           Asked::at_least_times,
           10},
    Target{"order-10: JSON encode, times as fast as protobuf's utility",
           {kOrder, kJsonByProtobuf, kEncode},
           {kOrder, kJson, kEncode},
           Asked::at_least_times,
           10},
    Target{"order-10: JSON decode, times as long as protobuf decode",
           {kOrder, kJson, kDecode},
           {kOrder, kProtobuf, kDecode},
           Asked::at_most_times,
           2.5},
    Target{"order-10: validate, share of protobuf decode",
           {kOrder, kMessage, kValidate},
           {kOrder, kProtobuf, kDecode},
           Asked::under_percent,
           20},
    Target{"probe: validate",
           {kProbe, kMessage, kValidate},
           {kProbe, kMessage, kValidate},
           Asked::under_ns,
           200},
};

struct Outcome {
  std::string asked, measured;
  bool met;
};

Outcome outcome(const Target& target, double over_ns, double under_ns) {
  const double ratio = over_ns / under_ns;
  switch (target.asked) {
    case Asked::at_least_times:
      return {fmt::format(">= {}x", target.limit), format_ratio(ratio) + "x",
              ratio >= target.limit};
    case Asked::at_most_times:
      return {fmt::format("<= {}x", target.limit), format_ratio(ratio) + "x",
              ratio <= target.limit};
    case Asked::under_percent:
      return {fmt::format("< {} %", target.limit), fmt::format("{:.1f} %", 100 * ratio),
              100 * ratio < target.limit};
    case Asked::under_ns:
      break;
  }
  return {fmt::format("< {} ns", target.limit), format_time(over_ns), over_ns < target.limit};
}

}  // namespace

std::string render_targets(std::span<const Cost> costs) {
  const auto find = [&](const Figure& figure) {
    return find_cost(costs, figure.model, figure.encoding, figure.operation);
  };
  std::string lines;
  for (const Target& target : kTargets) {
    const Cost* const over = find(target.over);
    const Cost* const under = find(target.under);
    if (over == nullptr || under == nullptr) continue;
    const Outcome result = outcome(target, over->time_ns, under->time_ns);
    lines += fmt::format("{:<60}{:>10}{:>12}  {}\n", target.about, result.asked, result.measured,
                         result.met ? "met" : "NOT MET");
  }
  if (lines.empty()) return "";
  return fmt::format("{:<60}{:>10}{:>12}\n{}", "speed", "asked", "measured", lines);
}

}  // namespace natsproof
