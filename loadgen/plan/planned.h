// How many requests a plan will send, before it is run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/plan/plan.h"

namespace natsproof {

// Expected measured requests of one repetition.
struct PlannedRequests {
  std::uint64_t all = 0;
  std::vector<std::uint64_t> tasks;  // by the weights, in the plan's order
};

// Nothing in a closed loop, whose rate is the system's. REQUIRES: a plan read without mistakes.
std::optional<PlannedRequests> planned_requests(const Plan& plan);

}  // namespace natsproof
