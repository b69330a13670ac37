#include "loadgen/plan/plan.h"

#include <algorithm>
#include <array>

#include "messaging/transport.h"

namespace natsproof {

std::string_view client_name(ClientKind client) {
  switch (client) {
    case ClientKind::wire:
      return "wire";
    case ClientKind::natsc:
      return "nats.c";
    case ClientKind::natsc_default:
      return "nats.c-default";
  }
  return "?";
}

std::string_view pacing_name(Pacing pacing) {
  switch (pacing) {
    case Pacing::sleep:
      return "sleep";
    case Pacing::hybrid:
      return "hybrid";
    case Pacing::spin:
      return "spin";
  }
  return "?";
}

std::span<const std::string> sample_services() {
  static const std::array<std::string, 9> names{
      "echo", "orders", "inventory", "payment", "fraud", "analytics", "bulk", "probe", "health"};
  return names;
}

std::span<const std::string> sample_endpoints() {
  static const std::array<std::string, 11> names{"echo",
                                                 "orders.place",
                                                 "orders.get",
                                                 "orders.batch",
                                                 "inventory.reserve",
                                                 "payment.authorize",
                                                 "fraud.score",
                                                 "analytics.ingest",
                                                 "bulk.process",
                                                 "probe.validate",
                                                 "health"};
  return names;
}

bool Task::tells_requests_apart() const {
  if (expect == Expect::answer) return true;
  if (expect != Expect::same || !payload_file.empty()) return false;
  std::uint64_t smallest = payloads.empty() ? payload_bytes : payloads.front().count.min;
  for (const PayloadSpec& each : payloads) smallest = std::min(smallest, each.count.min);
  return smallest >= kSequenceDigits;
}

std::vector<std::string> services_to_stage(const Plan& plan) {
  std::vector<std::string> services = plan.services;
  const auto named = [&](const std::string& name) {
    return std::find(services.begin(), services.end(), name) != services.end();
  };
  if (!named("orders") || plan.inline_neighbours) return services;
  for (const char* neighbour : {"fraud", "inventory", "payment"}) {
    if (!named(neighbour)) services.emplace_back(neighbour);
  }
  return services;
}

Pacing effective_pacing(const Load& load, unsigned cores) {
  if (load.pacing) return *load.pacing;
  return cores < load.workers + 3 ? Pacing::sleep : Pacing::hybrid;
}

}  // namespace natsproof
