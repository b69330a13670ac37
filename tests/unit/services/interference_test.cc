#include "services/runtime/interference.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "messaging/headers.h"
#include "services/echo.h"
#include "tests/unit/services/service_fixture.h"

namespace natsproof {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Answers `items:` and a number as that many items, anything else with itself.
class Counting final : public EndpointHandler {
 public:
  explicit Counting(int& handled) : handled_(handled) {}
  void handle(const ServiceRequest& request, Responder& responder) override {
    ++handled_;
    if (request.payload == "refuse") return responder.error(409, "no", "because", "text/plain");
    if (request.payload == "large") return responder.reply(std::string(3000, 'x'));
    if (request.payload.starts_with("items:")) {
      responder.add_items(std::stoul(std::string{request.payload.substr(6)}));
    }
    if (request.payload == "later") {
      const ReplyHandle handle = responder.later();
      return handle.answer([](Responder& late) { late.reply("at last"); });
    }
    responder.reply(request.payload);
  }

 private:
  int& handled_;
};

class InterferenceTest : public ServiceFixture {
 protected:
  void start_with(const std::string& faults, const std::string& work = "",
                  bool allow_faults = true) {
    std::vector<EndpointConfig> endpoints;
    endpoints.push_back({.name = "count",
                         .subject = "test.count",
                         .handler = std::make_unique<Counting>(handled_)});
    auto service = Service::create({.name = "my-count", .version = "1.0.0", .id = "ID1"},
                                   std::move(endpoints), clock_);
    ASSERT_TRUE(service);
    InterferenceConfig config{.service = "count", .control = "test.control.count"};
    config.allow_faults = allow_faults;
    if (allow_faults) config.ledger = ledger_ = *Ledger::in_memory();
    config.faults = *parse_faults(faults);
    config.work = *parse_work(work);
    (*service)->interfere(std::move(config));
    start(std::move(*service));
  }
  // What is heard, without what was heard before.
  std::vector<Heard> pass(Duration time) {
    clock_.advance(time);
    answers_.clear();
    service_->do_what_is_due();
    settle();
    return answers_;
  }
  json control(const std::string& what, const std::string& payload) {
    const auto answers = ask("test.control.count." + what, payload);
    EXPECT_EQ(answers.size(), 1);
    return answers.size() == 1 ? json::parse(answers[0].payload) : json{};
  }
  json injected() { return control("faults", "?")["injected"]; }

  int handled_ = 0;
  std::shared_ptr<Ledger> ledger_;
};

TEST_F(InterferenceTest, WithoutFaultsNothingIsDifferent) {
  start_with("");
  const auto answers = ask("test.count", "hello");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, "hello");
  EXPECT_EQ(injected(), json::object());
  EXPECT_EQ(stats()["num_requests"], 1);
  EXPECT_EQ(service_->next_due(), Instant::max());
  EXPECT_THAT(ask_json("$SRV.INFO.my-count")["endpoints"], SizeIs(1)) << "controls are none";
}

TEST_F(InterferenceTest, DroppedBeforeIsNotExecuted) {
  start_with("drop=100:before");
  EXPECT_THAT(ask("test.count", "hello"), IsEmpty());
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(injected(), (json{{"drop_before", 1}}));
  EXPECT_EQ(stats()["num_requests"], 0);
}

TEST_F(InterferenceTest, DroppedAfterIsExecuted) {
  start_with("drop=100:after");
  EXPECT_THAT(ask("test.count", "hello"), IsEmpty());
  EXPECT_THAT(ask("test.count", "refuse"), IsEmpty());
  EXPECT_THAT(ask("test.count", "later"), IsEmpty());
  EXPECT_EQ(handled_, 3);
  EXPECT_EQ(injected(), (json{{"drop_after", 3}}));
}

TEST_F(InterferenceTest, AnErrorIsAnswered) {
  start_with("error=418");
  const auto answers = ask("test.count", "hello");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "418");
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error"), "injected");
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(injected(), (json{{"error_418", 1}}));
  EXPECT_EQ(stats()["num_errors"], 1);
}

TEST_F(InterferenceTest, WrongIsNothingLikeTheRightAnswer) {
  start_with("wrong=100");
  auto answers = ask("test.count", "hello");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, "\x97\x9a\x93\x93\x90") << "every bit is another one";
  answers = ask("test.count", "");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, "?");
  answers = ask("test.count", "refuse");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].headers, "") << "a refusal that is right would be, were it told";
  EXPECT_NE(answers[0].payload, "because");
  EXPECT_EQ(injected(), (json{{"wrong", 3}}));
}

TEST_F(InterferenceTest, TwiceComesTwice) {
  start_with("twice=100");
  const auto answers = ask("test.count", "hello");
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_EQ(answers[1].payload, "hello");
  EXPECT_EQ(handled_, 1);
  EXPECT_EQ(injected(), (json{{"twice", 1}}));
}

TEST_F(InterferenceTest, LateKeepsNobodyElseWaiting) {
  start_with("");
  const std::string late = *make_headers({{"Natsproof-Fault", "late=300ms"}});
  EXPECT_THAT(ask("test.count", "first", late), IsEmpty());
  EXPECT_EQ(service_->next_due(), clock_.now() + 300ms);
  EXPECT_THAT(ask("test.count", "second"), SizeIs(1));
  EXPECT_THAT(pass(299ms), IsEmpty());
  const auto answers = pass(1ms);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, "first");
  EXPECT_EQ(service_->next_due(), Instant::max());
  EXPECT_EQ(injected(), (json{{"late", 1}}));
}

TEST_F(InterferenceTest, ADelayedRequestBeginsLater) {
  start_with("");
  const std::string delayed = *make_headers({{"Natsproof-Fault", "delay=2ms"}});
  EXPECT_THAT(ask("test.count", "first", delayed), IsEmpty());
  EXPECT_EQ(handled_, 0);
  EXPECT_THAT(ask("test.count", "second"), SizeIs(1));
  EXPECT_THAT(pass(1ms), IsEmpty());
  const auto answers = pass(1ms);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, "first") << "a copy, for the message was gone";
  EXPECT_EQ(handled_, 2);
  EXPECT_EQ(injected(), (json{{"delay", 1}}));
}

TEST_F(InterferenceTest, ADelayGoesTogetherWithAnOutcome) {
  start_with("delay=2ms error=503");
  EXPECT_THAT(ask("test.count", "hello"), IsEmpty());
  const auto answers = pass(2ms);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "503");
  EXPECT_EQ(injected(), (json{{"delay", 1}, {"error_503", 1}}));
}

TEST_F(InterferenceTest, ASizeIsThatManyBytes) {
  start_with("size=1000");
  const auto answers = ask("test.count", "hello");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].payload, std::string(1000, '\xff'));
  EXPECT_EQ(injected(), (json{{"size", 1}}));
}

TEST_F(InterferenceTest, ASizeOverMaxPayloadIsA413) {
  start_with("size=3000");
  transport_.set_max_payload(2000);
  const auto answers = ask("test.count", "hello");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "413");
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error"),
            "the reply of 3000 bytes is over the server's max_payload");
  EXPECT_EQ(injected(), (json{{"size", 1}}));
}

TEST_F(InterferenceTest, ALateAnswerThatIsTooLargeIsALate413) {
  start_with("late=1ms");
  transport_.set_max_payload(2000);
  EXPECT_THAT(ask("test.count", "large"), IsEmpty());
  const auto answers = pass(1ms);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "413");
  EXPECT_EQ(injected(), (json{{"late", 1}}));
}

TEST_F(InterferenceTest, MemoryIsLeaked) {
  start_with("leak=1MiB");
  for (int i = 0; i < 3; ++i) EXPECT_THAT(ask("test.count", "hello"), SizeIs(1));
  EXPECT_EQ(injected(), (json{{"leak", 3}}));
}

TEST_F(InterferenceTest, AHangIsNoSoonerThanToldAndHappensOnce) {
  start_with("hang=1ns@10s");
  EXPECT_EQ(service_->next_due(), clock_.now() + 10s);
  pass(9s);
  EXPECT_EQ(injected(), json::object());
  service_->announce_stop();  // or it would wait for a clock that stands still
  pass(1s);
  EXPECT_EQ(injected(), (json{{"hang", 1}}));
  EXPECT_EQ(service_->next_due(), Instant::max());
}

TEST_F(InterferenceTest, SettingFaultsAgainBeginsTheTimeAgain) {
  start_with("crash@10s");
  clock_.advance(5s);
  control("faults", "crash@10s");
  EXPECT_EQ(service_->next_due(), clock_.now() + 10s);
  control("faults", "?");
  EXPECT_EQ(service_->next_due(), clock_.now() + 10s);
  control("faults", "");
  EXPECT_EQ(service_->next_due(), Instant::max());
}

TEST_F(InterferenceTest, ACrashEndsTheProcess) {
  EXPECT_EXIT(
      {
        start_with("crash@30s");
        pass(29s);
        fmt::print(stderr, "still there\n");
        pass(1s);
      },
      testing::ExitedWithCode(kCrashStatus), "still there\n.*count ID1 crashes");
}

TEST_F(InterferenceTest, FaultsAreSetAndTold) {
  start_with("wrong=100");
  EXPECT_EQ(control("faults", "?"), (json{{"service", "count"},
                                          {"instance", "ID1"},
                                          {"faults", "wrong=100"},
                                          {"injected", json::object()}}));
  ask("test.count", "hello");
  const json changed = control("faults", "error=503:50;drop=10:after");
  EXPECT_EQ(changed["faults"], "error=503:50 drop=10:after");
  EXPECT_EQ(changed["injected"], (json{{"wrong", 1}})) << "since the instance began";
  const json refused = control("faults", "erorr=503:50");
  EXPECT_THAT(refused["error"].get<std::string>(), HasSubstr("did you mean `error`?"));
  EXPECT_EQ(control("faults", "?")["faults"], "error=503:50 drop=10:after") << "as before";
  EXPECT_EQ(control("faults", "")["faults"], "");
  EXPECT_THAT(ask("test.count", "hello"), SizeIs(1));
}

TEST_F(InterferenceTest, ARequestBringsItsOwnFaults) {
  start_with("wrong=100");
  const auto with = [&](const std::string& faults) {
    return ask("test.count", "hello", *make_headers({{"Natsproof-Fault", faults}}));
  };
  EXPECT_THAT(with("twice=100"), SizeIs(2));
  EXPECT_EQ(with("")[0].payload, "hello") << "none, in place of those of the instance";
  const auto refused = with("twcie=100");
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(find_header(refused[0].headers, "Nats-Service-Error-Code"), "400");
  EXPECT_THAT(refused[0].headers, HasSubstr("Natsproof-Fault: fault `twcie=100`"));
  EXPECT_EQ(handled_, 2);
  EXPECT_EQ(injected(), (json{{"twice", 1}}));
  EXPECT_NE(ask("test.count", "hello")[0].payload, "hello") << "others have those of the instance";
  EXPECT_EQ(control("faults", "?")["faults"], "wrong=100");
}

TEST_F(InterferenceTest, WhereFaultsAreNotAllowedNobodyListens) {
  start_with("", "delay=1ms", false);
  const auto unheard = ask("test.control.count.faults", "wrong=100");
  ASSERT_THAT(unheard, SizeIs(1));
  EXPECT_EQ(header_status(unheard[0].headers), kStatusNoResponders);
  ask("test.count", "hello", *make_headers({{"Natsproof-Fault", "wrong=100"}}));
  EXPECT_EQ(pass(1ms)[0].payload, "hello");
}

TEST_F(InterferenceTest, WorkDelaysTheAnswerAndIsCountedAsProcessing) {
  start_with("", "delay=2ms delay_per_item=500us", false);
  EXPECT_THAT(ask("test.count", "items:4"), IsEmpty());
  EXPECT_EQ(handled_, 1);
  EXPECT_THAT(pass(3999us), IsEmpty());
  EXPECT_THAT(pass(1us), SizeIs(1));
  EXPECT_EQ(stats()["processing_time"], 4'000'000);
  EXPECT_THAT(ask("test.count", "later"), IsEmpty());
  EXPECT_EQ(pass(2ms)[0].payload, "at last");
}

TEST_F(InterferenceTest, WorkTakesTimeAndMemory) {
  start_with("", "cpu=3ms alloc=1MiB", false);
  const SteadyClock clock;
  const Instant before = clock.now();
  EXPECT_THAT(ask("test.count", "hello"), SizeIs(1));
  EXPECT_GE(clock.now() - before, 3ms);
}

TEST_F(InterferenceTest, TheLedgerIsAskedOverNats) {
  start_with("");
  const std::string inbox = transport_.inbox_prefix();
  const json begin = {{"begin", {{"inboxes", {inbox}}, {"slots", 100}}}};
  EXPECT_EQ(
      control("ledger", begin.dump()),
      (json{{"service", "count"}, {"instance", "ID1"}, {"ledger", ledger_->id()}, {"ok", true}}));
  ask("test.count", "hello");                                                              // 2
  ask("test.count", "hello", *make_headers({{"Natsproof-Fault", "drop=100:before"}}));     // 3
  ask("test.count", "hello", *make_headers({{"Natsproof-Fault", "drop=100:after"}}));      // 4
  ask("test.count", "hello", *make_headers({{"Natsproof-Fault", "error=503"}}));           // 5
  ask("test.count", "hello", *make_headers({{"Natsproof-Fault", "delay=1ms late=1ms"}}));  // 6
  const json read = {{"read", {{"inbox", inbox}, {"from", 1}, {"count", 9}}}};
  json answer = control("ledger", read.dump());
  const auto bits = [&](const char* which) {
    std::string text;
    const std::string bytes = *decode_base64(answer[which].get<std::string>());
    for (unsigned i = 0; i < 9; ++i) text += (bytes.at(i / 8) >> i % 8 & 1) != 0 ? '1' : '0';
    return text;
  };
  EXPECT_EQ(answer["known"], true);
  EXPECT_EQ(answer["from"], 1);
  EXPECT_EQ(answer["count"], 9);
  EXPECT_EQ(answer["again"], 0);
  EXPECT_EQ(bits("arrived"), "010111000") << "controls are not in it";
  EXPECT_EQ(bits("replied"), "010010000");
  pass(1ms);
  answer = control("ledger", read.dump());
  EXPECT_EQ(bits("arrived"), "010111000");
  EXPECT_EQ(bits("replied"), "010010000");
  pass(1ms);
  answer = control("ledger", read.dump());
  EXPECT_EQ(bits("replied"), "010011000");

  json unknown = read;
  unknown["read"]["inbox"] = "_INBOX.aaaaaaaaaaaaaaaaaaaaaa.";
  answer = control("ledger", unknown.dump());
  EXPECT_EQ(answer["known"], false);
  EXPECT_FALSE(answer.contains("arrived"));
}

TEST_F(InterferenceTest, WhatTheLedgerDoesNotUnderstandIsAnError) {
  start_with("");
  const std::vector<std::pair<std::string, std::string>> questions = {
      {"", "no JSON"},
      {"{", "no JSON"},
      {"\xff", "no JSON"},
      {"[]", "no question"},
      {"{}", "no question"},
      {R"({"begin":1})", "no question"},
      {R"({"begin":{},"read":{}})", "no question"},
      {R"({"begin":{}})", "`inboxes` is no list"},
      {R"({"begin":{"inboxes":[1],"slots":1}})", "no text"},
      {R"({"begin":{"inboxes":["x"],"slots":1}})", "inbox \\\"x\\\""},
      {R"({"begin":{"inboxes":["_INBOX.aaaaaaaaaaaaaaaaaaaaaa."],"slots":-1}})", "`slots`"},
      {R"({"begin":{"inboxes":["_INBOX.aaaaaaaaaaaaaaaaaaaaaa."],"slots":1e300}})", "`slots`"},
      {R"({"read":{}})", "`inbox` is no text"},
      {R"({"read":{"inbox":"x"}})", "`from`"},
      {R"({"read":{"inbox":"x","from":0,"count":1000001}})", "at most 1000000"},
  };
  for (const auto& [question, why] : questions) {
    const json answer = control("ledger", question);
    EXPECT_TRUE(answer.contains("error")) << question;
    EXPECT_THAT(answer.dump(), HasSubstr(why)) << question;
    EXPECT_FALSE(answer.contains("ok")) << question;
  }
}

TEST_F(InterferenceTest, AStopWaitsForWhatWasTakenButNotForever) {
  start_with("");
  ask("test.count", "soon", *make_headers({{"Natsproof-Fault", "late=300ms"}}));
  ask("test.count", "one day", *make_headers({{"Natsproof-Fault", "late=1h"}}));
  ask("test.count", "tomorrow", *make_headers({{"Natsproof-Fault", "delay=30m"}}));
  control("faults", "hang=1s@100ms crash@200ms");
  service_->stop();
  EXPECT_EQ(service_->next_due(), clock_.now() + 300ms) << "neither hang nor crash";
  EXPECT_THAT(pass(300ms), SizeIs(1));
  EXPECT_EQ(service_->next_due(), clock_.now() + kStopWithin - 300ms);
  EXPECT_THAT(pass(kStopWithin - 300ms), SizeIs(2)) << "rather early than never";
  EXPECT_EQ(service_->next_due(), Instant::max());
}

// A transport whose owner sleeps, while messages come on a thread of a library.
class SleepingTransport : public Transport {
 public:
  MOCK_METHOD(Result<void>, open, (const ConnectOptions&, Listener&), (override));
  MOCK_METHOD(void, close, (), (override));
  MOCK_METHOD(std::uint32_t, connections, (), (const, override));
  MOCK_METHOD(bool, is_up, (ConnectionId), (const, override));
  MOCK_METHOD(std::string, inbox_prefix, (), (const, override));
  MOCK_METHOD(SendStatus, request_with, (ConnectionId, FrameId, Sequence, std::string_view),
              (override));
  MOCK_METHOD(ServerInfo, server_info, (ConnectionId), (const, override));
  MOCK_METHOD(void, unsubscribe, (ConnectionId, SubscriptionId), (override));
  MOCK_METHOD(Result<FrameId>, prepare, (const RequestSpec&), (override));
  MOCK_METHOD(SendStatus, request, (ConnectionId, FrameId, Sequence), (override));
  MOCK_METHOD(SendStatus, publish, (ConnectionId, const Publication&), (override));
  MOCK_METHOD(SendStatus, ping, (ConnectionId), (override));
  MOCK_METHOD(void, flush, (), (override));
  MOCK_METHOD(std::size_t, receive, (), (override));
  MOCK_METHOD(void, wait, (Instant), (override));
  MOCK_METHOD(void, wake, (), (override));
  Result<SubscriptionId> subscribe(ConnectionId, std::string_view, std::string_view) override {
    return ++subscriptions;
  }
  SubscriptionId subscriptions = 0;
};

TEST(SleepingInstance, IsWokenForWhatIsDueEarlier) {
  ManualClock clock;
  auto service = make_echo_service({}, clock);
  ASSERT_TRUE(service);
  InterferenceConfig config{.service = "echo", .control = "control.echo"};
  config.allow_faults = true;
  (*service)->interfere(std::move(config));
  testing::NiceMock<SleepingTransport> transport;
  ASSERT_TRUE((*service)->start(transport));
  EXPECT_EQ((*service)->next_due(), Instant::max());

  const auto ask = [&](const std::string& faults) {
    const std::string headers = *make_headers({{"Natsproof-Fault", faults}});
    std::thread([&] {
      (*service)->on_message({.subscription = transport.subscriptions,
                              .subject = "natsproof.echo",
                              .reply_to = "x.000000000001",
                              .headers = headers});
    }).join();
  };
  EXPECT_CALL(transport, wake()).Times(1);
  ask("delay=5ms");
  testing::Mock::VerifyAndClearExpectations(&transport);
  EXPECT_CALL(transport, wake()).Times(0);
  ask("delay=6ms");
  ask("");
  testing::Mock::VerifyAndClearExpectations(&transport);
  EXPECT_EQ((*service)->next_due(), clock.now() + 5ms);
  EXPECT_CALL(transport, wake()).Times(1);
  ask("delay=4ms");
  testing::Mock::VerifyAndClearExpectations(&transport);
}

}  // namespace
}  // namespace natsproof
