// The seam between the instrument (or a service) and a NATS client.
//
// A Transport is a set of connections to one NATS system, driven by one thread. Four exist: wire/
// (our own client), natsc/ (nats.c, tuned or with its defaults) and memory/ (scripted, for tests).
// The same contract tests run on all.
//
// Threads: all calls come from the thread that called open(), except wake(). The listener is called
// on that thread too, from inside receive() and flush() only, never from wait() and never
// re-entrantly, but for on_sent() where on_message() flushes. The one exception is Delivery::direct
// (nats.c for services): there on_message comes on the library's threads, one call at a time.
//
// The way of a request: prepare() once, before the start, builds the frame; request() queues a copy
// with its sequence number patched in; flush() writes what is queued and reports on_sent() for
// every request with the instant just before the write call that carried its last byte; receive()
// reads what has come and reports it with the instant just after the read call that brought it;
// wait() sleeps until something can be read, wake() is called, or the time is up. After open() and
// prepare() nothing here allocates per request, once buffers have grown to the load.
//
// Lifetime: the listener outlives the transport or close(), whichever is first. Views in a Message
// die with the callback.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "messaging/server_address.h"

namespace natsproof {

using ConnectionId = std::uint32_t;    // 0 .. connections()-1
using SubscriptionId = std::uint32_t;  // from 1 in the order of subscribe(), over all connections
using FrameId = std::uint32_t;         // from 0 in the order of prepare()
using Sequence = std::uint64_t;        // a request's number; below 2^48

inline constexpr SubscriptionId kInbox = 0;  // of a reply to one of our requests

struct Message {
  ConnectionId connection = 0;
  SubscriptionId subscription = kInbox;
  std::string_view subject{};
  std::string_view reply_to{};  // empty: no reply wanted
  std::string_view headers{};   // from `NATS/1.0` to the blank line (headers.h); empty: none
  std::string_view payload{};
  Sequence sequence = 0;  // of the request that this answers; kNoSequence if the subject has none
  Instant received{};
};
inline constexpr Sequence kNoSequence = ~Sequence{0};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_message(const Message& message) = 0;
  // The request left. Comes once per accepted request, except for those lost with their connection.
  virtual void on_sent(Sequence, Instant /*actual_send*/) {}
  // Answer to ping().
  virtual void on_pong(ConnectionId, Instant /*received*/) {}
  // The connection is lost; whatever was in flight on it will not be answered (a late reply may
  // still come after a reconnect). The transport reconnects by itself if it was opened so.
  virtual void on_down(ConnectionId, std::string_view /*why*/) {}
  virtual void on_up(ConnectionId) {}
  // The server complained (-ERR) without closing, e.g. a permissions violation.
  virtual void on_server_error(ConnectionId, std::string_view /*text*/) {}
};

enum class Delivery {
  polled,  // on_message from receive()
  direct,  // nats.c only: on the library's threads, as an application's callback runs
};

struct ConnectOptions {
  std::vector<ServerAddress> servers{};  // tried in order, from a seeded start; at least one
  std::uint32_t connections = 1;
  std::string name = "natsproof";  // shown by the server in /connz
  Duration connect_timeout = 2s;   // for all of open()'s attempts on one connection
  bool reconnect = true;
  Duration reconnect_wait_min = 50ms;  // jittered exponential backoff between these
  Duration reconnect_wait_max = 2s;
  Delivery delivery = Delivery::polled;
  std::uint64_t seed = 1;  // jitter and inbox names
};

struct ServerInfo {
  std::string name, id, version, host;  // nats.c tells neither name nor version
  std::string url;                      // as this program reached it, `nats://host:port`
  std::uint16_t port = 0;
  std::uint64_t client_id = 0;  // the connection's `cid` in the server's /connz; 0: not told
  std::uint64_t max_payload_bytes = 0;
  bool headers = false;
  bool lame_duck = false;
  // Of the connection that open() made: from connect() to the server's first PONG; of nats.c the
  // library's connect call, which ends there. 0: not known. open() makes many at once, so that they
  // wait for one another.
  Duration set_up{};
  std::vector<std::string> connect_urls;
};

// A request as it will be sent: the sequence number goes into its reply subject, and into the
// payload where asked.
struct RequestSpec {
  std::string subject{};
  std::string headers{};  // a whole block (headers.h builds it) or empty
  std::string payload{};
  // Where in the payload kSequenceDigits lower-case hex digits of the sequence number go; npos:
  // nowhere.
  std::size_t payload_digits_at = std::string::npos;
};
inline constexpr std::size_t kSequenceDigits = 12;

enum class SendStatus {
  accepted,
  down,        // no connection now
  too_big,     // over the server's max_payload
  backlogged,  // the peer has not read for so long that our buffer's limit is reached
};

struct Publication {
  std::string_view subject{}, reply_to{}, headers{}, payload{};
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Opens all connections and their inboxes; returns when each has been answered by its server, or
  // with the error of the first that was not, in the server's words where it spoke. Fails within
  // connect_timeout.
  virtual Result<void> open(const ConnectOptions& options, Listener& listener) = 0;
  // Flushes what it can without blocking, then disconnects. No callbacks during or after. Also done
  // by the destructor.
  virtual void close() = 0;

  [[nodiscard]] virtual std::uint32_t connections() const = 0;
  [[nodiscard]] virtual bool is_up(ConnectionId connection) const = 0;
  [[nodiscard]] virtual ServerInfo server_info(ConnectionId connection) const = 0;
  // What the reply subjects of our requests begin with, `_INBOX.<22 letters>.` (subject.h).
  // REQUIRES: it is open.
  [[nodiscard]] virtual std::string inbox_prefix() const = 0;

  // An empty queue group means none. Survives reconnects. Errors: bad subject.
  virtual Result<SubscriptionId> subscribe(ConnectionId connection, std::string_view subject,
                                           std::string_view queue_group) = 0;
  // What the server sent before it saw the unsubscribe is still delivered.
  virtual void unsubscribe(ConnectionId connection, SubscriptionId subscription) = 0;

  // Errors: bad subject. The size is checked by request(), for max_payload can change.
  virtual Result<FrameId> prepare(const RequestSpec& request) = 0;
  virtual SendStatus request(ConnectionId connection, FrameId frame, Sequence sequence) = 0;
  // The same with another payload in the place of the prepared one; no digits are patched into it.
  virtual SendStatus request_with(ConnectionId connection, FrameId frame, Sequence sequence,
                                  std::string_view payload) = 0;
  virtual SendStatus publish(ConnectionId connection, const Publication& publication) = 0;
  // A round trip to the server and back, in the order of what was sent before; answered by
  // on_pong().
  virtual SendStatus ping(ConnectionId connection) = 0;
  // Whether a ping() is a message like any other to the server, and in its count of them.
  [[nodiscard]] virtual bool counts_pings() const { return false; }

  // Writes what is queued, as far as the sockets take it. Also from inside on_message().
  virtual void flush() = 0;
  // Delivers what has come, without blocking; does reconnects that are due. Returns how many
  // protocol messages it moved.
  virtual std::size_t receive() = 0;
  // Sleeps until a socket is ready, wake() is called or `until` is reached. Reconnects that fall
  // due earlier cut it short.
  virtual void wait(Instant until) = 0;
  // Ends a wait() now or the next one. Any thread; async-signal-safe.
  virtual void wake() = 0;
};

}  // namespace natsproof
