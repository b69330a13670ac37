// What `check` says of a claim before a run.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/judge/resource_evidence.h"
#include "loadgen/judge/settling.h"

namespace natsproof {
namespace {

bool supports(std::uint64_t planned, std::uint64_t over, double allowed) {
  const Bounds bounds =
      clopper_pearson({.planned = static_cast<double>(planned), .over = static_cast<double>(over)});
  return bounds.upper < allowed;
}

std::optional<std::uint64_t> most_tolerated(std::uint64_t planned, double allowed) {
  if (planned == 0 || !supports(planned, 0, allowed)) return std::nullopt;
  std::uint64_t low = 0, high = planned;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (supports(planned, middle, allowed) ? low : high) = middle;
  }
  return low;
}

std::string what_is_missing(RunShape plan, Duration needed, std::string_view what_for) {
  RunShape run = plan;
  run.repetitions = std::max(run.repetitions, kFewestRepetitions);
  if (needed > plan.total()) {
    // Each as long as the plan's, where more of them are long enough.
    run.each = std::max(plan.each, rounded_up(needed / run.repetitions));
  } else if (plan.repetitions >= kFewestRepetitions) {
    return {};
  }
  if (run.each == plan.each) {
    return fmt::format("PROVEN needs at least {} repetitions; the plan has {}.", run.repetitions,
                       plan.repetitions);
  }
  return fmt::format("PROVEN needs {} repetitions of {}{}; the plan has {} of {}.", run.repetitions,
                     format_duration(run.each), what_for, plan.repetitions,
                     format_duration(plan.each));
}

}  // namespace

ClaimForecast forecast(const Claim& claim, std::optional<std::uint64_t> planned, Duration window,
                       std::uint32_t repetitions, Duration covers, std::optional<Duration> loaded) {
  ClaimForecast forecast{.text = claim.text, .planned = planned.value_or(0)};
  const ClaimKind kind = kind_of(claim);
  if (kind == ClaimKind::maximum && planned != 0) forecast.tolerated = 0;
  // The longest of what each rule asks for.
  Duration needed = kind == ClaimKind::resource
                        ? shortest_window(claim) * std::max(repetitions, kFewestRepetitions)
                        : 0ns;
  std::string_view what_for;
  bool is_for_coverage = false;
  if (kind == ClaimKind::share) {
    const double allowed = claim.allowed_share();
    const Duration measured = window * repetitions;
    const Duration filled = loaded.value_or(window) * repetitions;
    forecast.covers = covered_disturbance(filled, allowed);
    forecast.covers_enough = forecast.covers >= covers;
    if (!forecast.covers_enough) {
      needed = filled > 0ns ? scaled(length_to_cover(covers, allowed),
                                     to_seconds(measured) / to_seconds(filled))
                            : length_to_cover(covers, allowed);
      what_for = claim.is_latency() ? " for this quantile" : " for this share";
      is_for_coverage = true;
    }
    if (planned) forecast.tolerated = most_tolerated(*planned, allowed);
    if (planned && *planned > 0 && !forecast.tolerated) {
      // U(0; n) = 1 - 0.05^(1/n) < allowed
      const double fewest = std::floor(std::log(1 - kConfidence) / std::log1p(-allowed)) + 1;
      const Duration for_them = scaled(measured, fewest / static_cast<double>(*planned));
      if (for_them > needed) {
        needed = for_them;
        what_for = " at this rate";
        is_for_coverage = false;
      }
    }
  }
  const RunShape plan{.repetitions = repetitions, .each = window};
  forecast.note = what_is_missing(plan, needed, what_for);
  if (is_for_coverage && loaded && *loaded < window) {
    forecast.note.pop_back();
    forecast.note +=
        fmt::format(", of which the load fills {}.", format_duration(*loaded * repetitions));
  }
  return forecast;
}

}  // namespace natsproof
