// Runs as the judge sees them, drawn from known truths: counts per one-second block, no times. For
// tests, and for a program that proves itself (coverage.h).
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "base/time.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/judge/statistics.h"

namespace natsproof::simulation {

using Generator = std::mt19937_64;

// Repetitions of whole seconds at a constant rate.
struct Shape {
  std::uint32_t repetitions = 5;
  std::uint32_t seconds = 5;  // of each
  std::uint32_t per_s = 2000;
  [[nodiscard]] Duration measured() const { return 1s * (repetitions * seconds); }
};

using Blocks = std::vector<ShareCount>;    // of one repetition
using SimulatedRun = std::vector<Blocks>;  // [repetition]

// Every request is over with the same probability.
SimulatedRun independent(Shape shape, double share, Generator& generator);

// Disturbances of one length come at random (Poisson), and every request intended within one is
// over; `share` of all requests on average.
SimulatedRun stalls(Shape shape, double share, Duration length, Generator& generator);

// The probability of being over wanders: probit(p) is a first-order autoregression of deviation
// `spread` whose correlation falls to 1/e in `memory`; `share` on average. REQUIRES: at most 4,000
// requests/s.
struct Wandering {
  Duration memory{};
  double spread = 1;
  bool runs_on = false;  // from one repetition into the next, as if no time lay between
};
SimulatedRun wandering(Shape shape, double share, Wandering how, Generator& generator);

// Independent within a repetition, but each repetition has its own share: lognormal with the given
// median.
SimulatedRun between_repetitions(Shape shape, double median_share, double sigma,
                                 Generator& generator);

// Stalls of one length, and each repetition has its own share of them: lognormal with the given
// median, below 1.
SimulatedRun stalls_between_repetitions(Shape shape, double median_share, double sigma,
                                        Duration length, Generator& generator);

// The requests of each repetition.
std::vector<ShareCount> sums_of(const SimulatedRun& run);

// The verdict on "at most `allowed` are over", before any gate.
Verdict verdict_on(const SimulatedRun& run, double allowed, Duration measured, Duration covers);

}  // namespace natsproof::simulation
