// orders and its neighbours on a real nats-server, on each client, asked over the wire client.

#include <csignal>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "loadgen/stage/nats_server.h"
#include "messaging/headers.h"
#include "messaging/wire/wire_transport.h"
#include "models/answers/answers.h"
#include "models/runtime/protobuf_codec.h"
#include "models/sample/order.h"
#include "models/sample/service_requests.h"
#include "services/answering.h"
#include "services/instance.h"
#include "services/orders.h"
#include "services/serve.h"

namespace natsproof {
namespace {

using namespace models::v1;
using google::protobuf::util::MessageDifferencer;
using nlohmann::json;

constexpr Duration kAnswerWithin = 20s;

struct Reply {
  std::string headers, payload;
};

// Asks and keeps the answers by the number of the question. What it listens to, it keeps and does
// not answer.
class Customer final : private Listener {
 public:
  explicit Customer(const ServerAddress& server) : transport_(make_wire_transport(clock_)) {
    const auto opened = transport_->open({.servers = {server}}, *this);
    EXPECT_TRUE(opened) << opened.error().message;
  }

  FrameId prepare(const std::string& subject, const google::protobuf::Message& request) {
    std::string payload;
    write_protobuf(request, payload);
    return transport_->prepare({.subject = subject, .payload = payload}).value();
  }
  FrameId prepare(const std::string& subject) {
    return transport_->prepare({.subject = subject}).value();
  }
  Sequence ask(FrameId frame) {
    EXPECT_EQ(transport_->request(0, frame, asked_), SendStatus::accepted);
    return asked_++;
  }
  void listen(const std::string& subject) {
    ASSERT_TRUE(transport_->subscribe(0, subject, ""));
    ASSERT_EQ(transport_->ping(0), SendStatus::accepted);
    ASSERT_TRUE(run_until([&] { return pongs_ > 0; }));
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& is_so) {
    const Instant give_up = clock_.now() + kAnswerWithin;
    while (!is_so()) {
      if (clock_.now() >= give_up) return false;
      transport_->flush();
      transport_->wait(clock_.now() + 10ms);
      transport_->receive();
    }
    return true;
  }
  Reply answer_to(Sequence number) {
    EXPECT_TRUE(run_until([&] { return answers.contains(number); })) << number;
    return answers.contains(number) ? answers[number][0] : Reply{};
  }
  json stats_of(const std::string& service) {
    return json::parse(answer_to(ask(prepare("$SRV.STATS." + service))).payload);
  }
  [[nodiscard]] std::size_t asked() const { return asked_; }

  std::map<Sequence, std::vector<Reply>> answers;
  std::size_t answered = 0, without_responders = 0, overheard = 0;

 private:
  void on_message(const Message& message) override {
    if (message.subscription != kInbox) {
      ++overheard;
    } else if (header_status(message.headers) == kStatusNoResponders) {
      ++without_responders;
    } else {
      answers[message.sequence].push_back(
          {std::string(message.headers), std::string(message.payload)});
      ++answered;
    }
  }
  void on_pong(ConnectionId, Instant) override { ++pongs_; }

  SteadyClock clock_;
  std::unique_ptr<Transport> transport_;
  Sequence asked_ = 0;
  std::size_t pongs_ = 0;
};

class ShopOnAServer : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto server = NatsServer::start();
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    customer_.emplace(server_->address());
  }

  std::unique_ptr<ServiceInstance> start(Result<std::unique_ptr<Service>> service) {
    EXPECT_TRUE(service);
    auto instance = ServiceInstance::start(
        std::move(*service), GetParam(),
        {.servers = {server_->address()}, .name = "shop", .delivery = Delivery::direct});
    EXPECT_TRUE(instance) << instance.error().message;
    return instance ? std::move(*instance) : nullptr;
  }
  std::unique_ptr<ServiceInstance> start_orders() {
    return start(make_orders_service({}, Neighbours::over_nats, clock_));
  }
  void start_neighbours() {
    neighbours_.push_back(start(make_fraud_service({}, clock_)));
    neighbours_.push_back(start(make_inventory_service({}, clock_)));
    neighbours_.push_back(start(make_payment_service({}, clock_)));
  }
  FrameId prepare_to_place(const Order& order) {
    return customer_->prepare("natsproof.orders.place", order);
  }
  Order good_order() {
    for (;;) {
      Order order = sample_order(random_, 1);
      if (answer(order)->has_accepted()) return order;
    }
  }
  void expect_500(const Reply& reply, const std::string& message) {
    EXPECT_EQ(find_header(reply.headers, "Nats-Service-Error-Code"), "500");
    EXPECT_EQ(find_header(reply.headers, "Nats-Service-Error"), message);
    EXPECT_EQ(find_header(reply.headers, "Content-Type"), "application/x-protobuf");
    Problem problem;
    EXPECT_TRUE(read_protobuf(reply.payload, problem));
    EXPECT_EQ(problem.code(), 500);
    EXPECT_EQ(problem.message(), message);
  }

  SteadyClock clock_;
  Random random_{1};
  std::optional<NatsServer> server_;
  std::optional<Customer> customer_;
  std::vector<std::unique_ptr<ServiceInstance>> neighbours_;
};

TEST_P(ShopOnAServer, OverNatsAndInProcessTheAnswersAreTheSame) {
  start_neighbours();
  const auto over_nats = start_orders();
  const auto in_process = start(make_orders_service(
      {.subject_prefix = "inline.", .name_prefix = "inline-"}, Neighbours::in_process, clock_));
  // So few at once that none waits for the others until its neighbours' time is up.
  constexpr int kOrders = 500, kAtOnce = 20;
  std::vector<Order> orders;
  std::vector<std::pair<Sequence, Sequence>> asked;
  for (int i = 0; i < kOrders; ++i) {
    orders.push_back(sample_order(random_, 3));
    const Sequence first = customer_->ask(prepare_to_place(orders.back()));
    asked.emplace_back(first,
                       customer_->ask(customer_->prepare("inline.orders.place", orders.back())));
    if ((i + 1) % kAtOnce != 0) continue;
    ASSERT_TRUE(customer_->run_until([&] { return customer_->answered >= customer_->asked(); }));
  }
  int accepted = 0, declined[DeclineReason_ARRAYSIZE] = {};
  const auto reply_to = [&](Sequence number) {
    OrderReply reply;
    const Reply heard = customer_->answer_to(number);
    EXPECT_EQ(find_header(heard.headers, "Content-Type"), "application/x-protobuf");
    EXPECT_TRUE(read_protobuf(heard.payload, reply));
    EXPECT_NE(reply.served_by(), "");
    reply.clear_served_by();
    return reply;
  };
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const OrderReply expected = *answer(orders[i]);
    for (const Sequence number : {asked[i].first, asked[i].second}) {
      const OrderReply reply = reply_to(number);
      EXPECT_TRUE(MessageDifferencer::Equals(reply, expected))
          << reply.ShortDebugString() << " is not " << expected.ShortDebugString();
    }
    if (expected.has_accepted()) ++accepted;
    if (expected.has_declined()) ++declined[expected.declined().reason()];
  }
  EXPECT_GT(accepted, 0);
  for (const DeclineReason reason : {FRAUD, OUT_OF_STOCK, PAYMENT_DECLINED}) {
    EXPECT_GT(declined[reason], 0) << DeclineReason_Name(reason);
  }
  EXPECT_EQ(customer_->answered, customer_->asked()) << "nothing came twice";

  // Counters are true on each hop.
  const json stats = customer_->stats_of("natsproof-orders")["endpoints"];
  ASSERT_EQ(stats.size(), 3);
  EXPECT_EQ(stats[0]["name"], "place");
  EXPECT_EQ(stats[0]["num_requests"], kOrders);
  EXPECT_EQ(stats[0]["num_errors"], 0);
  EXPECT_GT(stats[0]["processing_time"], 0);
  EXPECT_EQ(stats[1]["num_requests"], 0);
  const json fraud = customer_->stats_of("natsproof-fraud")["endpoints"][0];
  EXPECT_EQ(fraud["num_requests"], kOrders);
  EXPECT_EQ(fraud["num_errors"], declined[FRAUD]);
  const json inventory = customer_->stats_of("natsproof-inventory")["endpoints"][0];
  EXPECT_EQ(inventory["num_requests"], kOrders - declined[FRAUD]);
  EXPECT_EQ(inventory["num_errors"], declined[OUT_OF_STOCK]);
  const json payment = customer_->stats_of("natsproof-payment")["endpoints"][0];
  EXPECT_EQ(payment["num_requests"], accepted + declined[PAYMENT_DECLINED]);
  EXPECT_EQ(payment["num_errors"], declined[PAYMENT_DECLINED]);
}

TEST_P(ShopOnAServer, ABatchGoesTheSameWay) {
  start_neighbours();
  const auto orders = start_orders();
  const OrderBatch batch = sample_order_batch(random_, 60, 1);
  const Reply heard =
      customer_->answer_to(customer_->ask(customer_->prepare("natsproof.orders.batch", batch)));
  OrderBatchReply reply;
  ASSERT_TRUE(read_protobuf(heard.payload, reply));
  ASSERT_EQ(reply.replies_size(), batch.orders_size());
  for (int i = 0; i < batch.orders_size(); ++i) {
    OrderReply one = reply.replies(i);
    EXPECT_EQ(one.served_by(), reply.served_by());
    one.clear_served_by();
    EXPECT_TRUE(MessageDifferencer::Equals(one, *answer(batch.orders(i)))) << i;
  }
}

TEST_P(ShopOnAServer, ANeighbourThatIsNotThereIsA500) {
  const auto orders = start_orders();
  const FrameId frame = prepare_to_place(good_order());
  expect_500(customer_->answer_to(customer_->ask(frame)), "nobody serves natsproof.fraud.score");
  neighbours_.push_back(start(make_fraud_service({}, clock_)));
  expect_500(customer_->answer_to(customer_->ask(frame)),
             "nobody serves natsproof.inventory.reserve");
  const json stats = customer_->stats_of("natsproof-orders")["endpoints"][0];
  EXPECT_EQ(stats["num_errors"], 2);
  EXPECT_EQ(stats["last_error"], "500:nobody serves natsproof.inventory.reserve");
}

TEST_P(ShopOnAServer, ANeighbourThatDoesNotAnswerIsA500AndTheRestGoesOn) {
  customer_->listen("natsproof.fraud.score");  // and says nothing
  const auto orders = start_orders();
  const FrameId frame = prepare_to_place(good_order());
  const Sequence first = customer_->ask(frame), second = customer_->ask(frame);
  ASSERT_TRUE(customer_->run_until([&] { return customer_->overheard == 2; }));
  GetOrder get;
  do get.set_order_id(sample_order_id(random_));
  while (!answer(get));
  const Sequence meanwhile = customer_->ask(customer_->prepare("natsproof.orders.get", get));
  customer_->answer_to(meanwhile);
  EXPECT_EQ(customer_->answered, 1) << "orders still waits for fraud";
  for (const Sequence number : {first, second}) {
    expect_500(customer_->answer_to(number), "fraud did not answer within 1 s");
  }
  const json stats = customer_->stats_of("natsproof-orders")["endpoints"][0];
  EXPECT_EQ(stats["num_requests"], 2);
  EXPECT_EQ(stats["num_errors"], 2);
  EXPECT_GE(stats["processing_time"], 2 * kCallTimeout.count());
}

TEST_P(ShopOnAServer, StoppingFinishesTheOrdersThatWait) {
  customer_->listen("natsproof.fraud.score");  // and says nothing
  auto orders = start_orders();
  const Sequence number = customer_->ask(prepare_to_place(good_order()));
  ASSERT_TRUE(customer_->run_until([&] { return customer_->overheard == 1; }));
  orders.reset();  // waits until it is gone
  expect_500(customer_->answer_to(number), "fraud did not answer within 1 s");
}

TEST_P(ShopOnAServer, StoppingUnderLoadLosesNothing) {
  start_neighbours();
  const auto stays = start_orders();
  const Order order = good_order();
  const FrameId frame = prepare_to_place(order);
  constexpr std::size_t kInFlight = 64, kAround = 500;
  const auto run_load = [&](const std::function<bool()>& until) {
    ASSERT_TRUE(customer_->run_until([&] {
      while (customer_->asked() - customer_->answered - customer_->without_responders < kInFlight) {
        customer_->ask(frame);
      }
      return until();
    }));
  };
  for (int round = 0; round < 5; ++round) {
    auto leaves = start_orders();
    const std::size_t before = customer_->answered;
    run_load([&] { return customer_->answered >= before + kAround; });
    leaves->stop();
    auto gone = std::async(std::launch::async, [&] { leaves.reset(); });
    run_load([&] { return gone.wait_for(0s) == std::future_status::ready; });
    ASSERT_TRUE(customer_->run_until([&] {
      return customer_->answered + customer_->without_responders >= customer_->asked();
    })) << customer_->asked() - customer_->answered
        << " lost in round " << round;
    EXPECT_EQ(customer_->without_responders, 0);
  }
  EXPECT_EQ(customer_->answered, customer_->asked()) << "nothing came twice";
  for (const auto& [number, replies] : customer_->answers) {
    OrderReply reply;
    ASSERT_TRUE(read_protobuf(replies[0].payload, reply));
    EXPECT_TRUE(reply.has_accepted()) << number << ": " << replies[0].headers;
  }
}

// All in one process: the neighbours stay until the orders that have been taken are placed.
TEST_P(ShopOnAServer, StoppingAllAtOnceFinishesTheOrders) {
  const FrameId frame = prepare_to_place(good_order());
  constexpr std::size_t kInFlight = 128, kAround = 1000;
  for (int round = 0; round < 3; ++round) {
    std::promise<pthread_t> serving;
    auto outcome = std::async(std::launch::async, [&] {
      sigset_t stop;
      sigemptyset(&stop);
      sigaddset(&stop, SIGTERM);
      pthread_sigmask(SIG_BLOCK, &stop, nullptr);
      serving.set_value(pthread_self());
      return run_services({.services = {"orders", "fraud", "inventory", "payment"},
                           .servers = {server_->address()},
                           .client = GetParam()});
    });
    const pthread_t thread = serving.get_future().get();
    const auto open = [&] {
      return customer_->asked() - customer_->answered - customer_->without_responders;
    };
    const auto answers_by = [&](const std::string& service) {
      const Sequence number = customer_->ask(customer_->prepare("$SRV.PING." + service));
      EXPECT_TRUE(customer_->run_until([&] { return open() == 0; }));
      return customer_->answers.contains(number);
    };
    ASSERT_TRUE(customer_->run_until([&] { return answers_by("natsproof-payment"); }));
    const std::size_t before = customer_->answered, absent = customer_->without_responders;
    bool told = false;
    ASSERT_TRUE(customer_->run_until([&] {
      while (open() < kInFlight && customer_->without_responders == absent) customer_->ask(frame);
      if (!told && customer_->answered >= before + kAround) {
        told = pthread_kill(thread, SIGTERM) == 0;
      }
      return outcome.wait_for(0s) == std::future_status::ready;
    }));
    EXPECT_TRUE(outcome.get());
    ASSERT_TRUE(customer_->run_until([&] { return open() == 0; })) << open() << " lost";
  }
  std::size_t orders = 0, failed = 0;
  std::string why;
  for (const auto& [number, replies] : customer_->answers) {
    EXPECT_EQ(replies.size(), 1) << number;
    if (replies[0].payload.starts_with("{")) continue;  // of discovery
    ++orders;
    if (!find_header(replies[0].headers, "Nats-Service-Error-Code")) continue;
    ++failed;
    why = *find_header(replies[0].headers, "Nats-Service-Error");
  }
  EXPECT_EQ(failed, 0) << "of " << orders << ": " << why;
}

INSTANTIATE_TEST_SUITE_P(All, ShopOnAServer, testing::Values("wire", "nats.c", "nats.c-default"),
                         [](const auto& kind) {
                           std::string name = kind.param;
                           for (char& c : name) c = c == '.' || c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace natsproof
