// Sample services on a real nats-server, on each client, asked over the wire client.

#include "services/serve.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "loadgen/stage/nats_server.h"
#include "messaging/headers.h"
#include "messaging/wire/wire_transport.h"
#include "services/echo.h"
#include "services/instance.h"
#include "services/runtime/ledger.h"

namespace natsproof {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr Duration kPatience = 20s;

// Asks and keeps the answers by the number of the question.
class User final : private Listener {
 public:
  explicit User(const ServerAddress& server) : transport_(make_wire_transport(clock_)) {
    const auto opened = transport_->open({.servers = {server}}, *this);
    EXPECT_TRUE(opened) << opened.error().message;
  }

  // Returns the question's number.
  Sequence ask(FrameId frame) {
    EXPECT_EQ(transport_->request(0, frame, asked_), SendStatus::accepted);
    return asked_++;
  }
  FrameId prepare(const std::string& subject, const std::string& payload = "") {
    return transport_->prepare({.subject = subject, .payload = payload}).value();
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& is_so) {
    const Instant give_up = clock_.now() + kPatience;
    while (!is_so()) {
      if (clock_.now() >= give_up) return false;
      transport_->flush();
      transport_->wait(clock_.now() + 10ms);
      transport_->receive();
    }
    return true;
  }
  // The first `count` answers to one question.
  std::vector<json> discover(const std::string& subject, std::size_t count) {
    const Sequence number = ask(prepare(subject));
    EXPECT_TRUE(run_until([&] { return answers[number].size() >= count; })) << subject;
    std::vector<json> found;
    for (const std::string& answer : answers[number]) found.push_back(json::parse(answer));
    found.resize(std::max(found.size(), count));  // after a failure: nothing in the missing ones
    return found;
  }
  [[nodiscard]] bool is_up() const { return transport_->is_up(0); }
  [[nodiscard]] std::size_t asked() const { return asked_; }

  std::map<Sequence, std::vector<std::string>> answers;
  std::size_t answered = 0, without_responders = 0;

 private:
  void on_message(const Message& message) override {
    if (header_status(message.headers) == kStatusNoResponders) {
      ++without_responders;
      return;
    }
    answers[message.sequence].emplace_back(message.payload);
    ++answered;
  }

  SteadyClock clock_;
  std::unique_ptr<Transport> transport_;
  Sequence asked_ = 0;
};

class ServicesOnAServer : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto server = NatsServer::start();
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    user_.emplace(server_->address());
  }

  std::unique_ptr<ServiceInstance> start_echo() {
    auto service = make_echo_service({}, clock_);
    EXPECT_TRUE(service);
    auto instance = ServiceInstance::start(
        std::move(*service), GetParam(),
        {.servers = {server_->address()}, .name = "echo", .delivery = Delivery::direct});
    EXPECT_TRUE(instance) << instance.error().message;
    return instance ? std::move(*instance) : nullptr;
  }

  SteadyClock clock_;
  std::optional<NatsServer> server_;
  std::optional<User> user_;
};

TEST_P(ServicesOnAServer, AreDiscoveredAndAnswer) {
  const auto instance = start_echo();
  const json ping = user_->discover("$SRV.PING", 1)[0];
  EXPECT_EQ(ping["type"], "io.nats.micro.v1.ping_response");
  EXPECT_EQ(ping["name"], "natsproof-echo");
  const auto id = ping["id"].get<std::string>();
  EXPECT_EQ(user_->discover("$SRV.PING.natsproof-echo." + id, 1)[0], ping);

  const json info = user_->discover("$SRV.INFO.natsproof-echo", 1)[0];
  EXPECT_EQ(info["endpoints"][0]["subject"], "natsproof.echo");
  EXPECT_EQ(info["endpoints"][0]["queue_group"], "q");

  const Sequence number = user_->ask(user_->prepare("natsproof.echo", "hello"));
  ASSERT_TRUE(user_->run_until([&] { return user_->answers.contains(number); }));
  EXPECT_EQ(user_->answers[number][0], "hello");

  const json stats = user_->discover("$SRV.STATS.natsproof-echo." + id, 1)[0];
  EXPECT_THAT(stats["started"].get<std::string>(), MatchesRegex("20.*T.*Z"));
  EXPECT_EQ(stats["endpoints"][0]["num_requests"], 1);
  EXPECT_EQ(stats["endpoints"][0]["num_errors"], 0);
  EXPECT_GT(stats["endpoints"][0]["processing_time"], 0);
}

TEST_P(ServicesOnAServer, InstancesShareTheWork) {
  const auto one = start_echo(), two = start_echo();
  const FrameId frame = user_->prepare("natsproof.echo", "work");
  constexpr std::size_t kCount = 400;
  for (std::size_t i = 0; i < kCount; ++i) user_->ask(frame);
  ASSERT_TRUE(user_->run_until([&] { return user_->answered >= kCount; }));
  EXPECT_EQ(user_->answers.size(), kCount);

  const auto stats = user_->discover("$SRV.STATS.natsproof-echo", 2);
  ASSERT_EQ(stats.size(), 2);
  EXPECT_NE(stats[0]["id"], stats[1]["id"]);
  const auto first = stats[0]["endpoints"][0]["num_requests"].get<std::size_t>();
  const auto second = stats[1]["endpoints"][0]["num_requests"].get<std::size_t>();
  EXPECT_EQ(first + second, kCount);
  // The server draws: fewer than 100 of 400 for either happens once in 10^24 runs.
  EXPECT_GE(first, 100);
  EXPECT_GE(second, 100);
}

// The server goes on sending until it has seen the UNSUB; all of that is answered before the
// instance leaves.
TEST_P(ServicesOnAServer, StoppingOneUnderLoadLosesNothing) {
  const auto stays = start_echo();
  const FrameId frame = user_->prepare("natsproof.echo", "load");
  constexpr std::size_t kInFlight = 256, kAround = 4000;
  const auto run_load = [&](const std::function<bool()>& until) {
    ASSERT_TRUE(user_->run_until([&] {
      while (user_->asked() - user_->answered - user_->without_responders < kInFlight) {
        user_->ask(frame);
      }
      return until();
    }));
  };
  for (int round = 0; round < 5; ++round) {
    auto leaves = start_echo();
    const std::size_t before = user_->answered;
    run_load([&] { return user_->answered >= before + kAround; });
    leaves->stop();
    auto gone = std::async(std::launch::async, [&] { leaves.reset(); });
    run_load([&] { return gone.wait_for(0s) == std::future_status::ready; });
    ASSERT_TRUE(user_->run_until([&] {
      return user_->answered + user_->without_responders >= user_->asked();
    })) << user_->asked() - user_->answered
        << " lost in round " << round;
    EXPECT_EQ(user_->without_responders, 0);
  }
  EXPECT_EQ(user_->answered, user_->asked()) << "nothing came twice";
}

TEST_P(ServicesOnAServer, SurviveTheirServer) {
  const auto instance = start_echo();
  server_->process().signal(SIGKILL);
  ASSERT_TRUE(user_->run_until([&] { return !user_->is_up(); }));
  ASSERT_TRUE(server_->restart());
  ASSERT_TRUE(user_->run_until([&] { return user_->is_up(); }));
  // The instance comes back in its own time; until then the server says that nobody is there. What
  // is asked at that very moment may be lost, as anything in flight may: it is asked again.
  const FrameId frame = user_->prepare("natsproof.echo", "again");
  Instant asked_at;
  ASSERT_TRUE(user_->run_until([&] {
    const bool settled = user_->answered + user_->without_responders == user_->asked();
    if (settled || clock_.now() > asked_at + 1s) {
      user_->ask(frame);
      asked_at = clock_.now();
    }
    return user_->answered > 0;
  }));
  EXPECT_EQ(user_->discover("$SRV.PING", 1)[0]["name"], "natsproof-echo");
}

TEST_P(ServicesOnAServer, LeaveAServerThatIsFrozen) {
  auto instance = start_echo();
  server_->process().signal(SIGSTOP);
  auto gone = std::async(std::launch::async, [&] { instance.reset(); });
  EXPECT_EQ(gone.wait_for(kPatience), std::future_status::ready);
  server_->process().signal(SIGCONT);
}

TEST_P(ServicesOnAServer, ServeUntilToldToStop) {
  testing::internal::CaptureStderr();
  std::promise<pthread_t> serving;
  auto outcome = std::async(std::launch::async, [&] {
    // Blocked from the start, as in a program that does nothing else.
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);
    serving.set_value(pthread_self());
    return run_services({.services = {"probe", "echo"},
                         .servers = {server_->address()},
                         .naming = {.subject_prefix = "here.", .name_prefix = "my-"},
                         .client = GetParam(),
                         .instances = 3});
  });
  const pthread_t thread = serving.get_future().get();
  const FrameId frame = user_->prepare("$SRV.PING.my-echo");
  ASSERT_TRUE(user_->run_until([&] {
    // Instances come up one after another.
    if (user_->answers.empty() || user_->answers.rbegin()->second.size() < 3) user_->ask(frame);
    return !user_->answers.empty() && user_->answers.rbegin()->second.size() == 3;
  }));
  const Sequence number = user_->ask(user_->prepare("here.echo", "hello"));
  ASSERT_TRUE(user_->run_until([&] { return user_->answers.contains(number); }));
  EXPECT_EQ(user_->answers[number][0], "hello");
  const Sequence probed = user_->ask(user_->prepare("here.probe.validate", "\x0a\x01\xff"));
  ASSERT_TRUE(user_->run_until([&] { return user_->answers.contains(probed); }));

  pthread_kill(thread, SIGTERM);
  const auto served = outcome.get();
  EXPECT_TRUE(served) << served.error().message;
  const std::size_t before = user_->without_responders;
  user_->ask(frame);
  EXPECT_TRUE(user_->run_until([&] { return user_->without_responders > before; }));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(HasSubstr("libprotobuf")))
      << "that something is no UTF-8 is told to who has sent it, and nobody else";
}

TEST_P(ServicesOnAServer, ServeWithFaultsALedgerAndWork) {
  std::string folder = testing::TempDir() + "serve-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/ledger";
  std::promise<pthread_t> serving;
  auto outcome = std::async(std::launch::async, [&] {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);
    serving.set_value(pthread_self());
    return run_services({.services = {"probe", "echo"},
                         .servers = {server_->address()},
                         .naming = {.subject_prefix = "here.", .name_prefix = "my-"},
                         .client = GetParam(),
                         .instances = 2,
                         .faults = "twice=100",
                         .ledger = file,
                         .work = "delay=3ms"});
  });
  const pthread_t thread = serving.get_future().get();
  const FrameId ask_faults = user_->prepare("here.control.echo.faults", "?");
  ASSERT_TRUE(user_->run_until([&] {
    if (user_->answers.empty() || user_->answers.rbegin()->second.size() < 2) {
      user_->ask(ask_faults);
    }
    return !user_->answers.empty() && user_->answers.rbegin()->second.size() == 2;
  })) << "every instance answers";
  for (const std::string& answer : user_->answers.rbegin()->second) {
    EXPECT_EQ(json::parse(answer)["service"], "echo");
    EXPECT_EQ(json::parse(answer)["faults"], "twice=100");
  }
  const Instant asked = clock_.now();
  const Sequence number = user_->ask(user_->prepare("here.echo", "hello"));
  ASSERT_TRUE(user_->run_until([&] { return user_->answers[number].size() == 2; }));
  EXPECT_GE(clock_.now() - asked, 3ms);

  const auto ledger = Ledger::open(file);
  ASSERT_TRUE(ledger) << ledger.error().message;
  const Sequence read = user_->ask(
      user_->prepare("here.control.echo.ledger",
                     R"({"read":{"inbox":"_INBOX.aaaaaaaaaaaaaaaaaaaaaa.","from":0,"count":1}})"));
  ASSERT_TRUE(user_->run_until([&] { return user_->answers[read].size() == 2; }));
  for (const std::string& answer : user_->answers[read]) {
    EXPECT_EQ(json::parse(answer)["ledger"], (*ledger)->id());
    EXPECT_EQ(json::parse(answer)["known"], false);
  }

  pthread_kill(thread, SIGTERM);
  const auto served = outcome.get();
  EXPECT_TRUE(served) << served.error().message;
  std::remove(file.c_str());
  std::remove(folder.c_str());
}

TEST_P(ServicesOnAServer, AnAbsentServerIsAnErrorThatNamesIt) {
  const ServerAddress address = server_->address();
  server_->process().stop(2s);
  const auto served =
      run_services({.services = {"echo"}, .servers = {address}, .client = GetParam()});
  ASSERT_FALSE(served);
  EXPECT_THAT(served.error().message, HasSubstr(address.display()));
}

INSTANTIATE_TEST_SUITE_P(All, ServicesOnAServer,
                         testing::Values("wire", "nats.c", "nats.c-default"), [](const auto& kind) {
                           std::string name = kind.param;
                           for (char& c : name) c = c == '.' || c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace natsproof
