// A nats-server of our own on free loopback ports, with monitoring.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "loadgen/stage/child_process.h"
#include "messaging/server_address.h"

namespace natsproof {

struct NatsServerOptions {
  std::uint16_t port = 0;                   // 0: any free one
  std::string user{}, password{}, token{};  // empty: no login
  std::uint64_t max_payload_bytes = 0;      // 0: the server's default
  std::string config_file{};                // read by the server again on SIGHUP; empty: none
  Duration ready_within = 5s;
};

// The binary: what NATSPROOF_NATS_SERVER names, else `nats-server` on PATH or in /usr/sbin, where
// Debian's package puts it and where an ordinary user's PATH does not look. The error of a missing
// one names all of these and the package, and what may be done `instead`; empty: nothing.
inline constexpr std::string_view kUseAnother = "use a server that runs already with --server";
Result<std::string> find_nats_server(std::string_view instead = kUseAnother);

class NatsServer {
 public:
  // Returns when it accepts connections. Its temporary folder is removed as soon as its ports are
  // read. Errors of a server that does not come up quote its last output.
  static Result<NatsServer> start(const NatsServerOptions& options = {});

  [[nodiscard]] const ServerAddress& address() const { return address_; }  // with the login
  [[nodiscard]] const std::string& monitor() const { return monitor_; }    // http://127.0.0.1:port
  ChildProcess& process() { return process_; }
  // Starts again on the same ports; an old process that still runs is stopped first.
  Result<void> restart();

 private:
  NatsServer(ChildProcess process, NatsServerOptions options)
      : process_(std::move(process)), options_(std::move(options)) {}
  static Result<NatsServer> start_on(const NatsServerOptions& options, std::uint16_t monitor_port);

  ChildProcess process_;
  NatsServerOptions options_;
  ServerAddress address_;
  std::string monitor_;
  std::uint16_t monitor_port_ = 0;
};

// in_msgs of one connection from the server's /connz; nothing if it cannot be asked or does not
// know the connection.
std::optional<std::uint64_t> messages_received_by_server(const std::string& monitor,
                                                         std::uint64_t client_id);

}  // namespace natsproof
