// The stage of a run: a nats-server and the services the plan names, as child processes, taken down again whatever happens.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "loadgen/stage/nats_server.h"

namespace natsproof {

struct StageOptions {
  std::string executable;             // natsproof itself, for `serve`; /proc/self/exe by default
  std::vector<std::string> services;  // sample services by name
  std::string service_client = "nats.c";
  std::uint32_t instances = 1;
  bool own_server = true;             // false: use `servers`
  std::vector<ServerAddress> servers;
  Duration ready_within = 10s;
};

class Stage {
 public:
  // Returns when every service instance answers $SRV.PING. Errors say what did not come up and quote its last output.
  // REQUIRES: called on the main thread, no other thread running.
  static Result<std::unique_ptr<Stage>> set(const StageOptions& options);

  [[nodiscard]] const std::vector<ServerAddress>& servers() const { return servers_; }
  [[nodiscard]] const std::string& monitor() const { return monitor_; }  // empty: not known
  // What has died since the last call, as sentences. Any thread.
  [[nodiscard]] std::vector<std::string> deaths();

 private:
  Stage() = default;
  std::vector<ServerAddress> servers_;
  std::string monitor_;
  std::optional<NatsServer> server_;
  std::vector<ChildProcess> services_;  // last: they are stopped before the server
};

// Names and counts of service instances that answer $SRV.PING on a server within `listen`.
struct FoundService {
  std::string name, id, version;
};
Result<std::vector<FoundService>> find_services(const std::vector<ServerAddress>& servers, Duration listen);

}  // namespace natsproof
