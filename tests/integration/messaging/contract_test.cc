// The contract of transport.h, on every transport: the wire client and nats.c on a real
// nats-server, and the scripted one.

#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stage/nats_server.h"
#include "messaging/headers.h"
#include "messaging/memory/memory_transport.h"
#include "messaging/natsc/natsc_transport.h"
#include "messaging/transport.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

enum class Kind { wire, natsc_tuned, natsc_defaults, memory };

std::string kind_name(const testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::wire:
      return "wire";
    case Kind::natsc_tuned:
      return "natsc_tuned";
    case Kind::natsc_defaults:
      return "natsc_defaults";
    case Kind::memory:
      return "memory";
  }
  return "unknown";
}

struct Received {
  ConnectionId connection = 0;
  SubscriptionId subscription = 0;
  std::string subject, reply_to, headers, payload;
  Sequence sequence = 0;
  Instant received{};
};

// Keeps what it hears; answers requests with what they said, if asked to.
class Recording final : public Listener {
 public:
  void on_message(const Message& m) override {
    auto& kept = m.subscription == kInbox ? replies : messages;
    kept.push_back({m.connection, m.subscription, std::string(m.subject), std::string(m.reply_to),
                    std::string(m.headers), std::string(m.payload), m.sequence, m.received});
    if (m.subscription == kInbox) {
      if (!sent.contains(m.sequence)) replied_before_sent.push_back(m.sequence);
    } else if (echo && !m.reply_to.empty()) {
      const auto status = echo->publish(
          m.connection, {.subject = m.reply_to,
                         .headers = m.headers,
                         .payload = answer.empty() ? m.payload : std::string_view(answer)});
      EXPECT_EQ(status, SendStatus::accepted);
      if (flushes) echo->flush();
    }
  }
  void on_sent(Sequence sequence, Instant at) override {
    if (!sent.emplace(sequence, at).second) sent_twice.push_back(sequence);
  }
  void on_pong(ConnectionId connection, Instant at) override { pongs.emplace_back(connection, at); }
  void on_down(ConnectionId connection, std::string_view why) override {
    EXPECT_THAT(why, testing::Not(IsEmpty()));
    downs.push_back(connection);
  }
  void on_up(ConnectionId connection) override { ups.push_back(connection); }

  Transport* echo = nullptr;
  std::string answer;    // in place of what was asked
  bool flushes = false;  // each answer at once
  std::vector<Received> replies, messages;
  std::map<Sequence, Instant> sent;
  std::vector<Sequence> sent_twice, replied_before_sent;
  std::vector<std::pair<ConnectionId, Instant>> pongs;
  std::vector<ConnectionId> downs, ups;
};

class TransportContract : public testing::TestWithParam<Kind> {
 protected:
  static constexpr Duration kPatience = 20s;

  void make_transport() {
    switch (GetParam()) {
      case Kind::wire:
        transport_ = make_wire_transport(steady_clock_);
        return;
      case Kind::natsc_tuned:
        transport_ = make_natsc_transport(steady_clock_, NatscTuning::tuned);
        return;
      case Kind::natsc_defaults:
        transport_ = make_natsc_transport(steady_clock_, NatscTuning::defaults);
        return;
      case Kind::memory:
        auto memory = std::make_unique<MemoryTransport>(manual_clock_);
        memory_ = memory.get();
        transport_ = std::move(memory);
        return;
    }
  }

  // A server (where the transport takes one), and the transport open on it.
  void open(std::uint32_t connections, const NatsServerOptions& server = {}) {
    make_transport();
    ConnectOptions options;
    options.connections = connections;
    if (memory_) {
      if (server.max_payload_bytes > 0) memory_->set_max_payload(server.max_payload_bytes);
      options.servers = {ServerAddress{}};
    } else {
      start_server(server);
      options.servers = {server_->address()};
    }
    const auto opened = transport_->open(options, heard_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    ASSERT_EQ(transport_->connections(), connections);
    for (ConnectionId id = 0; id < connections; ++id) ASSERT_TRUE(transport_->is_up(id));
  }

  void start_server(const NatsServerOptions& options) {
    auto started = NatsServer::start(options);
    ASSERT_TRUE(started.ok()) << started.error().message;
    server_.emplace(std::move(*started));
  }

  const Clock& clock() const {
    return memory_ ? static_cast<const Clock&>(manual_clock_) : steady_clock_;
  }

  // Runs the transport until it is so.
  [[nodiscard]] bool run_until(const std::function<bool()>& is_so) {
    const Instant give_up = clock().now() + kPatience;
    for (;;) {
      transport_->flush();
      transport_->receive();
      if (is_so()) return true;
      if (clock().now() >= give_up) return false;
      transport_->flush();
      transport_->wait(clock().now() + 50ms);
    }
  }

  // The server has done what every connection asked of it so far, and its answers have come.
  void settle() {
    const std::size_t before = heard_.pongs.size();
    for (ConnectionId id = 0; id < transport_->connections(); ++id) {
      ASSERT_EQ(transport_->ping(id), SendStatus::accepted);
    }
    ASSERT_TRUE(
        run_until([&] { return heard_.pongs.size() == before + transport_->connections(); }));
  }

  SubscriptionId subscribe(ConnectionId connection, std::string_view subject,
                           std::string_view queue_group = {}) {
    auto subscribed = transport_->subscribe(connection, subject, queue_group);
    EXPECT_TRUE(subscribed.ok()) << subscribed.error().message;
    settle();
    return subscribed.ok() ? *subscribed : 0;
  }

  FrameId prepare(const RequestSpec& spec) {
    auto prepared = transport_->prepare(spec);
    EXPECT_TRUE(prepared.ok()) << prepared.error().message;
    return prepared.ok() ? *prepared : 0;
  }

  static std::string digits(Sequence sequence) { return fmt::format("{:012x}", sequence); }

  SteadyClock steady_clock_;
  ManualClock manual_clock_;
  Recording heard_;
  std::optional<NatsServer> server_;
  std::unique_ptr<Transport> transport_;
  MemoryTransport* memory_ = nullptr;
};

TEST_P(TransportContract, RequestsAreNumberedInReplySubjectAndPayload) {
  open(1);
  heard_.echo = transport_.get();
  const SubscriptionId echo = subscribe(0, "contract.echo");
  EXPECT_EQ(echo, 1u);
  const FrameId numbered =
      prepare({.subject = "contract.echo", .payload = "id=____________;", .payload_digits_at = 3});
  const FrameId plain = prepare({.subject = "contract.echo", .payload = "id=____________;"});
  EXPECT_EQ(numbered, 0u);
  EXPECT_EQ(plain, 1u);

  constexpr Sequence kFirst = 0xabcdef012300;
  constexpr Sequence kCount = 300;
  for (Sequence i = 0; i < kCount; ++i) {
    ASSERT_EQ(transport_->request(0, i % 2 == 0 ? numbered : plain, kFirst + i),
              SendStatus::accepted);
    if (i % 7 == 0) transport_->flush();
  }
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= kCount; }));
  settle();

  ASSERT_THAT(heard_.replies, SizeIs(kCount));
  ASSERT_THAT(heard_.messages, SizeIs(kCount));
  std::set<std::string> reply_subjects;
  for (const Received& message : heard_.messages) {
    EXPECT_EQ(message.subscription, echo);
    EXPECT_EQ(message.sequence, kNoSequence);
    EXPECT_EQ(message.subject, "contract.echo");
    EXPECT_EQ(message.headers, "");
    reply_subjects.insert(message.reply_to);
  }
  EXPECT_THAT(reply_subjects, SizeIs(kCount));
  for (std::size_t i = 0; i < kCount; ++i) {
    const Received& reply = heard_.replies[i];
    EXPECT_EQ(reply.sequence, kFirst + i);  // one connection: order is kept
    EXPECT_EQ(reply.payload, i % 2 == 0 ? "id=" + digits(kFirst + i) + ";" : "id=____________;");
    EXPECT_EQ(reply.reply_to, "");
  }
}

TEST_P(TransportContract, EveryRequestIsReportedSentOnceAndBeforeItsReply) {
  open(2);
  heard_.echo = transport_.get();
  subscribe(1, "contract.echo");
  const FrameId frame = prepare({.subject = "contract.echo", .payload = "x"});
  const Instant start = clock().now();
  constexpr Sequence kCount = 500;
  for (Sequence i = 0; i < kCount; ++i) {
    ASSERT_EQ(transport_->request(0, frame, i), SendStatus::accepted);
    if (i % 10 == 9) {
      transport_->flush();
      transport_->receive();
    }
  }
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= kCount; }));

  EXPECT_THAT(heard_.sent, SizeIs(kCount));
  EXPECT_THAT(heard_.sent_twice, IsEmpty());
  EXPECT_THAT(heard_.replied_before_sent, IsEmpty());
  for (const Received& reply : heard_.replies) {
    EXPECT_GE(heard_.sent[reply.sequence], start);
    EXPECT_LE(heard_.sent[reply.sequence], reply.received);
    EXPECT_LE(reply.received, clock().now());
  }
}

TEST_P(TransportContract, NothingLeavesBeforeFlushIsAsked) {
  open(1);
  subscribe(0, "contract.sink");
  const FrameId frame = prepare({.subject = "contract.sink"});
  ASSERT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);
  EXPECT_THAT(heard_.sent, IsEmpty()) << "on_sent() comes from flush() and receive() only";
  transport_->flush();
  ASSERT_TRUE(run_until([&] { return heard_.sent.contains(1); }));
  ASSERT_TRUE(run_until([&] { return heard_.messages.size() == 1; }));
}

TEST_P(TransportContract, HeadersTravelBothWays) {
  open(2);
  heard_.echo = transport_.get();
  subscribe(1, "contract.headers");
  const auto block = make_headers({{"Trace-Id", "a b:c"}});
  ASSERT_TRUE(block.ok());
  const FrameId frame = prepare({.subject = "contract.headers",
                                 .headers = *block,
                                 .payload = "<____________>",
                                 .payload_digits_at = 1});
  ASSERT_EQ(transport_->request(0, frame, 77), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return !heard_.replies.empty(); }));
  for (const Received& got : {heard_.messages[0], heard_.replies[0]}) {
    EXPECT_EQ(got.headers, *block);
    EXPECT_THAT(find_header(got.headers, "Trace-Id"), Optional(std::string_view("a b:c")));
    EXPECT_EQ(header_status(got.headers), 0);
    EXPECT_EQ(got.payload, "<" + digits(77) + ">");
  }
  EXPECT_EQ(heard_.replies[0].sequence, 77u);
}

TEST_P(TransportContract, ARequestCanCarryAnotherPayload) {
  open(2, {.max_payload_bytes = 1024});
  heard_.echo = transport_.get();
  subscribe(1, "contract.other");
  const auto block = make_headers({{"Trace-Id", "a b:c"}});
  ASSERT_TRUE(block.ok());
  const FrameId plain = prepare({.subject = "contract.other", .payload = "prepared"});
  const FrameId with_headers = prepare({.subject = "contract.other", .headers = *block});
  const std::string room(1024 - block->size(), 'r');
  ASSERT_EQ(transport_->request_with(0, plain, 1, "a longer one"), SendStatus::accepted);
  ASSERT_EQ(transport_->request_with(0, plain, 2, ""), SendStatus::accepted);
  ASSERT_EQ(transport_->request_with(0, with_headers, 3, room), SendStatus::accepted);
  EXPECT_EQ(transport_->request_with(0, with_headers, 4, room + "!"), SendStatus::too_big);
  ASSERT_EQ(transport_->request(0, plain, 5), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= 4; }));
  settle();
  std::vector<std::string> payloads;
  for (const Received& reply : heard_.replies) {
    payloads.push_back(fmt::format("{} {}", reply.sequence, reply.payload));
    EXPECT_EQ(reply.headers, reply.sequence == 3 ? *block : "");
    EXPECT_TRUE(heard_.sent.contains(reply.sequence));
  }
  EXPECT_THAT(payloads, testing::ElementsAre("1 a longer one", "2 ", "3 " + room, "5 prepared"));
  for (const Received& message : heard_.messages) {
    EXPECT_TRUE(message.reply_to.starts_with(transport_->inbox_prefix())) << message.reply_to;
  }
}

TEST_P(TransportContract, PublicationsReachEverySubscriberOnce) {
  open(3);
  const SubscriptionId exact = subscribe(1, "contract.news.today");
  const SubscriptionId wild = subscribe(2, "contract.*.today");
  const SubscriptionId rest = subscribe(2, "contract.>");
  EXPECT_EQ(exact, 1u);
  EXPECT_EQ(wild, 2u);
  EXPECT_EQ(rest, 3u);
  ASSERT_EQ(transport_->publish(0, {.subject = "contract.news.today", .payload = "all"}),
            SendStatus::accepted);
  ASSERT_EQ(
      transport_->publish(0, {.subject = "contract.old", .reply_to = "back.here", .payload = ""}),
      SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.messages.size() >= 4; }));
  settle();
  std::vector<std::string> got;
  for (const Received& m : heard_.messages) {
    got.push_back(fmt::format("{}@{} {} {} {}", m.subscription, m.connection, m.subject, m.reply_to,
                              m.payload));
  }
  EXPECT_THAT(got, testing::UnorderedElementsAre(
                       "1@1 contract.news.today  all", "2@2 contract.news.today  all",
                       "3@2 contract.news.today  all", "3@2 contract.old back.here "));
  EXPECT_THAT(heard_.sent, IsEmpty()) << "only requests are reported";
}

TEST_P(TransportContract, AQueueGroupSharesAndDeliversOnce) {
  open(3);
  heard_.echo = transport_.get();
  subscribe(1, "contract.work", "q");
  subscribe(2, "contract.work", "q");
  const FrameId frame = prepare({.subject = "contract.work"});
  constexpr Sequence kCount = 200;
  for (Sequence i = 0; i < kCount; ++i)
    ASSERT_EQ(transport_->request(0, frame, i), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= kCount; }));
  settle();
  EXPECT_THAT(heard_.replies, SizeIs(kCount));
  EXPECT_THAT(heard_.messages, SizeIs(kCount));
  std::map<ConnectionId, int> shares;
  for (const Received& m : heard_.messages) ++shares[m.connection];
  // Each of 200 picks one of two: fewer than 40 for either happens once in 10^18 runs.
  EXPECT_GE(shares[1], 40);
  EXPECT_GE(shares[2], 40);
}

TEST_P(TransportContract, WithoutRespondersAStatus503ComesBack) {
  open(1);
  const FrameId frame = prepare({.subject = "contract.nobody", .payload = "hello?"});
  ASSERT_EQ(transport_->request(0, frame, 5), SendStatus::accepted);
  ASSERT_EQ(transport_->request(0, frame, 6), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= 2; }));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(heard_.replies[i].sequence, 5 + i);
    EXPECT_EQ(header_status(heard_.replies[i].headers), kStatusNoResponders);
    EXPECT_EQ(heard_.replies[i].payload, "");
  }
}

TEST_P(TransportContract, WhatIsOverMaxPayloadIsRefusedAndDoesNoHarm) {
  open(1, {.max_payload_bytes = 1024});
  EXPECT_EQ(transport_->server_info(0).max_payload_bytes, 1024u);
  heard_.echo = transport_.get();
  subscribe(0, "contract.echo");
  const std::string block = *make_headers({{"K", "v"}});
  const FrameId fits = prepare({.subject = "contract.echo", .payload = std::string(1024, 'a')});
  const FrameId big = prepare({.subject = "contract.echo", .payload = std::string(1025, 'a')});
  const FrameId just = prepare({.subject = "contract.echo",
                                .headers = block,
                                .payload = std::string(1024 - block.size(), 'a')});
  const FrameId over = prepare({.subject = "contract.echo",
                                .headers = block,
                                .payload = std::string(1025 - block.size(), 'a')});
  EXPECT_EQ(transport_->request(0, big, 1), SendStatus::too_big);
  EXPECT_EQ(transport_->request(0, over, 2), SendStatus::too_big);
  EXPECT_EQ(transport_->publish(0, {.subject = "contract.echo", .payload = std::string(1025, 'a')}),
            SendStatus::too_big);
  EXPECT_EQ(transport_->request(0, fits, 3), SendStatus::accepted);
  EXPECT_EQ(transport_->request(0, just, 4), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= 2; }));
  settle();
  EXPECT_THAT(heard_.replies, SizeIs(2));
  EXPECT_THAT(heard_.downs, IsEmpty());
  EXPECT_FALSE(heard_.sent.contains(1));
  EXPECT_FALSE(heard_.sent.contains(2));
}

TEST_P(TransportContract, LongMessagesArriveWhole) {
  open(2);
  heard_.echo = transport_.get();
  subscribe(1, "contract.long");
  std::string payload;
  for (int i = 0; payload.size() < 1'000'000; ++i) payload += fmt::format("{},", i);
  const FrameId lng = prepare({.subject = "contract.long", .payload = payload});
  const FrameId brief = prepare({.subject = "contract.long", .payload = "brief"});
  for (Sequence i = 0; i < 10; ++i) {
    ASSERT_EQ(transport_->request(0, i % 3 == 2 ? brief : lng, i), SendStatus::accepted);
    transport_->flush();
    // 8 MiB may be queued: let some of it go.
    ASSERT_TRUE(run_until([&] { return heard_.sent.contains(i); }));
  }
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= 10; }));
  for (Sequence i = 0; i < 10; ++i) {
    EXPECT_EQ(heard_.replies[i].sequence, i);
    EXPECT_TRUE(heard_.replies[i].payload == (i % 3 == 2 ? "brief" : payload)) << i;
  }
}

// Many small requests at once, each with a large answer: more than any buffer holds.
TEST_P(TransportContract, NoAnswerToABacklogIsLost) {
  open(2);
  heard_.echo = transport_.get();
  heard_.answer = std::string(32 * 1024, 'a');
  subscribe(1, "contract.large");
  const FrameId frame = prepare({.subject = "contract.large", .payload = "?"});
  constexpr Sequence kCount = 1000;
  for (Sequence i = 0; i < kCount; ++i)
    ASSERT_EQ(transport_->request(0, frame, i), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= kCount; }))
      << heard_.replies.size() << " came";
  EXPECT_THAT(heard_.downs, IsEmpty());
}

// On the connection that is being read, while it is.
TEST_P(TransportContract, EachAnswerCanBeFlushedInItsCallback) {
  open(1);
  heard_.echo = transport_.get();
  heard_.flushes = true;
  heard_.answer = std::string(32 * 1024, 'a');  // more than the socket takes at once
  subscribe(0, "contract.flushed");
  const FrameId frame = prepare({.subject = "contract.flushed", .payload = "?"});
  constexpr Sequence kCount = 300;
  for (Sequence i = 0; i < kCount; ++i)
    ASSERT_EQ(transport_->request(0, frame, i), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= kCount; }))
      << heard_.replies.size() << " came";
  for (Sequence i = 0; i < kCount; ++i) EXPECT_EQ(heard_.replies[i].sequence, i);
  EXPECT_THAT(heard_.sent_twice, IsEmpty());
  EXPECT_THAT(heard_.downs, IsEmpty());
}

TEST_P(TransportContract, APingIsAnsweredOnItsConnection) {
  open(3);
  const Instant before = clock().now();
  ASSERT_EQ(transport_->ping(2), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return !heard_.pongs.empty(); }));
  ASSERT_THAT(heard_.pongs, SizeIs(1));
  EXPECT_EQ(heard_.pongs[0].first, 2u);
  EXPECT_GE(heard_.pongs[0].second, before);
  settle();
  EXPECT_THAT(heard_.pongs, SizeIs(4));
}

TEST_P(TransportContract, EveryConnectionGetsItsOwnReplies) {
  constexpr std::uint32_t kConnections = 5;
  open(kConnections);
  heard_.echo = transport_.get();
  subscribe(4, "contract.echo");
  const FrameId frame = prepare({.subject = "contract.echo"});
  constexpr Sequence kCount = 100;
  for (Sequence i = 0; i < kCount; ++i) {
    ASSERT_EQ(transport_->request(static_cast<ConnectionId>(i % kConnections), frame, i),
              SendStatus::accepted);
  }
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() >= kCount; }));
  settle();
  ASSERT_THAT(heard_.replies, SizeIs(kCount));
  for (const Received& reply : heard_.replies)
    EXPECT_EQ(reply.connection, reply.sequence % kConnections);
}

TEST_P(TransportContract, AWakeUpBeforeWaitEndsIt) {
  open(1);
  settle();
  const Instant start = clock().now();
  transport_->wake();
  transport_->receive();  // must not swallow it
  transport_->wait(start + 60s);
  EXPECT_LT(clock().now(), start + 60s);
}

TEST_P(TransportContract, AnUnsubscribedSubjectHasNoResponders) {
  open(2);
  heard_.echo = transport_.get();
  const SubscriptionId first = subscribe(1, "contract.echo");
  const FrameId frame = prepare({.subject = "contract.echo"});
  ASSERT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() == 1; }));
  EXPECT_EQ(header_status(heard_.replies[0].headers), 0);
  transport_->unsubscribe(1, first);
  settle();
  ASSERT_EQ(transport_->request(0, frame, 2), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() == 2; }));
  EXPECT_EQ(header_status(heard_.replies[1].headers), kStatusNoResponders);
  EXPECT_THAT(heard_.messages, SizeIs(1));
  // Ids are not used again.
  EXPECT_EQ(subscribe(1, "contract.echo"), first + 1);
}

TEST_P(TransportContract, BadSubjectsAreErrors) {
  open(1);
  EXPECT_FALSE(transport_->subscribe(0, "a..b", "").ok());
  EXPECT_FALSE(transport_->subscribe(0, "a b", "").ok());
  EXPECT_FALSE(transport_->prepare({.subject = "a.*"}).ok());
  EXPECT_FALSE(transport_->prepare({.subject = ""}).ok());
}

TEST_P(TransportContract, NothingIsHeardAfterClose) {
  open(1);
  const FrameId frame = prepare({.subject = "contract.nobody"});
  ASSERT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);
  transport_->close();
  EXPECT_THAT(heard_.sent, IsEmpty());
  EXPECT_THAT(heard_.replies, IsEmpty());
  EXPECT_THAT(heard_.downs, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, TransportContract,
                         testing::Values(Kind::wire, Kind::natsc_tuned, Kind::natsc_defaults,
                                         Kind::memory),
                         kind_name);

// What only a server can show.
class ServerContract : public TransportContract {};

TEST_P(ServerContract, TellsWhichServerAndConnectionItIs) {
  const Instant before = clock().now();
  open(2);
  const Duration opening = clock().now() - before;
  for (ConnectionId id = 0; id < 2; ++id) {
    const ServerInfo info = transport_->server_info(id);
    EXPECT_THAT(info.id, SizeIs(56));
    if (GetParam() == Kind::wire) {  // nats.c need not know
      EXPECT_THAT(info.version, HasSubstr("."));
    }
    EXPECT_EQ(info.max_payload_bytes, 1024u * 1024u);
    EXPECT_GT(info.client_id, 0u);
    EXPECT_GT(info.set_up, 0ns);
    EXPECT_LE(info.set_up, opening);
  }
  EXPECT_NE(transport_->server_info(0).client_id, transport_->server_info(1).client_id);
}

TEST_P(ServerContract, AWakeUpFromAnotherThreadEndsWait) {
  open(1);
  settle();
  for (int i = 0; i < 50; ++i) {
    const Instant start = clock().now();
    std::thread other([&] { transport_->wake(); });
    transport_->wait(start + 60s);
    other.join();
    ASSERT_LT(clock().now(), start + 60s);
    // Whichever came first, the wake-up is used up or pending now: use it up.
    transport_->receive();
  }
}

TEST_P(ServerContract, GoesDownWithItsServerAndComesUpWithTheNext) {
  open(2);
  heard_.echo = transport_.get();
  subscribe(1, "contract.echo");
  const FrameId frame = prepare({.subject = "contract.echo"});
  ASSERT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() == 1; }));

  server_->process().signal(SIGKILL);
  ASSERT_TRUE(run_until([&] { return heard_.downs.size() == 2; }));
  EXPECT_THAT(heard_.downs, testing::UnorderedElementsAre(0u, 1u));
  EXPECT_FALSE(transport_->is_up(0));
  EXPECT_EQ(transport_->request(0, frame, 2), SendStatus::down);
  EXPECT_EQ(transport_->publish(0, {.subject = "a"}), SendStatus::down);
  EXPECT_EQ(transport_->ping(0), SendStatus::down);
  EXPECT_THAT(heard_.ups, IsEmpty()) << "opening is not coming up again";

  const auto restarted = server_->restart();
  ASSERT_TRUE(restarted.ok()) << restarted.error().message;
  ASSERT_TRUE(run_until([&] { return heard_.ups.size() == 2; }));
  EXPECT_THAT(heard_.ups, testing::UnorderedElementsAre(0u, 1u));
  settle();
  ASSERT_EQ(transport_->request(0, frame, 3), SendStatus::accepted);
  ASSERT_TRUE(run_until([&] { return heard_.replies.size() == 2; }));
  EXPECT_EQ(heard_.replies[1].sequence, 3u);
  EXPECT_EQ(header_status(heard_.replies[1].headers), 0) << "the subscription survived";
  EXPECT_FALSE(heard_.sent.contains(2));
  EXPECT_THAT(heard_.downs, SizeIs(2));
}

TEST_P(ServerContract, ALoginOpensAndAWrongOneIsRefusedInTheServersWords) {
  start_server({.user = "joe", .password = "s3cret"});
  make_transport();
  ConnectOptions options;
  options.servers = {server_->address()};
  options.connections = 2;
  ASSERT_EQ(options.servers[0].user, "joe");
  {
    const auto opened = transport_->open(options, heard_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  make_transport();
  options.servers[0].password = "wrong";
  const auto refused = transport_->open(options, heard_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, testing::ContainsRegex("[Aa]uthorization [Vv]iolation"));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("wrong")));
  EXPECT_THAT(heard_.downs, IsEmpty());
}

TEST_P(ServerContract, ATokenOpens) {
  start_server({.token = "t0ken"});
  make_transport();
  ConnectOptions options;
  options.servers = {server_->address()};
  const auto opened = transport_->open(options, heard_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
}

TEST_P(ServerContract, TheErrorOfAnAbsentServerNamesIt) {
  start_server({});
  make_transport();
  ConnectOptions options;
  options.servers = {server_->address()};
  server_->process().stop(2s);
  const auto opened = transport_->open(options, heard_);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr(options.servers[0].display()));
}

TEST_P(ServerContract, AnotherServerIsTakenWhereTheFirstIsAbsent) {
  start_server({});
  const ServerAddress absent = server_->address();
  server_->process().stop(2s);
  start_server({});
  make_transport();
  ConnectOptions options;
  options.servers = {absent, server_->address()};
  options.connections = 4;
  const auto opened = transport_->open(options, heard_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  settle();
}

INSTANTIATE_TEST_SUITE_P(All, ServerContract,
                         testing::Values(Kind::wire, Kind::natsc_tuned, Kind::natsc_defaults),
                         kind_name);

}  // namespace
}  // namespace natsproof
