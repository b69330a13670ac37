// The clients a plan can name, and a look at the servers they are to talk to.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/plan/plan.h"
#include "messaging/natsc/natsc_transport.h"
#include "messaging/transport.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {

inline std::unique_ptr<Transport> make_client(ClientKind client, const Clock& clock) {
  switch (client) {
    case ClientKind::wire:
      break;
    case ClientKind::natsc:
      return make_natsc_transport(clock, NatscTuning::tuned);
    case ClientKind::natsc_default:
      return make_natsc_transport(clock, NatscTuning::defaults);
  }
  return make_wire_transport(clock);
}

// Whether a NATS server greets us and takes our login, in its own words if not. Asked by the wire
// client whatever client comes after, for nats.c 3.4 waits without a limit for a server that has
// greeted and then falls silent.
inline Result<void> check_servers(const std::vector<ServerAddress>& servers) {
  class Deaf final : public Listener {
    void on_message(const Message&) override {}
  };
  const SteadyClock clock;
  Deaf deaf;
  return make_wire_transport(clock)->open({.servers = servers, .name = "natsproof-check"}, deaf);
}

}  // namespace natsproof
