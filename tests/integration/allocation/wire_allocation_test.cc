// The wire client takes nothing from the heap per request or message, once its buffers have grown.
#include <future>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "messaging/wire/wire_transport.h"
#include "tests/integration/allocation/allocation_count.h"
#include "tests/unit/messaging/scripted_server.h"

namespace natsproof {
namespace {

class Counting final : public Listener {
 public:
  void on_message(const Message&) override { ++messages; }
  void on_sent(Sequence, Instant) override { ++sent; }
  std::size_t messages = 0, sent = 0;
};

TEST(Allocation, TheWireClientTakesNothingPerRequestOrMessage) {
  const SteadyClock clock;
  Counting counting;
  ScriptedServer server;
  auto greeting = std::async(std::launch::async, [&] {
    ScriptedPeer peer = server.accept();
    peer.greet();
    return peer;
  });
  const auto transport = make_wire_transport(clock);
  ASSERT_TRUE(transport->open({.servers = {server.address()}}, counting).ok());
  ScriptedPeer peer = greeting.get();
  auto frame = transport->prepare({.subject = "a.b.c", .payload = std::string(128, 'x')});
  ASSERT_TRUE(frame.ok());
  ASSERT_TRUE(transport->subscribe(0, "s", "").ok());

  std::string replies;
  for (int i = 0; i < 100; ++i)
    replies += "HMSG s 1 back 12 15\r\nNATS/1.0\r\n\r\nabc\r\nMSG r.0000000000ff 0 3\r\nabc\r\n";
  std::uint64_t allocations = 0;
  for (std::size_t round = 1; round <= 60; ++round) {
    const bool has_grown = round > 20;
    const auto counted = [&](auto&& work) {
      const std::uint64_t before = thread_allocation_count();
      work();
      if (has_grown) allocations += thread_allocation_count() - before;
    };
    counted([&] {
      for (Sequence i = 0; i < 100; ++i) transport->request(0, *frame, i);
      transport->publish(
          0, {.subject = "p", .reply_to = "q", .headers = "NATS/1.0\r\n\r\n", .payload = "x"});
      transport->ping(0);
      transport->flush();
    });
    // Cut at another place in each round, so that partial messages are kept as well.
    const std::size_t cut = round * 41;
    peer.say(std::string_view(replies).substr(0, cut));
    counted([&] {
      transport->wait(clock.now() + 10s);
      transport->receive();
    });
    peer.say(std::string_view(replies).substr(cut));
    while (counting.messages < round * 200) {
      counted([&] {
        transport->wait(clock.now() + 10s);
        transport->receive();
      });
    }
    peer.hear("PING\r\n");
  }
  EXPECT_EQ(allocations, 0u);
  EXPECT_EQ(counting.sent, 60u * 100u);
  transport->close();  // before its listener goes
}

}  // namespace
}  // namespace natsproof
