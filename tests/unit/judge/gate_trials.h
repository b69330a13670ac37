// For every gate of the table: a record that trips it and one that just does not, without touching
// what the counts say of the claim.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tests/unit/judge/made_record.h"

namespace natsproof {

// What the counts say before any gate.
enum class Ground {
  proven,
  refuted_late,  // by response time alone: had the requests been sent in time, they would be fast;
                 // a share of successes by timeouts
  refuted,
};

struct GateTrial {
  const char* name;
  const char* how;
  const char* claim;  // what is claimed
  Could could;
  double limit;
  bool is_void;
  void (*trip)(RunRecord&);
  void (*pass)(RunRecord&);  // as near to the limit as it may be
  // What becomes of the claim where the gate is tripped; nothing: there it is not.
  std::optional<Verdict> proven, refuted_late, refuted;
};

std::span<const GateTrial> gate_trials();

// 5 x 5 s x 2,000/s; four fifths of what may be over are, or a little more than that.
inline constexpr const char* kTrialClaim = "response p90 < 1ms";
RunRecord trial_record(Ground ground, const char* claim = kTrialClaim);

}  // namespace natsproof
