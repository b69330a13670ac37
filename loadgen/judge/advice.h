// What to do about a claim that a run left open: one sentence, of what binds.
//
// Coverage, the counts and the repetitions each ask for a run of some length. The sentence names
// one run that does for all of them, or says that no run within reason would.
#pragma once

#include <string>

#include "loadgen/judge/claim_words.h"
#include "loadgen/judge/resource_evidence.h"
#include "loadgen/judge/settling.h"

namespace natsproof {

// REQUIRES: the claim is not about resources, and INCONCLUSIVE.
std::string advice(const Claim& claim, const ClaimTest& test, const ClaimResult& result,
                   const RunLength& run);
// The same of a claim on resources.
std::string advice(const Claim& claim, const ResourceTest& test, const RunLength& run);

}  // namespace natsproof
