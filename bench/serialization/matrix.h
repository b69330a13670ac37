// The serialization benchmarks' figures as tables for people: one per model, a row per operation, a
// column per encoding.
#pragma once

#include <span>
#include <string>

#include "bench/serialization/cost.h"

namespace natsproof {

// Only what was measured; empty where nothing was. Lines of at most 100 columns, as long as names
// of models are not longer.
std::string render_matrix(std::span<const Cost> costs);

}  // namespace natsproof
