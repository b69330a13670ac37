// `natsproof doctor`: what this machine can and cannot measure.
//
// Looks at the clock, the wake-up lag, the cores, the nats-server, and at round trips through it,
// with a bare socket and with the wire client in turns, and what the machine did meanwhile;
// concludes in sentences which claims can be proven and refuted here. Nothing is judged.
#pragma once

#include <vector>

#include "base/time.h"
#include "messaging/server_address.h"

namespace natsproof {

struct DoctorOptions {
  std::vector<ServerAddress> servers{};  // empty: a nats-server of our own
  Duration length = 2s;                  // of each kind of round trip, in slices that take turns
};

// Prints to stdout. The exit status: 0, or 5 when there is no server to look at (what needs none is
// still printed). REQUIRES: called on the main thread, no other thread running.
int run_doctor(const DoctorOptions& options);

}  // namespace natsproof
