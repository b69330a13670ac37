#include "loadgen/app/doctor_probes.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "loadgen/stage/bare_ping_pong.h"
#include "messaging/permissions_violation.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {
namespace {

constexpr Duration kPatience = 2s;  // for one reply

// Sets the calling thread's timer slack, and puts the old one back.
class TimerSlack {
 public:
  explicit TimerSlack(Duration slack) : old_(current_timer_slack()) { set(slack); }
  TimerSlack(const TimerSlack&) = delete;
  TimerSlack& operator=(const TimerSlack&) = delete;
  ~TimerSlack() { set(old_); }

 private:
  static void set(Duration slack) {
    prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(slack.count()));
  }
  Duration old_;
};

// One request, or one PING, in flight on the wire client.
class WirePingPong final : public Listener {
 public:
  explicit WirePingPong(const Clock& clock) : clock_(clock), wire_(make_wire_transport(clock)) {}

  Result<void> open(const ServerAddress& server, const std::string& subject) {
    ConnectOptions options;
    options.servers = {server};
    options.name = "natsproof-doctor";
    options.reconnect = false;
    if (const Result<void> opened = wire_->open(options, *this); !opened) return opened;
    RequestSpec request;
    request.subject = subject;
    request.payload = std::string(kDoctorPayloadBytes, 'x');
    const Result<FrameId> frame = wire_->prepare(request);
    if (!frame) return frame.error();
    frame_ = *frame;
    return {};
  }

  Result<void> requests(Duration length, Histogram& into) {
    return repeat(length, [this, &into] {
      const Sequence sequence = ++sequence_;
      wire_->request(0, frame_, sequence);
      wire_->flush();
      const bool answered = await();
      if (answered) into.record(received_ - sent_);
      return answered;
    });
  }
  Result<void> pings(Duration length, Histogram& into) {
    return repeat(length, [this, &into] {
      const Instant sent = clock_.now();
      wire_->ping(0);
      wire_->flush();
      const bool answered = await();
      if (answered) into.record(received_ - sent);
      return answered;
    });
  }
  [[nodiscard]] ServerInfo server() const { return wire_->server_info(0); }

  void on_sent(Sequence, Instant actual_send) override { sent_ = actual_send; }
  void on_message(const Message& message) override {
    if (message.sequence == sequence_) answer(message.received);
  }
  void on_pong(ConnectionId, Instant received) override { answer(received); }
  void on_down(ConnectionId, std::string_view why) override { down_ = why; }
  void on_server_error(ConnectionId, std::string_view text) override {
    if (const auto violation = parse_permissions_violation(text))
      down_ = describe(*violation, text);
  }

 private:
  template <typename RoundTrip>
  Result<void> repeat(Duration length, RoundTrip round_trip) {
    const Instant until = clock_.now() + length;
    while (clock_.now() < until) {
      if (!round_trip()) {
        return Error{fmt::format("wire client: {}", down_.empty() ? "no reply for 2 s" : down_)};
      }
    }
    return {};
  }
  bool await() {
    const Instant until = clock_.now() + kPatience;
    while (!answered_ && down_.empty() && clock_.now() < until) {
      wire_->wait(until);
      wire_->receive();
    }
    return std::exchange(answered_, false);
  }
  void answer(Instant received) {
    received_ = received;
    answered_ = true;
  }

  const Clock& clock_;
  Instant sent_, received_;
  bool answered_ = false;
  std::string down_;
  FrameId frame_ = 0;
  Sequence sequence_ = 0;
  std::unique_ptr<Transport> wire_;  // last: nothing it calls back dies before it
};

}  // namespace

Duration current_timer_slack() {
  return Duration{prctl(PR_GET_TIMERSLACK)};
}

Result<Histogram> wake_up_lag(const Clock& clock, Duration timer_slack, int sleeps) {
  const TimerSlack slack(timer_slack);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  Histogram lag;
  constexpr Duration kSleep = 1ms;
  int failed = 0;
  for (int i = 0; i < sleeps && failed == 0; ++i) {
    epoll_event event{};
    const timespec timeout{0, kSleep.count()};
    const Instant start = clock.now();
    if (epoll_pwait2(epoll, &event, 1, &timeout, nullptr) < 0 && errno != EINTR) failed = errno;
    lag.record(std::max(Duration{0}, clock.now() - start - kSleep));
  }
  close(epoll);
  if (failed != 0) {
    return Error{
        fmt::format("epoll_pwait2 (Linux 5.11): {}", std::generic_category().message(failed))};
  }
  return lag;
}

Result<RoundTrips> measure_round_trips(const Clock& clock, const ServerAddress& server,
                                       Duration length) {
  const std::string subject = fmt::format("natsproof.doctor.{}", getpid());
  const auto echo = BareEcho::start(server, subject);
  if (!echo) return echo.error();
  // Whoever waits for an echo that may not answer sees nothing but silence.
  const auto failed = [&](const Error& seen) {
    const std::string refused = (*echo)->refused();
    return refused.empty() ? seen : Error{refused};
  };
  WirePingPong wire(clock);
  if (const auto opened = wire.open(server, subject); !opened) return opened.error();
  const TimerSlack slack(1ns);  // as in the load threads

  RoundTrips trips;
  trips.server = wire.server();
  BareLoad load;
  load.server = server;
  load.subject = subject;
  load.payload_bytes = kDoctorPayloadBytes;
  constexpr int kRounds = 8;
  load.length = length / kRounds;
  // One round that is not counted warms all of it up.
  for (int round = 0; round <= kRounds; ++round) {
    RoundTrips unused;
    RoundTrips& into = round == 0 ? unused : trips;
    const auto bare = bare_ping_pong(load);
    if (!bare) return failed(bare.error());
    for (const Duration round_trip : *bare) into.bare.record(round_trip);
    if (const auto done = wire.requests(load.length, into.wire); !done) return failed(done.error());
    if (const auto done = wire.pings(load.length / 4, into.ping); !done) return done.error();
  }
  load.length = length / 2;
  const auto saturated = bare_saturation(load, kDoctorInFlight);
  if (!saturated) return failed(saturated.error());
  trips.saturated = *saturated;
  return trips;
}

}  // namespace natsproof
