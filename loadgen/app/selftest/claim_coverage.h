// Verdicts on claims that lie exactly at the edge, simulated: wrong in at most one of twenty.
#pragma once

#include <vector>

#include "loadgen/app/selftest/check_row.h"
#include "loadgen/judge/coverage.h"

namespace natsproof {

inline constexpr std::uint32_t kSimulatedClaims = 10'000;
inline constexpr std::uint64_t kCoverageSeed = 1;
std::vector<CheckRow> find_coverage(const Coverage& coverage);

}  // namespace natsproof
