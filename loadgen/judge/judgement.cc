#include "loadgen/judge/judgement.h"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/judge/claim_judge.h"
#include "loadgen/judge/gates.h"

namespace natsproof {
namespace {

std::string claims_with(const Judgement& judgement, Verdict verdict) {
  std::string texts;
  for (const ClaimResult& claim : judgement.claims) {
    if (claim.verdict == verdict)
      texts += fmt::format("{}`{}`", texts.empty() ? "" : ", ", claim.text);
  }
  return texts;
}

bool any(const Judgement& judgement, Verdict verdict) {
  return std::any_of(judgement.claims.begin(), judgement.claims.end(),
                     [verdict](const ClaimResult& claim) { return claim.verdict == verdict; });
}

std::string what_fails(const Judgement& judgement) {
  const auto refuted =
      std::count_if(judgement.claims.begin(), judgement.claims.end(),
                    [](const ClaimResult& claim) { return claim.verdict == Verdict::refuted; });
  return claims_with(judgement, Verdict::refuted) +
         (refuted == 1 ? " does not hold." : " do not hold.");
}

// Without claims, "nothing happened" decides beside the void gates: an empty run is not a sound
// one.
bool spoils(const GateResult& gate, bool has_claims) {
  return gate.passed == false && (gate.is_void || (!has_claims && gate.name == "nothing happened"));
}

bool is_changed(const RunRecord& record) {
  return record.file && record.file->seal == Seal::broken;
}

void combine(const RunRecord& record, Judgement& judgement) {
  judgement.verdict = Verdict::invalid;
  if (is_changed(record)) {
    judgement.why = incompleteness(record) + " What it says is not what was measured.";
    return;
  }
  if (const std::string incomplete = incompleteness(record); !incomplete.empty()) {
    judgement.why = incomplete + " It is not the run that was planned, and proves nothing.";
    return;
  }
  for (const GateResult& gate : judgement.gates) {
    if (!spoils(gate, !record.claims.empty())) continue;
    judgement.why = fmt::format("Gate `{}` failed: {}. Nothing in this run can be relied on; {}.",
                                gate.name, gate.shown, gate.advice);
    return;
  }
  if (record.claims.empty()) {
    judgement.verdict = Verdict::none;
    judgement.why = "Nothing was claimed; the run is sound.";
  } else if (any(judgement, Verdict::refuted)) {
    judgement.verdict = Verdict::refuted;
    judgement.why = what_fails(judgement);
  } else if (any(judgement, Verdict::invalid)) {
    judgement.why = fmt::format("The instrument could have faked the verdict on {}.",
                                claims_with(judgement, Verdict::invalid));
  } else if (any(judgement, Verdict::inconclusive)) {
    judgement.verdict = Verdict::inconclusive;
    judgement.why = fmt::format("This run cannot tell about {}.",
                                claims_with(judgement, Verdict::inconclusive));
  } else {
    judgement.verdict = Verdict::proven;
    judgement.why = judgement.claims.size() == 1
                        ? "The claim holds."
                        : fmt::format("All {} claims hold.", judgement.claims.size());
  }
}

Verdict verdict_alone(const RunRecord& record, std::size_t index,
                      const std::vector<JudgedClaim>& claims) {
  const Repetition& repetition = record.repetitions[index];
  if (is_changed(record) || repetition.interrupted || !repetition.failure.empty() ||
      !repetition.aborted.empty())
    return Verdict::invalid;
  const auto gates = read_gates({.conditions = record.conditions,
                                 .claims = record.claims,
                                 .repetitions = std::span(&repetition, 1),
                                 .is_whole_run = false});
  const auto failed = [&gates](auto matters) {
    return std::any_of(gates.begin(), gates.end(), [&](const GateResult& gate) {
      return gate.passed == false && matters(gate);
    });
  };
  if (failed([&](const GateResult& gate) { return spoils(gate, !claims.empty()); })) {
    return Verdict::invalid;
  }
  // The benefit of the doubt is for whole runs: here, a gate that could have faked a claim's side
  // spoils it.
  bool some_refuted = false, some_spoilt = false, some_neither = false;
  for (const JudgedClaim& claim : claims) {
    const Side side = claim.sides[index];
    const Could harmless = side == Side::claim ? Could::slander : Could::flatter;
    const bool spoilt = failed([&](const GateResult& gate) {
      return gate.could != harmless && (gate.claim.empty() || gate.claim == claim.result.text);
    });
    some_neither |= side == Side::neither;
    some_spoilt |= side != Side::neither && spoilt;
    some_refuted |= side == Side::against && !spoilt;
  }
  if (claims.empty()) return Verdict::none;
  if (some_refuted) return Verdict::refuted;
  if (some_spoilt) return Verdict::invalid;
  return some_neither ? Verdict::inconclusive : Verdict::proven;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::proven:
      return "PROVEN";
    case Verdict::refuted:
      return "REFUTED";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::invalid:
      return "INVALID";
    case Verdict::none:
      break;
  }
  return "NONE";
}

int exit_status(Verdict verdict) {
  switch (verdict) {
    case Verdict::refuted:
      return 1;
    case Verdict::inconclusive:
      return 3;
    case Verdict::invalid:
      return 4;
    case Verdict::proven:
    case Verdict::none:
      break;
  }
  return 0;
}

std::string_view could_name(Could could) {
  switch (could) {
    case Could::flatter:
      return "flatter";
    case Could::slander:
      return "slander";
    case Could::both:
      break;
  }
  return "both";
}

Judgement judge(const RunRecord& record) {
  Judgement judgement;
  judgement.gates = read_gates({.conditions = record.conditions,
                                .claims = record.claims,
                                .repetitions = record.repetitions});
  std::vector<JudgedClaim> claims;
  for (std::size_t index = 0; index < record.claims.size(); ++index) {
    claims.push_back(judge_claim(record, index, judgement.gates));
    judgement.claims.push_back(claims.back().result);
  }
  combine(record, judgement);
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    judgement.repetitions.push_back(verdict_alone(record, r, claims));
  }
  return judgement;
}

}  // namespace natsproof
