// The benefit of the doubt, on a machine that stalls: what the system would have kept is not
// refuted, what it breaks by itself is, and what holds in spite of the stalls is proven.
//
// Runs with fixed seeds; the rates are printed.
#include <array>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/judgement.h"
#include "tests/sim/judge/stalled_machine.h"

namespace natsproof::simulation {
namespace {

constexpr int kMachines = 60;

struct Verdicts {
  int proven = 0, refuted = 0, invalid = 0, inconclusive = 0;
  int refuted_by_counts = 0;  // before any gate
  int noisy = 0;              // the gate failed
};

Verdicts judge_runs(const char* what, const StalledMachine& machine, const std::string& claim) {
  Generator generator(20240601);
  Verdicts verdicts;
  for (int i = 0; i < kMachines; ++i) {
    const RunRecord record = stalled_run(machine, claim, generator);
    const Judgement judgement = judge(record);
    verdicts.proven += judgement.verdict == Verdict::proven;
    verdicts.refuted += judgement.verdict == Verdict::refuted;
    verdicts.invalid += judgement.verdict == Verdict::invalid;
    verdicts.inconclusive += judgement.verdict == Verdict::inconclusive;
    verdicts.refuted_by_counts += test_claim(record, 0).verdict() == Verdict::refuted;
    for (const GateResult& gate : judgement.gates) {
      verdicts.noisy += gate.name == "platform noise" && gate.passed == false;
    }
  }
  fmt::print(
      "{:44} {:22}: {} runs, {} refuted by counts, {} with noise; {} PROVEN, {} REFUTED, {} "
      "INVALID, {} INCONCLUSIVE\n",
      what, claim, kMachines, verdicts.refuted_by_counts, verdicts.noisy, verdicts.proven,
      verdicts.refuted, verdicts.invalid, verdicts.inconclusive);
  return verdicts;
}

// 9 % of the time in stalls of 30 ms; the service is busy for 10 %.
constexpr StalledMachine kQuick{.work = 200us, .stalls_per_s = 3, .stall = 30ms};

TEST(BenefitOfTheDoubt, WhatHoldsWithoutTheStallsIsNotRefuted) {
  for (const Duration work : {kQuick.work, Duration{1ms}}) {  // busy for 10 %, for 50 %
    StalledMachine machine = kQuick;
    machine.work = work;
    machine.stalls_per_s = 0;
    EXPECT_EQ(judge_runs("no stalls", machine, "response p99 < 10ms").proven, kMachines);
    machine.stalls_per_s = kQuick.stalls_per_s;
    const Verdicts verdicts = judge_runs("9 % in stalls of 30 ms", machine, "response p99 < 10ms");
    EXPECT_LE(verdicts.refuted, kMachines / 20);
    EXPECT_EQ(verdicts.noisy, kMachines);
    EXPECT_GE(verdicts.refuted_by_counts, kMachines * 9 / 10);  // without the benefit
  }
}

TEST(BenefitOfTheDoubt, AnOverloadedSystemIsRefutedAllTheSame) {
  StalledMachine overloaded = kQuick;
  overloaded.work = 2200us;  // 110 %
  EXPECT_GE(judge_runs("the same, overloaded", overloaded, "response p99 < 10ms").refuted,
            kMachines * 95 / 100);
}

TEST(BenefitOfTheDoubt, ASlowSystemIsRefutedAllTheSame) {
  StalledMachine slow = kQuick;
  slow.slow_share = 0.05;
  slow.slow_work = 12ms;
  EXPECT_GE(judge_runs("the same, 5 % take 12 ms", slow, "response p99 < 10ms").refuted,
            kMachines * 95 / 100);
}

TEST(BenefitOfTheDoubt, WhatHoldsInSpiteOfTheStallsIsProven) {
  const Verdicts verdicts = judge_runs("9 % in stalls of 30 ms", kQuick, "response p99 < 200ms");
  EXPECT_GE(verdicts.proven, kMachines * 95 / 100);
  EXPECT_EQ(verdicts.noisy, kMachines);
}

// 0.6 % of the time in stalls of 6 ms: less than 1 %, and more than the 0.1 % that may be over.
constexpr StalledMachine kSeldom{.per_s = 1000, .work = 50us, .stalls_per_s = 1, .stall = 6ms};
constexpr const char* kStrict = "response p99.9 < 2ms";

TEST(BenefitOfTheDoubt, AStrictClaimIsNotRefutedByStallsThatAreRare) {
  const Verdicts verdicts = judge_runs("0.6 % in stalls of 6 ms", kSeldom, kStrict);
  EXPECT_LE(verdicts.refuted, kMachines / 20);
  EXPECT_EQ(verdicts.noisy, kMachines);
  EXPECT_GE(verdicts.refuted_by_counts, kMachines / 4);  // without the benefit
  const Verdicts maximum = judge_runs("0.6 % in stalls of 6 ms", kSeldom, "response max < 2ms");
  EXPECT_EQ(maximum.refuted, 0);
  EXPECT_GE(maximum.refuted_by_counts, kMachines / 4);
}

TEST(BenefitOfTheDoubt, AStrictClaimIsRefutedByItsServiceInSpiteOfThem) {
  StalledMachine slow = kSeldom;
  slow.slow_share = 0.006;
  slow.slow_work = 3ms;
  EXPECT_GE(judge_runs("the same, 0.6 % take 3 ms", slow, kStrict).refuted, kMachines * 95 / 100);
  EXPECT_EQ(judge_runs("the same, 0.6 % take 3 ms", slow, "response max < 2ms").refuted, kMachines);
}

// Claims that nearly 1 % of the requests break without any stall. The hiccup thread sleeps for half
// the limit, is due to wake in the midst of stalls, and sees what is left of them.
TEST(BenefitOfTheDoubt, WhatAStallHadPassedBeforeTheHiccupThreadWasDueIsGranted) {
  StalledMachine quick{.work = 200us, .slow_share = 0.0055, .slow_work = 11ms, .stalls_per_s = 3};
  quick.stall = 10ms;
  quick.scattered = true;
  quick.sleep = 5ms;
  // Its requests take most of the limit, so that they are over by what was not seen.
  StalledMachine slow{.per_s = 200, .work = 8ms, .slow_share = 0.008, .slow_work = 11ms};
  slow.queues = false;
  slow.stalls_per_s = 12;
  slow.stall = 10ms;
  slow.sleep = 5ms;
  for (const StalledMachine& machine : {quick, slow}) {
    const Verdicts verdicts = judge_runs("partly seen stalls", machine, "response p99 < 10ms");
    EXPECT_LE(verdicts.refuted, kMachines / 20);
    EXPECT_GE(verdicts.refuted_by_counts, kMachines * 7 / 10);
  }
}

// What is allowed for what was not seen does not hide what the service breaks by itself.
TEST(BenefitOfTheDoubt, ASlowSystemIsRefutedThoughStallsArePartlySeen) {
  StalledMachine slow{.work = 200us, .slow_share = 0.05, .slow_work = 12ms, .stalls_per_s = 3};
  slow.stall = 10ms;
  slow.scattered = true;
  slow.sleep = 5ms;
  EXPECT_GE(judge_runs("the same, 5 % take 12 ms", slow, "response p99 < 10ms").refuted,
            kMachines * 95 / 100);
}

// The hypervisor took 9 %, and the hiccup thread slept well: nothing can be granted, so nothing is
// refuted.
TEST(BenefitOfTheDoubt, StealThatNoStallShowsBlocksARefutation) {
  StalledMachine blind = kQuick;
  blind.steal = 0.09;
  blind.sees_stalls = false;
  const Verdicts verdicts = judge_runs("9 % stolen, none seen", blind, "response p99 < 10ms");
  EXPECT_EQ(verdicts.refuted, 0);
  EXPECT_EQ(verdicts.noisy, kMachines);
}

// The worker is held up on a core that the hiccup thread does not see, and nothing was stolen: the
// lag alone tells.
TEST(BenefitOfTheDoubt, AGeneratorThatIsHeldUpUnseenRefutesNothing) {
  StalledMachine unseen{.work = 8ms, .slow_share = 0.005, .slow_work = 12ms, .stalls_per_s = 2};
  unseen.queues = false;  // its requests are read late, and no queue of theirs makes them later
  unseen.stall = 15ms;
  unseen.sees_stalls = false;
  const Verdicts verdicts = judge_runs("3 % held up unseen", unseen, "response p99 < 10ms");
  EXPECT_LE(verdicts.refuted, kMachines / 20);
  EXPECT_GE(verdicts.refuted_by_counts, kMachines * 9 / 10);
  unseen.slow_share = 0.05;
  unseen.slow_work = 40ms;  // later than the generator can have made it
  EXPECT_GE(judge_runs("the same, 5 % take 40 ms", unseen, "response p99 < 10ms").refuted,
            kMachines * 95 / 100);
}

}  // namespace
}  // namespace natsproof::simulation
