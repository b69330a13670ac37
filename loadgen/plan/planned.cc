#include "loadgen/plan/planned.h"

#include <cmath>

namespace natsproof {

std::optional<PlannedRequests> planned_requests(const Plan& plan) {
  if (plan.load.model == LoadModel::closed) return std::nullopt;
  const double total = Profile(plan.load.profile).total();
  double weights = 0;
  for (const Task& task : plan.tasks) weights += task.weight;
  PlannedRequests planned{.all = static_cast<std::uint64_t>(std::llround(total)), .tasks = {}};
  for (const Task& task : plan.tasks) {
    planned.tasks.push_back(
        static_cast<std::uint64_t>(std::llround(total * task.weight / weights)));
  }
  return planned;
}

}  // namespace natsproof
