// Whatever services are sent, they answer with a refusal that says why, and go on.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "loadgen/stage/nats_server.h"
#include "models/answers/answers.h"
#include "models/runtime/protobuf_codec.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/services.natsproof.h"
#include "services/answering.h"
#include "services/echo.h"
#include "services/health.h"
#include "services/instance.h"
#include "services/orders.h"
#include "tests/integration/services/asker.h"

namespace natsproof {
namespace {

using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;

// Throws what it is asked to.
class Throwing final : public EndpointHandler {
  void handle(const ServiceRequest& request, Responder& responder) override {
    if (request.payload == "throw") throw std::runtime_error("it broke");
    if (request.payload == "throw 7") throw 7;
    if (request.payload == "large") return responder.reply(std::string(2 << 20, 'x'));
    responder.reply("fine");
  }
};

class ServicesAndGarbage : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    google::protobuf::SetLogHandler(nullptr);  // as run_services() does
    auto server = NatsServer::start();
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    asker_.emplace(server_->address());
    for (const auto make :
         {make_fraud_service, make_inventory_service, make_payment_service, make_analytics_service,
          make_bulk_service, make_probe_service, make_echo_service, make_health_service}) {
      start(make({}, clock_));
    }
    start(make_orders_service({}, Neighbours::over_nats, clock_));
    std::vector<EndpointConfig> endpoints;
    endpoints.push_back(
        {.name = "throw", .subject = "natsproof.throw", .handler = std::make_unique<Throwing>()});
    start(Service::create({.name = "throwing", .version = "1.0.0"}, std::move(endpoints), clock_));
  }
  void start(Result<std::unique_ptr<Service>> service) {
    ASSERT_TRUE(service);
    (*service)->interfere({.service = (*service)->name(),
                           .control = "natsproof.control." + (*service)->name(),
                           .allow_faults = true,
                           .ledger = *Ledger::in_memory()});
    auto instance =
        ServiceInstance::start(std::move(*service), GetParam(),
                               {.servers = {server_->address()}, .delivery = Delivery::direct});
    ASSERT_TRUE(instance) << instance.error().message;
    instances_.push_back(std::move(*instance));
  }
  static std::string code_of(const Asker::Answer& answer) {
    return std::string(find_header(answer.headers, "Nats-Service-Error-Code").value_or(""));
  }
  static std::string text_of(const Asker::Answer& answer) {
    return std::string(find_header(answer.headers, "Nats-Service-Error").value_or(""));
  }

  SteadyClock clock_;
  std::optional<NatsServer> server_;
  std::optional<Asker> asker_;
  std::vector<std::unique_ptr<ServiceInstance>> instances_;
};

TEST_P(ServicesAndGarbage, EachKindHasItsCode) {
  auto answer = asker_->ask_one({.subject = "natsproof.orders.place", .payload = "\x0a\x01\xff"});
  EXPECT_EQ(code_of(answer), "400");
  models::v1::Problem problem;
  ASSERT_TRUE(read_protobuf(answer.payload, problem));
  ASSERT_GT(problem.violations_size(), 0);
  EXPECT_EQ(problem.violations(0).path(), "order_id");

  const std::string as_json = *make_headers({{"Content-Type", "application/json"}});
  answer = asker_->ask_one({.subject = "natsproof.orders.place",
                            .headers = as_json,
                            .payload = R"({"orderId":"ORD-00000000","items":[{"quantity":"x"}]})"});
  EXPECT_EQ(code_of(answer), "400");
  EXPECT_THAT(answer.payload, HasSubstr(R"("items[0].quantity")"));

  answer = asker_->ask_one({.subject = "natsproof.orders.place",
                            .headers = *make_headers({{"Content-Type", "text/csv"}}),
                            .payload = "a,b"});
  EXPECT_EQ(code_of(answer), "415");
  answer = asker_->ask_one({.subject = "natsproof.throw", .payload = "large"});
  EXPECT_EQ(code_of(answer), "413");
  answer = asker_->ask_one({.subject = "natsproof.throw", .payload = "throw"});
  EXPECT_EQ(code_of(answer), "500");
  EXPECT_EQ(text_of(answer), "it broke");
  answer = asker_->ask_one({.subject = "natsproof.throw", .payload = "throw 7"});
  EXPECT_EQ(code_of(answer), "500");
  answer = asker_->ask_one({.subject = "natsproof.throw", .payload = ""});
  EXPECT_EQ(answer.payload, "fine");

  const auto stats = asker_->ask_all("$SRV.STATS.throwing", "", 1)[0]["endpoints"][0];
  EXPECT_EQ(stats["num_requests"], 4);
  EXPECT_EQ(stats["num_errors"], 3);
  EXPECT_EQ(stats["last_error"], "500:unknown exception");
}

// Random bytes, cut and changed messages, in either encoding, to every endpoint and control
// subject.
TEST_P(ServicesAndGarbage, ServicesGoOn) {
  const std::vector<std::string> subjects = {"fraud.score",
                                             "inventory.reserve",
                                             "payment.authorize",
                                             "analytics.ingest",
                                             "bulk.process",
                                             "probe.validate",
                                             "echo",
                                             "health",
                                             "orders.place",
                                             "orders.get",
                                             "orders.batch",
                                             "throw",
                                             "control.natsproof-echo.faults",
                                             "control.natsproof-echo.ledger"};
  const std::vector<std::string> types = {"", "application/json", "application/x-protobuf",
                                          "application/JSON; charset=\xff", std::string(500, 'x')};
  Random random{7};
  models::v1::Order order;
  do order = sample_order(random, 2);
  while (!answer(order)->has_accepted());
  std::string good;
  write_protobuf(order, good);
  const auto garbage = [&] {
    std::string bytes;
    switch (random.below(4)) {
      case 0:
        bytes.resize(random.below(300));
        for (char& c : bytes) c = static_cast<char>(random.below(256));
        break;
      case 1:
        bytes = good.substr(0, random.below(good.size()));
        break;
      case 2:
        bytes = good;
        for (int i = 0; i < 5; ++i) {
          bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        }
        break;
      default:
        bytes = std::string(random.below(2000), "[{\"\\:"[random.below(5)]);
    }
    return bytes;
  };
  constexpr std::size_t kRounds = 60;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (const std::string& subject : subjects) {
      const std::string& type = types[random.below(types.size())];
      std::vector<std::pair<std::string, std::string>> headers;
      if (!type.empty()) headers.emplace_back("Content-Type", type);
      asker_->ask(asker_->prepare({.subject = "natsproof." + subject,
                                   .headers = headers.empty() ? "" : *make_headers(headers),
                                   .payload = garbage()}));
    }
    ASSERT_TRUE(asker_->run_until([&] {
      return asker_->answered + asker_->without_responders >= asker_->asked();
    })) << "round "
        << round;
  }
  EXPECT_EQ(asker_->without_responders, 0);
  EXPECT_EQ(asker_->answered, asker_->asked()) << "each once";
  for (const auto& [number, answers] : asker_->answers) {
    const std::string code = code_of(answers[0]);
    EXPECT_THAT(code,
                AnyOf(Eq(""), Eq("400"), Eq("402"), Eq("403"), Eq("404"), Eq("409"), Eq("415")))
        << number << ": " << answers[0].headers;
  }
  const auto placed = asker_->ask_one({.subject = "natsproof.orders.place", .payload = good});
  EXPECT_EQ(code_of(placed), "") << placed.headers;
  models::v1::OrderReply reply;
  ASSERT_TRUE(read_protobuf(placed.payload, reply));
  EXPECT_TRUE(reply.has_accepted());
}

INSTANTIATE_TEST_SUITE_P(All, ServicesAndGarbage,
                         testing::Values("wire", "nats.c", "nats.c-default"), [](const auto& kind) {
                           std::string name = kind.param;
                           for (char& c : name) c = c == '.' || c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace natsproof
