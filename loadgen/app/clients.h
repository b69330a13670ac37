// The clients a plan can name, and a look at the servers they are to talk to.
#pragma once

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

// What to do where no server could be reached, or none took our login; empty: that is not why.
inline std::string connect_remedy(std::string_view why, bool can_start_one) {
  const auto says = [&](std::string_view text) { return why.find(text) != std::string_view::npos; };
  if (says("Authorization Violation") || says("Authentication"))
    return "log in with --user and --password, or NATS_USER and NATS_PASSWORD";
  if (!says(std::strerror(ECONNREFUSED)) && !says(std::strerror(EHOSTUNREACH)) &&
      !says(std::strerror(ENETUNREACH)) && !says(std::strerror(ETIMEDOUT)) &&
      !says("no answer within") && !says("host \""))
    return {};
  return can_start_one ? "is nats-server running there? correct --server, or leave it out and the "
                         "program starts one of its own"
                       : "is nats-server running there? correct --server";
}

class DeafListener final : public Listener {
  void on_message(const Message&) override {}
};

// What a server says of itself; nothing in it where it cannot be reached.
inline ServerInfo server_info_of(const ServerAddress& server) {
  const SteadyClock clock;
  DeafListener deaf;
  const auto wire = make_wire_transport(clock);
  const auto opened = wire->open({.servers = {server}, .name = "natsproof-check"}, deaf);
  return opened ? wire->server_info(0) : ServerInfo{};
}

// Whether a NATS server greets us and takes our login, in its own words if not, and what to do
// (`can_start_one`: without --server the caller starts one). Asked by the wire client whatever
// client comes after, for nats.c 3.4 waits without a limit for a server that has greeted and then
// falls silent.
inline Result<void> check_servers(const std::vector<ServerAddress>& servers, bool can_start_one) {
  const SteadyClock clock;
  DeafListener deaf;
  auto opened =
      make_wire_transport(clock)->open({.servers = servers, .name = "natsproof-check"}, deaf);
  if (opened) return opened;
  std::string why = opened.error().message;
  if (const std::string remedy = connect_remedy(why, can_start_one); !remedy.empty())
    why += ": " + remedy;
  return Error{std::move(why)};
}

}  // namespace natsproof
