// What the nats.c transport does beyond the contract that all share.

#include <atomic>
#include <csignal>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "loadgen/stage/nats_server.h"
#include "messaging/natsc/natsc_transport.h"

namespace natsproof {
namespace {

using testing::HasSubstr;

constexpr Duration kPatience = 20s;

class Counting final : public Listener {
 public:
  void on_message(const Message& message) override {
    inside_at_once = std::max<int>(inside_at_once, ++inside);
    if (message.subscription == kInbox) {
      ++replies;
    } else {
      ++messages;
      threads.insert(std::this_thread::get_id());
      if (answering != nullptr) {
        answering->publish(message.connection,
                           {.subject = message.reply_to, .payload = message.payload});
      }
    }
    --inside;
  }
  void on_sent(Sequence, Instant) override {
    sent_late = sent_late || replies > 0;
    ++sent;
  }
  void on_pong(ConnectionId, Instant) override { ++pongs; }

  Transport* answering = nullptr;
  std::atomic<std::size_t> messages{0}, replies{0};
  std::size_t pongs = 0, sent = 0;
  bool sent_late = false;
  std::atomic<int> inside{0};
  int inside_at_once = 0;
  std::set<std::thread::id> threads;
};

class NatscTest : public testing::Test {
 protected:
  void open(Delivery delivery, NatscTuning tuning = NatscTuning::tuned) {
    auto server = NatsServer::start();
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    transport_ = make_natsc_transport(clock_, tuning);
    const auto opened = transport_->open(
        {.servers = {server_->address()}, .connections = 2, .delivery = delivery}, heard_);
    ASSERT_TRUE(opened) << opened.error().message;
  }
  template <typename Condition>
  [[nodiscard]] bool run_until(Condition is_so) {
    const Instant give_up = clock_.now() + kPatience;
    while (!is_so()) {
      if (clock_.now() >= give_up) return false;
      transport_->flush();
      transport_->wait(clock_.now() + 10ms);
      transport_->receive();
    }
    return true;
  }
  void settle() {
    const std::size_t before = heard_.pongs;
    ASSERT_EQ(transport_->ping(0), SendStatus::accepted);
    ASSERT_EQ(transport_->ping(1), SendStatus::accepted);
    ASSERT_TRUE(run_until([&] { return heard_.pongs == before + 2; }));
  }

  SteadyClock clock_;
  Counting heard_;
  std::optional<NatsServer> server_;
  std::unique_ptr<NatscTransport> transport_;
};

TEST_F(NatscTest, AnOwnerThatDoesNotReceiveLosesNothing) {
  open(Delivery::polled);
  ASSERT_TRUE(transport_->subscribe(0, "flood", ""));
  settle();
  // More than the ring has slots: the library's thread has to wait for us.
  constexpr std::size_t kFlood = 40'000;
  for (std::size_t i = 0; i < kFlood; ++i) {
    ASSERT_EQ(transport_->publish(1, {.subject = "flood"}), SendStatus::accepted);
  }
  EXPECT_EQ(heard_.messages, 0u) << "nothing comes but from receive()";
  EXPECT_TRUE(run_until([&] { return heard_.messages == kFlood; }));
}

TEST_F(NatscTest, ClosingWithAFullRingEnds) {
  open(Delivery::polled);
  ASSERT_TRUE(transport_->subscribe(0, "flood", ""));
  settle();
  for (std::size_t i = 0; i < 40'000; ++i) {
    ASSERT_EQ(transport_->publish(1, {.subject = "flood"}), SendStatus::accepted);
  }
  transport_->close();
  EXPECT_EQ(heard_.messages, 0u);
}

TEST_F(NatscTest, DirectDeliveryComesOnTheLibrarysThreadsOneCallAtATime) {
  open(Delivery::direct);
  heard_.answering = transport_.get();
  ASSERT_TRUE(transport_->subscribe(0, "one", ""));
  ASSERT_TRUE(transport_->subscribe(0, "two", ""));
  settle();
  const FrameId one = transport_->prepare({.subject = "one"}).value();
  const FrameId two = transport_->prepare({.subject = "two"}).value();
  constexpr Sequence kCount = 2000;
  for (Sequence i = 0; i < kCount; ++i) {
    ASSERT_EQ(transport_->request(1, i % 2 == 0 ? one : two, i), SendStatus::accepted);
  }
  ASSERT_TRUE(run_until([&] { return heard_.replies == kCount; }));
  EXPECT_EQ(heard_.messages, kCount);
  EXPECT_EQ(heard_.inside_at_once, 1);
  EXPECT_EQ(heard_.threads.size(), 2u) << "a thread for each subscription";
  EXPECT_FALSE(heard_.threads.contains(std::this_thread::get_id()));
}

TEST_F(NatscTest, DirectUnsubscribingReturnsWhenAllIsDone) {
  open(Delivery::direct);
  const SubscriptionId subscription = transport_->subscribe(0, "work", "").value();
  settle();
  constexpr std::size_t kCount = 5000;
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(transport_->publish(1, {.subject = "work"}), SendStatus::accepted);
  }
  settle();  // the server has them all, and has sent them
  transport_->unsubscribe(0, subscription);
  EXPECT_EQ(heard_.messages, kCount);
}

// A service has a dozen subscriptions: it would not leave if each of them waited for such a server.
TEST_F(NatscTest, DirectUnsubscribingWaitsOnceForAServerThatFellSilent) {
  open(Delivery::direct);
  std::vector<SubscriptionId> subscriptions;
  for (int i = 0; i < 12; ++i)
    subscriptions.push_back(transport_->subscribe(0, "work" + std::to_string(i), "").value());
  settle();
  server_->process().signal(SIGSTOP);
  siginfo_t stopped{};
  ASSERT_EQ(
      waitid(P_PID, static_cast<id_t>(server_->process().pid()), &stopped, WSTOPPED | WNOWAIT), 0);
  auto done = std::async(std::launch::async, [&] {
    for (const SubscriptionId subscription : subscriptions)
      transport_->unsubscribe(0, subscription);
  });
  EXPECT_EQ(done.wait_for(kPatience), std::future_status::ready);
  server_->process().signal(SIGCONT);
}

TEST_F(NatscTest, ReceivingWithoutFlushingReportsWhatWasSentFirst) {
  open(Delivery::polled);
  const FrameId frame = transport_->prepare({.subject = "nobody"}).value();
  ASSERT_EQ(transport_->request(0, frame, 1), SendStatus::accepted);
  const Instant give_up = clock_.now() + kPatience;
  while (heard_.replies == 0 && clock_.now() < give_up) {
    transport_->wait(give_up);
    transport_->receive();
  }
  EXPECT_EQ(heard_.replies, 1u);
  EXPECT_EQ(heard_.sent, 1u);
  EXPECT_FALSE(heard_.sent_late);
}

TEST_F(NatscTest, TheLibrarysTimeIsCounted) {
  open(Delivery::polled);
  const PublishCost before = transport_->publish_cost();
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(transport_->publish(0, {.subject = "nobody"}), SendStatus::accepted);
  }
  const PublishCost after = transport_->publish_cost();
  EXPECT_EQ(after.calls - before.calls, 10u);
  EXPECT_GT(after.total, before.total);
}

TEST_F(NatscTest, AConnectionLostForGoodIsSaidOnce) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server) << server.error().message;
  class Downs final : public Listener {
   public:
    void on_message(const Message&) override {}
    void on_down(ConnectionId, std::string_view why) override { said.emplace_back(why); }
    std::vector<std::string> said;
  } downs;
  transport_ = make_natsc_transport(clock_, NatscTuning::tuned);
  ASSERT_TRUE(transport_->open({.servers = {server->address()}, .reconnect = false}, downs));
  server->process().stop(2s);
  ASSERT_TRUE(run_until([&] { return !downs.said.empty(); }));
  EXPECT_FALSE(transport_->is_up(0));
  transport_->close();  // the library has closed already; this must not wait for it to do so again
  EXPECT_EQ(downs.said.size(), 1u);
}

TEST(NatscLogin, OneLoginServesAllServers) {
  SteadyClock clock;
  Counting heard;
  const auto transport = make_natsc_transport(clock, NatscTuning::tuned);
  ServerAddress one, two;
  one.user = "joe";
  one.password = "s3cret";
  const auto opened = transport->open({.servers = {one, two}}, heard);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("one login"));
  EXPECT_THAT(opened.error().message, testing::Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace natsproof
