// A scripted transport on a manual clock: the real worker loop runs on it to exact nanoseconds.
//
// Without a script it is a small broker: it routes publications between its own connections
// (wildcards, queue groups, 503 where nobody listens) with no delay. A responder takes requests
// instead: it says what comes back, when, and how often. wait() moves the clock to the next event
// or to `until`; nothing else does, except the script.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

struct MemoryRequest {
  ConnectionId connection = 0;
  Sequence sequence = 0;
  std::string_view subject, headers, payload;
  Instant sent{};
};

struct MemoryReply {
  Duration after{};       // from the request's actual send
  std::string headers{};  // a whole block or empty
  std::string payload{};
};

class MemoryTransport final : public Transport {
 public:
  explicit MemoryTransport(ManualClock& clock);
  ~MemoryTransport() override;

  // Called for each request as it is flushed; returns its replies: none is a loss, two a duplicate.
  using Responder = std::function<std::vector<MemoryReply>(const MemoryRequest&)>;
  void set_responder(Responder responder);
  // Called just after a flush has stamped its requests, e.g. to stall the generator by advancing
  // the clock.
  void set_after_flush(std::function<void(Sequence last)> hook);
  void set_ping_round_trip(Duration round_trip);
  // What server_info() says of a connection; 0 until then.
  void set_set_up(ConnectionId connection, Duration set_up);
  void set_max_payload(std::uint64_t bytes);
  // Connections go down or up at an instant; what is in flight on a connection that goes down is
  // never answered.
  void take_down(ConnectionId connection, Instant at, std::string why);
  void bring_up(ConnectionId connection, Instant at);

  Result<void> open(const ConnectOptions& options, Listener& listener) override;
  void close() override;
  [[nodiscard]] std::uint32_t connections() const override;
  [[nodiscard]] bool is_up(ConnectionId connection) const override;
  [[nodiscard]] ServerInfo server_info(ConnectionId connection) const override;
  [[nodiscard]] std::string inbox_prefix() const override;
  Result<SubscriptionId> subscribe(ConnectionId connection, std::string_view subject,
                                   std::string_view queue_group) override;
  void unsubscribe(ConnectionId connection, SubscriptionId subscription) override;
  Result<FrameId> prepare(const RequestSpec& request) override;
  SendStatus request(ConnectionId connection, FrameId frame, Sequence sequence) override;
  SendStatus request_with(ConnectionId connection, FrameId frame, Sequence sequence,
                          std::string_view payload) override;
  SendStatus publish(ConnectionId connection, const Publication& publication) override;
  SendStatus ping(ConnectionId connection) override;
  void flush() override;
  std::size_t receive() override;
  void wait(Instant until) override;
  void wake() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace natsproof
