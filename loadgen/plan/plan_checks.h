// What is wrong between the parts of a plan: claims against the load and the tasks' timeouts.
#pragma once

#include <vector>

#include "loadgen/plan/task_reader.h"

namespace natsproof {

struct ReadClaim {
  Claim claim;
  Position at;
};

void check_claims(const std::vector<ReadClaim>& claims, const std::vector<ReadTask>& tasks,
                  const Load& load, Mistakes& mistakes);
// Of a plan that stages no services: claims on what they take.
void check_services_claims(const std::vector<ReadClaim>& claims, Mistakes& mistakes);

}  // namespace natsproof
