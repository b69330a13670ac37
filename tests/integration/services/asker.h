// Asks services over the wire client, and keeps the answers by the number of the question.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "messaging/headers.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {

class Asker final : private Listener {
 public:
  struct Answer {
    std::string headers, payload;
    Instant received{};
  };

  explicit Asker(const ServerAddress& server) : transport_(make_wire_transport(clock_)) {
    const auto opened = transport_->open({.servers = {server}}, *this);
    EXPECT_TRUE(opened) << opened.error().message;
  }

  FrameId prepare(const RequestSpec& request) { return transport_->prepare(request).value(); }
  // Returns the question's number.
  Sequence ask(FrameId frame) {
    EXPECT_EQ(transport_->request(0, frame, asked_), SendStatus::accepted);
    return asked_++;
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& is_so, Duration at_most = 20s) {
    const Instant give_up = clock_.now() + at_most;
    while (!is_so()) {
      if (clock_.now() >= give_up) return false;
      transport_->flush();
      transport_->wait(clock_.now() + 1ms);
      transport_->receive();
    }
    return true;
  }
  // The answer to a question asked now.
  Answer ask_one(const RequestSpec& request) {
    const Sequence number = ask(prepare(request));
    EXPECT_TRUE(run_until([&] { return answers.contains(number); })) << request.subject;
    return answers.contains(number) ? answers[number].front() : Answer{};
  }
  // The answers of so many instances to a question asked now.
  std::vector<nlohmann::json> ask_all(const std::string& subject, const std::string& payload,
                                      std::size_t count) {
    const Sequence number = ask(prepare({.subject = subject, .payload = payload}));
    EXPECT_TRUE(run_until([&] { return answers[number].size() >= count; })) << subject;
    std::vector<nlohmann::json> found;
    for (const Answer& answer : answers[number]) {
      found.push_back(nlohmann::json::parse(answer.payload));
    }
    found.resize(count);
    return found;
  }
  // `_INBOX.<22 letters>.`
  [[nodiscard]] std::string inbox() const { return transport_->inbox_prefix(); }
  [[nodiscard]] std::size_t asked() const { return asked_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }

  std::map<Sequence, std::vector<Answer>> answers;
  std::size_t answered = 0, without_responders = 0;

 private:
  void on_message(const Message& message) override {
    if (header_status(message.headers) == kStatusNoResponders) {
      ++without_responders;
    } else {
      ++answered;
      answers[message.sequence].push_back(
          {std::string{message.headers}, std::string{message.payload}, message.received});
    }
  }

  SteadyClock clock_;
  std::unique_ptr<Transport> transport_;
  Sequence asked_ = 0;
};

}  // namespace natsproof
