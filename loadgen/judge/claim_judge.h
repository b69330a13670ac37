// The judgement of one claim: its test, what was measured, what the failed gates leave of its
// verdict, and why.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/judgement.h"

namespace natsproof {

struct JudgedClaim {
  ClaimResult result;
  std::vector<Side> sides;  // [repetition]
};

// `gates`: of the whole record. REQUIRES: index < record.claims.size().
JudgedClaim judge_claim(const RunRecord& record, std::size_t index,
                        std::span<const GateResult> gates);

// Why a run is not the run that was planned: its file was changed, or it was interrupted, failed,
// or is short of repetitions. Empty: it is.
std::string incompleteness(const RunRecord& record);

}  // namespace natsproof
