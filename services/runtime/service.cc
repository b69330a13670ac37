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

// A header's value is one line, and not a long one.
std::string one_line(std::string_view text) {
  constexpr std::size_t kMostBytes = 1000;
  std::size_t end = std::min(text.size(), kMostBytes);
  while (end < text.size() && end > 0 && (text[end] & 0xc0) == 0x80) --end;  // whole characters
  std::string line{text.substr(0, end)};
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
  if (!reply_if_it_fits(payload, headers)) error(413, too_large(headers.size() + payload.size()));
}

bool Responder::reply_if_it_fits(std::string_view payload, std::string_view headers) {
  switch (send(headers, payload)) {
    case SendStatus::accepted:
      return true;
    case SendStatus::too_big:
      return false;
    case SendStatus::down:
    case SendStatus::backlogged:
      break;
  }
  ++stats_.num_errors;
  stats_.last_error = "503:the reply could not be sent, for the connection was down or congested";
  return true;
}

std::string Responder::too_large(std::size_t bytes) {
  return fmt::format("the reply of {} bytes is over the server's max_payload", bytes);
}

void Responder::error(int code, std::string_view text, std::string_view payload,
                      std::string_view content_type) {
  ++stats_.num_errors;
  const std::string line = one_line(text);
  stats_.last_error = fmt::format("{}:{}", code, line);
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Nats-Service-Error", line}, {"Nats-Service-Error-Code", std::to_string(code)}};
  if (!content_type.empty()) headers.emplace_back("Content-Type", content_type);
  const auto block = make_headers(headers);
  assert(block.ok());
  if (send(*block, payload) == SendStatus::too_big) send(*block, {});
}

ReplyHandle Responder::later() {
  answered_later_ = true;
  return ReplyHandle{*this};
}

SendStatus Responder::send(std::string_view headers, std::string_view payload) {
  return service_.send(connection_, reply_to_, headers, payload);
}

void ReplyHandle::count_time() const {
  stats_->processing_time += service_->clock_.now() - begun_;
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
      started_(std::chrono::system_clock::now()),
      calls_(clock, fmt::format("_INBOX.{}.", config_.id)) {}

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
  // The last one, and not in the list: it outlives the others.
  if (config_.calls_others) {
    if (auto inbox = transport.subscribe(0, calls_.inbox_pattern(), ""); !inbox) {
      return inbox.error();
    }
  }
  transport.flush();
  return {};
}

void Service::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  // Without the mutex, for nats.c waits here for what is being delivered. The endpoints first, so
  // that work goes elsewhere while the rest is taken down.
  for (auto subscription = subscriptions_.rbegin(); subscription != subscriptions_.rend();
       ++subscription) {
    transport_->unsubscribe(0, *subscription);
  }
  subscriptions_.clear();
  transport_->flush();
}

Instant Service::next_due() const {
  const std::lock_guard lock(mutex_);
  return calls_.next_due();
}

void Service::end_overdue_calls() {
  const std::lock_guard lock(mutex_);
  calls_.end_overdue();
}

SendStatus Service::call(std::string_view subject, std::string_view payload, Calls::Done done) {
  assert(config_.calls_others);
  return calls_.call(*transport_, subject, payload, std::move(done));
}

void Service::on_message(const Message& message) {
  if (message.subscription == kInbox) return;
  const std::lock_guard lock(mutex_);
  const std::size_t index = message.subscription - 1;
  if (index < kDiscoverySubjects) {
    describe(index / kSubjectsPerVerb, message);
  } else if (index - kDiscoverySubjects < endpoints_.size()) {
    const std::size_t endpoint = index - kDiscoverySubjects;
    serve(*endpoints_[endpoint].handler, stats_[endpoint], message);
  } else {
    calls_.on_reply(message);
    // Who waits for the last one to end may be asleep until it times out.
    if (stopped_ && calls_.next_due() == Instant::max()) transport_->wake();
  }
}

void Service::serve(EndpointHandler& handler, EndpointStats& stats, const Message& message) {
  const Instant begun = clock_.now();
  ++stats.num_requests;
  Responder responder{*this, stats, message.connection, message.reply_to, begun};
  try {
    handler.handle({.subject = message.subject,
                    .headers = message.headers,
                    .payload = message.payload,
                    .received = message.received},
                   responder);
  } catch (const std::exception& thrown) {
    responder.error(500, thrown.what());
  } catch (...) {
    responder.error(500, "unknown exception");
  }
  if (!responder.answered_later_) stats.processing_time += clock_.now() - begun;
}

void Service::describe(std::size_t verb, const Message& message) {
  const auto answer = [&](const std::string& description) {
    send(message.connection, message.reply_to, {}, description);
  };
  switch (verb) {
    case 0:
      return answer(describe_ping(config_));
    case 1:
      return answer(describe_info(config_, endpoints_));
    default:
      return answer(describe_stats(config_, endpoints_, stats_, started_));
  }
}

SendStatus Service::send(ConnectionId connection, std::string_view reply_to,
                         std::string_view headers, std::string_view payload) {
  if (reply_to.empty()) return SendStatus::accepted;
  return transport_->publish(
      connection, {.subject = reply_to, .reply_to = {}, .headers = headers, .payload = payload});
}

}  // namespace natsproof
