// Services that are restarted all the time under load lose nothing: what an instance has taken it
// answers, and what comes after goes to another one. NATSPROOF_RESTARTS says how often, 20 times
// without it.

#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "loadgen/stage/nats_server.h"
#include "messaging/headers.h"
#include "messaging/subject.h"
#include "messaging/wire/wire_transport.h"
#include "models/answers/answers.h"
#include "models/runtime/protobuf_codec.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/services.natsproof.h"
#include "services/answering.h"
#include "services/echo.h"
#include "services/instance.h"
#include "services/orders.h"

namespace natsproof {
namespace {

int restarts_wanted() {
  const char* const wanted = std::getenv("NATSPROOF_RESTARTS");
  return wanted == nullptr ? 20 : std::atoi(wanted);
}

// Asks echo and orders in turns, at a steady rate, and verifies every reply.
class SteadyLoad final : private Listener {
 public:
  explicit SteadyLoad(const ServerAddress& server) : transport_(make_wire_transport(clock_)) {
    const auto opened = transport_->open({.servers = {server}}, *this);
    EXPECT_TRUE(opened) << opened.error().message;
    echo_ = transport_
                ->prepare({.subject = "natsproof.echo",
                           .payload = std::string(kSequenceDigits, '0'),
                           .payload_digits_at = 0})
                .value();
    Random random{1};
    do order_ = sample_order(random, 2);
    while (!answer(order_)->has_accepted());
    std::string payload;
    write_protobuf(order_, payload);
    place_ = transport_->prepare({.subject = "natsproof.orders.place", .payload = payload}).value();
  }

  // Until stop(); then until everything is answered or has taken far too long.
  void run() {
    constexpr Duration kInterval = 2500us, kPatience = 10s;
    // A machine that cannot keep up is asked less: a queue of a second is no matter of restarts.
    constexpr std::uint64_t kMostOpen = 30;
    Instant due = clock_.now();
    while (!stopping_) {
      for (; due <= clock_.now(); due += kInterval) {
        if (asked_ - answered_ < kMostOpen) ask();
      }
      pass(due);
    }
    const Instant give_up = clock_.now() + kPatience;
    while (answered_ < asked_ && clock_.now() < give_up) pass(clock_.now() + 10ms);
  }
  void stop() { stopping_ = true; }

  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  // After run(): what was not answered once and rightly.
  [[nodiscard]] std::vector<std::string> mistakes() const {
    std::vector<std::string> all = mistakes_;
    for (Sequence n = 0; n < asked_; ++n) {
      if (replies_[n] != 1) all.push_back(fmt::format("{}: {} replies", name(n), replies_[n]));
    }
    return all;
  }

 private:
  static std::string name(Sequence number) {
    return fmt::format("{} {}", number % 2 == 0 ? "echo" : "order", number);
  }
  void ask() {
    replies_.push_back(0);
    const FrameId frame = asked_ % 2 == 0 ? echo_ : place_;
    EXPECT_EQ(transport_->request(0, frame, asked_), SendStatus::accepted);
    ++asked_;
  }
  void pass(Instant until) {
    transport_->flush();
    transport_->wait(until);
    transport_->receive();
  }
  void on_message(const Message& message) override {
    const Sequence number = message.sequence;
    ++replies_.at(number);
    ++answered_;
    if (header_status(message.headers) != 0 ||
        find_header(message.headers, "Nats-Service-Error-Code")) {
      mistakes_.push_back(fmt::format("{}: {}", name(number), message.headers));
    } else if (!is_right(number, message.payload)) {
      mistakes_.push_back(name(number) + ": a wrong reply");
    }
  }
  [[nodiscard]] bool is_right(Sequence number, std::string_view payload) const {
    if (number % 2 == 0) return payload == fmt::format("{:012x}", number);
    models::v1::OrderReply reply;
    return read_protobuf(payload, reply) && reply.order_id() == order_.order_id() &&
           reply.has_accepted();
  }

  SteadyClock clock_;
  std::unique_ptr<Transport> transport_;
  FrameId echo_ = 0, place_ = 0;
  models::v1::Order order_;
  std::vector<int> replies_;  // to each request
  std::vector<std::string> mistakes_;
  std::atomic<std::uint64_t> asked_{0}, answered_{0};
  std::atomic<bool> stopping_{false};
};

class RestartedServices : public testing::TestWithParam<std::string> {
 protected:
  using Made = Result<std::unique_ptr<Service>>;

  std::unique_ptr<ServiceInstance> start(Made service) {
    EXPECT_TRUE(service);
    // So long that there is always something under way when an instance is told to leave.
    InterferenceConfig config;
    config.work = *parse_work("delay=4ms");
    (*service)->interfere(std::move(config));
    auto instance =
        ServiceInstance::start(std::move(*service), GetParam(),
                               {.servers = {server_->address()}, .delivery = Delivery::direct});
    EXPECT_TRUE(instance) << instance.error().message;
    return instance ? std::move(*instance) : nullptr;
  }
  Made make(const std::string& name) {
    if (name == "echo") return make_echo_service({}, clock_);
    if (name == "orders") return make_orders_service({}, Neighbours::over_nats, clock_);
    if (name == "fraud") return make_fraud_service({}, clock_);
    if (name == "inventory") return make_inventory_service({}, clock_);
    return make_payment_service({}, clock_);
  }

  SteadyClock clock_;
  std::optional<NatsServer> server_;
};

TEST_P(RestartedServices, LoseNothingUnderLoad) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server) << server.error().message;
  server_.emplace(std::move(*server));
  // Two of each, so that somebody is always there.
  std::vector<std::pair<std::string, std::unique_ptr<ServiceInstance>>> instances;
  for (int i = 0; i < 2; ++i) {
    for (const char* name : {"echo", "orders", "fraud", "inventory", "payment"}) {
      instances.emplace_back(name, start(make(name)));
    }
  }
  SteadyLoad load(server_->address());
  auto running = std::async(std::launch::async, [&] { load.run(); });
  const auto let_some_pass = [&] {
    const std::uint64_t enough = load.answered() + 20;
    const Instant give_up = clock_.now() + 20s;
    while (load.answered() < enough && clock_.now() < give_up) {
      std::this_thread::sleep_for(1ms);  // the load's thread has nobody to tell
    }
  };
  const int restarts = restarts_wanted();
  for (int i = 0; i < restarts; ++i) {
    auto& [name, instance] = instances[static_cast<std::size_t>(i) % instances.size()];
    let_some_pass();
    instance.reset();  // waits until it is gone
    let_some_pass();
    instance = start(make(name));
  }
  load.stop();
  running.get();
  std::string mistakes;
  for (const std::string& mistake : load.mistakes()) mistakes += mistake + "\n";
  EXPECT_EQ(mistakes, "") << "of " << load.asked() << " requests in " << restarts << " restarts";
  EXPECT_EQ(load.answered(), load.asked());
  RecordProperty("requests", std::to_string(load.asked()));
}

INSTANTIATE_TEST_SUITE_P(All, RestartedServices,
                         testing::Values("wire", "nats.c", "nats.c-default"), [](const auto& kind) {
                           std::string name = kind.param;
                           for (char& c : name) c = c == '.' || c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace natsproof
