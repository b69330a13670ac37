// What a socket alone can do through a nats-server: the floor under every client's figures.
//
// Blocking sockets, one thread each for the requester and the echo, and only as much of the
// protocol as the exchange needs. Requests are as long on the wire as the instrument's own
// (transport.h), and each has a reply subject of its own, as any client's has: a server takes twice
// as long for one that it has not seen before. So the figures stand side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "messaging/server_address.h"

namespace natsproof {

// Answers every request on a subject with its own payload, on a thread of its own, until destroyed.
// Replies to requests that came in one read leave in one write.
class BareEcho {
 public:
  // Returns when the server has confirmed the subscription.
  static Result<std::unique_ptr<BareEcho>> start(const ServerAddress& server,
                                                 const std::string& subject);
  BareEcho(const BareEcho&) = delete;
  BareEcho& operator=(const BareEcho&) = delete;
  ~BareEcho();
  // Why the server does not let it answer, and what to do; empty: no such thing was said. Any
  // thread.
  [[nodiscard]] std::string refused() const;

 private:
  class Loop;
  explicit BareEcho(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

struct BareLoad {
  ServerAddress server{};
  std::string subject{};  // somebody answers there
  std::size_t payload_bytes = 128;
  Duration length = 1s;
};

// One request in flight: the round trips, from just before the write call to just after the read
// call. Errors: no connection, or no reply for 2 s.
Result<std::vector<Duration>> bare_ping_pong(const BareLoad& load);

// Many requests in flight, as many sent in one write as replies came in one read.
// REQUIRES: in_flight requests fit a socket's buffer (some 100 KiB).
Result<Rate> bare_saturation(const BareLoad& load, std::uint32_t in_flight);

}  // namespace natsproof
