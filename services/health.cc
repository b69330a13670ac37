#include "services/health.h"

#include <chrono>
#include <utility>
#include <vector>

#include "models/schema/services.natsproof.h"
#include "services/runtime/model_endpoint.h"

namespace natsproof {
namespace {

class Health final : public EncodedEndpoint {
 public:
  [[nodiscard]] EndpointMetadata metadata() const override {
    return metadata_of("any", models::v1::HealthReply::descriptor()->full_name());
  }

 private:
  void handle_encoded(const ServiceRequest&, Encoding encoding, Responder& responder) override {
    const Service& service = responder.service();
    models::v1::HealthReply reply;
    const auto since = service.started().time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    reply.mutable_started_at()->set_seconds(seconds.count());
    reply.mutable_started_at()->set_nanos(
        static_cast<int>(std::chrono::nanoseconds(since - seconds).count()));
    for (const EndpointStats& endpoint : service.stats()) {
      reply.set_requests(reply.requests() + endpoint.num_requests);
      reply.set_errors(reply.errors() + endpoint.num_errors);
    }
    send<models::v1::HealthReply>(responder, encoding, std::move(reply));
  }
};

}  // namespace

Result<std::unique_ptr<Service>> make_health_service(const ServiceNaming& naming,
                                                     const Clock& clock) {
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back({.name = "health",
                       .subject = naming.subject_prefix + "health",
                       .handler = std::make_unique<Health>()});
  return Service::create({.name = naming.name_prefix + "health",
                          .version = "1.0.0",
                          .description = "Says that it is there, since when, and what it did"},
                         std::move(endpoints), clock);
}

}  // namespace natsproof
