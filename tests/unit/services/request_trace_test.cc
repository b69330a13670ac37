// What services tell of a request that asked to be traced, on a clock that only the test moves.

#include "services/runtime/request_trace.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messaging/headers.h"
#include "models/answers/answers.h"
#include "models/faults/fault_spec.h"
#include "models/faults/work_spec.h"
#include "models/sample/order.h"
#include "models/sample/service_requests.h"
#include "services/echo.h"
#include "services/health.h"
#include "services/orders.h"
#include "tests/unit/services/model_messages.h"
#include "tests/unit/services/service_fixture.h"

namespace natsproof {
namespace {

using namespace models::v1;
using testing::SizeIs;

constexpr auto kReceived = TraceStage::received, kBegun = TraceStage::begun,
               kHandled = TraceStage::handled, kValidated = TraceStage::validated,
               kAnswered = TraceStage::answered, kReleased = TraceStage::released;

const std::string kAsk = *make_headers({{std::string(kTraceHeader), std::string(kTraceWanted)}});

class RequestTraceTest : public ServiceFixture {
 protected:
  void start_with(Result<std::unique_ptr<Service>> made, const std::string& faults = "",
                  const std::string& work = "", bool allow_faults = true) {
    ASSERT_TRUE(made) << made.error().message;
    InterferenceConfig config{.service = "s", .control = "p.control.s"};
    config.allow_faults = allow_faults;
    config.faults = *parse_faults(faults);
    config.work = *parse_work(work);
    (*made)->interfere(std::move(config));
    start(std::move(*made));
  }
  void start_echo(const std::string& faults = "", const std::string& work = "",
                  bool allow_faults = true) {
    start_with(make_echo_service({.subject_prefix = "p.", .name_prefix = "n-"}, clock_), faults,
               work, allow_faults);
  }
  void start_orders(const std::string& work = "") {
    start_with(make_orders_service({.subject_prefix = "p.", .name_prefix = "n-"},
                                   Neighbours::over_nats, clock_),
               "", work);
    for (const char* subject : {"p.fraud.score", "p.inventory.reserve", "p.payment.authorize"})
      listen(subject);
  }

  // Of the one answer that was heard.
  TraceStamps stamps() {
    EXPECT_THAT(answers_, SizeIs(1));
    if (answers_.size() != 1) return {};
    const auto value = find_header(answers_[0].headers, kTraceHeader);
    EXPECT_TRUE(value) << answers_[0].headers;
    const auto read = value ? read_trace_stamps(*value) : std::nullopt;
    EXPECT_TRUE(read) << value.value_or("");
    return read.value_or(TraceStamps{});
  }
  static std::string told(const TraceStamps& stamps) {
    std::string text;
    for (std::size_t stage = 0; stage < kTraceStages; ++stage)
      if (stamps.stages[stage]) text += std::string(kTraceStageNames[stage]) + " ";
    return text;
  }
  Duration between(const TraceStamps& stamps, TraceStage from, TraceStage to) {
    EXPECT_TRUE(stamps.at(from) && stamps.at(to));
    return stamps.at(to).value_or(Instant{}) - stamps.at(from).value_or(Instant{});
  }
  Order good_order() {
    for (Random random(3);;) {
      Order order = sample_order(random, 2);
      if (natsproof::answer(order)->has_accepted()) return order;
    }
  }
  template <typename Request>
  void answer_as(const Question& question) {
    answer(question, encoded(*natsproof::answer(decoded<Request>(question.payload))));
  }
};

TEST_F(RequestTraceTest, NobodyIsToldWhoDoesNotAsk) {
  start_echo();
  for (const std::string& headers :
       {std::string{}, *make_headers({{"X", "1"}}), *make_headers({{"Natsproof-Trace", "0"}}),
        *make_headers({{"Natsproof-Traced", "1"}})}) {
    const auto answers = ask("p.echo", "hello", headers);
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_EQ(answers[0].headers, "");
  }
}

TEST_F(RequestTraceTest, NobodyIsToldWhereFaultsAreNotAllowed) {
  start_echo("", "cpu=1ns", false);
  const auto answers = ask("p.echo", "hello", kAsk);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].headers, "");
}

TEST_F(RequestTraceTest, AnEchoHasBegunAndAnswered) {
  start_echo();
  ask("p.echo", "hello", kAsk);
  EXPECT_EQ(told(stamps()), "received begun answered ");
  EXPECT_EQ(stamps().boot_id(), boot_id());
  EXPECT_EQ(stamps().at(kReceived), clock_.now());
  EXPECT_EQ(answers_[0].payload, "hello");
}

TEST_F(RequestTraceTest, AModelEndpointTellsAllItsStages) {
  start_orders();
  Random random(1);
  ask("p.orders.get", encoded(sample_get_order(random)), kAsk);
  EXPECT_EQ(told(stamps()), "received begun decoded validated answered encoded ");
  EXPECT_EQ(find_header(answers_[0].headers, "Content-Type"), "application/x-protobuf");
}

TEST_F(RequestTraceTest, ARefusalIsTracedAsWell) {
  start_orders();
  ask("p.orders.get", "\xff\xff", kAsk);
  EXPECT_EQ(told(stamps()), "received begun answered encoded ");
  EXPECT_EQ(find_header(answers_[0].headers, "Nats-Service-Error-Code"), "400");
}

TEST_F(RequestTraceTest, AHealthReplyIsNoMessageDecoded) {
  start_with(make_health_service({.subject_prefix = "p.", .name_prefix = "n-"}, clock_));
  ask("p.health", "", kAsk);
  EXPECT_EQ(told(stamps()), "received begun answered encoded ");
}

TEST_F(RequestTraceTest, CallsToNeighboursAreToldByTheirNames) {
  start_orders();
  ask("p.orders.place", encoded(good_order()), kAsk);
  clock_.advance(3ms);
  answer_as<ScoreRequest>(take_questions().at(0));
  clock_.advance(5ms);
  answer_as<ReserveRequest>(take_questions().at(0));
  clock_.advance(7ms);
  answer_as<AuthorizeRequest>(take_questions().at(0));
  const TraceStamps told_of = stamps();
  EXPECT_EQ(told(told_of), "received begun decoded validated answered encoded ");
  ASSERT_EQ(told_of.call_count, 3U);
  const Instant first = *told_of.at(kValidated);
  const auto expect_call = [&](std::size_t i, const char* name, Duration from, Duration to) {
    EXPECT_EQ(told_of.calls[i].name(), name);
    EXPECT_EQ(told_of.calls[i].begun - first, from);
    EXPECT_EQ(told_of.calls[i].ended - first, to);
  };
  expect_call(0, "fraud", 0ms, 3ms);
  expect_call(1, "inventory", 3ms, 8ms);
  expect_call(2, "payment", 8ms, 15ms);
  EXPECT_EQ(between(told_of, kValidated, kAnswered), 15ms);
}

// Each has its own stamps, though they are worked on in turns; and who did not ask has none.
TEST_F(RequestTraceTest, RequestsUnderWayTogetherAreNotMixedUp) {
  start_orders();
  ask("p.orders.place", encoded(good_order()), kAsk);
  ask("p.orders.place", encoded(good_order()));
  clock_.advance(1ms);
  ask("p.orders.place", encoded(good_order()), kAsk);
  auto waiting = take_questions();
  ASSERT_THAT(waiting, SizeIs(3));
  clock_.advance(2ms);
  answer_as<ScoreRequest>(waiting[2]);
  answer_as<ScoreRequest>(waiting[0]);
  clock_.advance(1ms);
  answer_as<ScoreRequest>(waiting[1]);  // who did not ask, after one who did
  clock_.advance(4ms);
  waiting = take_questions();
  ASSERT_THAT(waiting, SizeIs(3));
  answer_as<ReserveRequest>(waiting[0]);
  answer_as<ReserveRequest>(waiting[1]);
  clock_.advance(1ms);
  answer_as<ReserveRequest>(waiting[2]);
  answers_.clear();
  for (const Question& question : take_questions()) answer_as<AuthorizeRequest>(question);
  const auto heard = answers_;
  ASSERT_THAT(heard, SizeIs(3));
  const auto expect = [&](std::size_t i, Duration all, Duration fraud, Duration inventory) {
    answers_ = {heard[i]};
    const TraceStamps told_of = stamps();
    EXPECT_EQ(between(told_of, kReceived, kAnswered), all);
    ASSERT_EQ(told_of.call_count, 3U);
    EXPECT_EQ(told_of.calls[0].ended - told_of.calls[0].begun, fraud);
    EXPECT_EQ(told_of.calls[1].ended - told_of.calls[1].begun, inventory);
  };
  expect(0, 8ms, 2ms, 5ms);
  expect(1, 9ms, 3ms, 5ms);
  EXPECT_FALSE(find_header(heard[2].headers, kTraceHeader));
}

// A batch asks each neighbour for all of its orders at once.
TEST_F(RequestTraceTest, CallsToOneNeighbourAtOnceAreOne) {
  start_orders();
  OrderBatch batch;
  batch.set_batch_id("6f1c2ab4-5a3e-4c57-9a55-0f5c5a1f1c11");
  for (int i = 0; i < 12; ++i) *batch.add_orders() = good_order();
  ask("p.orders.batch", encoded(batch), kAsk);
  for (int i = 0; i < 3; ++i) {
    for (const Question& question : take_questions()) {
      clock_.advance(1ms);
      if (i == 0) answer_as<ScoreRequest>(question);
      if (i == 1) answer_as<ReserveRequest>(question);
      if (i == 2) answer_as<AuthorizeRequest>(question);
    }
  }
  const TraceStamps told_of = stamps();
  ASSERT_EQ(told_of.call_count, 3U);
  EXPECT_EQ(told_of.calls[0].ended - told_of.calls[0].begun, 12ms);
  EXPECT_EQ(told_of.calls[1].ended - told_of.calls[1].begun, 23ms);  // from the first one's score
}

TEST_F(RequestTraceTest, ADelayedRequestIsHandledLater) {
  start_echo("delay=5ms");
  ask("p.echo", "hello", kAsk);
  clock_.advance(5ms);
  service_->do_what_is_due();
  settle();
  EXPECT_EQ(told(stamps()), "received begun handled answered ");
  EXPECT_EQ(between(stamps(), kBegun, kHandled), 5ms);
}

TEST_F(RequestTraceTest, WorkIsDoneBeforeTheHandler) {
  start_echo("", "cpu=1us");
  ask("p.echo", "hello", kAsk);
  EXPECT_EQ(told(stamps()), "received begun handled answered ");
}

TEST_F(RequestTraceTest, AReplyThatIsHeldBackIsReleasedLater) {
  start_echo("", "delay=3ms");
  ask("p.echo", "hello", kAsk);
  EXPECT_THAT(answers_, SizeIs(0));
  clock_.advance(3ms);
  service_->do_what_is_due();
  settle();
  EXPECT_EQ(told(stamps()), "received begun answered released ");
  EXPECT_EQ(between(stamps(), kAnswered, kReleased), 3ms);
}

TEST_F(RequestTraceTest, FaultsOfTheRequestGoWithIt) {
  start_echo();
  ask("p.echo", "hello",
      *make_headers({{"Natsproof-Fault", "wrong=100"}, {"Natsproof-Trace", "1"}}));
  EXPECT_EQ(told(stamps()), "received begun answered ");
  EXPECT_NE(answers_[0].payload, "hello");
}

// Says when it knew the answer, and takes 2 ms until it has sent it.
class Slow final : public EndpointHandler {
 public:
  explicit Slow(ManualClock& clock) : clock_(clock) {}
  void handle(const ServiceRequest&, Responder& responder) override {
    responder.stamp(kAnswered);
    clock_.advance(2ms);
    responder.stamp(TraceStage::encoded);
    responder.reply("done");
  }

 private:
  ManualClock& clock_;
};

TEST_F(RequestTraceTest, AHandlersOwnStampsStay) {
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back(
      {.name = "slow", .subject = "p.slow", .handler = std::make_unique<Slow>(clock_)});
  start_with(Service::create({.name = "slow", .version = "1.0.0"}, std::move(endpoints), clock_));
  ask("p.slow", "", kAsk);
  EXPECT_EQ(between(stamps(), kAnswered, TraceStage::encoded), 2ms);
}

// What is measured is not to fail because it is measured.
TEST_F(RequestTraceTest, StampsThatMakeAReplyTooBigAreLeftOut) {
  transport_.set_max_payload(1000);
  start_echo();
  const std::string payload(950, 'x');
  const auto answers = ask("p.echo", payload, kAsk);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, payload);
  EXPECT_EQ(answers[0].headers, "");
}

TEST(RequestTrace, StampsStandBehindTheOtherHeaders) {
  RequestTrace trace(Instant{1s}, Instant{1s} + 7ns);
  const std::string value = std::string(boot_id()) + ";received=1000000000;begun=7";
  if (boot_id().empty()) GTEST_SKIP();
  EXPECT_EQ(trace.with_stamps(""), "NATS/1.0\r\nNatsproof-Trace: " + value + "\r\n\r\n");
  EXPECT_EQ(trace.with_stamps("NATS/1.0\r\nA: b\r\n\r\n"),
            "NATS/1.0\r\nA: b\r\nNatsproof-Trace: " + value + "\r\n\r\n");
}

TEST(RequestTrace, CallsToOneNeighbourAfterEachOtherAreTwo) {
  RequestTrace trace(Instant{1s}, Instant{1s});
  trace.end_call(trace.begin_call("a", Instant{1s} + 1ns), Instant{1s} + 2ns);
  trace.end_call(trace.begin_call("a", Instant{1s} + 3ns), Instant{1s} + 5ns);
  EXPECT_NE(trace.with_stamps("").find(";call=a,1,2;call=a,3,5\r\n"), std::string::npos);
}

TEST(RequestTrace, CallsBeyondItsRoomAreNotTold) {
  RequestTrace trace(Instant{1s}, Instant{1s});
  for (std::size_t i = 0; i < TraceStamps::kMostCalls; ++i)
    trace.end_call(trace.begin_call("n" + std::to_string(i), Instant{2s}), Instant{3s});
  trace.end_call(trace.begin_call("more", Instant{2s}), Instant{3s});
  EXPECT_EQ(trace.with_stamps("").find("more"), std::string::npos);
  EXPECT_NE(trace.with_stamps("").find("n7,"), std::string::npos);
}

}  // namespace
}  // namespace natsproof
