#include "loadgen/judge/claim_words.h"

#include <cmath>
#include <cstdint>

#include <fmt/core.h>

#include "loadgen/judge/claim_evidence.h"

namespace natsproof {
namespace {

std::string what_is_over(const Claim& claim) {
  switch (claim.metric) {
    case Metric::response:
    case Metric::service:
      return claim.comparison == Comparison::less
                 ? fmt::format("took {} or longer, or failed", format_duration(claim.limit))
                 : fmt::format("took longer than {}, or failed", format_duration(claim.limit));
    case Metric::achieved:
      return "had no success within the window";
    case Metric::success:
    case Metric::errors:
    case Metric::throughput:
    case Metric::cpu:
    case Metric::memory_growth:
      break;
  }
  return "failed";
}

std::string value_of(const Claim& claim, double value) {
  if (claim.metric == Metric::throughput) return format_rate(Rate{std::round(value * 10) / 10});
  return format_duration(Duration{std::llround(value)});
}

std::string sides_of(const ClaimTest& test) {
  return fmt::format("{} of {} repetitions are within the claim, {} against it",
                     test.on(Side::claim), test.sides.size(), test.on(Side::against));
}

std::string finding(const Claim& claim, const ClaimTest& test, const ClaimResult& result) {
  switch (kind_of(claim)) {
    case ClaimKind::share: {
      const double share = result.planned == 0 ? 0
                                               : static_cast<double>(result.over) /
                                                     static_cast<double>(result.planned);
      return fmt::format(
          "{} of {} requests {}: {} ({} to {}, each bound at 95 %) where {} may; {}.",
          format_count(result.over), format_count(result.planned), what_is_over(claim),
          format_share(share), format_share(result.lower), format_share(result.upper),
          format_share(result.allowed_share), sides_of(test));
    }
    case ClaimKind::maximum:
      return fmt::format("{} of {} requests {}.", format_count(result.over),
                         format_count(result.planned), what_is_over(claim));
    case ClaimKind::mean:
    case ClaimKind::throughput:
    case ClaimKind::resource:  // explained in resource_evidence.h
      break;
  }
  const bool is_mean = kind_of(claim) == ClaimKind::mean;
  const bool has_bounds = test.bounds.lower != 0 || test.bounds.upper != 1;
  std::string text;
  if (has_bounds) {
    text = fmt::format("{} over the repetitions {} to {}, each bound at 95 %; ",
                       is_mean ? "Mean" : "Successes per second",
                       value_of(claim, test.bounds.lower), value_of(claim, test.bounds.upper));
  }
  text += sides_of(test) + ".";
  if (is_mean && result.over > 0) {
    text += fmt::format(" {} of {} requests failed, which is slower than any limit.",
                        format_count(result.over), format_count(result.planned));
  }
  return text;
}

}  // namespace

std::string explain(const Claim& claim, const ClaimTest& test, const ClaimResult& result,
                    RunLength run) {
  std::string text = finding(claim, test, result);
  const ClaimKind kind = kind_of(claim);
  if (kind == ClaimKind::maximum && result.verdict != Verdict::inconclusive) {
    text +=
        result.verdict == Verdict::refuted
            ? " It happened, and once is enough."
            : fmt::format(
                  " This speaks of these requests only: of others like them, up to 1 in {} could "
                  "still break it, at 95 %, and no run brings that to none.",
                  format_count(static_cast<std::uint64_t>(1 / result.upper)));
  } else if (kind == ClaimKind::share && result.verdict == Verdict::proven) {
    text += fmt::format(" Covers disturbances up to {}{}.", format_duration(result.covers),
                        run.loaded < run.measured ? " in " + length_words(run) : "");
  }
  return text;
}

std::string length_words(const RunLength& run) {
  const std::string measured = format_duration(run.measured);
  if (run.loaded >= run.measured) return measured;
  return fmt::format("{}, of which the load fills {}", measured, format_duration(run.loaded));
}

}  // namespace natsproof
