#include "services/echo.h"

#include <utility>
#include <vector>

namespace natsproof {
namespace {

class Echo final : public EndpointHandler {
 public:
  [[nodiscard]] EndpointMetadata metadata() const override {
    return {{"encodings", "any"}, {"request", "any"}, {"reply", "the request's payload"}};
  }
  void handle(const ServiceRequest& request, Responder& responder) override {
    responder.reply(request.payload);
  }
};

}  // namespace

Result<std::unique_ptr<Service>> make_echo_service(const ServiceNaming& naming,
                                                   const Clock& clock) {
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back({.name = "echo",
                       .subject = naming.subject_prefix + "echo",
                       .handler = std::make_unique<Echo>()});
  return Service::create({.name = naming.name_prefix + "echo",
                          .version = "1.0.0",
                          .description = "Returns each payload as it came"},
                         std::move(endpoints), clock);
}

}  // namespace natsproof
