// The measurements of the doctor, each by itself.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "loadgen/measure/histogram.h"
#include "messaging/server_address.h"
#include "messaging/transport.h"

namespace natsproof {

// How late epoll_pwait2 wakes us from sleeps of 1 ms. The timer slack is put back afterwards.
// Errors: the kernel has no epoll_pwait2 (Linux 5.11).
Result<Histogram> wake_up_lag(const Clock& clock, Duration timer_slack, int sleeps);
// The slack threads start with, 50 us unless somebody changed it.
Duration current_timer_slack();

// Round trips through one server, of requests of 128 B to an echo on a bare socket; and of PINGs,
// which is what the gate `floor` looks at in a run.
struct RoundTrips {
  Histogram bare;  // a bare socket's requests
  Histogram wire;  // the wire client's requests, from just before the write to just after the read
  Histogram ping;  // the wire client's PINGs
  Rate saturated;  // a bare socket's requests, 256 in flight
  ServerInfo server;
};
inline constexpr std::uint32_t kDoctorInFlight = 256;
inline constexpr std::size_t kDoctorPayloadBytes = 128;

// `length` of each kind, in slices that take turns, so that a change of weather meets all of them.
Result<RoundTrips> measure_round_trips(const Clock& clock, const ServerAddress& server,
                                       Duration length);

}  // namespace natsproof
