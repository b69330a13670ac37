#include "messaging/memory/memory_transport.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messaging/headers.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Writes down what it is told, as text, so that order and content are compared at once.
class Diary final : public Listener {
 public:
  explicit Diary(const Clock& clock) : started_(clock.now()) {}

  void on_message(const Message& m) override {
    std::string line = "message " + std::to_string(m.connection);
    if (m.subscription == kInbox) {
      line += " reply " + std::to_string(m.sequence);
    } else {
      line += " sub " + std::to_string(m.subscription) + " " + std::string{m.subject};
    }
    if (!m.payload.empty()) line += " '" + std::string{m.payload} + "'";
    if (const int status = header_status(m.headers); status != 0) {
      line += " status " + std::to_string(status);
    }
    note(line, m.received);
    last_reply_to = std::string{m.reply_to};
  }
  void on_sent(Sequence s, Instant at) override { note("sent " + std::to_string(s), at); }
  void on_pong(ConnectionId c, Instant at) override { note("pong " + std::to_string(c), at); }
  void on_down(ConnectionId c, std::string_view why) override {
    lines.push_back("down " + std::to_string(c) + " " + std::string{why});
  }
  void on_up(ConnectionId c) override { lines.push_back("up " + std::to_string(c)); }

  std::vector<std::string> lines;
  std::string last_reply_to;

 private:
  void note(const std::string& line, Instant at) {
    lines.push_back(line + " @" + std::to_string((at - started_).count()));
  }
  Instant started_;
};

class MemoryTransportTest : public testing::Test {
 protected:
  void open(std::uint32_t connections = 1) {
    ASSERT_TRUE(transport_.open({.connections = connections}, diary_));
  }
  FrameId prepare(const std::string& payload = "ask") {
    return transport_.prepare({.subject = "work", .payload = payload}).value();
  }
  void answer_after(Duration after) {
    transport_.set_responder([after](const MemoryRequest&) {
      return std::vector<MemoryReply>{{.after = after, .payload = "yes"}};
    });
  }

  ManualClock clock_;
  Instant start_ = clock_.now();
  Diary diary_{clock_};
  MemoryTransport transport_{clock_};
};

TEST_F(MemoryTransportTest, AReplyComesExactlyWhenItIsDue) {
  open();
  answer_after(300ns);
  ASSERT_EQ(transport_.request(0, prepare(), 7), SendStatus::accepted);
  clock_.advance(50ns);
  transport_.flush();
  EXPECT_EQ(transport_.receive(), 0);
  transport_.wait(start_ + 1s);
  EXPECT_EQ(clock_.now(), start_ + 350ns);
  EXPECT_EQ(transport_.receive(), 1);
  EXPECT_THAT(diary_.lines, ElementsAre("sent 7 @50", "message 0 reply 7 'yes' @350"));
}

TEST_F(MemoryTransportTest, AReplyThatBecameDueWhileTheClockJumpedIsReadLate) {
  open();
  answer_after(300ns);
  ASSERT_EQ(transport_.request(0, prepare(), 1), SendStatus::accepted);
  transport_.flush();
  clock_.advance(900ns);
  transport_.wait(start_ + 1s);
  EXPECT_EQ(clock_.now(), start_ + 900ns) << "something could be read: no sleep";
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("sent 1 @0", "message 0 reply 1 'yes' @900"));
}

TEST_F(MemoryTransportTest, RepliesComeInTheOrderTheyAreDueAndOfTheirMakingWhenEqual) {
  open();
  transport_.set_responder([](const MemoryRequest& request) {
    const Duration after = request.sequence == 1 ? 20ns : 10ns;
    return std::vector<MemoryReply>{{.after = after, .payload = "x"}};
  });
  const FrameId frame = prepare();
  for (Sequence sequence : {1, 2, 3}) {
    ASSERT_EQ(transport_.request(0, frame, sequence), SendStatus::accepted);
  }
  transport_.flush();
  clock_.advance(30ns);
  EXPECT_EQ(transport_.receive(), 3);
  EXPECT_THAT(diary_.lines, ElementsAre("sent 1 @0", "sent 2 @0", "sent 3 @0",  //
                                        "message 0 reply 2 'x' @30", "message 0 reply 3 'x' @30",
                                        "message 0 reply 1 'x' @30"));
}

TEST_F(MemoryTransportTest, TheScriptMayLoseAndDuplicate) {
  open();
  transport_.set_responder([](const MemoryRequest& request) -> std::vector<MemoryReply> {
    if (request.sequence == 1) return {};
    return {{.after = 1ns, .payload = "a"}, {.after = 2ns, .payload = "b"}};
  });
  const FrameId frame = prepare();
  ASSERT_EQ(transport_.request(0, frame, 1), SendStatus::accepted);
  ASSERT_EQ(transport_.request(0, frame, 2), SendStatus::accepted);
  transport_.flush();
  clock_.advance(1s);
  diary_.lines.clear();
  EXPECT_EQ(transport_.receive(), 2);
  EXPECT_EQ(diary_.lines.size(), 2);
}

TEST_F(MemoryTransportTest, WaitEndsAtItsTimeOrAtOnceWhenWoken) {
  open();
  transport_.wait(start_ + 5us);
  EXPECT_EQ(clock_.now(), start_ + 5us);
  transport_.wake();
  transport_.wait(start_ + 9us);
  EXPECT_EQ(clock_.now(), start_ + 5us);
  transport_.wait(start_ + 9us);
  EXPECT_EQ(clock_.now(), start_ + 9us) << "one wake() ends one wait()";
}

TEST_F(MemoryTransportTest, TheSequenceStandsInThePayloadWhereAsked) {
  open();
  std::string seen;
  transport_.set_responder([&](const MemoryRequest& request) {
    seen = std::string{request.payload};
    return std::vector<MemoryReply>{};
  });
  const FrameId frame =
      transport_.prepare({.subject = "work", .payload = "<____________>", .payload_digits_at = 1})
          .value();
  ASSERT_EQ(transport_.request(0, frame, 0xabc), SendStatus::accepted);
  transport_.flush();
  EXPECT_EQ(seen, "<000000000abc>");
}

TEST_F(MemoryTransportTest, TheHookRunsAfterTheStampsSoAStallIsTheGeneratorsOwn) {
  open();
  answer_after(10ns);
  transport_.set_after_flush([&](Sequence last) {
    if (last == 2) clock_.advance(100us);
  });
  const FrameId frame = prepare();
  ASSERT_EQ(transport_.request(0, frame, 1), SendStatus::accepted);
  ASSERT_EQ(transport_.request(0, frame, 2), SendStatus::accepted);
  transport_.flush();
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("sent 1 @0", "sent 2 @0", "message 0 reply 1 'yes' @100000",
                                        "message 0 reply 2 'yes' @100000"));
}

TEST_F(MemoryTransportTest, AnEmptyFlushTellsNobody) {
  open();
  bool called = false;
  transport_.set_after_flush([&](Sequence) { called = true; });
  ASSERT_EQ(transport_.ping(0), SendStatus::accepted);
  transport_.flush();
  EXPECT_FALSE(called);
}

TEST_F(MemoryTransportTest, APongTakesTheRoundTrip) {
  open();
  transport_.set_ping_round_trip(40us);
  ASSERT_EQ(transport_.ping(0), SendStatus::accepted);
  transport_.flush();
  transport_.wait(start_ + 1s);
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("pong 0 @40000"));
}

TEST_F(MemoryTransportTest, WhatIsInFlightOnALostConnectionIsNeverAnswered) {
  open(2);
  answer_after(100ns);
  transport_.take_down(0, start_ + 50ns, "cut");
  transport_.bring_up(0, start_ + 70ns);
  const FrameId frame = prepare();
  ASSERT_EQ(transport_.request(0, frame, 1), SendStatus::accepted);
  ASSERT_EQ(transport_.request(1, frame, 2), SendStatus::accepted);
  transport_.flush();
  transport_.wait(start_ + 1s);
  EXPECT_EQ(clock_.now(), start_ + 50ns);
  transport_.receive();
  EXPECT_FALSE(transport_.is_up(0));
  EXPECT_TRUE(transport_.is_up(1));
  EXPECT_EQ(transport_.request(0, frame, 3), SendStatus::down);
  transport_.wait(start_ + 1s);
  EXPECT_EQ(clock_.now(), start_ + 70ns);
  transport_.receive();
  EXPECT_TRUE(transport_.is_up(0));
  transport_.wait(start_ + 1s);
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("sent 1 @0", "sent 2 @0", "down 0 cut", "up 0",
                                        "message 1 reply 2 'yes' @100"));
}

TEST_F(MemoryTransportTest, WhatIsWrittenAfterTheCutIsSentAndNeverArrives) {
  open();
  bool asked = false;
  transport_.set_responder([&](const MemoryRequest&) {
    asked = true;
    return std::vector<MemoryReply>{{.payload = "yes"}};
  });
  transport_.take_down(0, start_ + 50ns, "cut");
  clock_.advance(60ns);
  ASSERT_EQ(transport_.request(0, prepare(), 1), SendStatus::accepted) << "not noticed yet";
  transport_.flush();
  transport_.receive();
  EXPECT_FALSE(asked);
  EXPECT_THAT(diary_.lines, ElementsAre("sent 1 @60", "down 0 cut"));
}

TEST_F(MemoryTransportTest, WhatWasQueuedWhenTheConnectionWentIsLostUnsent) {
  open();
  answer_after(1ns);
  transport_.take_down(0, start_, "cut");
  transport_.bring_up(0, start_);
  ASSERT_EQ(transport_.request(0, prepare(), 1), SendStatus::accepted);
  transport_.receive();
  transport_.flush();
  EXPECT_THAT(diary_.lines, ElementsAre("down 0 cut", "up 0"));
}

TEST_F(MemoryTransportTest, WithoutReconnectDownIsForGood) {
  ASSERT_TRUE(transport_.open({.reconnect = false}, diary_));
  transport_.take_down(0, start_, "cut");
  transport_.bring_up(0, start_ + 1ns);
  clock_.advance(1us);
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("down 0 cut"));
  EXPECT_FALSE(transport_.is_up(0));
}

TEST_F(MemoryTransportTest, TooBigCountsHeadersAndPayload) {
  open();
  transport_.set_max_payload(20);
  const std::string headers = "NATS/1.0\r\n\r\n";  // 12 bytes
  EXPECT_EQ(transport_.publish(0, {.subject = "s", .headers = headers, .payload = "12345678"}),
            SendStatus::accepted);
  EXPECT_EQ(transport_.publish(0, {.subject = "s", .headers = headers, .payload = "123456789"}),
            SendStatus::too_big);
  EXPECT_EQ(transport_.server_info(0).max_payload_bytes, 20);
}

TEST_F(MemoryTransportTest, ItRoutesBetweenItsOwnConnections) {
  open(2);
  const SubscriptionId all = transport_.subscribe(1, "a.>", "").value();
  const SubscriptionId one = transport_.subscribe(1, "a.*.c", "").value();
  ASSERT_EQ(all, 1);
  ASSERT_EQ(one, 2);
  ASSERT_EQ(transport_.publish(0, {.subject = "a.b.c", .payload = "1"}), SendStatus::accepted);
  ASSERT_EQ(transport_.publish(0, {.subject = "a.b", .payload = "2"}), SendStatus::accepted);
  ASSERT_EQ(transport_.publish(0, {.subject = "a", .payload = "3"}), SendStatus::accepted);
  transport_.flush();
  transport_.receive();
  EXPECT_THAT(diary_.lines,
              ElementsAre("message 1 sub 1 a.b.c '1' @0", "message 1 sub 2 a.b.c '1' @0",
                          "message 1 sub 1 a.b '2' @0"));
}

TEST_F(MemoryTransportTest, UnsubscribingEndsWhatIsSentLaterNotWhatIsUnderWay) {
  open();
  const SubscriptionId subscription = transport_.subscribe(0, "a", "").value();
  ASSERT_EQ(transport_.publish(0, {.subject = "a", .payload = "before"}), SendStatus::accepted);
  transport_.flush();
  transport_.unsubscribe(0, subscription);
  ASSERT_EQ(transport_.publish(0, {.subject = "a", .payload = "after"}), SendStatus::accepted);
  transport_.flush();
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("message 0 sub 1 a 'before' @0"));
}

TEST_F(MemoryTransportTest, OneMemberOfAQueueGroupGetsEachMessage) {
  open(2);
  ASSERT_TRUE(transport_.subscribe(0, "work", "q"));
  ASSERT_TRUE(transport_.subscribe(1, "work", "q"));
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(transport_.publish(0, {.subject = "work"}), SendStatus::accepted);
  }
  transport_.flush();
  EXPECT_EQ(transport_.receive(), 100);
  const auto first =
      std::count(diary_.lines.begin(), diary_.lines.end(), "message 0 sub 1 work @0");
  EXPECT_GT(first, 20);
  EXPECT_LT(first, 80);
}

TEST_F(MemoryTransportTest, ARequestIsAnsweredByASubscriberOrByTheBroker) {
  open(2);
  const FrameId frame = prepare("ask");
  ASSERT_EQ(transport_.request(0, frame, 5), SendStatus::accepted);
  transport_.flush();
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("sent 5 @0", "message 0 reply 5 status 503 @0"));

  diary_.lines.clear();
  ASSERT_TRUE(transport_.subscribe(1, "work", ""));
  ASSERT_EQ(transport_.request(0, frame, 6), SendStatus::accepted);
  transport_.flush();
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("sent 6 @0", "message 1 sub 1 work 'ask' @0"));

  diary_.lines.clear();
  ASSERT_EQ(transport_.publish(1, {.subject = diary_.last_reply_to, .payload = "yes"}),
            SendStatus::accepted);
  transport_.flush();
  transport_.receive();
  EXPECT_THAT(diary_.lines, ElementsAre("message 0 reply 6 'yes' @0"));
}

TEST_F(MemoryTransportTest, BadSubjectsAreRefused) {
  open();
  EXPECT_FALSE(transport_.prepare({.subject = "a.*"}));
  EXPECT_FALSE(transport_.subscribe(0, "a..b", ""));
  EXPECT_EQ(transport_.prepare({.subject = "a"}).value(), 0) << "an error uses up no number";
}

TEST_F(MemoryTransportTest, NothingComesAfterClose) {
  open();
  answer_after(1ns);
  ASSERT_EQ(transport_.request(0, prepare(), 1), SendStatus::accepted);
  transport_.flush();
  diary_.lines.clear();
  clock_.advance(1us);
  transport_.close();
  EXPECT_EQ(transport_.receive(), 0);
  EXPECT_THAT(diary_.lines, IsEmpty());
}

}  // namespace
}  // namespace natsproof
