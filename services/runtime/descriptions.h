// What a service says of itself: the answers to $SRV.PING, $SRV.INFO and $SRV.STATS as JSON, by
// ADR-32.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "services/runtime/service.h"

namespace natsproof {

std::string describe_ping(const ServiceConfig& service);
std::string describe_info(const ServiceConfig& service, std::span<const EndpointConfig> endpoints);
// REQUIRES: as many stats as endpoints, in the same order.
std::string describe_stats(const ServiceConfig& service, std::span<const EndpointConfig> endpoints,
                           std::span<const EndpointStats> stats,
                           std::chrono::system_clock::time_point started);

}  // namespace natsproof
