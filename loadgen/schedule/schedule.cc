#include "loadgen/schedule/schedule.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace natsproof {

namespace {

// The 64-bit mantissa of long double holds 584 years of nanoseconds, so arrival 10^9 of a constant
// rate is still exact.
constexpr long double kNsPerS = 1e9L;

long double seconds(Duration d) {
  return static_cast<long double>(d.count()) / kNsPerS;
}

// Arrivals in the first `t` of a stretch: the area of a trapezium.
long double area(const Stretch& stretch, Duration t) {
  if (t <= Duration::zero()) return 0;
  const auto from = static_cast<long double>(stretch.from.per_s);
  const auto rise = static_cast<long double>(stretch.to.per_s) - from;
  const long double part =
      static_cast<long double>(t.count()) / static_cast<long double>(stretch.length.count());
  return (from + rise * part / 2) * static_cast<long double>(t.count()) / kNsPerS;
}

// The time at which a stretch has seen `x` arrivals: x = from t + slope t^2 / 2, solved for t in
// the form that does not subtract nearly equal numbers on a gentle slope.
Duration time_within(const Stretch& stretch, long double x) {
  if (x <= 0) return Duration::zero();
  const auto from = static_cast<long double>(stretch.from.per_s);
  const auto to = static_cast<long double>(stretch.to.per_s);
  long double ns = 0;
  if (from == to) {
    ns = x * kNsPerS / from;
  } else {
    const long double slope = (to - from) / seconds(stretch.length);
    const long double rate_then = std::sqrt(std::max(from * from + 2 * slope * x, 0.0L));
    ns = 2 * x * kNsPerS / (from + rate_then);
  }
  if (!(ns < static_cast<long double>(stretch.length.count()))) return stretch.length;
  return Duration{std::llround(ns)};
}

}  // namespace

Profile::Profile(std::span<const Stretch> stretches) {
  assert(!stretches.empty());
  long double before = 0;
  Duration start{};
  for (const Stretch& stretch : stretches) {
    assert(stretch.length >= Duration::zero() && stretch.from.per_s >= 0 && stretch.to.per_s >= 0);
    pieces_.push_back({.start = start, .stretch = stretch, .before = before});
    start += stretch.length;
    before += area(stretch, stretch.length);
  }
  length_ = start;
  total_ = static_cast<double>(before);
  assert(total_ > 0);
}

double Profile::arrivals_until(Duration t) const {
  t = std::clamp(t, Duration::zero(), length_);
  const auto after = std::upper_bound(pieces_.begin() + 1, pieces_.end(), t,
                                      [](Duration v, const Piece& p) { return v < p.start; });
  const Piece& piece = *(after - 1);
  return static_cast<double>(piece.before + area(piece.stretch, t - piece.start));
}

Duration Profile::time_of_arrival(double x) const {
  if (!(x < total_)) return length_;
  // Of pieces that begin at the same count the last one sends: an arrival due at the edge of a
  // pause waits for its end.
  const auto after = std::upper_bound(pieces_.begin() + 1, pieces_.end(), x,
                                      [](double v, const Piece& p) { return v < p.before; });
  const Piece& piece = *(after - 1);
  return piece.start + time_within(piece.stretch, x - piece.before);
}

Rate Profile::peak() const {
  Rate peak;
  for (const Piece& piece : pieces_) {
    peak.per_s = std::max({peak.per_s, piece.stretch.from.per_s, piece.stretch.to.per_s});
  }
  return peak;
}

Schedule::Schedule(Profile profile, Arrivals arrivals, std::uint64_t seed, std::uint32_t worker,
                   std::uint32_t workers)
    : profile_(std::move(profile)), arrivals_(arrivals), random_(seed), workers_(workers) {
  assert(workers > 0 && worker < workers);
  if (arrivals_ == Arrivals::poisson) position_ = random_.exponential();
  step(worker);
}

std::optional<Arrival> Schedule::next() {
  if (position_ >= profile_.total()) return std::nullopt;
  // The last bit of a ramp's inverse could put two arrivals a nanosecond the wrong way round.
  last_ = std::max(last_, profile_.time_of_arrival(position_));
  if (last_ >= profile_.length()) return std::nullopt;
  const Arrival arrival{.index = index_, .intended = last_};
  step(workers_);
  return arrival;
}

// Every worker walks the whole sequence, so that it does not depend on how many there are.
void Schedule::step(std::uint32_t arrivals) {
  index_ += arrivals;
  if (arrivals_ == Arrivals::constant) {
    position_ = static_cast<double>(index_);
    return;
  }
  for (std::uint32_t i = 0; i < arrivals; ++i) position_ += random_.exponential();
}

}  // namespace natsproof
