#include "loadgen/engine/pacer.h"

#include <algorithm>

#include "loadgen/measure/histogram.h"

namespace natsproof {

void Pacer::calibrate(Transport& transport) {
  if (pacing_ != Pacing::hybrid) return;
  constexpr int kSleeps = 40;
  constexpr Duration kSleep = 200us;
  Histogram lag;
  for (int i = 0; i < kSleeps; ++i) {
    const Instant until = clock_.now() + kSleep;
    transport.wait(until);
    lag.record(std::max(Duration::zero(), clock_.now() - until));
  }
  stretch_ = lag.value_at(Quantile{0.9});
}

bool Pacer::rest(Transport& transport, Instant now, Instant send, Instant other) {
  Instant until = std::min(send, other);
  if (until <= now || pacing_ == Pacing::spin) return true;
  if (pacing_ == Pacing::hybrid && send <= other + stretch_) {
    const bool may_spin = static_cast<double>(spinning_.count()) <
                          kMostSpinning * static_cast<double>((now - started_).count());
    if (may_spin && send - now <= stretch_) return true;
    if (may_spin) until = std::min(other, send - stretch_);
  }
  transport.wait(until);
  return false;
}

}  // namespace natsproof
