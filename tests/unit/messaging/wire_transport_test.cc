// The wire client against a server that says exactly what it is told to.
#include "messaging/wire/wire_transport.h"

#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/messaging/scripted_server.h"

namespace natsproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Heard final : public Listener {
 public:
  void on_message(const Message& m) override {
    messages.push_back(fmt::format("{}/{} {} {} {}{}", m.connection, m.subscription, m.subject,
                                   m.reply_to, m.headers, m.payload));
    received.push_back(m.received);
    sequences.push_back(m.sequence);
    if (then) then(m);
  }
  void on_sent(Sequence sequence, Instant at) override { sent.emplace_back(sequence, at); }
  void on_pong(ConnectionId connection, Instant at) override { pongs.emplace_back(connection, at); }
  void on_down(ConnectionId, std::string_view why) override { downs.emplace_back(why); }
  void on_up(ConnectionId connection) override { ups.push_back(connection); }
  void on_server_error(ConnectionId, std::string_view text) override { errors.emplace_back(text); }

  std::function<void(const Message&)> then;
  std::vector<std::string> messages, downs, errors;
  std::vector<Instant> received;
  std::vector<Sequence> sequences;
  std::vector<std::pair<Sequence, Instant>> sent;
  std::vector<std::pair<ConnectionId, Instant>> pongs;
  std::vector<ConnectionId> ups;
};

class WireTransport : public testing::Test {
 protected:
  // Opens one connection with a server that greets it.
  void open(std::string_view more_info = {}) {
    options_.servers = {server_.address()};
    auto greeting = std::async(std::launch::async, [&] {
      ScriptedPeer peer = server_.accept();
      said_ = nlohmann::json::parse(peer.greet(more_info));
      inbox_ = peer.hear(" 0\r\n");
      return peer;
    });
    const auto opened = transport_->open(options_, *listener_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    peer_.emplace(greeting.get());
  }
  // The error of an open() whose server does that.
  std::string open_in_vain(const std::function<void(ScriptedPeer&)>& script) {
    options_.servers = {server_.address()};
    auto greeting = std::async(std::launch::async, [&] {
      ScriptedPeer peer = server_.accept();
      script(peer);
      return peer;  // stays open
    });
    const auto opened = transport_->open(options_, *listener_);
    greeting.get();
    EXPECT_THAT(heard_.downs, IsEmpty());
    return opened.ok() ? "" : opened.error().message;
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& is_so) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!is_so()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      transport_->flush();
      transport_->wait(clock_.now() + 10ms);
      transport_->receive();
    }
    return true;
  }
  // The transport has taken in everything that was said to it.
  void hear_all() {
    peer_->say("PING\r\n");
    ASSERT_TRUE(run_until([&] { return peer_->has_heard("PONG\r\n"); }));
  }

  FrameId prepare(const RequestSpec& spec) {
    auto prepared = transport_->prepare(spec);
    EXPECT_TRUE(prepared.ok()) << prepared.error().message;
    return prepared.ok() ? *prepared : 0;
  }
  void reopen_with_steady_clock() { transport_ = make_wire_transport(steady_); }

  ManualClock clock_;
  SteadyClock steady_;
  Heard heard_;
  Listener* listener_ = &heard_;
  ScriptedServer server_;
  std::unique_ptr<Transport> transport_ = make_wire_transport(clock_);
  ConnectOptions options_;
  std::optional<ScriptedPeer> peer_;
  nlohmann::json said_;
  std::string inbox_;
};

// ---- Handshake

TEST_F(WireTransport, IntroducesItselfAndOpensItsInbox) {
  options_.name = "a \"name\"";
  open();
  EXPECT_EQ(said_["verbose"], false);
  EXPECT_EQ(said_["pedantic"], false);
  EXPECT_EQ(said_["headers"], true);
  EXPECT_EQ(said_["no_responders"], true);
  EXPECT_EQ(said_["echo"], true);
  EXPECT_EQ(said_["protocol"], 1) << "or the server sends no INFO of cluster changes";
  EXPECT_EQ(said_["lang"], "natsproof");
  EXPECT_EQ(said_["name"], "a \"name\"");
  EXPECT_FALSE(said_.contains("user"));
  EXPECT_FALSE(said_.contains("auth_token"));
  EXPECT_THAT(inbox_, testing::MatchesRegex("SUB _INBOX\\.[A-Za-z]{22}\\.0000\\.\\* 0\r\n"));
  EXPECT_THAT(heard_.ups, IsEmpty());
}

TEST_F(WireTransport, LogsInAsTheAddressSays) {
  ServerAddress address = server_.address();
  address.user = "joe";
  address.password = "p\"w";
  address.token = "t";
  options_.servers = {address};
  auto greeting = std::async(std::launch::async, [&] {
    peer_.emplace(server_.accept());
    return peer_->greet();
  });
  ASSERT_TRUE(transport_->open(options_, *listener_).ok());
  const auto said = nlohmann::json::parse(greeting.get());
  EXPECT_EQ(said["user"], "joe");
  EXPECT_EQ(said["pass"], "p\"w");
  EXPECT_EQ(said["auth_token"], "t");
}

TEST_F(WireTransport, ARefusalIsTheErrorOfOpenInTheServersWords) {
  const auto error = open_in_vain([](ScriptedPeer& peer) {
    peer.say("INFO {}\r\n");
    peer.hear("PING\r\n");
    peer.say("-ERR 'Authorization Violation'\r\n");
  });
  EXPECT_THAT(error, HasSubstr("Authorization Violation"));
  EXPECT_THAT(error, HasSubstr(server_.address().display()));
  EXPECT_EQ(transport_->connections(), 0u);
}

TEST_F(WireTransport, ATlsServerIsRefusedClearly) {
  EXPECT_THAT(
      open_in_vain([](ScriptedPeer& peer) { peer.say("INFO {\"tls_required\":true}\r\n"); }),
      HasSubstr("requires TLS"));
}

TEST_F(WireTransport, ABadGreetingIsAnErrorNotACrash) {
  EXPECT_THAT(open_in_vain([](ScriptedPeer& peer) { peer.say("INFO {\"port\":\r\n"); }),
              HasSubstr("not a JSON object"));
}

TEST_F(WireTransport, AServerOfAnotherKindIsToldFromNats) {
  EXPECT_THAT(open_in_vain([](ScriptedPeer& peer) { peer.say("HTTP/1.1 400 Bad Request\r\n"); }),
              HasSubstr("not the NATS protocol"));
}

TEST_F(WireTransport, AServerThatHangsUpIsToldFromNats) {
  EXPECT_THAT(open_in_vain([](ScriptedPeer& peer) { peer.close(); }),
              HasSubstr("is it a NATS server?"));
}

TEST_F(WireTransport, AMessageBeforeTheHandshakeIsOverIsNonsense) {
  EXPECT_THAT(open_in_vain([](ScriptedPeer& peer) { peer.say("MSG a 0 0\r\n\r\n"); }),
              HasSubstr("before the handshake was over"));
}

TEST_F(WireTransport, AServerThatSaysNothingTimesOut) {
  reopen_with_steady_clock();
  options_.connect_timeout = 30ms;
  EXPECT_THAT(open_in_vain([](ScriptedPeer&) {}), HasSubstr("no answer within 30 ms"));
}

TEST_F(WireTransport, AllServersThatFailedAreNamed) {
  server_.stop();
  ScriptedServer other;
  other.stop();
  options_.servers = {server_.address(), other.address()};
  const auto opened = transport_->open(options_, *listener_);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message,
              HasSubstr(server_.address().display() + ": Connection refused"));
  EXPECT_THAT(opened.error().message,
              HasSubstr(other.address().display() + ": Connection refused"));
}

TEST_F(WireTransport, HandshakesAreUnderWayTogetherButNotTooMany) {
  options_.servers = {server_.address()};
  options_.connections = 100;
  auto greeting = std::async(std::launch::async, [&] {
    std::vector<ScriptedPeer> peers;
    // Nobody is greeted before 64 have come: one after the other would never get here.
    while (peers.size() < 64) peers.push_back(server_.accept());
    const bool more = server_.has_caller();
    for (ScriptedPeer& peer : peers) peer.greet();
    while (peers.size() < 100) {
      peers.push_back(server_.accept());
      peers.back().greet();
    }
    return std::pair(more, std::move(peers));  // they stay open
  });
  const auto opened = transport_->open(options_, *listener_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_FALSE(greeting.get().first);
  EXPECT_EQ(transport_->connections(), 100u);
}

// ---- Requests and messages

TEST_F(WireTransport, WritesAPreparedFrameWithItsDigits) {
  open();
  const std::string prefix = inbox_.substr(4, inbox_.find(".0000.*") - 4);
  const FrameId plain =
      prepare({.subject = "a.b", .payload = "<............>", .payload_digits_at = 1});
  const FrameId headed = prepare({.subject = "c",
                                  .headers = "NATS/1.0\r\nK: v\r\n\r\n",
                                  .payload = "............",
                                  .payload_digits_at = 0});
  ASSERT_EQ(transport_->request(0, plain, 0x12ab), SendStatus::accepted);
  ASSERT_EQ(transport_->request(0, headed, 1), SendStatus::accepted);
  ASSERT_EQ(transport_->publish(0, {.subject = "p", .reply_to = "r", .payload = "xyz"}),
            SendStatus::accepted);
  ASSERT_EQ(
      transport_->publish(0, {.subject = "p", .headers = "NATS/1.0\r\n\r\n", .payload = "xyz"}),
      SendStatus::accepted);
  ASSERT_TRUE(transport_->subscribe(0, "s.*", "q").ok());
  transport_->unsubscribe(0, 1);
  transport_->flush();
  EXPECT_EQ(peer_->hear("UNSUB 1\r\n"),
            "PUB a.b " + prefix + ".0000.0000000012ab 14\r\n<0000000012ab>\r\n" + "HPUB c " +
                prefix + ".0000.000000000001 18 30\r\nNATS/1.0\r\nK: v\r\n\r\n000000000001\r\n" +
                "PUB p r 3\r\nxyz\r\n" + "HPUB p 12 15\r\nNATS/1.0\r\n\r\nxyz\r\n" +
                "SUB s.* q 1\r\nUNSUB 1\r\n");
}

TEST_F(WireTransport, RefusesFramesThatCannotBe) {
  EXPECT_THAT(transport_->prepare({.subject = "a b"}).error().message, HasSubstr("blank"));
  EXPECT_THAT(transport_->prepare({.subject = "a", .headers = "K: v\r\n\r\n"}).error().message,
              HasSubstr("not a block"));
  EXPECT_THAT(
      transport_->prepare({.subject = "a", .payload = "0123456789ab", .payload_digits_at = 1})
          .error()
          .message,
      HasSubstr("no room"));
  EXPECT_THAT(transport_->prepare({.subject = "a", .payload = "short", .payload_digits_at = 0})
                  .error()
                  .message,
              HasSubstr("no room"));
  EXPECT_TRUE(
      transport_->prepare({.subject = "a", .payload = "0123456789ab", .payload_digits_at = 0})
          .ok());
}

TEST_F(WireTransport, SentIsTheInstantBeforeTheWriteThatTakesTheLastByte) {
  open();
  const FrameId brief = prepare({.subject = "a", .payload = "x"});
  const FrameId lng = prepare({.subject = "a", .payload = std::string(12'000'000, 'l')});
  clock_.advance(1s);
  const Instant first_write = clock_.now();
  ASSERT_EQ(transport_->request(0, brief, 1), SendStatus::accepted);
  ASSERT_EQ(transport_->request(0, brief, 2), SendStatus::accepted);
  transport_->flush();
  EXPECT_THAT(heard_.sent, ElementsAre(std::pair{Sequence{1}, first_write},
                                       std::pair{Sequence{2}, first_write}));
  heard_.sent.clear();

  ASSERT_EQ(transport_->request(0, lng, 3), SendStatus::accepted);
  transport_->flush();
  EXPECT_THAT(heard_.sent, IsEmpty()) << "12 MB cannot have fitted";
  clock_.advance(1s);
  EXPECT_EQ(transport_->request(0, brief, 4), SendStatus::backlogged);
  transport_->flush();
  transport_->receive();
  EXPECT_THAT(heard_.sent, IsEmpty());

  // The server reads: what is left goes out with later writes, at later instants.
  auto reading = std::async(std::launch::async, [&] { return peer_->hear(12'000'000).size(); });
  Instant last_write{};
  ASSERT_TRUE(run_until([&] {
    clock_.advance(1ns);
    if (heard_.sent.empty()) last_write = clock_.now();
    return !heard_.sent.empty();
  }));
  reading.get();
  ASSERT_THAT(heard_.sent, SizeIs(1));
  EXPECT_EQ(heard_.sent[0].first, 3u);
  EXPECT_EQ(heard_.sent[0].second, last_write);
  EXPECT_EQ(transport_->request(0, brief, 5), SendStatus::accepted);
}

TEST_F(WireTransport, ReplyAndMessageAreToldApartAndStampedAfterTheRead) {
  open();
  ASSERT_TRUE(transport_->subscribe(0, "s", "").ok());
  clock_.advance(5s);
  peer_->say("MSG x.00000000002a 0 2\r\nhi\r\nHMSG s 1 back 12 13\r\nNATS/1.0\r\n\r\n!\r\n");
  peer_->say("MSG x.notdigits 0 0\r\n\r\nMSG nobody 9 0\r\n\r\nMSG nobody 99999999999 0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return heard_.messages.size() >= 3; }));
  hear_all();
  EXPECT_THAT(heard_.messages, ElementsAre("0/0 x.00000000002a  hi", "0/1 s back NATS/1.0\r\n\r\n!",
                                           "0/0 x.notdigits  "));
  EXPECT_THAT(heard_.sequences, ElementsAre(42u, kNoSequence, kNoSequence));
  EXPECT_EQ(heard_.received[0], clock_.now());
}

TEST_F(WireTransport, WhatTheServerSentBeforeItSawTheUnsubscribeIsDelivered) {
  open();
  ASSERT_TRUE(transport_->subscribe(0, "s", "").ok());
  heard_.then = [&](const Message&) { transport_->unsubscribe(0, 1); };
  peer_->say("MSG s 1 1\r\na\r\nMSG s 1 1\r\nb\r\n");
  hear_all();
  EXPECT_THAT(heard_.messages, ElementsAre("0/1 s  a", "0/1 s  b"));
}

TEST_F(WireTransport, MessagesInPiecesOfAnySizeComeWhole) {
  open();
  std::string stream;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t size =
        i % 10 == 9 ? 70'000 + i * 10'000 : i * 37;  // some longer than the read buffer
    const std::string payload(size, static_cast<char>('a' + i % 26));
    stream += fmt::format("MSG r 0 {}\r\n{}\r\n", size, payload);
    expected.push_back("0/0 r  " + payload);
  }
  auto saying = std::async(std::launch::async, [&] {
    std::size_t at = 0;
    for (std::size_t size = 1; at < stream.size(); size = size * 7 % 9973) {
      peer_->say(std::string_view(stream).substr(at, size));
      at += size;
    }
    return 0;
  });
  ASSERT_TRUE(run_until([&] { return heard_.messages.size() >= expected.size(); }));
  saying.get();
  EXPECT_TRUE(heard_.messages == expected);
}

TEST_F(WireTransport, AnswersPingAtOnceAndTellsPongs) {
  open();
  peer_->say("PING\r\nPING\r\n");
  while (transport_->receive() == 0) transport_->wait(clock_.now() + 1s);
  EXPECT_EQ(peer_->hear("PONG\r\nPONG\r\n"), "PONG\r\nPONG\r\n") << "without a flush()";
  ASSERT_EQ(transport_->ping(0), SendStatus::accepted);
  transport_->flush();
  EXPECT_EQ(peer_->hear("PING\r\n"), "PING\r\n");
  EXPECT_THAT(heard_.pongs, IsEmpty());
  clock_.advance(3s);
  peer_->say("PONG\r\nPONG\r\n");  // one more than was asked for
  hear_all();
  EXPECT_THAT(heard_.pongs, ElementsAre(std::pair{ConnectionId{0}, clock_.now()}));
}

TEST_F(WireTransport, WaitReturnsWithoutSleepingWhileSomethingIsReady) {
  open();
  peer_->say("MSG r 0 0\r\n\r\n");
  transport_->wait(clock_.now() + 10s);
  transport_->wait(clock_.now() +
                   600s);  // known already: would otherwise sleep for the test's life
  EXPECT_EQ(transport_->receive(), 1u);
}

// The transport's one alarm is not set again for each wait. These take real time, of which the
// clock here knows nothing.
TEST_F(WireTransport, AWaitOutlastsTheAlarmOfAShorterOneBefore) {
  open();
  transport_->wake();
  transport_->wait(clock_.now() + 20ms);
  const auto began = std::chrono::steady_clock::now();
  transport_->wait(clock_.now() + 80ms);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 80ms);
}

TEST_F(WireTransport, AWaitIsNotKeptByTheAlarmOfALongerOneBefore) {
  open();
  transport_->wake();
  transport_->wait(clock_.now() + 600s);
  transport_->wait(clock_.now() + 1ms);  // would otherwise sleep for the test's life
  EXPECT_EQ(transport_->receive(), 0u);
}

TEST_F(WireTransport, AnAlarmThatRangWhileNobodyWaitedEndsNoWait) {
  open();
  transport_->wake();
  transport_->wait(clock_.now() + 1ms);
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < 2ms) {
  }
  transport_->receive();  // sees it, as a wait would
  transport_->wait(clock_.now() + 30ms);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 32ms);
}

TEST_F(WireTransport, MaxPayloadFollowsInfo) {
  open();
  const FrameId frame = prepare({.subject = "a", .payload = "12345"});
  EXPECT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);
  peer_->say("INFO {\"max_payload\":4}\r\n");
  hear_all();
  EXPECT_EQ(transport_->request(0, frame, 2), SendStatus::too_big);
  EXPECT_EQ(transport_->server_info(0).max_payload_bytes, 4u);
}

// ---- Going down and coming up

TEST_F(WireTransport, NonsenseTakesTheConnectionDownWithASentence) {
  open();
  peer_->say("MSG r 0 1\r\na\r\nMSG r 0 99999999999999999999\r\n");
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  EXPECT_THAT(heard_.messages, SizeIs(1));
  EXPECT_THAT(heard_.downs,
              ElementsAre(HasSubstr("not the NATS protocol: the server sent a length")));
  EXPECT_FALSE(transport_->is_up(0));
}

TEST_F(WireTransport, AMessageOfAbsurdLengthTakesTheConnectionDown) {
  open();
  peer_->say("MSG r 0 4000000000\r\n");
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  EXPECT_THAT(heard_.downs, ElementsAre(HasSubstr("a message of over 67108864 bytes")));
}

TEST_F(WireTransport, AnErrorThatEndsTheConnectionIsWhyItWentDown) {
  open();
  peer_->say("-ERR 'Stale Connection'\r\n");
  peer_->close();
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  EXPECT_THAT(heard_.downs, ElementsAre("Stale Connection"));
  EXPECT_THAT(heard_.errors, IsEmpty());
}

TEST_F(WireTransport, TheServersLastWordsAreHeardEvenWhenAWriteHasFailed) {
  open();
  const FrameId frame = prepare({.subject = "a", .payload = std::string(100'000, 'x')});
  peer_->say("-ERR 'Slow Consumer Detected'\r\n");
  peer_->close();
  // Nothing is read meanwhile. Some write fails, once the peer's reset has come.
  Sequence sequence = 0;
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (transport_->is_up(0) && std::chrono::steady_clock::now() < give_up) {
    if (transport_->request(0, frame, sequence) == SendStatus::accepted) ++sequence;
    transport_->flush();
  }
  EXPECT_FALSE(transport_->is_up(0));
  EXPECT_THAT(heard_.downs, IsEmpty());
  EXPECT_LT(heard_.sent.size(), sequence) << "what was never carried was never sent";
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  EXPECT_THAT(heard_.downs, ElementsAre("Slow Consumer Detected"));
}

TEST_F(WireTransport, APermissionsViolationIsToldAndTheConnectionStays) {
  open();
  peer_->say("-ERR 'Permissions Violation for Publish to \"a\"'\r\nMSG r 0 0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return heard_.messages.size() == 1; }));
  EXPECT_THAT(heard_.errors, ElementsAre("Permissions Violation for Publish to \"a\""));
  EXPECT_THAT(heard_.downs, IsEmpty());
  EXPECT_TRUE(transport_->is_up(0));
}

TEST_F(WireTransport, ReconnectsAfterAPauseAndSubscribesAgain) {
  open();
  ASSERT_TRUE(transport_->subscribe(0, "keep", "q").ok());
  ASSERT_TRUE(transport_->subscribe(0, "drop", "").ok());
  transport_->unsubscribe(0, 2);
  const FrameId frame = prepare({.subject = "a", .payload = "lost"});
  ASSERT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);  // never flushed
  peer_->close();
  transport_->wait(clock_.now() + 10s);
  transport_->receive();
  ASSERT_THAT(heard_.downs, ElementsAre("the server closed the connection"));
  EXPECT_EQ(transport_->request(0, frame, 2), SendStatus::down);
  ASSERT_TRUE(transport_->subscribe(0, "new", "").ok());

  // Not before half of reconnect_wait_min, and no later than all of it.
  clock_.advance(24ms);
  transport_->receive();
  EXPECT_FALSE(server_.has_caller());
  clock_.advance(26ms);
  transport_->receive();
  peer_.emplace(server_.accept());
  auto greeting = std::async(std::launch::async, [&] {
    peer_->greet();
    return 0;
  });
  ASSERT_TRUE(run_until([&] { return heard_.ups.size() == 1; }));
  greeting.get();
  EXPECT_EQ(peer_->hear("SUB new 3\r\n"), inbox_ + "SUB keep q 1\r\nSUB new 3\r\n");
  EXPECT_THAT(heard_.sent, IsEmpty());
  ASSERT_EQ(transport_->request(0, frame, 3), SendStatus::accepted);
  transport_->flush();
  EXPECT_THAT(heard_.sent, ElementsAre(testing::Pair(3, clock_.now())));
  EXPECT_THAT(peer_->hear("lost\r\n"), HasSubstr("000000000003 4"));
}

TEST_F(WireTransport, PausesGrowUpToTheirMaximum) {
  options_.reconnect_wait_min = 10ms;
  options_.reconnect_wait_max = 40ms;
  open();
  peer_->close();
  std::vector<Duration> pauses = {10ms, 20ms};
  pauses.resize(24, 40ms);  // enough of them for chance to show where it may go
  for (const Duration longest : pauses) {
    transport_->wait(clock_.now() + 10s);  // until the server has hung up
    transport_->receive();
    clock_.advance(longest / 2 - 1ns);
    transport_->receive();
    EXPECT_FALSE(server_.has_caller()) << longest.count();
    clock_.advance(longest / 2 + 1ns);
    transport_->receive();
    server_.accept().close();
  }
  EXPECT_THAT(heard_.downs, SizeIs(1)) << "a vain attempt is not another loss";
}

TEST_F(WireTransport, ASilentServerIsGivenUpWhenReconnecting) {
  open();
  peer_->close();
  transport_->wait(clock_.now() + 10s);
  transport_->receive();
  clock_.advance(50ms);
  transport_->receive();
  ScriptedPeer silent = server_.accept();
  clock_.advance(options_.connect_timeout);
  transport_->receive();
  EXPECT_THROW(silent.hear("CONNECT"), std::runtime_error) << "it has hung up";
  clock_.advance(100ms);
  transport_->receive();
  ScriptedPeer next = server_.accept();
  auto greeting = std::async(std::launch::async, [&] { return next.greet(); });
  EXPECT_TRUE(run_until([&] { return heard_.ups.size() == 1; }));
}

TEST_F(WireTransport, ALostServerIsReplacedByOneItToldOf) {
  ScriptedServer other;
  open(fmt::format(",\"connect_urls\":[\"{}\",\"not an address\",\"{}\"]", server_.host_and_port(),
                   other.host_and_port()));
  server_.stop();
  peer_->close();
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  clock_.advance(50ms);
  transport_->receive();
  peer_.emplace(other.accept());
  auto greeting = std::async(std::launch::async, [&] { return peer_->greet(); });
  EXPECT_TRUE(run_until([&] { return heard_.ups.size() == 1; }));
}

TEST_F(WireTransport, LeavesALameDuckForAnotherServerWithTheSameLogin) {
  ScriptedServer other;
  ServerAddress address = server_.address();
  address.user = "joe";
  address.password = "pw";
  options_.servers = {address};
  auto opening = std::async(std::launch::async, [&] {
    peer_.emplace(server_.accept());
    return peer_->greet();
  });
  ASSERT_TRUE(transport_->open(options_, *listener_).ok());
  opening.get();
  peer_->say(
      fmt::format("INFO {{\"ldm\":true,\"connect_urls\":[\"{}\"]}}\r\n", other.host_and_port()));
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  EXPECT_THAT(heard_.downs, ElementsAre(HasSubstr("lame duck")));
  clock_.advance(50ms);
  transport_->receive();
  ScriptedPeer next = other.accept();
  auto greeting = std::async(std::launch::async, [&] { return next.greet(); });
  EXPECT_TRUE(run_until([&] { return heard_.ups.size() == 1; }));
  const auto said = nlohmann::json::parse(greeting.get());
  EXPECT_EQ(said["user"], "joe");
  EXPECT_EQ(said["pass"], "pw");
}

TEST_F(WireTransport, StaysWithALameDuckThatIsTheOnlyServer) {
  open();
  peer_->say("INFO {\"ldm\":true}\r\n");
  hear_all();
  EXPECT_THAT(heard_.downs, IsEmpty());
  EXPECT_TRUE(transport_->server_info(0).lame_duck);
}

TEST_F(WireTransport, WithoutReconnectItStaysDown) {
  options_.reconnect = false;
  open();
  peer_->close();
  ASSERT_TRUE(run_until([&] { return !heard_.downs.empty(); }));
  for (int i = 0; i < 10; ++i) {
    clock_.advance(10s);
    transport_->receive();
  }
  EXPECT_FALSE(server_.has_caller());
}

}  // namespace
}  // namespace natsproof
