// The two steps of reading a plan, for those who change the tree between them.
#pragma once

#include <optional>

#include "loadgen/plan/mistakes.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/yaml_tree.h"

namespace natsproof {

// The source's YAML with its `--set` applied; nothing where that is no plan at all.
std::optional<YamlNode> plan_tree(const PlanSource& source, Mistakes& mistakes);
// Everything but `sweep` and `against`.
Plan read_plan_tree(const YamlNode& root, const PlanSource& source, Mistakes& mistakes);

}  // namespace natsproof
