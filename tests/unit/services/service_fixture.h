// A service on connection 0 of the memory broker; who asks it, and whom it asks, on connection 1.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "messaging/memory/memory_transport.h"
#include "services/runtime/service.h"

namespace natsproof {

class ServiceFixture : public testing::Test, private Listener {
 protected:
  struct Heard {
    std::string headers, payload;
  };
  struct Question {
    std::string subject, reply_to, headers, payload;
  };

  void start(std::unique_ptr<Service> service) {
    service_ = std::move(service);
    ASSERT_TRUE(transport_.open({.connections = 2}, *this));
    ASSERT_TRUE(service_->start(transport_));
  }
  // From now on what is sent to `subject` waits in questions_.
  SubscriptionId listen(const std::string& subject) {
    return transport_.subscribe(1, subject, "").value();
  }
  // Questions that wait.
  std::vector<Question> take_questions() { return std::exchange(questions_, {}); }
  void answer(const Question& question, const std::string& payload,
              const std::string& headers = "") {
    EXPECT_EQ(transport_.publish(
                  1, {.subject = question.reply_to, .headers = headers, .payload = payload}),
              SendStatus::accepted);
    settle();
  }

  // What was heard until everything came to rest.
  std::vector<Heard> ask(const std::string& subject, const std::string& payload = "",
                         const std::string& headers = "") {
    answers_.clear();
    const FrameId frame =
        transport_.prepare({.subject = subject, .headers = headers, .payload = payload}).value();
    EXPECT_EQ(transport_.request(1, frame, ++asked_), SendStatus::accepted);
    settle();
    return answers_;
  }
  nlohmann::json ask_json(const std::string& subject) {
    const auto answers = ask(subject);
    EXPECT_EQ(answers.size(), 1) << subject;
    return answers.size() == 1 ? nlohmann::json::parse(answers[0].payload) : nlohmann::json{};
  }
  // Of one endpoint.
  nlohmann::json stats(std::size_t endpoint = 0) {
    return ask_json("$SRV.STATS." + service_->name())["endpoints"][endpoint];
  }
  void settle() {
    do {
      transport_.flush();
    } while (transport_.receive() > 0);
  }

  ManualClock clock_;
  MemoryTransport transport_{clock_};
  std::unique_ptr<Service> service_;
  std::vector<Heard> answers_;

 private:
  void on_message(const Message& message) override {
    if (message.connection == 0) return service_->on_message(message);
    if (message.subscription == kInbox) {
      answers_.push_back({std::string{message.headers}, std::string{message.payload}});
    } else {
      questions_.push_back({std::string{message.subject}, std::string{message.reply_to},
                            std::string{message.headers}, std::string{message.payload}});
    }
  }

  Sequence asked_ = 0;
  std::vector<Question> questions_;
};

}  // namespace natsproof
