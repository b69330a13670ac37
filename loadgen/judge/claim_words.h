// Sentences about a claim's test: what it found, and how far that reaches. What would settle an
// open one: advice.h.
#pragma once

#include <string>

#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/judgement.h"

namespace natsproof {

struct RunLength {
  Duration measured{};  // of all repetitions
  Duration loaded{};    // as much of it as the claim's requests fill
  Duration covers{};    // what the plan asks for
};
// `25.0 s`, or `25.0 s, of which the load fills 5.00 s`.
std::string length_words(const RunLength& run);

// REQUIRES: everything in `result` but `why` and `blocked_by` is filled in.
std::string explain(const Claim& claim, const ClaimTest& test, const ClaimResult& result,
                    RunLength run);

}  // namespace natsproof
