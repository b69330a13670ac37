#include "loadgen/judge/advice.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "loadgen/judge/claim_evidence.h"

namespace natsproof {
namespace {

RunShape shape_of(std::size_t repetitions, const RunLength& run) {
  const auto n = static_cast<std::uint32_t>(std::max<std::size_t>(1, repetitions));
  return {.repetitions = n, .each = run.measured / n};
}

bool is_one_of_fewest(const RunShape& needed, const RunShape& now) {
  return now.repetitions < kFewestRepetitions && needed.repetitions == kFewestRepetitions &&
         needed.each == now.each;
}

// `a verdict needs about 11 repetitions of 25.0 s; this run has 5 of 1.00 s`
std::string needs(std::string_view what, const RunShape& needed, const RunShape& now) {
  if (is_one_of_fewest(needed, now)) {
    return fmt::format("A verdict needs at least {} repetitions; this run has {}.",
                       kFewestRepetitions, now.repetitions);
  }
  return fmt::format("{} needs about {} repetitions of {}; this run has {} of {}.", what,
                     needed.repetitions, format_duration(needed.each), now.repetitions,
                     format_duration(now.each));
}

std::string longest_words(const RunShape& now) {
  const Duration longest = longest_advised(now);
  return longest == 1h ? "an hour" : format_duration(longest);
}

// So few repetitions that no verdict comes of them, all of them against the claim.
std::string beyond(const ClaimResult& result, const RunShape& now) {
  constexpr double kFar = 2;  // times what may be over
  return fmt::format(
      "This is {}beyond the limit, but {}: a verdict needs at least {} repetitions (`--repetitions "
      "{}`).",
      result.lower > kFar * result.allowed_share ? "far " : "",
      now.repetitions == 1
          ? "one repetition proves nothing by itself"
          : fmt::format("{} repetitions prove nothing by themselves", now.repetitions),
      kFewestRepetitions, kFewestRepetitions);
}

std::string share_advice(const Claim& claim, const ClaimTest& test, const ClaimResult& result,
                         const RunLength& run) {
  const RunShape now = shape_of(test.sides.size(), run);
  const double unfilled = static_cast<double>(run.measured.count()) /
                          static_cast<double>(std::max<Duration>(run.loaded, 1ns).count());
  const Duration to_cover =
      scaled(length_to_cover(run.covers, result.allowed_share), std::max(1.0, unfilled));
  const auto needed = run_to_settle(OpenShare{.repetitions = test.counts,
                                              .design_effect = test.design_effect,
                                              .allowed = result.allowed_share,
                                              .run = now,
                                              .to_cover = to_cover});
  if (needed && test.refutes && is_one_of_fewest(*needed, now)) return beyond(result, now);
  const bool took_a_side = test.supports || test.refutes;
  if (!needed && took_a_side && now.repetitions >= kFewestRepetitions) {
    return fmt::format(
        "The repetitions differ so much that even {} of measurement might not tell: find what "
        "differs between them.",
        longest_words(now));
  }
  if (!needed) {
    return fmt::format(
        "The share lies so near the share allowed that even {} of measurement might not tell: "
        "claim another limit, or find what makes the share change.",
        longest_words(now));
  }
  constexpr double kRounded = 0.9;
  if (result.covers < run.covers && to_cover >= scaled(needed->total(), kRounded)) {
    return fmt::format(
        "PROVEN needs {} repetitions of {} for this {}; this run has {} of {}{}.",
        needed->repetitions, format_duration(needed->each),
        claim.is_latency() ? "quantile" : "share", now.repetitions, format_duration(now.each),
        run.loaded < run.measured
            ? fmt::format(", of which the load fills {} in all", format_duration(run.loaded))
            : "");
  }
  return needs(took_a_side ? "As the repetitions differ, a verdict" : "At this share, a verdict",
               *needed, now);
}

// Of claims on a mean: the run that would settle it. `left_out`: repetitions that are not judged.
std::string mean_advice(const Claim& claim, const ClaimTest& test, double limit,
                        const RunShape& now, std::uint32_t left_out = 0) {
  std::vector<MeanEvidence> values;
  for (const MeanEvidence& mean : test.means) {
    if (!mean.is_empty) values.push_back(mean);
  }
  RunShape judged = now;
  judged.repetitions -= std::min(left_out, judged.repetitions);
  auto needed = run_to_settle(OpenMean{.repetitions = values,
                                       .is_upper_limit = is_upper_limit(claim.comparison),
                                       .refuting_is_exact = kind_of(claim) == ClaimKind::throughput,
                                       .limit = limit,
                                       .run = judged});
  const bool some_failed =
      std::any_of(test.means.begin(), test.means.end(),
                  [](const MeanEvidence& mean) { return !mean.can_support || mean.all_failed; });
  if (some_failed && !needed) {
    return "No length of run proves a mean while requests fail: mend the failures, or claim a "
           "quantile.";
  }
  if (values.size() < 2) needed = RunShape{.repetitions = kFewestRepetitions, .each = now.each};
  if (!needed) {
    const auto most =
        std::min<Duration::rep>(std::max(kMostRepetitionsAdvised, now.repetitions),
                                longest_advised(now) / std::max<Duration>(now.each, 1ns));
    return fmt::format(
        "The repetitions lie so near the limit, for how they scatter, that even {} of them might "
        "not tell: claim another limit, or find what makes them differ.",
        most);
  }
  if (needed->repetitions > kFewestRepetitions) needed->repetitions += left_out;
  return needs("As the repetitions scatter, a verdict", *needed, now);
}

std::string filling_advice(const ClaimResult& result, const RunShape& now) {
  return needs("For requests in every one of them, a verdict", run_to_fill(result.planned, now),
               now);
}

}  // namespace

std::string advice(const Claim& claim, const ClaimTest& test, const ClaimResult& result,
                   const RunLength& run) {
  if (result.planned == 0) {
    return "No request of this claim was planned: give its task more weight, or measure for "
           "longer.";
  }
  const RunShape now = shape_of(test.sides.size(), run);
  switch (kind_of(claim)) {
    case ClaimKind::share:
      return share_advice(claim, test, result, run);
    case ClaimKind::mean:
    case ClaimKind::throughput: {
      const bool is_mean = kind_of(claim) == ClaimKind::mean;
      const bool has_empty =
          std::any_of(test.means.begin(), test.means.end(),
                      [](const MeanEvidence& mean) { return mean.is_empty && !mean.all_failed; });
      if (has_empty) return filling_advice(result, now);
      return mean_advice(
          claim, test, is_mean ? static_cast<double>(claim.limit.count()) : claim.rate.per_s, now);
    }
    case ClaimKind::maximum:
    case ClaimKind::resource:
      break;
  }
  return filling_advice(result, now);
}

std::string advice(const Claim& claim, const ResourceTest& of, const RunLength& run) {
  const RunShape now = shape_of(of.test.sides.size(), run);
  if (!of.missing.empty()) return {};  // it says why
  const double limit = claim.metric == Metric::cpu ? claim.share : claim.bytes_per_min;
  if (claim.metric == Metric::memory_growth && now.repetitions >= kFewestRepetitions && limit > 0 &&
      of.precision > limit / 2) {
    // Until they leave a fifth of the limit for what the processes do.
    const double longer = std::max(1.5, 1.25 * of.precision / limit);
    const double judged = of.warm_up ? now.repetitions - 1 : now.repetitions;
    return fmt::format(
        "The kernel's counters of memory are known to {} only over {}, which counts against either "
        "verdict: measure for {} in each repetition.",
        format_growth(of.precision), format_duration(of.measured_time),
        format_duration(scaled(of.measured_time, longer / judged)));
  }
  return mean_advice(claim, of.test, limit, now, of.warm_up ? 1 : 0);
}

}  // namespace natsproof
