#include "services/serve.h"

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/stubs/logging.h>

#include "services/answering.h"
#include "services/echo.h"
#include "services/health.h"
#include "services/instance.h"
#include "services/orders.h"
#include "services/runtime/interference.h"
#include "services/runtime/log.h"

namespace natsproof {
namespace {

using Made = Result<std::unique_ptr<Service>>;
using MakeService = Made (*)(const ServeOptions&, const Clock&);

template <auto make>
Made by_naming(const ServeOptions& options, const Clock& clock) {
  return make(options.naming, clock);
}

Made make_orders(const ServeOptions& options, const Clock& clock) {
  return make_orders_service(
      options.naming, options.inline_neighbours ? Neighbours::in_process : Neighbours::over_nats,
      clock);
}

const std::map<std::string, MakeService>& known_services() {
  static const std::map<std::string, MakeService> services = {
      {"analytics", by_naming<make_analytics_service>},
      {"bulk", by_naming<make_bulk_service>},
      {"echo", by_naming<make_echo_service>},
      {"fraud", by_naming<make_fraud_service>},
      {"health", by_naming<make_health_service>},
      {"inventory", by_naming<make_inventory_service>},
      {"orders", make_orders},
      {"payment", by_naming<make_payment_service>},
      {"probe", by_naming<make_probe_service>},
  };
  return services;
}

// Blocked in this thread, and so in every thread it starts, for as long as it lives.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }

 private:
  sigset_t set_{}, before_{};
};

bool allows_faults(const ServeOptions& options) {
  return options.allow_faults || !options.faults.empty();
}

// What every service has in common; `service` and `control` are still to be filled in. REQUIRES:
// checked options.
Result<InterferenceConfig> make_interference(const ServeOptions& options) {
  InterferenceConfig config;
  config.allow_faults = allows_faults(options);
  config.faults = *parse_faults(options.faults);
  config.work = *parse_work(options.work);
  if (!config.allow_faults) return config;
  auto ledger = options.ledger.empty() ? Ledger::in_memory() : Ledger::open(options.ledger);
  if (!ledger) return ledger.error();
  config.ledger = std::move(*ledger);
  return config;
}

}  // namespace

Result<void> check_serve_options(const ServeOptions& options) {
  for (const std::string& name : options.services) {
    if (known_services().contains(name)) continue;
    std::vector<std::string> known;
    for (const auto& [service, make] : known_services()) known.push_back(service);
    return Error{fmt::format("there is no service \"{}\"; the services are: {}", name,
                             fmt::join(known, ", "))};
  }
  if (std::find(kServiceClients.begin(), kServiceClients.end(), options.client) ==
      kServiceClients.end()) {
    return Error{fmt::format("there is no client \"{}\"; the clients are: {}", options.client,
                             fmt::join(kServiceClients, ", "))};
  }
  if (auto faults = parse_faults(options.faults); !faults) return faults.error();
  if (auto work = parse_work(options.work); !work) return work.error();
  if (!options.ledger.empty() && !allows_faults(options)) {
    return Error{
        fmt::format("the ledger {} is kept only where faults are allowed: add "
                    "--allow-faults",
                    options.ledger)};
  }
  return {};
}

Result<void> run_services(const ServeOptions& options) {
  if (auto checked = check_serve_options(options); !checked) return checked;
  if (auto log = set_up_service_log(options.log_level, options.log_json); !log) return log;
  const auto interference = make_interference(options);
  if (!interference) return interference.error();
  // It would print a line for every request that is no UTF-8; who asked is told, and that is
  // enough.
  google::protobuf::SetLogHandler(nullptr);
  const SteadyClock clock;
  const StopSignals signals;
  std::vector<std::unique_ptr<ServiceInstance>> others, callers;
  std::uint64_t seed = 0;
  for (const std::string& name : options.services) {
    for (std::uint32_t i = 0; i < options.instances; ++i) {
      auto service = known_services().at(name)(options, clock);
      if (!service) return service.error();
      if (interference->allow_faults || !interference->work.none()) {
        InterferenceConfig own = *interference;
        own.service = name;
        own.control = options.naming.subject_prefix + "control." + name;
        (*service)->interfere(std::move(own));
      }
      ConnectOptions connect;
      connect.servers = options.servers;
      connect.name = (*service)->name();
      connect.delivery = Delivery::direct;
      connect.seed = ++seed;
      const bool calls_others = (*service)->calls_others();
      auto instance = ServiceInstance::start(std::move(*service), options.client, connect);
      if (!instance) return instance.error();
      (calls_others ? callers : others).push_back(std::move(*instance));
    }
  }
  signals.wait();
  // What has been taken needs the answers of the services that are asked: those leave when nobody
  // here asks them any more.
  for (auto* const leaving : {&callers, &others}) {
    for (const auto& instance : *leaving) instance->stop();
    leaving->clear();
  }
  return {};
}

}  // namespace natsproof
