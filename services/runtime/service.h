// A discoverable NATS service (ADR-32) on the messaging seam: endpoints in a queue group, answers
// to $SRV.PING, INFO and STATS, true counters. The `nats micro` command line reads it like any
// other.
//
// A Service is the Listener of a transport that it has to itself: open the transport with it, then
// start(). Everything happens inside on_message(), so it runs on whatever thread the transport
// delivers on, one request at a time; nothing is allocated or formatted per request unless its
// handler does or it fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

// Views that die with the call.
struct ServiceRequest {
  std::string_view subject, headers, payload;
  Instant received{};
};

class Service;
struct EndpointStats;

// Answers one request; lives as long as the call that gave it. A second answer is sent as well.
class Responder {
 public:
  // `headers`: a whole block (messaging/headers.h) or empty. Over the server's max_payload the
  // asker gets a 413 instead.
  void reply(std::string_view payload, std::string_view headers = {});
  // Nats-Service-Error-Code and Nats-Service-Error. Counted, and kept as last_error.
  void error(int code, std::string_view text);

 private:
  friend class Service;
  Responder(Service& service, EndpointStats& stats, const Message& message)
      : service_(service), stats_(stats), message_(message) {}
  Service& service_;
  EndpointStats& stats_;
  const Message& message_;
};

class EndpointHandler {
 public:
  virtual ~EndpointHandler() = default;
  // An exception becomes an error reply with code 500.
  virtual void handle(const ServiceRequest& request, Responder& responder) = 0;
};

struct EndpointConfig {
  std::string name;  // [a-zA-Z0-9_-]+
  std::string subject;
  std::unique_ptr<EndpointHandler> handler{};
  std::string queue_group = "q";
  std::map<std::string, std::string> metadata{};
};

struct ServiceConfig {
  std::string name;     // [a-zA-Z0-9_-]+
  std::string version;  // SemVer
  std::string description{};
  std::map<std::string, std::string> metadata{};
  std::string id{};  // empty: a fresh one
};

// What STATS tells of one endpoint.
struct EndpointStats {
  std::uint64_t num_requests = 0;  // taken, answered or not
  std::uint64_t num_errors = 0;    // error replies, and replies that could not be sent
  std::string last_error;          // `code:text`
  Duration processing_time{};      // inside the handler, its reply included
};

class Service final : public Listener {
 public:
  // Errors: a bad name, version or subject, named. The clock outlives the service.
  static Result<std::unique_ptr<Service>> create(ServiceConfig config,
                                                 std::vector<EndpointConfig> endpoints,
                                                 const Clock& clock);

  // Subscribes and flushes. The transport outlives the service or stop(), and has no other
  // subscriptions. REQUIRES: called once, after the transport was opened with this service as its
  // listener (or one that hands on_message on).
  Result<void> start(Transport& transport);
  // Unsubscribes. What the server has sent before may still come and is still answered: a round
  // trip later it has.
  void stop();

  [[nodiscard]] const std::string& name() const { return config_.name; }
  [[nodiscard]] const std::string& id() const { return config_.id; }
  [[nodiscard]] const std::vector<EndpointConfig>& endpoints() const { return endpoints_; }

  void on_message(const Message& message) override;

 private:
  friend class Responder;
  Service(ServiceConfig config, std::vector<EndpointConfig> endpoints, const Clock& clock);
  void serve(EndpointHandler& handler, EndpointStats& stats, const Message& message);
  void describe(std::size_t verb, const Message& message);
  void fail(EndpointStats& stats, const Message& message, int code, std::string_view text);
  SendStatus send(const Message& request, std::string_view headers, std::string_view payload);

  ServiceConfig config_;
  std::vector<EndpointConfig> endpoints_;
  std::vector<EndpointStats> stats_;  // of each endpoint
  const Clock& clock_;
  std::chrono::system_clock::time_point started_;
  Transport* transport_ = nullptr;
  std::vector<SubscriptionId> subscriptions_;
};

}  // namespace natsproof
