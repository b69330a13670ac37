// Serving the sample services: what `natsproof serve` does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "messaging/server_address.h"

namespace natsproof {

// Sample services keep to names of their own, so that they never answer a real system's requests.
struct ServiceNaming {
  std::string subject_prefix = "natsproof.";  // before each endpoint's subject
  std::string name_prefix = "natsproof-";     // before the name that discovery tells
};

struct ServeOptions {
  std::vector<std::string> services{};  // at least one
  std::vector<ServerAddress> servers{};
  ServiceNaming naming{};
  std::string client = "nats.c";   // wire | nats.c | nats.c-default
  std::uint32_t instances = 1;     // of each service, each on a thread and a connection of its own
  bool inline_neighbours = false;  // orders asks its neighbours in process, not over NATS
  bool allow_faults = false;       // and keep a ledger; see runtime/interference.h
  std::string faults{};            // from the start (models/faults/fault_spec.h); allows them
  std::string ledger{};            // its file; empty: memory of this process
  std::string work{};              // of every request (models/faults/work_spec.h)
  std::string log_level = "info";  // as set_up_service_log()
  bool log_json = false;
};

// Bad usage: an unknown service or client, with the known ones; a mistake in the faults or the
// work; a ledger where faults are not allowed.
Result<void> check_serve_options(const ServeOptions& options);

// Serves until SIGTERM or SIGINT, then takes no more work, finishes what was taken and returns:
// services that ask others first, and when they are gone the rest.
// Says on stderr when each instance is ready, and when its connection goes or comes back. Errors:
// those of check_serve_options(), set_up_service_log() and Ledger::open(), and that the server
// cannot be reached or refuses us, in its words. REQUIRES: no other thread that has not blocked
// SIGTERM and SIGINT; they stay blocked in the calling thread until it returns.
Result<void> run_services(const ServeOptions& options);

}  // namespace natsproof
