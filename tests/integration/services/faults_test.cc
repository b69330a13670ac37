// Faults, ledger and work of services on a real nats-server, on each client.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "loadgen/stage/nats_server.h"
#include "models/runtime/protobuf_codec.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "services/answering.h"
#include "services/echo.h"
#include "services/instance.h"
#include "services/orders.h"
#include "tests/integration/services/asker.h"

namespace natsproof {
namespace {

using nlohmann::json;
using testing::MatchesRegex;

class FaultsOnAServer : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto server = NatsServer::start();
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    asker_.emplace(server_->address());
    auto ledger = Ledger::in_memory();
    ASSERT_TRUE(ledger) << ledger.error().message;
    ledger_ = *ledger;
  }

  std::unique_ptr<ServiceInstance> start(Result<std::unique_ptr<Service>> service,
                                         const std::string& name, const std::string& faults = "",
                                         const std::string& work = "") {
    EXPECT_TRUE(service);
    InterferenceConfig config{.service = name, .control = "natsproof.control." + name};
    config.allow_faults = true;
    config.faults = *parse_faults(faults);
    config.ledger = ledger_;
    config.work = *parse_work(work);
    (*service)->interfere(std::move(config));
    auto instance = ServiceInstance::start(
        std::move(*service), GetParam(),
        {.servers = {server_->address()}, .name = name, .delivery = Delivery::direct});
    EXPECT_TRUE(instance) << instance.error().message;
    return instance ? std::move(*instance) : nullptr;
  }
  std::unique_ptr<ServiceInstance> start_echo(const std::string& faults = "") {
    return start(make_echo_service({}, clock_), "echo", faults);
  }
  // Over all instances.
  std::map<std::string, std::uint64_t> injected(std::size_t instances) {
    std::map<std::string, std::uint64_t> sum;
    for (const json& one : asker_->ask_all("natsproof.control.echo.faults", "?", instances)) {
      for (const auto& [name, count] : one["injected"].items()) {
        sum[name] += count.get<std::uint64_t>();
      }
    }
    return sum;
  }
  // From the ledger, over NATS.
  struct Marks {
    std::set<Sequence> arrived, replied;
    std::uint64_t again = 0;
  };
  Marks read_ledger(const std::string& inbox, Sequence from, std::uint64_t count) {
    Marks marks;
    constexpr std::uint64_t kPiece = 4000;
    for (Sequence at = from; at < from + count; at += kPiece) {
      const json question = {
          {"read",
           {{"inbox", inbox}, {"from", at}, {"count", std::min(kPiece, from + count - at)}}}};
      const json answer =
          asker_->ask_all("natsproof.control.echo.ledger", question.dump(), 1).front();
      EXPECT_EQ(answer["known"], true) << answer;
      const auto collect = [&](const char* which, std::set<Sequence>& into) {
        const std::string bits = *decode_base64(answer[which].get<std::string>());
        for (std::uint64_t i = 0; i < answer["count"].get<std::uint64_t>(); ++i) {
          if ((bits.at(i / 8) >> i % 8 & 1) != 0) into.insert(at + i);
        }
      };
      collect("arrived", marks.arrived);
      collect("replied", marks.replied);
      marks.again = answer["again"].get<std::uint64_t>();
    }
    return marks;
  }

  struct Load {
    Sequence first = 0;
    std::set<Sequence> sent, answered;
    std::map<std::string, std::uint64_t> injected;
    Marks marks;
  };
  // A thousand are dropped of 10,000 requests to two instances, more or less.
  Load run_and_drop(const std::string& counted_as) {
    constexpr std::size_t kRequests = 10'000, kBatch = 500, kInstances = 2;
    Load load;
    const json begin = {{"begin", {{"inboxes", {asker_->inbox()}}, {"slots", 20'000}}}};
    for (const json& begun :
         asker_->ask_all("natsproof.control.echo.ledger", begin.dump(), kInstances)) {
      EXPECT_EQ(begun["ok"], true) << begun;
    }
    const FrameId frame = asker_->prepare({.subject = "natsproof.echo", .payload = "hello"});
    load.first = asker_->asked();
    const std::size_t before = asker_->answered;
    while (load.sent.size() < kRequests) {
      for (std::size_t i = 0; i < kBatch; ++i) load.sent.insert(asker_->ask(frame));
      // Not all of them come back; fewer than four of five do once in 10^12 runs.
      EXPECT_TRUE(
          asker_->run_until([&] { return asker_->answered - before >= load.sent.size() * 4 / 5; }));
    }
    EXPECT_TRUE(asker_->run_until([&] {
      load.injected = injected(kInstances);
      load.answered.clear();
      for (const Sequence number : load.sent) {
        if (asker_->answers.contains(number)) load.answered.insert(number);
      }
      return load.answered.size() + load.injected[counted_as] >= kRequests;
    }));
    load.marks = read_ledger(asker_->inbox(), load.first, kRequests);
    return load;
  }

  SteadyClock clock_;
  std::optional<NatsServer> server_;
  std::optional<Asker> asker_;
  std::shared_ptr<Ledger> ledger_;
};

std::set<Sequence> without(const std::set<Sequence>& all, const std::set<Sequence>& some) {
  std::set<Sequence> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

TEST_P(FaultsOnAServer, WhatIsDroppedBeforeHasNeverArrived) {
  const auto one = start_echo("drop=10:before"), two = start_echo("drop=10:before");
  const Load load = run_and_drop("drop_before");
  const auto unanswered = without(load.sent, load.answered);
  EXPECT_EQ(load.injected,
            (std::map<std::string, std::uint64_t>{{"drop_before", unanswered.size()}}));
  // A binomial draw: 6 standard deviations are 180.
  EXPECT_NEAR(static_cast<double>(unanswered.size()), 1000, 180);
  EXPECT_EQ(without(load.sent, load.marks.arrived), unanswered) << "these and none else";
  EXPECT_EQ(load.marks.replied, load.marks.arrived);
  EXPECT_EQ(load.marks.again, 0);
}

TEST_P(FaultsOnAServer, WhatIsDroppedAfterHasArrivedAndWasNotReplied) {
  const auto one = start_echo("drop=10:after"), two = start_echo("drop=10:after");
  const Load load = run_and_drop("drop_after");
  const auto unanswered = without(load.sent, load.answered);
  EXPECT_EQ(load.injected,
            (std::map<std::string, std::uint64_t>{{"drop_after", unanswered.size()}}));
  EXPECT_NEAR(static_cast<double>(unanswered.size()), 1000, 180);
  EXPECT_EQ(load.marks.arrived, load.sent);
  EXPECT_EQ(without(load.sent, load.marks.replied), unanswered) << "these and none else";
  EXPECT_EQ(load.marks.again, 0);
}

TEST_P(FaultsOnAServer, TheLedgerSurvivesTheInstanceAndNotItsOwnMemory) {
  auto one = start_echo();
  const std::string inbox = asker_->inbox();
  const json begin = {{"begin", {{"inboxes", {inbox}}, {"slots", 1000}}}};
  const std::string ledger = "natsproof.control.echo.ledger";
  EXPECT_EQ(asker_->ask_all(ledger, begin.dump(), 1)[0]["ok"], true);
  const Sequence number = asker_->ask(asker_->prepare({.subject = "natsproof.echo"}));
  ASSERT_TRUE(asker_->run_until([&] { return asker_->answers.contains(number); }));
  one.reset();
  one = start_echo();
  EXPECT_EQ(read_ledger(inbox, 0, 1000).arrived, std::set<Sequence>{number});
  one.reset();
  ledger_ = *Ledger::in_memory();
  one = start_echo();
  const json read = {{"read", {{"inbox", inbox}, {"from", 0}, {"count", 1000}}}};
  EXPECT_EQ(asker_->ask_all(ledger, read.dump(), 1)[0]["known"], false);
}

TEST_P(FaultsOnAServer, WhatIsLateKeepsNobodyElseWaiting) {
  const auto one = start_echo();
  const auto late = [&](const char* faults) {
    const Sequence number =
        asker_->ask(asker_->prepare({.subject = "natsproof.echo",
                                     .headers = *make_headers({{"Natsproof-Fault", faults}}),
                                     .payload = faults}));
    return std::pair{number, asker_->now()};
  };
  const std::vector<std::pair<Sequence, Instant>> numbers = {
      late("late=600ms"), late("late=200ms delay=100ms"), late("")};
  ASSERT_TRUE(asker_->run_until([&] {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](const auto& n) { return asker_->answers.contains(n.first); });
  }));
  const std::vector<Duration> at_least = {600ms, 300ms, 0ms};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& [number, asked] = numbers[i];
    EXPECT_GE(asker_->answers[number][0].received - asked, at_least[i]);
    if (i == 0) continue;
    EXPECT_LE(asker_->answers[number][0].received,
              asker_->answers[numbers[i - 1].first][0].received)
        << "asked after, answered before";
  }
}

// Ten requests at once, each of 5 ms of work: the first answer is on its way long before the last
// one is made. Should we look too late ourselves, again.
TEST_P(FaultsOnAServer, AnAnswerDoesNotWaitForTheWorkBehindIt) {
  const auto one = start(make_echo_service({}, clock_), "echo", "", "cpu=5ms");
  const FrameId frame = asker_->prepare({.subject = "natsproof.echo"});
  Duration apart{};
  for (int attempt = 0; attempt < 5 && apart < 20ms; ++attempt) {
    const Sequence first = asker_->ask(frame);
    for (int i = 1; i < 10; ++i) asker_->ask(frame);
    ASSERT_TRUE(asker_->run_until([&] { return asker_->answered == asker_->asked(); }));
    apart = asker_->answers[first + 9][0].received - asker_->answers[first][0].received;
  }
  EXPECT_GE(apart, 20ms);
}

TEST_P(FaultsOnAServer, AHungInstanceDoesNothing) {
  const auto one = start_echo();
  const FrameId frame = asker_->prepare({.subject = "natsproof.echo"});
  asker_->ask_all("natsproof.control.echo.faults", "hang=400ms@50ms", 1);
  Duration longest{};
  Instant last = asker_->now();
  ASSERT_TRUE(asker_->run_until([&] {
    if (asker_->answered == asker_->asked()) {
      longest = std::max(longest, asker_->now() - last);
      last = asker_->now();
      asker_->ask(frame);
    }
    return longest > 200ms;
  })) << "no request has waited";
  EXPECT_EQ(injected(1), (std::map<std::string, std::uint64_t>{{"hang", 1}}));
}

TEST_P(FaultsOnAServer, AStopEndsAHang) {
  auto one = start_echo("hang=1h@1ns");
  const FrameId frame = asker_->prepare({.subject = "natsproof.echo"});
  asker_->ask(frame);
  one.reset();
  SUCCEED();
}

TEST_P(FaultsOnAServer, WorkIsDoneForEveryItemOfAnOrder) {
  std::vector<std::unique_ptr<ServiceInstance>> shop;
  shop.push_back(start(make_fraud_service({}, clock_), "fraud"));
  shop.push_back(start(make_inventory_service({}, clock_), "inventory"));
  shop.push_back(start(make_payment_service({}, clock_), "payment"));
  shop.push_back(
      start(make_orders_service({}, Neighbours::over_nats, clock_), "orders", "", "cliffracer"));
  Random random{1};
  for (const int items : {1, 20}) {
    const models::v1::Order order = sample_order(random, items);
    std::string payload;
    write_protobuf(order, payload);
    const Instant asked = asker_->now();
    const auto answer = asker_->ask_one({.subject = "natsproof.orders.place", .payload = payload});
    EXPECT_GE(answer.received - asked, 11ms + items * 500us);
    EXPECT_FALSE(find_header(answer.headers, "Nats-Service-Error-Code")) << answer.headers;
  }
}

// A chain of calls that nobody answers, begun while stopping, ends with the stop.
TEST_P(FaultsOnAServer, AStopDoesNotWaitForOneNeighbourAfterTheOther) {
  std::vector<std::unique_ptr<ServiceInstance>> shop;
  shop.push_back(start(make_fraud_service({}, clock_), "fraud", "late=700ms"));
  shop.push_back(start(make_inventory_service({}, clock_), "inventory", "late=700ms"));
  shop.push_back(start(make_payment_service({}, clock_), "payment", "late=700ms"));
  auto orders = start(make_orders_service({}, Neighbours::over_nats, clock_), "orders");
  Random random{1};
  models::v1::Order order = sample_order(random, 1);
  std::string payload;
  write_protobuf(order, payload);
  const Sequence number =
      asker_->ask(asker_->prepare({.subject = "natsproof.orders.place", .payload = payload}));
  // Until orders has taken it.
  ASSERT_TRUE(asker_->run_until([&] {
    return asker_->ask_all("$SRV.STATS.natsproof-orders", "",
                           1)[0]["endpoints"][0]["num_requests"] == 1;
  }));
  orders.reset();
  ASSERT_TRUE(asker_->run_until([&] { return asker_->answers.contains(number); }));
  const auto& answer = asker_->answers[number].front();
  EXPECT_EQ(find_header(answer.headers, "Nats-Service-Error-Code"), "500");
  EXPECT_THAT(std::string(find_header(answer.headers, "Nats-Service-Error").value_or("")),
              MatchesRegex("stopping, before (inventory|payment) has answered"));
}

INSTANTIATE_TEST_SUITE_P(All, FaultsOnAServer, testing::Values("wire", "nats.c", "nats.c-default"),
                         [](const auto& kind) {
                           std::string name = kind.param;
                           for (char& c : name) c = c == '.' || c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace natsproof
