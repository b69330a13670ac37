// The instrument's own core-NATS client: one thread, non-blocking sockets, parse in place, batch
// per wake-up, epoll.
//
// Protocol: docs.nats.io, "Client protocol". Contract: transport.h.
#pragma once

#include <memory>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

// The clock outlives the transport.
std::unique_ptr<Transport> make_wire_transport(const Clock& clock);

}  // namespace natsproof
