#include <cstdio>

#include <fmt/format.h>

#include "loadgen/app/clients.h"
#include "loadgen/app/commands.h"
#include "messaging/login_environment.h"
#include "services/serve.h"

namespace natsproof {

int serve_command(const ServeCommandOptions& options) {
  auto servers = options.server.addresses();
  if (!servers) {
    fmt::print(stderr, "natsproof: {}\n", servers.error().message);
    return kExitUsage;
  }
  if (auto login = check_login_environment(); !login) {
    fmt::print(stderr, "natsproof: {}\n", login.error().message);
    return kExitUsage;
  }
  if (servers->empty())
    servers->push_back({});  // nats://127.0.0.1:4222, as the `nats` command line
  ServeOptions serve;
  serve.services = options.services;
  serve.servers = *servers;
  serve.naming.subject_prefix = options.prefix;
  serve.client = options.client;
  serve.instances = options.instances;
  serve.inline_neighbours = options.inline_neighbours;
  serve.allow_faults = options.allow_faults;
  serve.faults = options.faults;
  serve.ledger = options.ledger;
  serve.work = options.work;
  serve.log_level = options.log_level;
  serve.log_json = options.log_json;
  if (auto usage = check_serve_options(serve); !usage) {
    fmt::print(stderr, "natsproof: {}\n", usage.error().message);
    return kExitUsage;
  }
  auto served = check_servers(serve.servers, false);
  if (served) served = run_services(serve);
  if (!served) {
    fmt::print(stderr, "natsproof: {}\n", served.error().message);
    return kExitStage;
  }
  return 0;
}

}  // namespace natsproof
