// How a worker passes the time between two things to do: it sleeps, spins, or sleeps and spins the
// last stretch.
//
// hybrid: the stretch is the wake-up lag that remains on this machine, measured by calibrate(), and
// is given up whenever spinning would exceed 15 % of the wall time since start(): on few cores a
// spinning generator takes the server's core, and then the service looks slow while the send lag
// looks perfect.
#pragma once

#include <optional>

#include "base/time.h"
#include "loadgen/plan/plan.h"
#include "messaging/transport.h"

namespace natsproof {

class Pacer {
 public:
  static constexpr double kMostSpinning = 0.15;

  // `stretch`: what hybrid spins, until calibrate() has measured it.
  Pacer(Pacing pacing, const Clock& clock, Duration stretch = {})
      : pacing_(pacing), clock_(clock), stretch_(stretch) {}

  // Measures the lag of some short sleeps; a few ms. REQUIRES: nothing to receive yet. Does nothing
  // unless hybrid.
  void calibrate(Transport& transport);
  // The wall time, and what of it was spun, count from here on.
  void start(Instant now) {
    started_ = now;
    spinning_ = {};
  }

  // Until when to sleep, if nothing comes before; nothing: not at all, poll again. `send` is the
  // next intended send, `other` the next deadline or ping, which nobody spins for.
  [[nodiscard]] std::optional<Instant> sleep_until(Instant now, Instant send, Instant other) const;
  // Rests accordingly. True if it returned at once, to poll again.
  bool rest(Transport& transport, Instant now, Instant send, Instant other);
  void spun(Duration time) { spinning_ += time; }

 private:
  Pacing pacing_;
  const Clock& clock_;
  Duration stretch_{};
  Instant started_;
  Duration spinning_{};
};

}  // namespace natsproof
