// The `users` of a plan: kinds of users of a closed loop.
#pragma once

#include <vector>

#include "loadgen/plan/fields.h"
#include "loadgen/plan/plan.h"
#include "loadgen/plan/task_reader.h"

namespace natsproof {

// `load_node` is what `load` was read from; null: it is missing.
std::vector<UserKind> read_users(const YamlNode& node, const YamlNode* load_node, const Load& load,
                                 const std::vector<ReadTask>& tasks, Mistakes& mistakes);

}  // namespace natsproof
