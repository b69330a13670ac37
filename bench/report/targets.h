// The speeds asked of natsproof's own models, each a ratio of two figures of the same run.
#pragma once

#include <span>
#include <string>

#include "bench/serialization/cost.h"

namespace natsproof {

// A line per target whose figures were both measured, with asked, measured, and met or NOT MET;
// empty where none was.
std::string render_targets(std::span<const Cost> costs);

}  // namespace natsproof
