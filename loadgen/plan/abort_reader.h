// The `abort` of a plan: `errors > 50% for 5s`.
#pragma once

#include <optional>

#include "loadgen/plan/fields.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

std::optional<AbortLimit> read_abort(const YamlNode& node, Mistakes& mistakes);

}  // namespace natsproof
