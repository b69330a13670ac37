// The clients a plan can name.
#pragma once

#include <memory>

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

}  // namespace natsproof
