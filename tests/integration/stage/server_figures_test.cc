#include "loadgen/stage/server_figures.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loadgen/stage/nats_server.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;

TEST(ParseVarz, WantsAllItsFigures) {
  const auto sample = parse_varz(
      R"({"cpu":12.5,"mem":1048576,"connections":3,"slow_consumers":1,"in_msgs":10,"out_msgs":9})");
  ASSERT_TRUE(sample);
  EXPECT_DOUBLE_EQ(sample->cpu_share, 0.125);
  EXPECT_EQ(sample->resident_bytes, 1048576U);
  EXPECT_EQ(sample->slow_consumers, 1U);
  EXPECT_EQ(sample->out_messages, 9U);
  for (const char* body :
       {"", "[]", "null", "{", R"({"cpu":12})",
        R"({"cpu":-1,"mem":1,"connections":3,"slow_consumers":1,"in_msgs":10,"out_msgs":9})",
        R"({"cpu":"1","mem":1,"connections":3,"slow_consumers":1,"in_msgs":10,"out_msgs":9})",
        R"({"cpu":1,"mem":-1,"connections":3,"slow_consumers":1,"in_msgs":10,"out_msgs":9})",
        R"({"cpu":1,"mem":1.5,"connections":3,"slow_consumers":1,"in_msgs":10,"out_msgs":9})"})
    EXPECT_FALSE(parse_varz(body)) << body;
}

TEST(SamplesOfVarz, CpuIsAddedUpFromItsShares) {
  const std::vector<ServerSample> says = {{.at = 500ms, .cpu_share = 9, .resident_bytes = 1024},
                                          {.at = 1500ms, .cpu_share = 0.25, .resident_bytes = 2048},
                                          {.at = 3500ms, .cpu_share = 1.5, .resident_bytes = 4096}};
  const auto samples = samples_of(says);
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].cpu, 0s);
  EXPECT_EQ(samples[1].cpu, 250ms);
  EXPECT_EQ(samples[2].cpu, 3250ms);
  EXPECT_EQ(samples[2].at, 3500ms);
  EXPECT_EQ(samples[2].resident_bytes, 4096U);
  EXPECT_TRUE(samples_of({}).empty());
}

TEST(ServerFigures, AServerSaysWhatItTakes) {
  auto server = NatsServer::start();
  ASSERT_TRUE(server) << server.error().message;
  ServerFigures figures(server->monitor());
  // On a busy machine an answer may be later than we wait for.
  auto says = figures.ask();
  for (int i = 0; i < 50 && !says; ++i) says = figures.ask();
  ASSERT_TRUE(says) << says.error().message;
  EXPECT_GT(says->resident_bytes, 1'000'000U);
  EXPECT_EQ(says->slow_consumers, 0U);
}

// Accepts in the kernel and never answers.
TEST(ServerFigures, AHangingPortIsGivenUp) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 4), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ServerFigures figures(fmt::format("http://127.0.0.1:{}", ::ntohs(address.sin_port)));
  const auto says = figures.ask();  // would never return
  ASSERT_FALSE(says);
  EXPECT_THAT(says.error().message, HasSubstr("did not answer within 300 ms"));
  ::close(listener);
}

TEST(ServerFigures, NoAddressIsNoAnswer) {
  for (const char* monitor : {"", "nonsense", "http://", "http://127.0.0.1:1"})
    EXPECT_FALSE(ServerFigures(monitor).ask()) << monitor;
}

}  // namespace
}  // namespace natsproof
