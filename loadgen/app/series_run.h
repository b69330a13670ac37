// A sweep or a pack, run from its first plan to its last: every run saved in a folder of its own,
// and the table of all of them.
#pragma once

#include <string>

#include "loadgen/app/run_plan.h"
#include "loadgen/app/series.h"

namespace natsproof {

// Prints the table, and to stderr, unless quiet, each run's verdict as it is judged. Returns the
// exit status: the worst of its runs' in the order 5, 4, 1, 3, 0. REQUIRES: !series.is_single().
int run_series(const Series& series, const RunSurroundings& surroundings,
               const std::string& folder);

}  // namespace natsproof
