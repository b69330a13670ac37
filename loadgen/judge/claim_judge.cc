#include "loadgen/judge/claim_judge.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "loadgen/judge/advice.h"
#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/claim_words.h"
#include "loadgen/judge/gates.h"
#include "loadgen/judge/platform_noise.h"
#include "loadgen/judge/resource_evidence.h"

namespace natsproof {
namespace {

std::string unit_of(const Claim& claim) {
  if (claim.is_latency()) return "ns";
  if (claim.metric == Metric::cpu) return "cores";
  if (claim.metric == Metric::memory_growth) return "bytes_per_min";
  return claim.metric == Metric::throughput ? "per_s" : "share";
}

// In a population of every planned request, failures are slower than anything.
void measure_latency(const Claim& claim, const Histogram& times, ClaimResult& result) {
  const std::uint64_t planned = result.planned;
  const std::uint64_t answered = std::min(planned, times.count());
  if (planned == 0) return;
  std::uint64_t rank = planned;  // of a maximum; a mean, too, has a figure only when nothing failed
  if (claim.statistic == Statistic::quantile) {
    if (quantile_support(claim.quantile, planned) == QuantileSupport::none) return;
    rank = rank_of(claim.quantile, planned);
  }
  if (rank > answered) {
    result.beyond_timeout = true;
  } else if (claim.statistic == Statistic::mean) {
    result.measured = times.mean_ns();
  } else {
    result.measured = static_cast<double>(times.value_at_rank(rank).count());
  }
}

double share_measured(Metric metric, const RequestCounts& counts) {
  const auto planned = static_cast<double>(counts.planned);
  if (metric == Metric::achieved) return static_cast<double>(counts.in_window) / planned;
  const double success = static_cast<double>(counts.successes()) / planned;
  return metric == Metric::errors ? 1 - success : success;
}

void measure(const RunRecord& record, std::size_t index, ClaimResult& result) {
  const Claim& claim = record.claims[index];
  const RequestCounts counts = measured_counts(record.repetitions, claim);
  result.planned = counts.planned;
  result.over = counts.planned - std::min(counts.planned, counts.successes());
  if (claim.is_latency()) {
    measure_latency(claim, merged(record.repetitions, claim, times_of(claim)), result);
  } else if (claim.metric == Metric::throughput) {
    const double time_s = static_cast<double>(measured_time(record.repetitions).count()) * 1e-9;
    if (time_s > 0) result.measured = static_cast<double>(counts.in_window) / time_s;
  } else if (counts.planned > 0 && !claim.is_resource()) {
    result.measured = share_measured(claim.metric, counts);
  }
  const ClaimKind kind = kind_of(claim);
  if (kind == ClaimKind::mean || kind == ClaimKind::throughput) return;
  if (kind == ClaimKind::resource) return;
  result.over = 0;
  for (const Repetition& repetition : record.repetitions) {
    result.over += claim_counts(claim, index, repetition).count.over;
  }
}

Verdict tested_verdict(const ClaimTest& test, ClaimKind kind, const ClaimResult& result,
                       Duration covers) {
  // One request over a maximum is a fact, however few the repetitions.
  if (kind == ClaimKind::maximum && test.refutes) return Verdict::refuted;
  const Verdict verdict = test.verdict();
  if (verdict == Verdict::proven && kind == ClaimKind::share && result.covers < covers) {
    return Verdict::inconclusive;
  }
  return verdict;
}

// What processes take is told by the kernel, whatever the generator's times are worth; but of a
// load that was not offered, or that others answered, it says nothing.
bool concerns_processes(const GateResult& gate) {
  return gate.is_void || gate.name == "offered rate" || gate.name == "nothing happened" ||
         gate.name == "foreign answers";
}

bool concerns(const GateResult& gate, const Claim& claim) {
  if (claim.is_resource() && !concerns_processes(gate)) return false;
  return gate.passed == false && (gate.claim.empty() || gate.claim == claim.text);
}

std::vector<const GateResult*> blockers(std::span<const GateResult> gates, const Claim& claim,
                                        Could harmless) {
  std::vector<const GateResult*> found;
  for (const GateResult& gate : gates) {
    if (concerns(gate, claim) && gate.could != harmless) found.push_back(&gate);
  }
  return found;
}

// Only where stalls were looked for all the time, and it is known what was stolen.
bool is_noise_known(const RunRecord& record, std::size_t index) {
  const PlatformNoise noise = platform_noise(record.repetitions, record.claims[index], index);
  return noise.stalled.has_value() && noise.steal.has_value();
}

// Can the doubt that a failed gate raises be granted to this claim at all?
bool can_be_granted(const RunRecord& record, std::size_t index, const GateResult& gate) {
  const Claim& claim = record.claims[index];
  if (claim.metric == Metric::throughput) return false;
  switch (benefit_against(gate.name)) {
    case Benefit::scheduling:
      return claim.metric != Metric::service;  // late sending makes another load
    case Benefit::refusals:
      return true;
    case Benefit::slowness:
      return !floor_of(record.repetitions).empty() || !claim.is_latency();
    case Benefit::stalls:
      // A mean does not know which of its requests met a stall.
      if (kind_of(claim) == ClaimKind::mean) return false;
      return !claim.is_latency() || is_noise_known(record, index);
    case Benefit::none:
      break;
  }
  return false;
}

// What a request can have lost beyond the stalls that are granted one by one: nothing where they
// show what was stolen and throttled, else all of that.
Duration lost_to_the_machine(const RunRecord& record, std::size_t index, double limit) {
  const PlatformNoise noise = platform_noise(record.repetitions, record.claims[index], index);
  if (stalls_account_for(noise, record.conditions.cores, limit)) return {};
  return time_taken(noise, record.conditions.cores, measured_time(record.repetitions));
}

bool still_refuted(const RunRecord& record, std::size_t index,
                   const std::vector<const GateResult*>& failed) {
  const Claim& claim = record.claims[index];
  Doubt doubt{.machine_alone = true};
  for (const GateResult* gate : failed) {
    if (!can_be_granted(record, index, *gate)) return false;
    const Benefit benefit = benefit_against(gate->name);
    doubt.slow |= benefit != Benefit::refusals;
    doubt.machine_alone &= benefit == Benefit::refusals || benefit == Benefit::stalls;
    if (benefit == Benefit::stalls) doubt.lost += lost_to_the_machine(record, index, gate->limit);
    doubt.lagged |= benefit == Benefit::scheduling;
  }
  const ClaimTest test = test_with_benefit(record, index, doubt);
  if (kind_of(claim) == ClaimKind::maximum) return test.refutes;
  return test.verdict() == Verdict::refuted;
}

void block(const std::vector<const GateResult*>& failed, ClaimResult& result) {
  std::string doubts;
  for (const GateResult* gate : failed) {
    result.blocked_by.push_back(gate->name);
    doubts += fmt::format(" Gate `{}` failed: {}; {}.", gate->name, gate->shown, gate->advice);
  }
  result.why = fmt::format("The counts say {}, but the instrument could have faked that.{} {}",
                           verdict_name(result.verdict), doubts, result.why);
  result.verdict = Verdict::invalid;
}

std::string names_of(const std::vector<const GateResult*>& gates) {
  std::string names;
  for (const GateResult* gate : gates)
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", gate->name);
  return names;
}

// What an open claim asks for: of an instrument that may have been in the way, nothing else until
// that is mended.
std::string advice_past(std::span<const GateResult> gates, const Claim& claim,
                        const ClaimResult& result, const std::string& otherwise) {
  const auto failed = blockers(gates, claim, Could::flatter);
  if (failed.empty() || result.over == 0) return otherwise;
  return fmt::format("Gate {} failed: the instrument may have been in the way; mend that first.",
                     names_of(failed));
}

void pass_gates(const RunRecord& record, std::size_t index, std::span<const GateResult> gates,
                ClaimResult& result) {
  const Claim& claim = record.claims[index];
  if (result.verdict == Verdict::proven) {
    const auto failed = blockers(gates, claim, Could::slander);
    if (!failed.empty()) block(failed, result);
  } else if (result.verdict == Verdict::refuted) {
    const auto failed = blockers(gates, claim, Could::flatter);
    if (failed.empty()) return;
    if (!still_refuted(record, index, failed)) return block(failed, result);
    result.why += fmt::format(" Gate {} failed; it is refuted with the benefit of the doubt, too.",
                              names_of(failed));
  }
}

// Whether the claim's figure changed meanwhile, where that could not be seen.
void name_unseen_changes(const Claim& claim, std::span<const GateResult> gates,
                         ClaimResult& result) {
  // One request over a maximum is a fact, whatever changed.
  const bool could_be_faked =
      result.verdict == Verdict::proven ||
      (result.verdict == Verdict::refuted && kind_of(claim) != ClaimKind::maximum);
  if (!could_be_faked) return;
  for (const GateResult& gate : gates) {
    const bool is_on_change = gate.name == kStationarity || gate.name == kRepetitionTrend;
    if (is_on_change && gate.claim == claim.text && !gate.passed)
      result.why += fmt::format(" Gate `{}` could not be checked: {}.", gate.name, gate.shown);
  }
}

// What no gate watches, because it lies in the claim itself.
void refuse_the_impossible(const RunRecord& record, const Claim& claim, ClaimResult& result) {
  if (result.verdict != Verdict::proven && result.verdict != Verdict::refuted) return;
  if (claim.metric == Metric::response && !record.conditions.open_loop) {
    result.verdict = Verdict::invalid;
    result.why = "A closed loop has no response time, only service time.";
  } else if (result.verdict == Verdict::proven &&
             measured_counts(record.repetitions, claim).successes() == 0) {
    result.verdict = Verdict::invalid;
    result.blocked_by.emplace_back("nothing happened");
    result.why = "Not one request succeeded: there is nothing to prove this with.";
  } else if (const std::string incomplete = incompleteness(record); !incomplete.empty()) {
    result.why = fmt::format("{} What there is says {}: {}", incomplete,
                             verdict_name(result.verdict), result.why);
    result.verdict = Verdict::invalid;
  }
}

}  // namespace

JudgedClaim judge_claim(const RunRecord& record, std::size_t index,
                        std::span<const GateResult> gates) {
  const Claim& claim = record.claims[index];
  const ClaimKind kind = kind_of(claim);
  std::optional<ResourceTest> of_processes;
  if (kind == ClaimKind::resource)
    of_processes = test_resource(record.repetitions, claim, record.conditions.cores);
  const ClaimTest test = of_processes ? of_processes->test : test_claim(record, index);
  ClaimResult result{.text = claim.text, .unit = unit_of(claim)};
  measure(record, index, result);
  if (of_processes) result.measured = of_processes->measured;
  if (kind == ClaimKind::share) {
    result.allowed_share = claim.allowed_share();
    result.covers =
        covered_disturbance(loaded_time(record.repetitions, claim, index), result.allowed_share);
  }
  result.lower = test.bounds.lower;
  result.upper = test.bounds.upper;
  result.design_effect = test.design_effect;
  result.under = test.on(Side::claim);
  result.repetitions = static_cast<std::uint32_t>(record.repetitions.size());
  result.verdict = tested_verdict(test, kind, result, record.conditions.covers);
  const RunLength run{.measured = measured_time(record.repetitions),
                      .loaded = loaded_time(record.repetitions, claim, index),
                      .covers = record.conditions.covers};
  result.why = of_processes ? explain_resource(claim, *of_processes, result.verdict)
                            : explain(claim, test, result, run);
  if (result.verdict == Verdict::inconclusive) {
    const std::string asked = advice_past(
        gates, claim, result,
        of_processes ? advice(claim, *of_processes, run) : advice(claim, test, result, run));
    if (!asked.empty()) result.why += " " + asked;
  }
  pass_gates(record, index, gates, result);
  name_unseen_changes(claim, gates, result);
  refuse_the_impossible(record, claim, result);
  return {.result = std::move(result), .sides = test.sides};
}

std::string incompleteness(const RunRecord& record) {
  if (record.file && record.file->seal == Seal::broken)
    return "The file was changed after the run.";
  if (record.interrupted) return "The run was interrupted.";
  // `aborted in repetition 2 of 5: ...`: by a limit of the plan's own, which is no fault of the
  // run.
  if (record.failure.starts_with("aborted ")) return fmt::format("The run was {}.", record.failure);
  if (!record.failure.empty()) return fmt::format("The run failed: {}.", record.failure);
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    const Repetition& repetition = record.repetitions[r];
    if (repetition.interrupted) return fmt::format("Repetition {} was interrupted.", r + 1);
    if (!repetition.failure.empty()) {
      return fmt::format("Repetition {} failed: {}.", r + 1, repetition.failure);
    }
  }
  if (record.repetitions.size() < record.conditions.planned_repetitions) {
    return fmt::format("Only {} of {} planned repetitions were run.", record.repetitions.size(),
                       record.conditions.planned_repetitions);
  }
  return {};
}

}  // namespace natsproof
