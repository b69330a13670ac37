// Ties the account that staged services give of themselves to the repetitions of a plan.
#pragma once

#include <memory>
#include <string>

#include "loadgen/engine/repetition.h"
#include "loadgen/plan/plan.h"
#include "loadgen/stage/services_account.h"

namespace natsproof {

// Of the staged services; null where none is, or where they cannot be reached: then the record has
// no ledger. What is returned outlives the repetitions.
//
// How many requests were taken is read in `ledger_file`, the stage's own, and not asked over NATS:
// there somebody else's services of the same names might answer for theirs.
std::unique_ptr<ServicesAccount> keep_account(const Plan& plan, const std::string& ledger_file,
                                              RepetitionOptions& options);

}  // namespace natsproof
