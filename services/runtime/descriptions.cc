#include "services/runtime/descriptions.h"

#include <cassert>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "services/runtime/json_text.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

Json identity(const char* kind, const ServiceConfig& service) {
  return {{"type", fmt::format("io.nats.micro.v1.{}_response", kind)},
          {"name", service.name},
          {"id", service.id},
          {"version", service.version},
          {"metadata", service.metadata}};
}

std::string rfc3339(std::chrono::system_clock::time_point when) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(seconds.count()),
                     (since_epoch - seconds).count());
}

}  // namespace

std::string describe_ping(const ServiceConfig& service) {
  return json_text(identity("ping", service));
}

std::string describe_info(const ServiceConfig& service, std::span<const EndpointConfig> endpoints) {
  Json info = identity("info", service);
  info["description"] = service.description;
  info["endpoints"] = Json::array();
  for (const EndpointConfig& endpoint : endpoints) {
    info["endpoints"].push_back({{"name", endpoint.name},
                                 {"subject", endpoint.subject},
                                 {"queue_group", endpoint.queue_group},
                                 {"metadata", endpoint.metadata}});
  }
  return json_text(info);
}

std::string describe_stats(const ServiceConfig& service, std::span<const EndpointConfig> endpoints,
                           std::span<const EndpointStats> stats,
                           std::chrono::system_clock::time_point started) {
  assert(endpoints.size() == stats.size());
  Json answer = identity("stats", service);
  answer["started"] = rfc3339(started);
  answer["endpoints"] = Json::array();
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const EndpointStats& counted = stats[i];
    const auto requests = static_cast<Duration::rep>(counted.num_requests);
    answer["endpoints"].push_back(
        {{"name", endpoints[i].name},
         {"subject", endpoints[i].subject},
         {"queue_group", endpoints[i].queue_group},
         {"num_requests", counted.num_requests},
         {"num_errors", counted.num_errors},
         {"last_error", counted.last_error},
         {"processing_time", counted.processing_time.count()},
         {"average_processing_time",
          requests == 0 ? 0 : counted.processing_time.count() / requests}});
  }
  return json_text(answer);
}

}  // namespace natsproof
