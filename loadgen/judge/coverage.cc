#include "loadgen/judge/coverage.h"

#include "loadgen/judge/claim_test.h"
#include "loadgen/judge/simulated_run.h"

namespace natsproof {

Coverage simulate_coverage(std::uint32_t claims, std::uint64_t seed) {
  constexpr double kAllowed[] = {0.5, 0.01};
  constexpr Duration kCovers = 3ms;
  const simulation::Shape shape;
  simulation::Generator generator(seed);
  Coverage coverage{.claims = claims};
  for (std::uint32_t i = 0; i < claims; ++i) {
    const double allowed = kAllowed[i % 2];
    const bool in_bursts = i / 2 % 2 == 1;
    const Duration covered = covered_disturbance(shape.measured(), allowed);
    const simulation::SimulatedRun run =
        in_bursts ? simulation::stalls(shape, allowed, covered, generator)
                  : simulation::independent(shape, allowed, generator);
    const Verdict verdict = simulation::verdict_on(run, allowed, shape.measured(), kCovers);
    coverage.falsely_proven += verdict == Verdict::proven;
    coverage.falsely_refuted += verdict == Verdict::refuted;
  }
  return coverage;
}

}  // namespace natsproof
