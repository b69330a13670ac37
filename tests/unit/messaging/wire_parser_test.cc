#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messaging/wire/parser.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string describe(const WireEvent& event) {
  switch (event.kind) {
    case WireEvent::Kind::message:
      return fmt::format("MSG {}|{}|{}|{}|{}", event.subject, event.subscription, event.reply_to,
                         event.headers, event.payload);
    case WireEvent::Kind::ping:
      return "PING";
    case WireEvent::Kind::pong:
      return "PONG";
    case WireEvent::Kind::ok:
      return "OK";
    case WireEvent::Kind::error:
      return fmt::format("ERR {}", event.text);
    case WireEvent::Kind::info:
      return fmt::format("INFO {}", event.text);
  }
  return "?";
}

struct Reading {
  std::vector<std::string> events;
  std::string fault;  // empty: none
};

// Gives the parser what a connection would: everything unread, after each piece that came.
Reading read_pieces(const std::vector<std::string>& pieces, std::size_t max_message_bytes = 1000) {
  WireParser parser(max_message_bytes);
  Reading reading;
  std::string unread;
  for (const std::string& piece : pieces) {
    unread += piece;
    for (;;) {
      WireEvent event;
      const WireStep step = parser.next(unread, event);
      if (step.outcome == WireStep::Outcome::incomplete) {
        EXPECT_TRUE(step.size == 0 || step.size > unread.size());
        break;
      }
      if (step.outcome == WireStep::Outcome::fault) {
        reading.fault = parser.fault();
        return reading;
      }
      reading.events.push_back(describe(event));
      unread.erase(0, step.size);
    }
  }
  return reading;
}

const std::string kStream =
    "INFO {\"a\":1} \r\nPING\r\npong\r\n+OK\r\n-ERR 'Stale Connection'\r\n-ERR\r\n"
    "MSG a.b 7 5\r\nhello\r\n"
    "MSG a.b 7 _INBOX.x.1 0\r\n\r\n"
    "HMSG r 0 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
    "hmsg\tr  12 back 12 14 \r\nNATS/1.0\r\n\r\n\r\n\r\n"
    "MSG a 1 8\r\nMSG 1\r\n\n\r\nPING\r\n";

TEST(WireParser, ReadsEveryOperation) {
  const auto reading = read_pieces({kStream});
  EXPECT_THAT(
      reading.events,
      ElementsAre("INFO {\"a\":1}", "PING", "PONG", "OK", "ERR Stale Connection", "ERR ",
                  "MSG a.b|7|||hello", "MSG a.b|7|_INBOX.x.1||", "MSG r|0||NATS/1.0 503\r\n\r\n|",
                  "MSG r|12|back|NATS/1.0\r\n\r\n|\r\n", "MSG a|1|||MSG 1\r\n\n", "PING"));
  EXPECT_THAT(reading.fault, IsEmpty());
}

TEST(WireParser, ACutAtAnyByteChangesNothing) {
  const auto whole = read_pieces({kStream}).events;
  for (std::size_t cut = 1; cut < kStream.size(); ++cut) {
    const auto reading = read_pieces({kStream.substr(0, cut), kStream.substr(cut)});
    EXPECT_EQ(reading.events, whole) << "cut at " << cut;
    EXPECT_THAT(reading.fault, IsEmpty()) << "cut at " << cut;
  }
  std::vector<std::string> bytes;
  for (const char c : kStream) bytes.emplace_back(1, c);
  EXPECT_EQ(read_pieces(bytes).events, whole);
}

TEST(WireParser, TellsTheSizeOfAMessageThatIsNotThereWhole) {
  WireParser parser;
  WireEvent event;
  const WireStep step = parser.next("MSG a 1 100000\r\nxyz", event);
  EXPECT_EQ(step.outcome, WireStep::Outcome::incomplete);
  EXPECT_EQ(step.size, 16u + 100000u + 2u);
}

struct Nonsense {
  std::string input, reason;
};

class WireParserNonsense : public testing::TestWithParam<Nonsense> {};

TEST_P(WireParserNonsense, IsAFaultWithASentenceWhereverItIsCut) {
  const auto& [input, reason] = GetParam();
  const auto whole = read_pieces({input});
  EXPECT_THAT(whole.fault, HasSubstr("not the NATS protocol"));
  EXPECT_THAT(whole.fault, HasSubstr(reason));
  EXPECT_THAT(whole.events, IsEmpty());
  for (std::size_t cut = 1; cut < input.size(); ++cut) {
    const auto reading = read_pieces({input.substr(0, cut), input.substr(cut)});
    EXPECT_THAT(reading.fault, HasSubstr(reason)) << "cut at " << cut;
    EXPECT_THAT(reading.events, IsEmpty()) << "cut at " << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, WireParserNonsense,
    testing::Values(Nonsense{"HTTP/1.1 400 Bad Request\r\n\r\n", "an unknown operation"},
                    Nonsense{std::string("\0\0\0\0\0\0", 6), "an unknown operation"},
                    Nonsense{"MSGS a 1 0\r\n\r\n", "no blank after"},
                    Nonsense{"PINGS\r\n", "no blank after"},
                    Nonsense{"PING\n\n", "does not end in CRLF"},
                    Nonsense{"MSG a 1 0\rX\n", "a CR without its LF"},
                    Nonsense{"MSG a 1 0\n\r\n", "a control byte"},
                    Nonsense{std::string("MSG a\0b 1 0\r\n\r\n", 15), "a control byte"},
                    Nonsense{"MSG a 1\r\n\r\n", "too many or too few fields"},
                    Nonsense{"MSG a 1 b 0 0\r\n\r\n", "too many or too few fields"},
                    Nonsense{"HMSG a 1 0\r\n\r\n", "too many or too few fields"},
                    Nonsense{"HMSG a 1 b 0 0 0\r\n\r\n", "too many fields"},
                    Nonsense{"MSG a x 0\r\n\r\n", "a subscription that is not a number"},
                    Nonsense{"MSG a 1 -1\r\n\r\n", "a length that is not a number"},
                    Nonsense{"MSG a 1 +1\r\nx\r\n", "a length that is not a number"},
                    Nonsense{"MSG a 1 0x1\r\nx\r\n", "a length that is not a number"},
                    Nonsense{"MSG a 1 18446744073709551615\r\n", "a length that is not a number"},
                    Nonsense{"MSG a 1 999999999999999999\r\n", "a message of over 1000 bytes"},
                    Nonsense{"MSG a 1 1001\r\n", "a message of over 1000 bytes"},
                    Nonsense{"HMSG a 1 18446744073709551617 1\r\nx\r\n",
                             "a length that is not a number"},
                    Nonsense{"HMSG a 1 2 1\r\nx\r\n", "a header longer than its message"},
                    Nonsense{"MSG a 1 1\r\nxyz", "does not end in CRLF"},
                    Nonsense{"MSG a 1 1\r\nx\r\r", "does not end in CRLF"},
                    Nonsense{"MSG a 1 1\r\nxy\n", "does not end in CRLF"},
                    Nonsense{"MSG " + std::string(5000, 'a'), "a line of over 4096 bytes"},
                    Nonsense{"MSG " + std::string(5000, ' '), "a line of over 4096 bytes"},
                    Nonsense{"-ERR " + std::string(5000, 'a'), "a line of over 4096 bytes"}));

TEST(WireParser, LinesAreBoundedToTheByte) {
  const std::string longest = "MSG " + std::string(4096 - 4 - 6, 'a') + " 1 0\r\n";
  ASSERT_EQ(longest.size(), 4096u);
  EXPECT_EQ(read_pieces({longest + "\r\n"}).events.size(), 1u);
  EXPECT_THAT(read_pieces({"MSG a" + longest.substr(4) + "\r\n"}).fault, HasSubstr("over 4096"));
}

TEST(WireParser, InfoMayBeLongerThanOtherLines) {
  const std::string info = "INFO {\"a\":\"" + std::string(60'000, 'x') + "\"}\r\n";
  EXPECT_EQ(read_pieces({info}).events.size(), 1u);
  EXPECT_THAT(read_pieces({"INFO " + std::string(70'000, 'x')}).fault, HasSubstr("over 65536"));
}

TEST(WireParser, AFaultQuotesOnlyWhatCanBePrinted) {
  const auto reading = read_pieces({"\x1b[31mred\r\n"});
  EXPECT_THAT(reading.fault, HasSubstr("at \".[31mred.\""));
}

}  // namespace
}  // namespace natsproof
