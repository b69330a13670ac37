// How often the claim tests are wrong, found by simulation: claims that are neither true nor false
// but exactly at the edge, where every verdict is one too many. docs/measurement.md,
// "Rates that the tests hold".
//
// Pure and deterministic by seed; 10,000 claims take a tenth of a second. Any thread.
#pragma once

#include <cstdint>

namespace natsproof {

struct Coverage {
  std::uint32_t claims = 0, falsely_proven = 0, falsely_refuted = 0;
};
// By turns claims on p50 and p99 of 5 repetitions of 5 s at 2,000 requests/s, each by turns with
// requests that break it independently of each other and with bursts as long as the run covers
// (D*), so that the share over is on average the share allowed. No more than 5 % of the claims may
// come out PROVEN, and no more than 5 % REFUTED.
Coverage simulate_coverage(std::uint32_t claims, std::uint64_t seed);

}  // namespace natsproof
