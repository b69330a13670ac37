// From the command line to a plan: a file, a built-in, or one made of --subject, --rate and
// --claim.
#pragma once

#include <optional>

#include "loadgen/app/options.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

struct ChosenPlan {
  Plan plan;
  double time_scale = 1;  // --time
};

// Nothing if there were mistakes; all of them have been printed to stderr then.
std::optional<ChosenPlan> plan_of(const RunOptions& options);

// An open loop's rate and arrivals: `2,000/s Poisson`.
std::string describe_schedule(const Load& load);

// A closed loop's users: `10 users of 5 kinds, spawning 2/s`; `2,000 users at most, a profile of 3
// stretches`.
std::string describe_users(const Plan& plan);

// Before a run: what the plan will do and can prove. `brief`: a line a claim.
std::string describe_plan(const Plan& plan, bool brief);

}  // namespace natsproof
