// From the command line to the text of a plan: a file, a built-in, or one made of --subject, --rate
// and --claim; and what a plan is, in words.
#pragma once

#include <string>

#include "base/result.h"
#include "loadgen/app/options.h"
#include "loadgen/plan/plan.h"
#include "loadgen/plan/plan_file.h"

namespace natsproof {

// The file of a plan that the command line makes, in place of a name.
inline constexpr const char* kCommandLine = "command line";

// Whether either a plan or a --subject is named, and not parts of both.
Result<void> check_own_service(const RunOptions& options);
// Without the flags that change a plan.
Result<PlanSource> source_of(const RunOptions& options);
// --set, --sweep, --repetitions and --time.
Result<void> apply_flags(const RunOptions& options, PlanSource& source);

// An open loop's rate and arrivals: `2,000/s Poisson`.
std::string describe_schedule(const Load& load);

// A closed loop's users: `10 users of 5 kinds, spawning 2/s`; `2,000 users at most, a profile of 3
// stretches`.
std::string describe_users(const Plan& plan);

// Its mean rate over the measured window.
Rate offered_rate(const Load& load);

// Of all its repetitions, without the drains: also of the one that is traced, where there is one.
Duration planned_length(const Plan& plan);

// Before a run: what the plan will do and can prove. `brief`: a line a claim.
std::string describe_plan(const Plan& plan, bool brief);

}  // namespace natsproof
