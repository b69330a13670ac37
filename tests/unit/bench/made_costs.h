// Costs as they never were, for what is printed of them.
#pragma once

#include <string_view>
#include <vector>

#include "bench/serialization/cost.h"

namespace natsproof {

struct MadeCost {
  std::string_view encoding, operation;
  double time_ns;
};

inline std::vector<Cost> made_costs(std::string_view model, const std::vector<MadeCost>& made) {
  std::vector<Cost> costs;
  for (const MadeCost& one : made) {
    costs.push_back({.model = std::string(model),
                     .encoding = std::string(one.encoding),
                     .operation = std::string(one.operation),
                     .time_ns = one.time_ns});
  }
  return costs;
}

}  // namespace natsproof
