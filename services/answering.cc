#include "services/answering.h"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/answers/answers.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "models/schema/services.natsproof.h"
#include "services/runtime/model_endpoint.h"

namespace natsproof {
namespace {

template <typename Request>
using ReplyTo = std::remove_cvref_t<decltype(*answer(std::declval<const Request&>()))>;

template <typename Request>
class Answering final : public ModelEndpoint<Request, ReplyTo<Request>> {
  void take(Request& request, Encoding encoding, Responder& responder) override {
    if constexpr (requires { request.items_size(); }) {
      responder.add_items(static_cast<std::size_t>(request.items_size()));
    }
    this->send(responder, encoding, answer(request));
  }
};

template <typename Request>
Result<std::unique_ptr<Service>> make(const ServiceNaming& naming, const Clock& clock,
                                      const std::string& service, const std::string& endpoint,
                                      const std::string& description) {
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back({.name = endpoint,
                       .subject = naming.subject_prefix + service + "." + endpoint,
                       .handler = std::make_unique<Answering<Request>>()});
  return Service::create(
      {.name = naming.name_prefix + service, .version = "1.0.0", .description = description},
      std::move(endpoints), clock);
}

}  // namespace

using namespace models::v1;
using Made = Result<std::unique_ptr<Service>>;

Made make_fraud_service(const ServiceNaming& naming, const Clock& clock) {
  return make<ScoreRequest>(naming, clock, "fraud", "score", "Says how likely an order is a fraud");
}
Made make_inventory_service(const ServiceNaming& naming, const Clock& clock) {
  return make<ReserveRequest>(naming, clock, "inventory", "reserve",
                              "Reserves what an order asks for");
}
Made make_payment_service(const ServiceNaming& naming, const Clock& clock) {
  return make<AuthorizeRequest>(naming, clock, "payment", "authorize", "Authorizes payments");
}
Made make_analytics_service(const ServiceNaming& naming, const Clock& clock) {
  return make<EventBatch>(naming, clock, "analytics", "ingest", "Takes events and counts them");
}
Made make_bulk_service(const ServiceNaming& naming, const Clock& clock) {
  return make<BulkRequest>(naming, clock, "bulk", "process",
                           "Takes many items at once; returns their keys on request");
}
Made make_probe_service(const ServiceNaming& naming, const Clock& clock) {
  return make<ValidationProbe>(naming, clock, "probe", "validate",
                               "Validates a small message with every kind of rule");
}

}  // namespace natsproof
