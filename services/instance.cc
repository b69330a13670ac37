#include "services/instance.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/prctl.h>

#include "messaging/natsc/natsc_transport.h"
#include "messaging/wire/wire_transport.h"
#include "services/runtime/log.h"

namespace natsproof {
namespace {

// How long a start waits for the server.
constexpr Duration kRoundTripWithin = 5s;
// And a stop: beyond what the service takes for its own.
constexpr Duration kAnswersArriveWithin = 400ms;
constexpr Duration kSleepAtMost = 1s;
// How long an answer may wait for those to the requests that were read together with its own: a
// write for many costs less than one for each, but nobody is to wait for others' long work.
constexpr Duration kHoldAtMost = 100us;
// nats.c delivers on its own threads: a call made while ours sleeps is due after it wakes.
static_assert(kSleepAtMost <= kCallTimeout);

}  // namespace

std::unique_ptr<Transport> make_service_transport(const std::string& client, const Clock& clock) {
  if (client == "wire") return make_wire_transport(clock);
  if (client == "nats.c") return make_natsc_transport(clock, NatscTuning::tuned);
  assert(client == "nats.c-default");
  return make_natsc_transport(clock, NatscTuning::defaults);
}

Result<std::unique_ptr<ServiceInstance>> ServiceInstance::start(std::unique_ptr<Service> service,
                                                                const std::string& client,
                                                                const ConnectOptions& options) {
  std::unique_ptr<ServiceInstance> instance{new ServiceInstance(std::move(service), client)};
  std::promise<Result<void>> ready;
  auto outcome = ready.get_future();
  instance->thread_ = std::thread([&self = *instance, options, ready = std::move(ready)]() mutable {
    self.run(options, ready);
  });
  if (auto online = outcome.get(); !online) return online.error();
  return instance;
}

ServiceInstance::ServiceInstance(std::unique_ptr<Service> service, const std::string& client)
    : service_(std::move(service)),
      client_(client),
      transport_(make_service_transport(client, clock_)) {}

ServiceInstance::~ServiceInstance() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void ServiceInstance::stop() {
  service_->announce_stop();
  stopping_ = true;
  transport_->wake();
}

void ServiceInstance::run(const ConnectOptions& options, std::promise<Result<void>>& ready) {
  prctl(PR_SET_TIMERSLACK, 1UL);
  own_thread_ = std::this_thread::get_id();
  auto online = go_online(options);
  const bool serving = online.ok();
  ready.set_value(std::move(online));
  if (serving) {
    while (!stopping_) turn();
    leave();
  }
  transport_->close();
}

void ServiceInstance::leave() {
  const Instant gone_by = clock_.now() + kStopWithin + kAnswersArriveWithin;
  // From a server that does not answer nobody can take leave, and nats.c would wait for it long.
  if (!round_trip(clock_.now() + kStopWithin)) return;
  service_->stop();
  round_trip(gone_by);  // whatever the server had sent us before has come
  while (service_->next_due() != Instant::max() && transport_->is_up(0)) turn();
  round_trip(gone_by);  // the answers have arrived
}

void ServiceInstance::turn() {
  transport_->flush();
  const Instant latest = clock_.now() + kSleepAtMost;
  transport_->wait(std::min(latest, service_->next_due()));
  flushed_ = clock_.now();
  transport_->receive();
  service_->do_what_is_due();
}

void ServiceInstance::on_message(const Message& message) {
  service_->on_message(message);
  if (std::this_thread::get_id() != own_thread_) return;  // nats.c's, which writes by itself
  if (const Instant now = clock_.now(); now - flushed_ >= kHoldAtMost) {
    transport_->flush();
    flushed_ = now;
  }
}

Result<void> ServiceInstance::go_online(const ConnectOptions& options) {
  if (auto opened = transport_->open(options, *this); !opened) return opened;
  if (auto started = service_->start(*transport_); !started) return started;
  if (!round_trip(clock_.now() + kRoundTripWithin)) {
    return Error{fmt::format("{}: the server did not answer within {} s of the subscriptions",
                             service_->name(), kRoundTripWithin / 1s)};
  }
  const ServerInfo server = transport_->server_info(0);
  std::vector<std::string> subjects;
  for (const EndpointConfig& endpoint : service_->endpoints()) subjects.push_back(endpoint.subject);
  service_log().info("{} {} serves {} on {}:{} with {}", service_->name(), service_->id(),
                     fmt::join(subjects, ", "), server.host, server.port, client_);
  return {};
}

// False when the server is lost or takes too long.
bool ServiceInstance::round_trip(Instant deadline) {
  const std::uint64_t before = pongs_;
  if (transport_->ping(0) != SendStatus::accepted) return false;
  while (pongs_ == before && transport_->is_up(0) && clock_.now() < deadline) {
    transport_->flush();
    transport_->wait(deadline);
    transport_->receive();
  }
  return pongs_ != before;
}

void ServiceInstance::on_down(ConnectionId, std::string_view why) {
  service_log().warn("{} {} lost its server: {}", service_->name(), service_->id(), why);
}

void ServiceInstance::on_up(ConnectionId) {
  service_log().info("{} {} has a server again", service_->name(), service_->id());
}

void ServiceInstance::on_server_error(ConnectionId, std::string_view text) {
  service_log().warn("{} {}: the server says: {}", service_->name(), service_->id(), text);
}

}  // namespace natsproof
