// One connection of the wire transport: its socket, the handshake, what is on its way out, what has
// come in part.
//
// It goes down -> greeting (waits for INFO) -> confirming (CONNECT and PING sent, waits for PONG)
// -> up (its subscriptions sent), and from any of them down again, by fail() or by itself. It never
// reconnects: that is the transport's business. Sockets are non-blocking and in the transport's
// epoll; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "messaging/transport.h"
#include "messaging/wire/endpoint.h"
#include "messaging/wire/info.h"
#include "messaging/wire/outbox.h"
#include "messaging/wire/parser.h"

namespace natsproof {

struct WireSubscription {
  ConnectionId connection = 0;
  std::string subject, queue_group;
  bool active = true;
};

// A request's complete frame, with room for its digits. Positions count from the frame's first
// byte.
struct WireFrame {
  std::string bytes;
  std::size_t connection_digits_at = 0, sequence_digits_at = 0;
  std::size_t payload_digits_at = std::string::npos;
  std::size_t headers_at = 0, headers_bytes = 0;
  std::size_t message_bytes = 0;  // headers and payload: what max_payload limits
};

// What the connections of one transport share. Outlives them.
struct WireShared {
  static constexpr std::size_t kReadBytes = 256 * 1024;

  const Clock& clock;
  int epoll = -1;
  Listener* listener = nullptr;
  bool opening = false;  // the listener hears nothing of connections that come up or fail
  std::string name;      // for CONNECT
  std::string inbox_prefix;
  std::vector<WireSubscription> subscriptions{};  // [id - 1]
  std::vector<char> read_buffer = std::vector<char>(kReadBytes);
};

class WireConnection {
 public:
  enum class State : std::uint8_t { down, greeting, confirming, up };

  WireConnection(WireShared& shared, ConnectionId id) : shared_(shared), id_(id) {}
  ~WireConnection() { disconnect(); }
  WireConnection(const WireConnection&) = delete;
  WireConnection& operator=(const WireConnection&) = delete;

  // Begins to connect; the rest comes by on_ready(). REQUIRES: down. Errors: the kernel's, at once.
  Result<void> connect(const Endpoint& endpoint, const ServerAddress& login);
  // Handles what epoll says of the socket: writes on, reads once. Returns the number of protocol
  // messages it moved.
  std::size_t on_ready(std::uint32_t events);
  // Goes down for that reason, with on_down() if it was up.
  void fail(std::string why);
  // Writes what is queued, as far as that goes without blocking, and goes down without a word.
  void close();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool takes_requests() const { return state_ == State::up && !broken_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] const WireInfo& info() const { return info_; }
  // As ServerInfo has it.
  [[nodiscard]] Duration set_up() const { return set_up_; }
  // Has INFO come since this was last asked?
  bool take_info_news() { return std::exchange(info_news_, false); }

  SendStatus request(const WireFrame& frame, Sequence sequence);
  SendStatus request_with(const WireFrame& frame, Sequence sequence, std::string_view payload);
  SendStatus publish(const Publication& publication);
  SendStatus ping();
  // Tells the server if the connection is up; when it comes up it tells it of all active
  // subscriptions.
  void subscribe(SubscriptionId id);
  void unsubscribe(SubscriptionId id);
  // One write of all that is queued, unless the socket is full: then on_ready() goes on.
  void flush();

 private:
  void append_lengths(std::size_t headers_bytes, std::size_t message_bytes);
  SendStatus check_room(std::size_t message_bytes, std::size_t frame_bytes,
                        std::size_t limit_bytes) const;
  std::size_t read();
  void handle(const WireEvent& event, Instant received);
  void handle_info(std::string_view json);
  void handle_error(std::string_view text);
  void deliver(const WireEvent& event, Instant received);
  void say_hello();
  void come_up(Instant received);
  void append_subscription(SubscriptionId id);
  void watch(bool for_room);
  void disconnect();

  WireShared& shared_;
  ConnectionId id_;
  State state_ = State::down;
  bool broken_ = false;  // a write failed: what the server had to say is still to be read
  bool full_ = false;    // the socket took only a part; epoll tells when there is room
  bool paused_ = false;  // nothing is read until then
  bool info_news_ = false;
  int fd_ = -1;
  Instant begun_;  // just before connect()
  Duration set_up_{};
  std::uint64_t pings_ = 0;  // of ping(), not answered yet
  Outbox outbox_;
  WireParser parser_;
  std::string partial_;           // the beginning of a frame
  std::size_t partial_size_ = 0;  // how long that frame is; 0: not known yet
  WireInfo info_;
  ServerAddress login_;
  std::string failure_;
};

}  // namespace natsproof
