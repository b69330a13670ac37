#include "loadgen/judge/carried_line.h"

#include <algorithm>

#include "loadgen/judge/claim_evidence.h"

namespace natsproof {

double part_of_way(const CarriedLine& line, ClaimedLimit limit) {
  const double way = limit.value - line.mean;
  if (way == 0) {
    const bool leaves = limit.is_upper ? line.moved > 0 : line.moved < 0;
    return leaves ? kFarthest : 0;
  }
  return std::clamp(line.moved / way, 0.0, kFarthest);
}

void add_line(GateReading& reading, const CarriedLine& line, ClaimedLimit limit, double most,
              const std::string& shown) {
  const double part = part_of_way(line, limit);
  reading.figure = std::max(reading.figure.value_or(0), part);
  reading.shown += (reading.shown.empty() ? "" : "; ") + shown;
  if (part <= most) return;
  const Could could = (line.moved > 0) == limit.is_upper ? Could::flatter : Could::slander;
  reading.could = reading.could.value_or(could) == could ? could : Could::both;
}

bool passes(const GateReading& reading, const Claim& claim, double most) {
  const bool is_fact = kind_of(claim) == ClaimKind::maximum && reading.could == Could::slander;
  return is_fact || reading.figure.value_or(0) <= most;
}

}  // namespace natsproof
