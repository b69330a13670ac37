// Every setting natsproof gives nats.c, each with its reason.
#pragma once

#include <cstdint>

#include <nats/nats.h>

#include "messaging/natsc/natsc_transport.h"
#include "messaging/transport.h"

namespace natsproof {

// How long to wait before the next attempt of a lost connection: jittered, doubling from min to
// max. The library asks from its own thread; the answer depends on nothing but these and the number
// of attempts.
struct ReconnectBackoff {
  Duration min{}, max{};
  std::uint64_t seed = 0;
  [[nodiscard]] Duration delay(int attempts) const;  // attempts: from 1
};

// What the seam needs: servers, login, name, timeout, whether to reconnect. `connection` rotates
// the order of servers.
natsStatus set_seam_options(natsOptions* options, const ConnectOptions& wanted,
                            ConnectionId connection);
// What the library does better with. The backoff outlives the connection.
natsStatus tune(natsOptions* options, ReconnectBackoff& backoff);
natsStatus tune(natsSubscription* subscription);

}  // namespace natsproof
