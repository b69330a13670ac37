// The `load` of a plan.
#pragma once

#include "loadgen/plan/fields.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

Load read_load(const YamlNode& node, double time_scale, Mistakes& mistakes);

}  // namespace natsproof
