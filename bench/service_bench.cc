// A service's own CPU for one request, without that of its NATS client: the transport under it
// throws away what it is given.
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "loadgen/engine/message_text.h"
#include "messaging/headers.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "services/echo.h"
#include "services/orders.h"

namespace natsproof {
namespace {

class Sink final : public Transport {
 public:
  Result<void> open(const ConnectOptions&, Listener&) override { return {}; }
  void close() override {}
  [[nodiscard]] std::uint32_t connections() const override { return 1; }
  [[nodiscard]] bool is_up(ConnectionId) const override { return true; }
  [[nodiscard]] ServerInfo server_info(ConnectionId) const override { return {}; }
  [[nodiscard]] std::string inbox_prefix() const override { return {}; }
  Result<SubscriptionId> subscribe(ConnectionId, std::string_view subject,
                                   std::string_view) override {
    subjects.emplace_back(subject);
    return static_cast<SubscriptionId>(subjects.size());
  }
  void unsubscribe(ConnectionId, SubscriptionId) override {}
  Result<FrameId> prepare(const RequestSpec&) override { return FrameId{0}; }
  SendStatus request(ConnectionId, FrameId, Sequence) override { return SendStatus::accepted; }
  SendStatus request_with(ConnectionId, FrameId, Sequence, std::string_view) override {
    return SendStatus::accepted;
  }
  SendStatus publish(ConnectionId, const Publication& publication) override {
    refused += find_header(publication.headers, "Nats-Service-Error").has_value();
    ++published;
    return SendStatus::accepted;
  }
  SendStatus ping(ConnectionId) override { return SendStatus::accepted; }
  void flush() override {}
  std::size_t receive() override { return 0; }
  void wait(Instant) override {}
  void wake() override {}

  std::vector<std::string> subjects;
  std::uint64_t published = 0, refused = 0;
};

void serve(benchmark::State& state, Result<std::unique_ptr<Service>> service,
           const std::string& subject, const std::string& payload,
           const std::string& headers = {}) {
  Sink sink;
  // With headers: as a staged service, which looks into them.
  if (service && !headers.empty()) {
    (*service)->interfere({.service = "bench", .control = "bench", .allow_faults = true});
  }
  if (!service || !(*service)->start(sink)) return state.SkipWithError("it does not start");
  const auto at = std::find(sink.subjects.begin(), sink.subjects.end(), subject);
  const Message message{.subscription = static_cast<SubscriptionId>(at - sink.subjects.begin() + 1),
                        .subject = subject,
                        .reply_to = "_INBOX.AB3DE6GH9JK2MN5PQ8ST1V.0001.00000000abcd",
                        .headers = headers,
                        .payload = payload};
  std::uint64_t served = 0;
  for (auto _ : state) {
    (*service)->on_message(message);
    ++served;
  }
  if (sink.published != served || sink.refused > 0) return state.SkipWithError("it does not serve");
}

void service_echo(benchmark::State& state) {
  static const SteadyClock clock;
  serve(state, make_echo_service({}, clock), "natsproof.echo", std::string(128, 'x'));
}
BENCHMARK(service_echo);

// Neighbours in process: decode, validate, decide, encode.
void service_place_order_1(benchmark::State& state) {
  static const SteadyClock clock;
  Random random(1);
  serve(state, make_orders_service({}, Neighbours::in_process, clock), "natsproof.orders.place",
        encode(sample_order(random, 1), Encoding::protobuf));
}
BENCHMARK(service_place_order_1);

// The same where requests may bring their own faults, and bring none.
void service_place_order_1_staged(benchmark::State& state) {
  static const SteadyClock clock;
  Random random(1);
  serve(state, make_orders_service({}, Neighbours::in_process, clock), "natsproof.orders.place",
        encode(sample_order(random, 1), Encoding::protobuf),
        *make_headers({{"Content-Type", "application/x-protobuf"}}));
}
BENCHMARK(service_place_order_1_staged);

}  // namespace
}  // namespace natsproof
