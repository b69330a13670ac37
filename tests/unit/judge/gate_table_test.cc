// The table of docs/measurement.md, "Gates", row by row: what trips each gate, what does not, and
// what becomes of PROVEN and REFUTED. A gate without a trial is a failure here.
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "loadgen/judge/claim_judge.h"
#include "loadgen/judge/gates.h"
#include "tests/unit/judge/gate_trials.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Ground kGrounds[] = {Ground::proven, Ground::refuted_late, Ground::refuted};

std::string text_of(const GateTrial& trial) {
  return std::string(trial.name) + ": " + trial.how;
}

std::optional<Verdict> expected(const GateTrial& trial, Ground ground) {
  switch (ground) {
    case Ground::proven:
      return trial.proven;
    case Ground::refuted_late:
      return trial.refuted_late;
    case Ground::refuted:
      break;
  }
  return trial.refuted;
}

TEST(GateTable, EveryGateHasItsTrials) {
  std::set<std::string> tried, known;
  for (const GateTrial& trial : gate_trials()) tried.insert(trial.name);
  for (const std::string_view name : gate_names()) known.insert(std::string(name));
  EXPECT_EQ(tried, known);
}

TEST(GateTable, OnlyTheTrippedGateFails) {
  for (const GateTrial& trial : gate_trials()) {
    for (const Ground ground : kGrounds) {
      if (!expected(trial, ground)) continue;
      RunRecord record = trial_record(ground, trial.claim);
      trial.trip(record);
      for (const GateResult& gate : judge(record).gates) {
        EXPECT_EQ(gate.passed, gate.name != trial.name)
            << text_of(trial) << "; " << gate.name << ": " << gate.shown;
      }
      const Judgement judgement = judge(record);
      const GateResult& gate = gate_named(judgement, trial.name);
      EXPECT_EQ(gate.could, trial.could) << text_of(trial);
      EXPECT_EQ(gate.is_void, trial.is_void) << text_of(trial);
      EXPECT_TRUE(gate.figure.has_value()) << text_of(trial);
      EXPECT_FALSE(gate.advice.empty()) << text_of(trial);
      if (!gate.limit_changed) {
        EXPECT_DOUBLE_EQ(gate.limit, trial.limit) << text_of(trial);
      }
    }
  }
}

TEST(GateTable, NoGateFailsAtItsLimit) {
  for (const GateTrial& trial : gate_trials()) {
    for (const Ground ground : kGrounds) {
      RunRecord record = trial_record(ground, trial.claim);
      trial.pass(record);
      const Judgement judgement = judge(record);
      for (const GateResult& gate : judgement.gates) {
        EXPECT_EQ(gate.passed, true) << text_of(trial) << "; " << gate.name << ": " << gate.shown;
      }
      EXPECT_THAT(judgement.claims[0].blocked_by, IsEmpty()) << text_of(trial);
      const bool is_refuted =
          ground == Ground::refuted ||
          (ground == Ground::refuted_late && !std::string_view(trial.claim).starts_with("service"));
      EXPECT_EQ(judgement.verdict, is_refuted ? Verdict::refuted : Verdict::proven)
          << text_of(trial) << ": " << judgement.claims[0].why;
    }
  }
}

TEST(GateTable, WhatBecomesOfTheVerdicts) {
  for (const GateTrial& trial : gate_trials()) {
    for (const Ground ground : kGrounds) {
      if (!expected(trial, ground)) continue;
      RunRecord record = trial_record(ground, trial.claim);
      trial.trip(record);
      const Judgement judgement = judge(record);
      const ClaimResult& claim = judgement.claims[0];
      EXPECT_EQ(claim.verdict, expected(trial, ground)) << text_of(trial) << ": " << claim.why;
      if (claim.verdict == Verdict::invalid) {
        EXPECT_THAT(claim.blocked_by, ElementsAre(trial.name));
      } else {
        EXPECT_THAT(claim.blocked_by, IsEmpty()) << text_of(trial);
      }
      EXPECT_EQ(judgement.verdict, trial.is_void ? Verdict::invalid : claim.verdict)
          << text_of(trial);
    }
  }
}

// --- directions, over random combinations of failed gates ---

std::vector<std::string> blockers(const std::vector<GateResult>& gates, const std::string& claim,
                                  Could harmless) {
  std::vector<std::string> names;
  for (const GateResult& gate : gates) {
    if (gate.passed == false && gate.could != harmless &&
        (gate.claim.empty() || gate.claim == claim)) {
      names.push_back(gate.name);
    }
  }
  return names;
}

TEST(Directions, OfTrippedGatesTogether) {
  Random random(5);
  int proven = 0, refuted = 0, invalid = 0;
  for (int i = 0; i < 150; ++i) {
    const Ground ground = kGrounds[random.below(std::size(kGrounds))];
    RunRecord record = trial_record(ground);
    std::set<std::uint64_t> tripped;  // none twice: that would be another count of what is over
    for (std::uint64_t t = 1 + random.below(4); t > 0; --t) {
      tripped.insert(random.below(gate_trials().size()));
    }
    for (const std::uint64_t trial : tripped) gate_trials()[trial].trip(record);
    const Judgement judgement = judge(record);
    const ClaimResult& claim = judgement.claims[0];
    const std::string why = fmt::format("{}: {}", i, claim.why);
    if (ground == Ground::proven) {
      // Slander never takes PROVEN away; everything else does.
      const auto blocking = blockers(judgement.gates, claim.text, Could::slander);
      EXPECT_EQ(claim.verdict, blocking.empty() ? Verdict::proven : Verdict::invalid) << why;
      EXPECT_EQ(claim.blocked_by, blocking) << why;
    } else {
      // Flattery never takes REFUTED away; everything else may.
      const auto blocking = blockers(judgement.gates, claim.text, Could::flatter);
      EXPECT_NE(claim.verdict, Verdict::proven) << why;
      if (blocking.empty()) {
        EXPECT_EQ(claim.verdict, Verdict::refuted) << why;
      }
      if (ground == Ground::refuted_late && !blocking.empty()) {
        EXPECT_EQ(claim.verdict, Verdict::invalid) << why;
      }
      EXPECT_EQ(claim.blocked_by,
                claim.verdict == Verdict::refuted ? std::vector<std::string>{} : blocking)
          << why;
    }
    for (const GateResult& gate : judgement.gates) {
      if (gate.is_void && gate.passed == false) {
        EXPECT_EQ(judgement.verdict, Verdict::invalid) << why;
      }
    }
    proven += claim.verdict == Verdict::proven;
    refuted += claim.verdict == Verdict::refuted;
    invalid += claim.verdict == Verdict::invalid;
  }
  EXPECT_GT(proven, 10);
  EXPECT_GT(refuted, 10);
  EXPECT_GT(invalid, 10);
}

// The same with gates out of thin air: any direction under any name, about any claim, in any state.
TEST(Directions, OfMadeUpGates) {
  Random random(6);
  std::vector<RunRecord> records;  // around the 200 of 2,000 that may be over
  for (const std::uint64_t over : {0u, 100u, 190u, 200u, 210u, 300u, 2000u}) {
    records.push_back(
        made_record({.claims = {kTrialClaim}},
                    {{.per_s = 2000 - over}, {.per_s = over, .response = 5ms, .service = 5ms}}));
  }
  for (int i = 0; i < 1000; ++i) {
    const RunRecord& record = records[random.below(records.size())];
    const Verdict before = judge_claim(record, 0, {}).result.verdict;
    std::vector<GateResult> gates(random.below(6));
    for (GateResult& gate : gates) {
      gate.name = gate_names()[random.below(gate_names().size())];
      gate.could = std::array{Could::flatter, Could::slander, Could::both}[random.below(3)];
      gate.passed = std::array<std::optional<bool>, 3>{true, false, std::nullopt}[random.below(3)];
      gate.is_void = random.below(2) == 0;
      gate.claim = std::array{"", kTrialClaim, "response p50 < 1ms"}[random.below(3)];
    }
    const ClaimResult claim = judge_claim(record, 0, gates).result;
    const auto against_proof = blockers(gates, kTrialClaim, Could::slander);
    const auto against_refutation = blockers(gates, kTrialClaim, Could::flatter);
    switch (before) {
      case Verdict::proven:
        EXPECT_EQ(claim.verdict, against_proof.empty() ? Verdict::proven : Verdict::invalid);
        EXPECT_EQ(claim.blocked_by, against_proof);
        break;
      case Verdict::refuted:
        if (against_refutation.empty()) {
          EXPECT_EQ(claim.verdict, Verdict::refuted);
        } else {  // whether the doubt suffices is another test's matter
          EXPECT_TRUE(claim.verdict == Verdict::refuted || claim.verdict == Verdict::invalid);
        }
        break;
      default:
        EXPECT_EQ(claim.verdict, before);
        EXPECT_THAT(claim.blocked_by, IsEmpty());
    }
  }
}

}  // namespace
}  // namespace natsproof
