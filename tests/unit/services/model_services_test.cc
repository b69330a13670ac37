// Every service whose requests are messages, asked in both encodings, rightly and wrongly. Orders
// has its neighbours in process here; orders_test.cc has them at the other end of the broker.

#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/answers/answers.h"
#include "models/sample/bulk.h"
#include "models/sample/events.h"
#include "models/sample/invalid_request.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"
#include "models/sample/service_requests.h"
#include "services/answering.h"
#include "services/health.h"
#include "services/orders.h"
#include "services/runtime/model_endpoint.h"
#include "tests/unit/services/model_messages.h"
#include "tests/unit/services/service_fixture.h"

namespace natsproof {
namespace {

using namespace models::v1;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Encoding kEncodings[] = {Encoding::protobuf, Encoding::json};
constexpr int kSeeds = 20;

class ModelServicesTest : public ServiceFixture {
 protected:
  using Make = Result<std::unique_ptr<Service>> (*)(const ServiceNaming&, const Clock&);
  void start_service(Result<std::unique_ptr<Service>> made) {
    ASSERT_TRUE(made) << made.error().message;
    start(std::move(*made));
  }
  void start_by(Make make) {
    start_service(make({.subject_prefix = "p.", .name_prefix = "n-"}, clock_));
  }
  void start_inline_orders() {
    start_service(make_orders_service({.subject_prefix = "p.", .name_prefix = "n-"},
                                      Neighbours::in_process, clock_));
  }

  // The answer in `headers` and `encoding` is `expected`, and says so.
  template <typename Reply>
  void expect_reply(const std::string& subject, const std::string& request,
                    const std::string& headers, Encoding encoding, Reply expected) {
    const auto heard = ask(subject, request, headers);
    ASSERT_EQ(heard.size(), 1);
    EXPECT_EQ(find_header(heard[0].headers, "Nats-Service-Error-Code"), std::nullopt);
    EXPECT_EQ(find_header(heard[0].headers, "Content-Type"), content_type(encoding));
    expected.set_served_by(service_->id());
    EXPECT_THAT(decoded<Reply>(heard[0].payload, encoding), SameMessage(expected));
  }
  template <typename Request, typename Reply>
  void expect_reply_in_every_encoding(const std::string& subject, const Request& request,
                                      const Reply& expected) {
    for (const char* headers : {"", "NATS/1.0\r\nContent-Type: application/protobuf\r\n\r\n"}) {
      expect_reply(subject, encoded(request), headers, Encoding::protobuf, expected);
    }
    for (const Encoding encoding : kEncodings) {
      expect_reply(subject, encoded(request, encoding), content_type_header(content_type(encoding)),
                   encoding, expected);
    }
  }

  // The Problem, whose headers say the same.
  Problem ask_in_vain(const std::string& subject, const std::string& request,
                      const std::string& headers, Encoding encoding) {
    const auto heard = ask(subject, request, headers);
    EXPECT_EQ(heard.size(), 1);
    if (heard.size() != 1) return {};
    EXPECT_EQ(find_header(heard[0].headers, "Content-Type"), content_type(encoding));
    const auto problem = decoded<Problem>(heard[0].payload, encoding);
    EXPECT_EQ(find_header(heard[0].headers, "Nats-Service-Error-Code"),
              std::to_string(problem.code()));
    EXPECT_THAT(problem.message(),
                StartsWith(std::string(*find_header(heard[0].headers, "Nats-Service-Error"))));
    return problem;
  }

  template <typename Request>
  void expect_refused(const std::string& subject, const InvalidRequest& invalid,
                      Encoding encoding) {
    if (invalid.refusal == Refusal::unknown_encoding) encoding = Encoding::protobuf;
    const Problem problem =
        ask_in_vain(subject, invalid.body, content_type_header(invalid.content_type), encoding);
    if (invalid.refusal == Refusal::unknown_encoding) {
      EXPECT_EQ(problem.code(), 415);
      EXPECT_EQ(problem.violations_size(), 0);
      return;
    }
    EXPECT_EQ(problem.code(), 400);
    ASSERT_EQ(problem.violations_size(), 1) << problem.ShortDebugString();
    const bool broken = invalid.refusal == Refusal::broken_rule;
    EXPECT_EQ(problem.violations(0).rule(), broken ? invalid.rule : "encoding");
    if (!invalid.path.empty()) {
      EXPECT_EQ(problem.violations(0).path(), invalid.path);
    }
    EXPECT_NE(problem.violations(0).message(), "");
  }

  // All kinds that the message can be wrong in; returns which those were.
  template <typename Request>
  std::set<InvalidKind> expect_every_kind_refused(const std::string& subject,
                                                  std::function<Request(Random&)> sample) {
    std::set<InvalidKind> seen;
    std::uint64_t refused = 0;
    for (const Encoding encoding : kEncodings) {
      for (const InvalidKind kind : kInvalidKinds) {
        for (int seed = 1; seed <= kSeeds; ++seed) {
          Random random{static_cast<std::uint64_t>(seed)};
          const auto invalid = make_invalid_request(kind, encoding, random, sample(random));
          if (!invalid) continue;
          SCOPED_TRACE(testing::Message() << invalid_kind_name(kind) << ", seed " << seed << ", "
                                          << content_type(encoding));
          seen.insert(kind);
          ++refused;
          expect_refused<Request>(subject, *invalid, encoding);
        }
      }
    }
    EXPECT_EQ(stats()["num_requests"], refused);
    EXPECT_EQ(stats()["num_errors"], refused);
    return seen;
  }
};

// Answers in models/answers are the same function for whoever asks; that each service asks the
// right one is seen here.
TEST_F(ModelServicesTest, FraudScores) {
  start_by(make_fraud_service);
  Random random{1};
  const ScoreRequest request = score_request(sample_order(random, 2));
  expect_reply_in_every_encoding("p.fraud.score", request, *natsproof::answer(request));
}

TEST_F(ModelServicesTest, InventoryReserves) {
  start_by(make_inventory_service);
  Random random{1};
  const ReserveRequest request = reserve_request(sample_order(random, 3));
  expect_reply_in_every_encoding("p.inventory.reserve", request, *natsproof::answer(request));
}

TEST_F(ModelServicesTest, PaymentAuthorizes) {
  start_by(make_payment_service);
  Random random{1};
  const AuthorizeRequest request = authorize_request(sample_order(random, 1));
  expect_reply_in_every_encoding("p.payment.authorize", request, *natsproof::answer(request));
}

TEST_F(ModelServicesTest, AnalyticsCounts) {
  start_by(make_analytics_service);
  Random random{1};
  const EventBatch request = sample_event_batch(random, 30);
  expect_reply_in_every_encoding("p.analytics.ingest", request, *natsproof::answer(request));
}

TEST_F(ModelServicesTest, BulkReturnsKeysOnRequest) {
  start_by(make_bulk_service);
  Random random{1};
  BulkRequest request = sample_bulk_request(random, 10);
  expect_reply_in_every_encoding("p.bulk.process", request, *natsproof::answer(request));
  (*request.mutable_options())["reply"] = "keys";
  EXPECT_EQ(natsproof::answer(request)->keys_size(), 10);
  expect_reply_in_every_encoding("p.bulk.process", request, *natsproof::answer(request));
}

TEST_F(ModelServicesTest, ProbeValidates) {
  start_by(make_probe_service);
  Random random{1};
  const ValidationProbe request = sample_probe(random);
  expect_reply_in_every_encoding("p.probe.validate", request, *natsproof::answer(request));
}

TEST_F(ModelServicesTest, OrdersPlacesInProcess) {
  start_inline_orders();
  Random random{1};
  for (int i = 0; i < 50; ++i) {
    const Order order = sample_order(random, 2);
    expect_reply_in_every_encoding("p.orders.place", order, *natsproof::answer(order));
  }
}

TEST_F(ModelServicesTest, OrdersGetsWhatItMayKnow) {
  start_inline_orders();
  Random random{1};
  int unknown = 0;
  for (int i = 0; i < 50; ++i) {
    const GetOrder request = sample_get_order(random);
    const auto expected = natsproof::answer(request);
    if (expected) {
      expect_reply_in_every_encoding("p.orders.get", request, *expected);
      continue;
    }
    ++unknown;
    for (const Encoding encoding : kEncodings) {
      EXPECT_THAT(ask_in_vain("p.orders.get", encoded(request, encoding),
                              content_type_header(content_type(encoding)), encoding),
                  SameMessage(expected.error()));
    }
  }
  EXPECT_GT(unknown, 0);
}

TEST_F(ModelServicesTest, OrdersPlacesABatchInItsOrder) {
  start_inline_orders();
  Random random{1};
  const OrderBatch batch = sample_order_batch(random, 20, 1);
  OrderBatchReply expected;
  expected.set_batch_id(batch.batch_id());
  for (const Order& order : batch.orders()) {
    *expected.add_replies() = *natsproof::answer(order);
    expected.mutable_replies()->rbegin()->set_served_by(service_->id());
  }
  expect_reply_in_every_encoding("p.orders.batch", batch, expected);
}

TEST_F(ModelServicesTest, ABatchWithAnInvalidOrderIsRefusedWithItsPath) {
  start_inline_orders();
  Random random{1};
  OrderBatch batch = sample_order_batch(random, 3, 1);
  batch.mutable_orders(1)->set_priority(6);
  batch.mutable_orders(2)->mutable_customer()->set_email("nobody");
  const Problem problem = ask_in_vain("p.orders.batch", encoded(batch), "", Encoding::protobuf);
  EXPECT_EQ(problem.code(), 400);
  ASSERT_EQ(problem.violations_size(), 2) << "all of them at once";
  EXPECT_EQ(problem.violations(0).path(), "orders[1].priority");
  EXPECT_EQ(problem.violations(1).path(), "orders[2].customer.email");
}

TEST_F(ModelServicesTest, RefusalsOfAnswersCarryTheirCode) {
  start_by(make_inventory_service);
  Random random{1};
  ReserveRequest request = reserve_request(sample_order(random, 1));
  request.mutable_lines(0)->set_stock(request.lines(0).quantity() - 1);
  const Problem problem =
      ask_in_vain("p.inventory.reserve", encoded(request, Encoding::json),
                  content_type_header("application/json; charset=utf-8"), Encoding::json);
  EXPECT_EQ(problem.code(), 409);
  EXPECT_EQ(stats()["last_error"], "409:" + problem.message());
}

TEST_F(ModelServicesTest, EveryKindOfInvalidOrderIsRefused) {
  start_inline_orders();
  const auto seen = expect_every_kind_refused<Order>(
      "p.orders.place", [](Random& random) { return sample_order(random, 2); });
  EXPECT_EQ(seen.size(), std::size(kInvalidKinds));
}

TEST_F(ModelServicesTest, EveryKindOfInvalidProbeIsRefused) {
  start_by(make_probe_service);
  EXPECT_GE(expect_every_kind_refused<ValidationProbe>("p.probe.validate", sample_probe).size(), 5);
}

TEST_F(ModelServicesTest, EveryKindOfInvalidBatchOfEventsIsRefused) {
  start_by(make_analytics_service);
  const auto seen = expect_every_kind_refused<EventBatch>(
      "p.analytics.ingest", [](Random& random) { return sample_event_batch(random, 3); });
  EXPECT_GE(seen.size(), 5);
}

TEST_F(ModelServicesTest, EveryKindOfInvalidBulkRequestIsRefused) {
  start_by(make_bulk_service);
  transport_.set_max_payload(4 << 20);  // for one item too many
  const auto seen = expect_every_kind_refused<BulkRequest>(
      "p.bulk.process", [](Random& random) { return sample_bulk_request(random, 3); });
  EXPECT_GE(seen.size(), 5);
}

TEST_F(ModelServicesTest, NothingIsInvalidForWhatRequiresSomething) {
  start_inline_orders();
  const Problem problem = ask_in_vain("p.orders.place", "", "", Encoding::protobuf);
  EXPECT_EQ(problem.code(), 400);
  EXPECT_GT(problem.violations_size(), 5);
  EXPECT_EQ(
      ask_in_vain("p.orders.place", "", content_type_header("application/json"), Encoding::json)
          .code(),
      400);
}

TEST_F(ModelServicesTest, WhatOneRequestHadIsNotInTheNext) {
  start_by(make_bulk_service);
  Random random{1};
  BulkRequest request = sample_bulk_request(random, 10);
  (*request.mutable_options())["reply"] = "keys";
  for (const Encoding encoding : kEncodings) {
    const std::string headers = content_type_header(content_type(encoding));
    ask("p.bulk.process", encoded(request, encoding), headers);
    BulkRequest smaller = sample_bulk_request(random, 1);
    expect_reply("p.bulk.process", encoded(smaller, encoding), headers, encoding,
                 *natsproof::answer(smaller));
    ask("p.bulk.process", encoded(BulkRequest{}, encoding), headers);
    EXPECT_EQ(ask_in_vain("p.bulk.process", encoded(BulkRequest{}, encoding), headers, encoding)
                  .violations_size(),
              5);
  }
}

TEST_F(ModelServicesTest, AReplyOverMaxPayloadIsA413) {
  start_inline_orders();
  Random random{1};
  GetOrder request = sample_get_order(random);
  while (!natsproof::answer(request)) request = sample_get_order(random);
  transport_.set_max_payload(1000);
  for (const Encoding encoding : kEncodings) {
    const Problem problem = ask_in_vain("p.orders.get", encoded(request, encoding),
                                        content_type_header(content_type(encoding)), encoding);
    EXPECT_EQ(problem.code(), 413);
    EXPECT_THAT(problem.message(), HasSubstr("is over the server's max_payload"));
  }
  transport_.set_max_payload(1 << 20);
  EXPECT_EQ(stats(1)["num_requests"], 2);
  EXPECT_EQ(stats(1)["num_errors"], 2) << "each is counted once";
}

TEST_F(ModelServicesTest, AnExceptionIsA500InTheRequestsEncoding) {
  class Broken final : public ModelEndpoint<ValidationProbe, ProbeReply> {
    void take(ValidationProbe& probe, Encoding, Responder&) override {
      throw std::runtime_error("broken at " + probe.pattern());
    }
  };
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back({.name = "e", .subject = "e", .handler = std::make_unique<Broken>()});
  start_service(Service::create({.name = "n", .version = "1.0.0"}, std::move(endpoints), clock_));
  Random random{1};
  const ValidationProbe probe = sample_probe(random);
  for (const Encoding encoding : kEncodings) {
    const Problem problem = ask_in_vain("e", encoded(probe, encoding),
                                        content_type_header(content_type(encoding)), encoding);
    EXPECT_EQ(problem.code(), 500);
    EXPECT_EQ(problem.message(), "broken at " + probe.pattern());
  }
  EXPECT_EQ(stats()["num_errors"], 2);
}

TEST_F(ModelServicesTest, InfoSaysHowAnEndpointIsAsked) {
  using nlohmann::json;
  const auto metadata = [this](std::size_t endpoint) {
    return ask_json("$SRV.INFO." + service_->name())["endpoints"][endpoint]["metadata"];
  };
  const std::string refusal = "natsproof.models.v1.Problem";
  const std::string encodings = "application/x-protobuf, application/protobuf, application/json";
  start_inline_orders();
  EXPECT_EQ(metadata(0), (json{{"encodings", encodings},
                               {"request", "natsproof.models.v1.Order"},
                               {"reply", "natsproof.models.v1.OrderReply"},
                               {"refusal", refusal}}));
  EXPECT_EQ(metadata(2)["request"], "natsproof.models.v1.OrderBatch");
  EXPECT_EQ(metadata(2)["reply"], "natsproof.models.v1.OrderBatchReply");
}

TEST_F(ModelServicesTest, InfoSaysWhatHealthTakes) {
  start_by(make_health_service);
  const auto metadata = ask_json("$SRV.INFO.n-health")["endpoints"][0]["metadata"];
  EXPECT_EQ(metadata["request"], "any");
  EXPECT_EQ(metadata["reply"], "natsproof.models.v1.HealthReply");
}

TEST_F(ModelServicesTest, HealthSaysWhoSinceWhenAndHowMuch) {
  start_by(make_health_service);
  ask("p.health", "", content_type_header("text/plain"));  // 415
  for (const Encoding encoding : kEncodings) {
    const auto heard = ask("p.health", "whatever", content_type_header(content_type(encoding)));
    ASSERT_EQ(heard.size(), 1);
    const auto reply = decoded<HealthReply>(heard[0].payload, encoding);
    EXPECT_EQ(reply.served_by(), service_->id());
    EXPECT_EQ(reply.requests(), encoding == Encoding::protobuf ? 2 : 3);
    EXPECT_EQ(reply.errors(), 1);
    EXPECT_EQ(
        reply.started_at().seconds(),
        std::chrono::floor<std::chrono::seconds>(service_->started().time_since_epoch()).count());
  }
}

}  // namespace
}  // namespace natsproof
