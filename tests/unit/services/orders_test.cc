// orders.place and orders.batch with their neighbours at the other end of the broker, on a clock
// that only the test moves.

#include "services/orders.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/answers/answers.h"
#include "models/sample/order.h"
#include "models/sample/service_requests.h"
#include "tests/unit/services/model_messages.h"
#include "tests/unit/services/service_fixture.h"

namespace natsproof {
namespace {

using namespace models::v1;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kFraud = "p.fraud.score", kInventory = "p.inventory.reserve",
                  kPayment = "p.payment.authorize";

class OrdersTest : public ServiceFixture {
 protected:
  void SetUp() override {
    auto made = make_orders_service({.subject_prefix = "p.", .name_prefix = "n-"},
                                    Neighbours::over_nats, clock_);
    ASSERT_TRUE(made);
    start(std::move(*made));
    for (const std::string& subject : {kFraud, kInventory, kPayment}) listen(subject);
  }

  // An order that all neighbours accept.
  Order good_order() {
    for (;;) {
      Order order = sample_order(random_, 2);
      if (natsproof::answer(order)->has_accepted()) return order;
    }
  }

  void ask_to_place(const Order& order) { ask("p.orders.place", encoded(order)); }
  // The one question that waits.
  Question question_to(const std::string& subject) {
    const auto questions = take_questions();
    EXPECT_EQ(questions.size(), 1) << "of " << subject;
    if (questions.size() != 1) return {};
    EXPECT_EQ(questions[0].subject, subject);
    return questions[0];
  }

  template <typename Request>
  void answer_truly_as(const Question& question) {
    const auto right = natsproof::answer(decoded<Request>(question.payload));
    if (right) return answer(question, encoded(*right));
    answer(question, encoded(right.error()),
           make_headers({{"Nats-Service-Error", right.error().message()},
                         {"Nats-Service-Error-Code", std::to_string(right.error().code())}})
               .value());
  }
  void answer_truly(const Question& question) {
    if (question.subject == kFraud) answer_truly_as<ScoreRequest>(question);
    if (question.subject == kInventory) answer_truly_as<ReserveRequest>(question);
    if (question.subject == kPayment) answer_truly_as<AuthorizeRequest>(question);
  }
  // All of them, and all that follow from them.
  void answer_all_truly() {
    for (auto questions = take_questions(); !questions.empty(); questions = take_questions()) {
      for (const Question& question : questions) answer_truly(question);
    }
  }

  Problem only_problem() {
    EXPECT_EQ(answers_.size(), 1);
    if (answers_.size() != 1) return {};
    const auto problem = decoded<Problem>(answers_[0].payload);
    EXPECT_EQ(find_header(answers_[0].headers, "Nats-Service-Error-Code"),
              std::to_string(problem.code()));
    return problem;
  }
  void expect_500(const std::string& message) {
    const Problem problem = only_problem();
    EXPECT_EQ(problem.code(), 500);
    EXPECT_EQ(problem.message(), message);
  }
  void pass(Duration time) {
    clock_.advance(time);
    service_->do_what_is_due();
    settle();
  }

  Random random_{1};
};

TEST_F(OrdersTest, AsksFraudInventoryAndPaymentInThatOrder) {
  const Order order = good_order();
  ask_to_place(order);
  Question question = question_to(kFraud);
  EXPECT_EQ(question.headers, "") << "Protobuf";
  EXPECT_THAT(decoded<ScoreRequest>(question.payload), SameMessage(score_request(order)));
  answer_truly(question);
  question = question_to(kInventory);
  EXPECT_THAT(decoded<ReserveRequest>(question.payload), SameMessage(reserve_request(order)));
  answer_truly(question);
  question = question_to(kPayment);
  EXPECT_THAT(decoded<AuthorizeRequest>(question.payload), SameMessage(authorize_request(order)));
  EXPECT_EQ(answers_.size(), 0);
  answer_truly(question);
  ASSERT_EQ(answers_.size(), 1);
  OrderReply expected = *natsproof::answer(order);
  expected.set_served_by(service_->id());
  EXPECT_THAT(decoded<OrderReply>(answers_[0].payload), SameMessage(expected));
}

TEST_F(OrdersTest, AgreeWithTheAnswerInProcess) {
  int accepted = 0, declined[DeclineReason_ARRAYSIZE] = {};
  for (int i = 0; i < 500; ++i) {
    const Order order = sample_order(random_, 3);
    ask("p.orders.place", encoded(order, Encoding::json), content_type_header("application/json"));
    answer_all_truly();
    ASSERT_EQ(answers_.size(), 1);
    OrderReply expected = *natsproof::answer(order);
    expected.set_served_by(service_->id());
    EXPECT_THAT(decoded<OrderReply>(answers_[0].payload, Encoding::json), SameMessage(expected));
    if (expected.has_accepted()) ++accepted;
    if (expected.has_declined()) ++declined[expected.declined().reason()];
  }
  EXPECT_GT(accepted, 0);
  for (const DeclineReason reason : {FRAUD, OUT_OF_STOCK, PAYMENT_DECLINED}) {
    EXPECT_GT(declined[reason], 0) << DeclineReason_Name(reason);
  }
  EXPECT_EQ(stats()["num_errors"], 0) << "to decline is an answer";
}

TEST_F(OrdersTest, ServesOthersWhileItWaits) {
  const Order first = good_order(), second = good_order();
  ask_to_place(first);
  ask_to_place(second);
  GetOrder get = sample_get_order(random_);
  while (!natsproof::answer(get)) get = sample_get_order(random_);
  EXPECT_EQ(ask("p.orders.get", encoded(get)).size(), 1);
  auto questions = take_questions();
  ASSERT_EQ(questions.size(), 2);
  answers_.clear();
  answer_truly(questions[1]);
  answer_truly(question_to(kInventory));
  answer_truly(question_to(kPayment));
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(decoded<OrderReply>(answers_[0].payload).order_id(), second.order_id());
  answer_truly(questions[0]);
  answer_all_truly();
  ASSERT_EQ(answers_.size(), 2);
  EXPECT_EQ(decoded<OrderReply>(answers_[1].payload).order_id(), first.order_id());
}

TEST_F(OrdersTest, TheWaitForNeighboursIsInTheProcessingTime) {
  ask_to_place(good_order());
  for (const std::string& neighbour : {kFraud, kInventory, kPayment}) {
    clock_.advance(100ms);
    answer_truly(question_to(neighbour));
  }
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(stats()["num_requests"], 1);
  EXPECT_EQ(stats()["num_errors"], 0);
  EXPECT_EQ(stats()["processing_time"], Duration(300ms).count());
}

TEST_F(OrdersTest, ANeighbourThatDoesNotAnswerIsA500AfterASecond) {
  const std::vector<std::string> neighbours = {kFraud, kInventory, kPayment};
  for (std::size_t silent = 0; silent < neighbours.size(); ++silent) {
    ask_to_place(good_order());
    for (std::size_t i = 0; i < silent; ++i) {
      pass(500ms);  // each neighbour has a second of its own
      answer_truly(question_to(neighbours[i]));
    }
    const Question unanswered = question_to(neighbours[silent]);
    EXPECT_EQ(service_->next_due(), clock_.now() + 1s);
    pass(1s - 1ns);
    EXPECT_EQ(answers_.size(), 0);
    pass(1ns);
    const std::vector<std::string> names = {"fraud", "inventory", "payment"};
    expect_500(names[silent] + " did not answer within 1 s");
    EXPECT_EQ(service_->next_due(), Instant::max());
    answer_truly(unanswered);  // late
    EXPECT_EQ(answers_.size(), 1);
    EXPECT_EQ(take_questions().size(), 0);
    EXPECT_EQ(stats()["num_errors"], silent + 1);
  }
  EXPECT_EQ(stats()["processing_time"], Duration(1s + 1500ms + 2s).count());
}

TEST_F(OrdersTest, OnlyTheOverdueOnesEnd) {
  const Order late = good_order(), in_time = good_order();
  ask_to_place(late);
  clock_.advance(600ms);
  ask_to_place(in_time);
  answers_.clear();
  pass(400ms);
  expect_500("fraud did not answer within 1 s");
  EXPECT_EQ(service_->next_due(), clock_.now() + 600ms);
  answers_.clear();
  answer_all_truly();
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(decoded<OrderReply>(answers_[0].payload).order_id(), in_time.order_id());
}

TEST_F(OrdersTest, ASecondReplyOfANeighbourIsNotHeard) {
  ask_to_place(good_order());
  const Question question = question_to(kFraud);
  answer_truly(question);
  answer_truly(question);
  EXPECT_EQ(take_questions().size(), 1);
}

TEST_F(OrdersTest, WhatANeighbourShouldNotSayIsOurProblem) {
  const auto refuse = [&](const std::string& body, const std::string& code,
                          const std::string& text) {
    ask_to_place(good_order());
    answer(question_to(kFraud), body,
           make_headers({{"Nats-Service-Error", text}, {"Nats-Service-Error-Code", code}}).value());
  };
  refuse(encoded(make_problem(400, "1 of the rules broken")), "400", "1 of the rules broken");
  expect_500("fraud: 400 1 of the rules broken");
  refuse("", "503", "injected");
  expect_500("fraud: 503 injected");
  refuse("\xff\xff", "429", "not so fast");
  expect_500("fraud: 429 not so fast");
  refuse("", "many", "odd");
  expect_500("fraud: 500 odd");

  ask_to_place(good_order());
  answer(question_to(kFraud), "\xff\xff");
  EXPECT_THAT(only_problem().message(), StartsWith("fraud: its reply cannot be decoded: "));
  EXPECT_EQ(stats()["num_errors"], 5);
}

TEST_F(OrdersTest, ARefusalWithoutABodyStillDeclines) {
  ask_to_place(good_order());
  answer(question_to(kFraud), "",
         make_headers({{"Nats-Service-Error", "no"}, {"Nats-Service-Error-Code", "403"}}).value());
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(decoded<OrderReply>(answers_[0].payload).declined().reason(), FRAUD);
  EXPECT_EQ(decoded<OrderReply>(answers_[0].payload).declined().detail(), "no");
}

TEST_F(OrdersTest, AQuestionOverMaxPayloadIsA500) {
  Order order = good_order();
  transport_.set_max_payload(20);
  const Message request{.subscription = 10,  // the first behind those of discovery
                        .subject = "p.orders.place",
                        .reply_to = "nobody",
                        .payload = {}};
  Message message = request;
  const std::string bytes = encoded(order);
  message.payload = bytes;
  service_->on_message(message);
  transport_.set_max_payload(1 << 20);
  EXPECT_EQ(stats()["last_error"],
            "500:fraud could not be asked: the request is over the server's max_payload");
}

TEST_F(OrdersTest, ABatchIsAnsweredInItsOrderHoweverItsOrdersEnd) {
  const OrderBatch batch = sample_order_batch(random_, 3, 1);
  ask("p.orders.batch", encoded(batch));
  const auto questions = take_questions();
  ASSERT_EQ(questions.size(), 3) << "all at the same time";
  for (auto question = questions.rbegin(); question != questions.rend(); ++question) {
    EXPECT_EQ(answers_.size(), 0);
    answer_truly(*question);
    answer_all_truly();
  }
  ASSERT_EQ(answers_.size(), 1);
  OrderBatchReply expected;
  expected.set_batch_id(batch.batch_id());
  expected.set_served_by(service_->id());
  for (const Order& order : batch.orders()) {
    *expected.add_replies() = *natsproof::answer(order);
    expected.mutable_replies()->rbegin()->set_served_by(service_->id());
  }
  EXPECT_THAT(decoded<OrderBatchReply>(answers_[0].payload), SameMessage(expected));
  EXPECT_EQ(stats(2)["num_requests"], 1);
}

TEST_F(OrdersTest, ABatchEndsInTheFirstProblemOfItsOrdersWhenAllHaveEnded) {
  ask("p.orders.batch", encoded(sample_order_batch(random_, 3, 1)));
  const auto questions = take_questions();
  ASSERT_EQ(questions.size(), 3);
  answer_truly(questions[0]);
  answer_all_truly();
  answer(questions[2], "\xff\xff");
  EXPECT_EQ(answers_.size(), 0);
  pass(1s);
  EXPECT_THAT(only_problem().message(), StartsWith("orders[2]: fraud: its reply cannot be"));
  EXPECT_EQ(stats(2)["num_errors"], 1);
}

TEST_F(OrdersTest, StoppingFinishesTheOrdersThatWait) {
  const Order order = good_order();
  ask_to_place(order);
  service_->stop();
  settle();
  answer_all_truly();
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(decoded<OrderReply>(answers_[0].payload).order_id(), order.order_id());
  EXPECT_EQ(service_->next_due(), Instant::max());
  const auto heard = ask("p.orders.place", encoded(order));
  ASSERT_EQ(heard.size(), 1);
  EXPECT_EQ(header_status(heard[0].headers), kStatusNoResponders);
}

class LonelyOrdersTest : public OrdersTest {
  void SetUp() override {
    auto made = make_orders_service({.subject_prefix = "p.", .name_prefix = "n-"},
                                    Neighbours::over_nats, clock_);
    ASSERT_TRUE(made);
    start(std::move(*made));
  }
};

TEST_F(LonelyOrdersTest, ANeighbourThatNobodyServesIsA500AtOnce) {
  ask_to_place(good_order());
  expect_500("nobody serves p.fraud.score");
  listen(kFraud);
  ask_to_place(good_order());
  answer_truly(question_to(kFraud));
  expect_500("nobody serves p.inventory.reserve");
  EXPECT_EQ(stats()["num_errors"], 2);
  EXPECT_EQ(stats()["last_error"], "500:nobody serves p.inventory.reserve");
}

}  // namespace
}  // namespace natsproof
