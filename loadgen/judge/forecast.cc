// What `check` says of a claim before a run.
#include <cmath>

#include <fmt/core.h>

#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/claim_words.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/judge/resource_evidence.h"

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

}  // namespace

ClaimForecast forecast(const Claim& claim, std::optional<std::uint64_t> planned, Duration window,
                       std::uint32_t repetitions, Duration covers, std::optional<Duration> loaded) {
  ClaimForecast forecast{.text = claim.text, .planned = planned.value_or(0)};
  const auto add = [&](const std::string& sentence) {
    forecast.note += (forecast.note.empty() ? "" : " ") + sentence;
  };
  if (repetitions < kFewestRepetitions) {
    add(fmt::format("{} more repetitions, or it stays INCONCLUSIVE.",
                    kFewestRepetitions - repetitions));
  }
  const ClaimKind kind = kind_of(claim);
  if (kind == ClaimKind::maximum && planned != 0) forecast.tolerated = 0;
  if (kind == ClaimKind::resource) {
    const Duration least = shortest_window(claim);
    if (window < least) {
      add(
          fmt::format("{} of measurement in each repetition, or it stays INCONCLUSIVE; the plan "
                      "has {}.",
                      format_duration(least), format_duration(window)));
    }
  }
  if (kind != ClaimKind::share) return forecast;

  const double allowed = claim.allowed_share();
  const RunLength run{.measured = window * repetitions,
                      .loaded = loaded.value_or(window) * repetitions,
                      .covers = covers};
  forecast.covers = covered_disturbance(run.loaded, allowed);
  forecast.covers_enough = forecast.covers >= covers;
  if (planned) forecast.tolerated = most_tolerated(*planned, allowed);
  if (!forecast.covers_enough) {
    add(fmt::format("{} of measurement to cover disturbances of {}; the plan has {}.",
                    format_duration(length_to_cover(covers, allowed)), format_duration(covers),
                    length_words(run)));
  }
  if (planned && !forecast.tolerated) {
    // U(0; n) = 1 - 0.05^(1/n) < allowed
    const double needed = std::floor(std::log(1 - kConfidence) / std::log1p(-allowed)) + 1;
    add(fmt::format("{} requests to prove it even with none over; the plan has {}.",
                    format_count(static_cast<std::uint64_t>(needed)), format_count(*planned)));
  }
  return forecast;
}

}  // namespace natsproof
