// A nats-server of our own on free loopback ports, with monitoring.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "loadgen/stage/child_process.h"
#include "messaging/server_address.h"

namespace natsproof {

struct NatsServerOptions {
  std::uint16_t port = 0;             // 0: any free one
  std::string user, password, token;  // empty: no login
  std::uint64_t max_payload_bytes = 0;  // 0: the server's default
  Duration ready_within = 5s;
};

class NatsServer {
 public:
  // The binary is named by NATSPROOF_NATS_SERVER or found on PATH; the error of a missing one names the package.
  // Returns when it accepts connections. Its temporary folder is removed as soon as its ports are read.
  static Result<NatsServer> start(const NatsServerOptions& options = {});

  [[nodiscard]] const ServerAddress& address() const { return address_; }  // with the login
  [[nodiscard]] const std::string& monitor() const { return monitor_; }    // http://127.0.0.1:port
  ChildProcess& process() { return process_; }
  // Starts again on the same ports; the old process must have ended or is stopped first.
  Result<void> restart();

 private:
  NatsServer(ChildProcess process, NatsServerOptions options) : process_(std::move(process)), options_(std::move(options)) {}
  ChildProcess process_;
  NatsServerOptions options_;
  ServerAddress address_;
  std::string monitor_;
};

// in_msgs of one connection from the server's /connz; nothing if it cannot be asked or does not know the connection.
std::optional<std::uint64_t> messages_received_by_server(const std::string& monitor, std::uint64_t client_id);

}  // namespace natsproof
