// The test of one claim: what the pooled requests say, what the repetitions say, and the verdict of
// both before any gate.
//
// Each kind of claim fills a ClaimTest in its own way; what follows from it is the same for all.
// docs/measurement.md, "The claim test", has the formulas; "Coverage" has T and D*.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/judge/statistics.h"
#include "loadgen/measure/claim.h"

namespace natsproof {

// Which side of a claim one repetition is on, by its own counts.
enum class Side { neither, claim, against };

// What one repetition says about a mean: the value to support the claim with and the one to refute
// it with, which differ where a doubt must go against either verdict.
struct MeanEvidence {
  double supporting = 0, refuting = 0;
  bool can_support = true;  // no request failed: a failure is slower than any limit
  bool is_empty = false;    // no value at all: every request failed, or none was planned
  bool all_failed = false;  // of an empty one: requests were planned
};

struct ClaimTest {
  // What it was made of, per repetition: one of the two.
  std::vector<ShareCount> counts;
  std::vector<MeanEvidence> means;
  Bounds bounds;
  double design_effect = 1;
  bool supports = false;  // the pooled test, or Student's t
  bool refutes = false;
  std::vector<Side> sides;  // of each repetition

  [[nodiscard]] std::uint32_t on(Side side) const;
  // All repetitions but those that may dissent are on this side.
  [[nodiscard]] bool sign_rule(Side side) const;
  // proven, refuted or inconclusive.
  [[nodiscard]] Verdict verdict() const;
};

// Is `over` of `planned` within the allowed share? Counted, with room for the rounding of the share
// alone.
bool within_share(ShareCount count, double allowed);

// Pooled Clopper-Pearson with a design effect, and a side per repetition.
ClaimTest test_share(std::span<const ShareCount> repetitions, double design_effect, double allowed);

// Nothing may be over: one request that is, is a fact. Supporting is a statement about these
// requests only.
ClaimTest test_maximum(std::span<const ShareCount> repetitions);

// Student's t over the repetitions. `limit` is in the unit of the values.
ClaimTest test_mean(std::span<const MeanEvidence> repetitions, Comparison comparison, double limit);

// A second of a claim's requests, or what was measured of it.
struct LoadedSecond {
  double planned = 0;
  Duration length = 1s;
  double spread = 1;  // of the requests within it (load_spread.h)
};
// The time T that the load fills: (sum n)^2 / sum n(n-1) in seconds, so that of a constant load
// every second counts, and one in which little is sent but little. A share is of requests: what
// disturbs a second without them disturbs none. n(n-1) in the place of n^2, so that a Poisson
// sequence fills what its rate does. All that was measured where less is wanting than chance takes
// (three deviations), or than a twentieth: a closed loop scatters as much.
// Of a second whose requests do not spread over it, only so large a part counts.
Duration loaded_time(std::span<const LoadedSecond> seconds);

// D* = T (1-q) / 15: disturbances longer than this may have been missed by the luck of the draw.
// `loaded`: T.
Duration covered_disturbance(Duration loaded, double allowed);

}  // namespace natsproof
