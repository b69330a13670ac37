// The stage of a run: a nats-server and the services the plan names, as child processes, taken down
// again whatever happens: services first, then the server. The services share a ledger in memory of
// ours, and may be told to inject faults. The children are in process groups of
// their own, so that Ctrl-C reaches us alone and we decide.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "loadgen/stage/child_process.h"
#include "loadgen/stage/nats_server.h"
#include "messaging/server_address.h"

namespace natsproof {

struct StageOptions {
  std::string executable{};             // natsproof itself, for `serve`; empty: this program
  std::vector<std::string> services{};  // sample services by name, such as `echo`
  std::string service_client = "nats.c";
  std::uint32_t instances = 1;                          // of each service
  bool inline_neighbours = false;                       // orders asks its neighbours in process
  std::map<std::string, std::string> work{}, faults{};  // by service, for --work and --fault
  bool own_server = true;                               // false: use `servers`
  std::vector<ServerAddress> servers{};
  Duration ready_within = 10s;
};

class Stage {
 public:
  // Returns when as many new instances of every service answer $SRV.PING as were asked for. Errors
  // say what did not come up and quote its last output.
  // REQUIRES: called on the main thread, no other thread running.
  static Result<std::unique_ptr<Stage>> set(const StageOptions& options);
  ~Stage();

  [[nodiscard]] const std::vector<ServerAddress>& servers() const { return servers_; }
  [[nodiscard]] const std::string& monitor() const { return monitor_; }  // empty: not known
  struct Process {
    std::string role;  // `server`, `services`
    std::string name;  // `nats-server`, `echo`
    pid_t pid = -1;
  };
  // Those that this stage started and that still live.
  [[nodiscard]] std::vector<Process> processes();
  // The ledger that the services share; empty: there are no services.
  [[nodiscard]] std::string ledger_file() const;
  // What has died since the last call, as sentences. Any thread, until the destructor.
  [[nodiscard]] std::vector<std::string> deaths();

 private:
  struct Service {
    std::string name;
    ChildProcess process;
    bool mourned = false;
  };

  Stage() = default;
  Result<void> start_services(const StageOptions& options);

  std::vector<ServerAddress> servers_;
  std::string monitor_;
  std::mutex mutex_;  // of the processes, once the stage is set
  std::optional<NatsServer> server_;
  bool server_mourned_ = false;
  std::vector<Service> services_;
  int ledger_ = -1;  // memory that the services find by its path in /proc
};

// Sample services carry this before their names, so that they never answer for a real system's.
inline constexpr const char* kServiceNamePrefix = "natsproof-";

// A service instance that answered $SRV.PING (ADR-32).
struct FoundService {
  std::string name, id, version;
};
// All instances that answer within `listen`, sorted by name and id. Errors: no server can be
// reached.
Result<std::vector<FoundService>> find_services(const std::vector<ServerAddress>& servers,
                                                Duration listen);

}  // namespace natsproof
