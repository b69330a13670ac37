// The gate table of the law, row by row: what trips each gate, what does not, and what becomes of
// PROVEN and REFUTED. A gate without a trial is a failure here.
#include <set>
#include <string>

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

Verdict expected(const GateTrial& trial, Ground ground) {
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
        EXPECT_EQ(gate.limit, trial.limit) << text_of(trial);
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
      const bool is_refuted = ground == Ground::refuted ||
                              (ground == Ground::refuted_late && trial.claim == kTrialClaim);
      EXPECT_EQ(judgement.verdict, is_refuted ? Verdict::refuted : Verdict::proven)
          << text_of(trial) << ": " << judgement.claims[0].why;
    }
  }
}

TEST(GateTable, WhatBecomesOfTheVerdicts) {
  for (const GateTrial& trial : gate_trials()) {
    for (const Ground ground : kGrounds) {
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

}  // namespace
}  // namespace natsproof
