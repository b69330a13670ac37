// nats.c, the official C client, behind the transport seam: what a C or C++ application really sees.
//
// The library delivers on its own threads: its callback stamps `received` and pushes to a fixed ring with an eventfd; the
// listener is called on the transport's thread (or directly, see Delivery::direct). `actual_send` is the instant just before the
// library call.
#pragma once

#include <memory>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

enum class NatscTuning {
  tuned,     // SendAsap, pending limits off, ...: each with its reason in natsc_options.cc
  defaults,  // what an application gets that sets nothing: replies wait up to 1 ms for the flusher
};

// The clock outlives the transport.
std::unique_ptr<Transport> make_natsc_transport(const Clock& clock, NatscTuning tuning);

}  // namespace natsproof
