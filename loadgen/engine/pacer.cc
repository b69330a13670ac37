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

std::optional<Instant> Pacer::sleep_until(Instant now, Instant send, Instant other) const {
  const Instant next = std::min(send, other);
  if (next <= now || pacing_ == Pacing::spin) return std::nullopt;
  if (pacing_ == Pacing::sleep) return next;
  const Duration with_this = spinning_ + std::min(stretch_, send - now);
  const bool may_spin = static_cast<double>(with_this.count()) <=
                        kMostSpinning * static_cast<double>((now - started_).count());
  if (!may_spin || send == Instant::max()) return next;
  if (send - now <= stretch_) return std::nullopt;
  return std::min(other, send - stretch_);
}

bool Pacer::rest(Transport& transport, Instant now, Instant send, Instant other) {
  const auto until = sleep_until(now, send, other);
  if (!until) return true;
  transport.wait(*until);
  return false;
}

}  // namespace natsproof
