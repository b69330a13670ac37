#include "services/runtime/service.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "messaging/headers.h"
#include "services/echo.h"
#include "tests/unit/services/service_fixture.h"

namespace natsproof {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

// Takes 5 us for whatever it does.
class Moody final : public EndpointHandler {
 public:
  explicit Moody(ManualClock& clock) : clock_(clock) {}
  [[nodiscard]] EndpointMetadata metadata() const override {
    return {{"unit", "some"}, {"request", "words"}};
  }
  void handle(const ServiceRequest& request, Responder& responder) override {
    clock_.advance(5us);
    if (request.payload == "refuse") return responder.error(404, "no such thing");
    if (request.payload == "explain") return responder.error(409, "no", "because", "text/plain");
    if (request.payload == "explain much") {
      return responder.error(409, "no", std::string(2000, 'x'), "text/plain");
    }
    if (request.payload == "go on") {
      return responder.error(400, "öö" + std::string(995, 'x') + "öö");
    }
    if (request.payload == "later") return void(late_.push_back(responder.later()));
    if (request.payload == "now") {
      for (const ReplyHandle& late : std::exchange(late_, {})) {
        late.answer([](Responder& answer) { answer.reply("at last"); });
      }
    }
    if (request.payload == "throw") throw std::runtime_error("broken\r\nbadly");
    if (request.payload == "throw 7") throw 7;
    if (request.payload == "twice") responder.reply("first");
    if (request.payload == "silent") return;
    if (request.payload == "huge") return responder.reply(std::string(2000, 'x'));
    responder.reply(request.payload, request.headers);
  }

 private:
  ManualClock& clock_;
  std::vector<ReplyHandle> late_;
};

class ServiceTest : public ServiceFixture {
 protected:
  void start_moody() {
    std::vector<EndpointConfig> endpoints;
    endpoints.push_back({.name = "mood",
                         .subject = "test.mood",
                         .handler = std::make_unique<Moody>(clock_),
                         .metadata = {{"unit", "none"}}});
    auto service = Service::create({.name = "moody",
                                    .version = "1.2.3",
                                    .description = "Has moods",
                                    .metadata = {{"team", "a"}},
                                    .id = "ID1"},
                                   std::move(endpoints), clock_);
    ASSERT_TRUE(service) << service.error().message;
    start(std::move(*service));
  }
};

TEST_F(ServiceTest, PingSaysWhoIsThere) {
  start_moody();
  const json expected = {{"type", "io.nats.micro.v1.ping_response"},
                         {"name", "moody"},
                         {"id", "ID1"},
                         {"version", "1.2.3"},
                         {"metadata", {{"team", "a"}}}};
  EXPECT_EQ(ask_json("$SRV.PING"), expected);
  EXPECT_EQ(ask_json("$SRV.PING.moody"), expected);
  EXPECT_EQ(ask_json("$SRV.PING.moody.ID1"), expected);
}

TEST_F(ServiceTest, NobodyElseIsAnswered) {
  start_moody();
  for (const char* subject : {"$SRV.PING.other", "$SRV.PING.moody.ID2", "$SRV.NEWS"}) {
    const auto answers = ask(subject);
    ASSERT_EQ(answers.size(), 1);
    EXPECT_EQ(header_status(answers[0].headers), kStatusNoResponders) << subject;
  }
}

TEST_F(ServiceTest, InfoSaysWhatItOffers) {
  start_moody();
  const json expected = {{"type", "io.nats.micro.v1.info_response"},
                         {"name", "moody"},
                         {"id", "ID1"},
                         {"version", "1.2.3"},
                         {"metadata", {{"team", "a"}}},
                         {"description", "Has moods"},
                         {"endpoints",
                          {{{"name", "mood"},
                            {"subject", "test.mood"},
                            {"queue_group", "q"},
                            {"metadata", {{"request", "words"}, {"unit", "none"}}}}}}};
  EXPECT_EQ(ask_json("$SRV.INFO"), expected);
  EXPECT_EQ(ask_json("$SRV.INFO.moody"), expected);
  EXPECT_EQ(ask_json("$SRV.INFO.moody.ID1"), expected);
}

TEST_F(ServiceTest, StatsCountWhatHappened) {
  start_moody();
  ask("test.mood", "fine");
  ask("test.mood", "refuse");
  json stats = ask_json("$SRV.STATS");
  EXPECT_THAT(stats["started"].get<std::string>(),
              MatchesRegex("20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][.]"
                           "[0-9]{9}Z"));
  stats.erase("started");
  const json expected = {{"type", "io.nats.micro.v1.stats_response"},
                         {"name", "moody"},
                         {"id", "ID1"},
                         {"version", "1.2.3"},
                         {"metadata", {{"team", "a"}}},
                         {"endpoints",
                          {{{"name", "mood"},
                            {"subject", "test.mood"},
                            {"queue_group", "q"},
                            {"num_requests", 2},
                            {"num_errors", 1},
                            {"last_error", "404:no such thing"},
                            {"processing_time", 10'000},
                            {"average_processing_time", 5'000}}}}};
  EXPECT_EQ(stats, expected);
  EXPECT_EQ(ask_json("$SRV.STATS.moody.ID1")["endpoints"], expected["endpoints"]);
}

TEST_F(ServiceTest, AServiceThatDidNothingHasEmptyArraysAndObjectsNotNull) {
  auto service = Service::create({.name = "idle", .version = "0.0.1"}, {}, clock_);
  ASSERT_TRUE(service);
  start(std::move(*service));
  EXPECT_EQ(ask_json("$SRV.INFO")["endpoints"], json::array());
  EXPECT_EQ(ask_json("$SRV.STATS")["endpoints"], json::array());
  EXPECT_EQ(ask_json("$SRV.PING")["metadata"], json::object());
}

TEST_F(ServiceTest, BeforeTheFirstRequestTheAverageIsZeroAndTheErrorAString) {
  start_moody();
  EXPECT_EQ(stats()["average_processing_time"], 0);
  EXPECT_EQ(stats()["last_error"], "");
}

TEST_F(ServiceTest, AnErrorReplyCarriesCodeAndText) {
  start_moody();
  const auto answers = ask("test.mood", "refuse");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "404");
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error"), "no such thing");
  EXPECT_EQ(answers[0].payload, "");
}

TEST_F(ServiceTest, AnErrorReplyCanCarryABody) {
  start_moody();
  auto answers = ask("test.mood", "explain");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "409");
  EXPECT_EQ(find_header(answers[0].headers, "Content-Type"), "text/plain");
  EXPECT_EQ(answers[0].payload, "because");
  transport_.set_max_payload(1000);
  answers = ask("test.mood", "explain much");
  ASSERT_EQ(answers.size(), 1) << "better a part of it than silence";
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "409");
  EXPECT_EQ(answers[0].payload, "");
  EXPECT_EQ(stats()["num_errors"], 2);
}

TEST_F(ServiceTest, AnErrorsTextIsCutAtAWholeCharacter) {
  start_moody();
  const auto answers = ask("test.mood", "go on");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error"), "öö" + std::string(995, 'x'));
}

TEST_F(ServiceTest, ALateAnswerGoesToWhoAskedAndItsWaitCounts) {
  start_moody();
  EXPECT_EQ(ask("test.mood", "later").size(), 0);
  EXPECT_EQ(stats()["num_requests"], 1);
  EXPECT_EQ(stats()["processing_time"], 0) << "not answered yet";
  clock_.advance(1ms);
  const auto answers = ask("test.mood", "now");
  ASSERT_EQ(answers.size(), 2);
  EXPECT_EQ(answers[0].payload, "at last");
  EXPECT_EQ(answers[1].payload, "now");
  EXPECT_EQ(stats()["num_requests"], 2);
  EXPECT_EQ(stats()["processing_time"], Duration(5us + 1ms + 5us + 5us).count())
      << "of the late one from its beginning, of the other its own";
}

TEST_F(ServiceTest, AnExceptionIsA500OnOneLineAndCounted) {
  start_moody();
  auto answers = ask("test.mood", "throw");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "500");
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error"), "broken  badly");
  EXPECT_EQ(stats()["last_error"], "500:broken  badly");
  answers = ask("test.mood", "throw 7");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "500");
  EXPECT_EQ(stats()["num_requests"], 2);
  EXPECT_EQ(stats()["num_errors"], 2);
  EXPECT_EQ(stats()["processing_time"], 10'000) << "time that ended in an exception counts as well";
}

TEST_F(ServiceTest, HeadersAndSeveralAnswersPass) {
  start_moody();
  const std::string headers = make_headers({{"A", "1"}}).value();
  auto answers = ask("test.mood", "fine", headers);
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(answers[0].headers, headers);
  EXPECT_EQ(ask("test.mood", "twice").size(), 2);
  EXPECT_EQ(ask("test.mood", "silent").size(), 0);
  EXPECT_EQ(stats()["num_requests"], 3);
  EXPECT_EQ(stats()["num_errors"], 0);
}

TEST_F(ServiceTest, ARequestWithoutReplySubjectIsCountedAndNotAnswered) {
  start_moody();
  const SubscriptionId everything = listen(">");
  for (const char* payload : {"fine", "refuse", "huge"}) {
    ASSERT_EQ(transport_.publish(1, {.subject = "test.mood", .payload = payload}),
              SendStatus::accepted);
  }
  ASSERT_EQ(transport_.publish(1, {.subject = "$SRV.PING"}), SendStatus::accepted);
  settle();
  EXPECT_EQ(take_questions().size(), 4) << "the listener to everything heard the questions alone";
  EXPECT_EQ(answers_.size(), 0);
  transport_.unsubscribe(1, everything);
  EXPECT_EQ(stats()["num_requests"], 3);
  EXPECT_EQ(stats()["num_errors"], 1) << "a reply nobody asked for cannot be too big";
}

TEST_F(ServiceTest, AReplyOverMaxPayloadBecomesA413) {
  start_moody();
  transport_.set_max_payload(1000);
  const auto answers = ask("test.mood", "huge");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(find_header(answers[0].headers, "Nats-Service-Error-Code"), "413");
  EXPECT_THAT(std::string{*find_header(answers[0].headers, "Nats-Service-Error")},
              HasSubstr("2000 bytes is over the server's max_payload"));
  EXPECT_EQ(stats()["num_errors"], 1);
}

TEST_F(ServiceTest, StoppingFinishesWhatIsUnderWayAndTakesNoMore) {
  start_moody();
  const FrameId frame = transport_.prepare({.subject = "test.mood", .payload = "fine"}).value();
  ASSERT_EQ(transport_.request(1, frame, 1), SendStatus::accepted);
  transport_.flush();
  service_->stop();
  settle();
  ASSERT_EQ(answers_.size(), 1);
  EXPECT_EQ(answers_[0].payload, "fine");
  const auto answers = ask("test.mood", "fine");
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(header_status(answers[0].headers), kStatusNoResponders);
}

TEST_F(ServiceTest, EchoReturnsThePayloadAndNotTheHeaders) {
  auto echo = make_echo_service({.subject_prefix = "p.", .name_prefix = "n-"}, clock_);
  ASSERT_TRUE(echo);
  start(std::move(*echo));
  const auto answers = ask("p.echo", "hello", make_headers({{"A", "1"}}).value());
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(answers[0].payload, "hello");
  EXPECT_EQ(answers[0].headers, "");
  EXPECT_EQ(ask_json("$SRV.PING")["name"], "n-echo");
}

std::optional<std::string> mistake(const std::string& name, const std::string& version,
                                   const std::string& endpoint, const std::string& subject) {
  static ManualClock clock;
  std::vector<EndpointConfig> endpoints;
  endpoints.push_back(
      {.name = endpoint, .subject = subject, .handler = std::make_unique<Moody>(clock)});
  const auto service =
      Service::create({.name = name, .version = version}, std::move(endpoints), clock);
  if (service) return std::nullopt;
  return service.error().message;
}

TEST(ServiceConfigTest, NamesVersionsAndSubjectsAreChecked) {
  EXPECT_EQ(mistake("a-b_C9", "1.0.0", "e", "s.t"), std::nullopt);
  EXPECT_THAT(mistake("a b", "1.0.0", "e", "s").value_or(""), HasSubstr("service name \"a b\""));
  EXPECT_THAT(mistake("a", "1.0", "e", "s").value_or(""), HasSubstr("version \"1.0\""));
  EXPECT_THAT(mistake("a", "1.0.0", "e.f", "s").value_or(""), HasSubstr("endpoint name \"e.f\""));
  EXPECT_THAT(mistake("a", "1.0.0", "e", "s..t").value_or(""), HasSubstr("s..t"));
}

TEST(ServiceConfigTest, EveryInstanceHasAnIdOfItsOwn) {
  ManualClock clock;
  const auto one = make_echo_service({}, clock), two = make_echo_service({}, clock);
  ASSERT_TRUE(one && two);
  EXPECT_NE((*one)->id(), (*two)->id());
}

}  // namespace
}  // namespace natsproof
