// nats.c, the official C client, behind the transport seam: what a C or C++ application sees.
//
// The library delivers on its own threads: its callback stamps `received` and pushes to a fixed
// ring with an eventfd; the listener is called on the transport's thread (or directly, see
// Delivery::direct). A full ring makes the callback wait; nothing is lost. `actual_send` is the
// instant just before the library call, reported by the next flush() or receive().
//
// What is the library's own way and shows here:
//
// request() and publish() write at once (tuned) or leave it to the library's flusher thread
// (defaults); flush() only reports. Both block while the socket takes nothing. A message with
// headers costs the library allocations.
//
// ping() is an empty message to an inbox of our own and back, for the library's own PING blocks its
// caller. The server counts it in in_msgs like any other message.
//
// unsubscribe() drains: what the server had sent before is still delivered. With Delivery::direct
// it returns when that is done, at most 5 s later, and must not be called from a callback.
//
// A connection known to be lost refuses requests (`down`); one whose loss is not known yet takes
// them into the library's reconnect buffer, from which they go out late. Some complaints of the
// server (-ERR) make the library give a connection up for good: on_down() without on_up().
//
// One login serves all servers. server_info() has neither name nor version of the server, for the
// library does not tell them.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

enum class NatscTuning {
  tuned,     // SendAsap, pending limits off, ...: each with its reason in natsc_options.cc
  defaults,  // what an application gets that sets nothing: replies wait up to 1 ms for the flusher
};

// Time spent inside the library's publish calls.
struct PublishCost {
  std::uint64_t calls = 0;
  Duration total{};
};

class NatscTransport : public Transport {
 public:
  [[nodiscard]] virtual PublishCost publish_cost() const = 0;  // any thread
};

// The clock outlives the transport.
std::unique_ptr<NatscTransport> make_natsc_transport(const Clock& clock, NatscTuning tuning);

}  // namespace natsproof
