#include "services/runtime/service.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "messaging/headers.h"
#include "messaging/subject.h"
#include "services/runtime/descriptions.h"
#include "services/runtime/names.h"

namespace natsproof {
namespace {

constexpr std::array<std::string_view, 3> kVerbs = {"PING", "INFO", "STATS"};
// Each verb is asked of everybody, of a name, and of one instance.
constexpr std::size_t kSubjectsPerVerb = 3;
constexpr std::size_t kDiscoverySubjects = kVerbs.size() * kSubjectsPerVerb;

// A header's value is one line.
std::string one_line(std::string_view text) {
  std::string line{text};
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }, ' ');
  return line;
}

Result<void> check(const ServiceConfig& service, const std::vector<EndpointConfig>& endpoints) {
  const auto check_name = [](std::string_view what, const std::string& name) -> Result<void> {
    if (is_service_name(name)) return {};
    return Error{
        fmt::format("{} name \"{}\": only letters, digits, - and _ are allowed", what, name)};
  };
  if (auto checked = check_name("service", service.name); !checked) return checked;
  if (!is_semver(service.version)) {
    return Error{fmt::format("service {}: version \"{}\" is not a semantic version such as 1.2.3",
                             service.name, service.version)};
  }
  for (const EndpointConfig& endpoint : endpoints) {
    assert(endpoint.handler != nullptr);
    if (auto checked = check_name("endpoint", endpoint.name); !checked) return checked;
    if (auto checked = check_subject(endpoint.subject, true); !checked) return checked;
  }
  return {};
}

}  // namespace

void Responder::reply(std::string_view payload, std::string_view headers) {
  switch (service_.send(message_, headers, payload)) {
    case SendStatus::accepted:
      return;
    case SendStatus::too_big:
      return error(413, fmt::format("the reply of {} bytes is over the server's max_payload",
                                    headers.size() + payload.size()));
    case SendStatus::down:
    case SendStatus::backlogged:
      ++stats_.num_errors;
      stats_.last_error =
          "503:the reply could not be sent, for the connection was down or congested";
  }
}

void Responder::error(int code, std::string_view text) {
  service_.fail(stats_, message_, code, text);
}

Result<std::unique_ptr<Service>> Service::create(ServiceConfig config,
                                                 std::vector<EndpointConfig> endpoints,
                                                 const Clock& clock) {
  if (auto checked = check(config, endpoints); !checked) return checked.error();
  if (config.id.empty()) config.id = make_service_id();
  return std::unique_ptr<Service>{new Service(std::move(config), std::move(endpoints), clock)};
}

Service::Service(ServiceConfig config, std::vector<EndpointConfig> endpoints, const Clock& clock)
    : config_(std::move(config)),
      endpoints_(std::move(endpoints)),
      stats_(endpoints_.size()),
      clock_(clock),
      started_(std::chrono::system_clock::now()) {}

Result<void> Service::start(Transport& transport) {
  assert(transport_ == nullptr);
  // Before the first subscription: with direct delivery its messages do not wait for the last.
  transport_ = &transport;
  const auto subscribe = [&](const std::string& subject, const std::string& group) -> Result<void> {
    auto subscription = transport.subscribe(0, subject, group);
    if (!subscription) return subscription.error();
    subscriptions_.push_back(*subscription);
    // on_message() finds its way by this; see kDiscoverySubjects.
    assert(*subscription == subscriptions_.size());
    return {};
  };
  for (const std::string_view verb : kVerbs) {
    for (const std::string& subject :
         {fmt::format("$SRV.{}", verb), fmt::format("$SRV.{}.{}", verb, config_.name),
          fmt::format("$SRV.{}.{}.{}", verb, config_.name, config_.id)}) {
      if (auto done = subscribe(subject, ""); !done) return done;
    }
  }
  for (const EndpointConfig& endpoint : endpoints_) {
    if (auto done = subscribe(endpoint.subject, endpoint.queue_group); !done) return done;
  }
  transport.flush();
  return {};
}

void Service::stop() {
  // The endpoints first, so that work goes elsewhere while the rest is taken down.
  for (auto subscription = subscriptions_.rbegin(); subscription != subscriptions_.rend();
       ++subscription) {
    transport_->unsubscribe(0, *subscription);
  }
  subscriptions_.clear();
  transport_->flush();
}

void Service::on_message(const Message& message) {
  if (message.subscription == kInbox) return;
  const std::size_t index = message.subscription - 1;
  if (index < kDiscoverySubjects) {
    describe(index / kSubjectsPerVerb, message);
  } else if (index - kDiscoverySubjects < endpoints_.size()) {
    const std::size_t endpoint = index - kDiscoverySubjects;
    serve(*endpoints_[endpoint].handler, stats_[endpoint], message);
  }
}

void Service::serve(EndpointHandler& handler, EndpointStats& stats, const Message& message) {
  const Instant begun = clock_.now();
  ++stats.num_requests;
  Responder responder{*this, stats, message};
  try {
    handler.handle({.subject = message.subject,
                    .headers = message.headers,
                    .payload = message.payload,
                    .received = message.received},
                   responder);
  } catch (const std::exception& thrown) {
    fail(stats, message, 500, thrown.what());
  } catch (...) {
    fail(stats, message, 500, "unknown exception");
  }
  stats.processing_time += clock_.now() - begun;
}

void Service::describe(std::size_t verb, const Message& message) {
  switch (verb) {
    case 0:
      send(message, {}, describe_ping(config_));
      return;
    case 1:
      send(message, {}, describe_info(config_, endpoints_));
      return;
    default:
      send(message, {}, describe_stats(config_, endpoints_, stats_, started_));
  }
}

void Service::fail(EndpointStats& stats, const Message& message, int code, std::string_view text) {
  ++stats.num_errors;
  const std::string line = one_line(text);
  stats.last_error = fmt::format("{}:{}", code, line);
  const auto headers = make_headers(
      {{"Nats-Service-Error", line}, {"Nats-Service-Error-Code", std::to_string(code)}});
  assert(headers.ok());
  send(message, *headers, {});
}

SendStatus Service::send(const Message& request, std::string_view headers,
                         std::string_view payload) {
  if (request.reply_to.empty()) return SendStatus::accepted;
  return transport_->publish(
      request.connection,
      {.subject = request.reply_to, .reply_to = {}, .headers = headers, .payload = payload});
}

}  // namespace natsproof
