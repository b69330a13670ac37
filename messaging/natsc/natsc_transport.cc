#include "messaging/natsc/natsc_transport.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nats/nats.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "messaging/natsc/event_ring.h"
#include "messaging/natsc/natsc_options.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

constexpr std::size_t kRingSlots = 16384;
constexpr std::string_view kPingToken = "ping";
constexpr Duration kDrainWithin = 5s;

struct DestroyMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using MessagePtr = std::unique_ptr<natsMsg, DestroyMessage>;

struct DestroyOptions {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};

// What the library's threads have to tell the transport's.
struct Event {
  enum class Kind { message, pong, down, up, server_error } kind = Kind::message;
  ConnectionId connection = 0;
  SubscriptionId subscription = kInbox;
  Instant received{};
  MessagePtr message;
  std::unique_ptr<std::string> text;  // of down and server_error
};

std::string words_of(natsStatus status) {
  natsStatus last = NATS_OK;
  const char* text = nats_GetLastError(&last);
  return last == status && text != nullptr ? text : natsStatus_GetText(status);
}

// What the connection itself knows, which for a refusal are the server's words.
std::string words_of(natsConnection* connection, const char* otherwise) {
  const char* text = nullptr;
  natsConnection_GetLastError(connection, &text);
  return text != nullptr && *text != '\0' ? text : otherwise;
}

std::string_view view(const char* text) {
  return text == nullptr ? std::string_view{} : text;
}

// The block as it came, but for the order of its keys: the library keeps them in a hash, and the
// status under keys of its own.
std::string_view rebuild_headers(natsMsg* message, std::string& block) {
  const char** keys = nullptr;
  int key_count = 0;
  if (natsMsgHeader_Keys(message, &keys, &key_count) != NATS_OK) return {};
  constexpr std::string_view kStatus = "Status", kDescription = "Description";
  const char* status = nullptr;
  const char* description = nullptr;
  const bool inline_status = natsMsgHeader_Get(message, kStatus.data(), &status) == NATS_OK &&
                             view(status).size() == 3 &&
                             view(status).find_first_not_of("0123456789") == std::string_view::npos;
  block = "NATS/1.0";
  if (inline_status) {
    block.append(" ").append(status);
    if (natsMsgHeader_Get(message, kDescription.data(), &description) == NATS_OK) {
      block.append(" ").append(description);
    }
  }
  block += "\r\n";
  for (int k = 0; k < key_count; ++k) {
    if (inline_status && (keys[k] == kStatus || keys[k] == kDescription)) continue;
    const char** values = nullptr;
    int value_count = 0;
    if (natsMsgHeader_Values(message, keys[k], &values, &value_count) != NATS_OK) continue;
    for (int v = 0; v < value_count; ++v) {
      block.append(keys[k]).append(": ").append(values[v]).append("\r\n");
    }
    free(values);
  }
  free(keys);
  block += "\r\n";
  return block;
}

// Adds each `Key: value` line of a block to a message.
natsStatus add_headers(natsMsg* message, std::string_view block) {
  std::string key, value;
  std::size_t line = block.find("\r\n");
  while (line != std::string_view::npos) {
    const std::size_t start = line + 2;
    line = block.find("\r\n", start);
    if (line == std::string_view::npos || line == start) break;
    const std::string_view text = block.substr(start, line - start);
    const std::size_t colon = std::min(text.find(':'), text.size());
    key = text.substr(0, colon);
    value = text.substr(std::min(colon + 1, text.size()));
    value.erase(0, value.find_first_not_of(' '));
    if (const natsStatus status = natsMsgHeader_Add(message, key.c_str(), value.c_str());
        status != NATS_OK) {
      return status;
    }
  }
  return NATS_OK;
}

// The library wants its strings ended by a zero.
const char* zero_ended(std::string_view text, std::string& scratch) {
  scratch = text;
  return scratch.c_str();
}

class Natsc final : public NatscTransport {
 public:
  Natsc(const Clock& clock, NatscTuning tuning)
      : clock_(clock), tuning_(tuning), ring_(kRingSlots) {
    wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~Natsc() override {
    close();
    ::close(wake_fd_);
  }
  Natsc(const Natsc&) = delete;
  Natsc& operator=(const Natsc&) = delete;

  Result<void> open(const ConnectOptions& options, Listener& listener) override;
  void close() override;
  [[nodiscard]] std::uint32_t connections() const override {
    return static_cast<std::uint32_t>(connections_.size());
  }
  [[nodiscard]] bool is_up(ConnectionId connection) const override {
    return connection < connections_.size() && connections_[connection].up;
  }
  [[nodiscard]] ServerInfo server_info(ConnectionId connection) const override;
  [[nodiscard]] std::string inbox_prefix() const override { return inbox_prefix_; }
  Result<SubscriptionId> subscribe(ConnectionId connection, std::string_view subject,
                                   std::string_view queue_group) override;
  void unsubscribe(ConnectionId connection, SubscriptionId subscription) override;
  Result<FrameId> prepare(const RequestSpec& request) override;
  SendStatus request(ConnectionId connection, FrameId frame, Sequence sequence) override;
  SendStatus request_with(ConnectionId connection, FrameId frame, Sequence sequence,
                          std::string_view payload) override;
  SendStatus publish(ConnectionId connection, const Publication& publication) override;
  SendStatus ping(ConnectionId connection) override;
  [[nodiscard]] bool counts_pings() const override { return true; }
  void flush() override;
  std::size_t receive() override;
  void wait(Instant until) override;
  void wake() override;
  [[nodiscard]] PublishCost publish_cost() const override {
    return {.calls = publish_calls_, .total = Duration{publish_ns_}};
  }

 private:
  struct Connection {
    Natsc* transport = nullptr;
    ConnectionId id = 0;
    natsConnection* library = nullptr;
    std::atomic<bool> up{false};  // as the transport's thread has told the listener
    std::atomic<bool> lame_duck{false};
    bool silent = false;  // a drain took longer than it may: no other is begun
    Duration set_up{};
    bool closed = true;  // the library has called back for the last time; guarded by ended_mutex_
    ReconnectBackoff backoff;
    std::string reply_subject;  // of requests; the sequence is patched in
    std::string ping_subject;
  };
  struct Subscription {
    Connection* connection = nullptr;
    SubscriptionId id = kInbox;
    natsSubscription* library = nullptr;
    bool ended = false;  // its thread has called back for the last time; guarded by ended_mutex_
  };
  struct Sent {
    Sequence sequence = 0;
    Instant at{};
  };

  Result<void> connect(Connection& connection, const ConnectOptions& options);
  Result<Subscription*> add_subscription(ConnectionId connection, SubscriptionId id,
                                         const char* subject, const char* queue_group);
  SendStatus send(Connection& connection, const char* subject, const char* reply_to,
                  std::string_view headers, std::string_view payload, Instant before);
  void push(Event event);
  void wake_owner() const;
  void deliver(natsMsg* message, ConnectionId connection, SubscriptionId subscription,
               Instant received);
  bool tell(Event& event);
  void report_sent();

  static void on_library_message(natsConnection*, natsSubscription*, natsMsg* message,
                                 void* closure);
  static void on_library_complete(void* closure);
  static void on_library_disconnected(natsConnection* library, void* closure);
  static void on_library_reconnected(natsConnection*, void* closure);
  static void on_library_closed(natsConnection* library, void* closure);
  static void on_library_lame_duck(natsConnection*, void* closure);
  static void on_library_error(natsConnection* library, natsSubscription*, natsStatus error,
                               void* closure);

  const Clock& clock_;
  const NatscTuning tuning_;
  Listener* listener_ = nullptr;
  Delivery delivery_ = Delivery::polled;
  std::deque<Connection> connections_;      // a deque, for its elements stay where they are
  std::deque<Subscription> subscriptions_;  // inboxes and the caller's
  SubscriptionId last_subscription_ = 0;
  std::string inbox_prefix_;
  std::vector<RequestSpec> frames_;
  std::vector<Sent> sent_;
  std::string headers_;        // of the message being delivered
  std::mutex delivery_mutex_;  // Delivery::direct: one on_message at a time, and none once closing

  EventRing<Event> ring_;
  int wake_fd_ = -1;
  std::atomic<bool> asleep_{false}, woken_{false}, closing_{false};

  std::mutex ended_mutex_;
  std::condition_variable ended_;

  std::atomic<std::uint64_t> publish_calls_{0};
  std::atomic<Duration::rep> publish_ns_{0};
};

// ---- on the library's threads

void Natsc::on_library_message(natsConnection*, natsSubscription*, natsMsg* message,
                               void* closure) {
  const auto& subscription = *static_cast<const Subscription*>(closure);
  const Connection& connection = *subscription.connection;
  Natsc& self = *connection.transport;
  const Instant received = self.clock_.now();
  MessagePtr owned{message};
  const bool pong =
      subscription.id == kInbox && natsMsg_GetSubject(message) == connection.ping_subject;
  if (self.delivery_ == Delivery::direct && !pong) {
    const std::lock_guard lock(self.delivery_mutex_);
    if (!self.closing_) self.deliver(message, connection.id, subscription.id, received);
    return;
  }
  self.push({.kind = pong ? Event::Kind::pong : Event::Kind::message,
             .connection = connection.id,
             .subscription = subscription.id,
             .received = received,
             .message = std::move(owned),
             .text = nullptr});
}

void Natsc::on_library_complete(void* closure) {
  auto& subscription = *static_cast<Subscription*>(closure);
  Natsc& self = *subscription.connection->transport;
  const std::lock_guard lock(self.ended_mutex_);
  subscription.ended = true;
  self.ended_.notify_all();
}

void Natsc::on_library_disconnected(natsConnection* library, void* closure) {
  auto& connection = *static_cast<Connection*>(closure);
  connection.transport->push(
      {.kind = Event::Kind::down,
       .connection = connection.id,
       .message = nullptr,
       .text = std::make_unique<std::string>(words_of(library, "the connection was lost"))});
}

void Natsc::on_library_reconnected(natsConnection*, void* closure) {
  auto& connection = *static_cast<Connection*>(closure);
  connection.lame_duck = false;
  connection.transport->push(
      {.kind = Event::Kind::up, .connection = connection.id, .message = nullptr, .text = nullptr});
}

void Natsc::on_library_closed(natsConnection* library, void* closure) {
  auto& connection = *static_cast<Connection*>(closure);
  Natsc& self = *connection.transport;
  self.push(
      {.kind = Event::Kind::down,
       .connection = connection.id,
       .message = nullptr,
       .text = std::make_unique<std::string>(words_of(library, "the connection was closed"))});
  const std::lock_guard lock(self.ended_mutex_);
  connection.closed = true;
  self.ended_.notify_all();
}

void Natsc::on_library_lame_duck(natsConnection*, void* closure) {
  static_cast<Connection*>(closure)->lame_duck = true;
}

void Natsc::on_library_error(natsConnection* library, natsSubscription*, natsStatus error,
                             void* closure) {
  auto& connection = *static_cast<Connection*>(closure);
  // The server's words stand in the connection only for what the server said.
  connection.transport->push(
      {.kind = Event::Kind::server_error,
       .connection = connection.id,
       .message = nullptr,
       .text = std::make_unique<std::string>(error == NATS_NOT_PERMITTED
                                                 ? words_of(library, natsStatus_GetText(error))
                                                 : natsStatus_GetText(error))});
}

// A full ring makes the library's thread wait for the owner: a measuring instrument loses nothing.
void Natsc::push(Event event) {
  while (!closing_) {
    const bool pushed = ring_.try_push(event);
    if (asleep_.exchange(false)) wake_owner();
    if (pushed) return;
    std::this_thread::sleep_for(20us);
  }
}

void Natsc::wake_owner() const {
  const std::uint64_t one = 1;
  // It can fail only when the counter is full, and then the owner wakes anyway.
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

// ---- on the transport's thread

Result<void> Natsc::open(const ConnectOptions& options, Listener& listener) {
  assert(!options.servers.empty() && options.connections > 0 && connections_.empty());
  const auto login = [](const ServerAddress& s) {
    return s.user + "\n" + s.password + "\n" + s.token;
  };
  for (const ServerAddress& server : options.servers) {
    if (login(server) != login(options.servers.front())) {
      return Error{
          fmt::format("the nats.c client takes one login for all servers, and that of {} differs "
                      "from that of {}; "
                      "give both the same, or use the wire client",
                      server.display(), options.servers.front().display())};
    }
  }
  listener_ = &listener;
  delivery_ = options.delivery;
  closing_ = false;
  inbox_prefix_ = make_inbox_prefix(options.seed);
  for (ConnectionId id = 0; id < options.connections; ++id) {
    Connection& connection = connections_.emplace_back();
    connection.transport = this;
    connection.id = id;
    connection.backoff = {.min = options.reconnect_wait_min,
                          .max = options.reconnect_wait_max,
                          .seed = options.seed + id};
    std::string own = inbox_prefix_ + std::string(kConnectionDigits, '0') + ".";
    write_hex(own.data() + inbox_prefix_.size(), id, kConnectionDigits);
    connection.reply_subject = own + std::string(kSequenceDigits, '0');
    connection.ping_subject = own.append(kPingToken);
    if (auto connected = connect(connection, options); !connected) {
      close();
      return connected;
    }
  }
  return {};
}

Result<void> Natsc::connect(Connection& connection, const ConnectOptions& options) {
  const Instant deadline = clock_.now() + options.connect_timeout;
  const auto failed = [&](natsStatus status) {
    std::string servers;
    for (const ServerAddress& server : options.servers) {
      servers += (servers.empty() ? "" : ", ") + server.display();
    }
    return Error{fmt::format("cannot connect to {}: {}", servers, words_of(status))};
  };
  natsOptions* created = nullptr;
  if (const natsStatus status = natsOptions_Create(&created); status != NATS_OK)
    return failed(status);
  const std::unique_ptr<natsOptions, DestroyOptions> library_options{created};

  for (const natsStatus status :
       {set_seam_options(created, options, connection.id),
        tuning_ == NatscTuning::tuned ? tune(created, connection.backoff) : NATS_OK,
        natsOptions_SetDisconnectedCB(created, on_library_disconnected, &connection),
        natsOptions_SetReconnectedCB(created, on_library_reconnected, &connection),
        natsOptions_SetClosedCB(created, on_library_closed, &connection),
        natsOptions_SetLameDuckModeCB(created, on_library_lame_duck, &connection),
        natsOptions_SetErrorHandler(created, on_library_error, &connection)}) {
    if (status != NATS_OK) return failed(status);
  }
  const Instant begun = clock_.now();
  if (const natsStatus status = natsConnection_Connect(&connection.library, created);
      status != NATS_OK) {
    connection.library = nullptr;
    return failed(status);
  }
  connection.set_up = clock_.now() - begun;
  {
    const std::lock_guard lock(ended_mutex_);
    connection.closed = false;
  }
  connection.up = true;
  std::string inbox = connection.ping_subject;
  inbox.replace(inbox.size() - kPingToken.size(), kPingToken.size(), "*");
  if (auto added = add_subscription(connection.id, kInbox, inbox.c_str(), nullptr); !added) {
    return added.error();
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.now());
  if (const natsStatus status =
          natsConnection_FlushTimeout(connection.library, std::max<std::int64_t>(1, left.count()));
      status != NATS_OK) {
    return failed(status);
  }
  return {};
}

void Natsc::close() {
  {
    const std::lock_guard lock(delivery_mutex_);
    closing_ = true;
  }
  for (Connection& connection : connections_) {
    if (connection.library != nullptr) natsConnection_Close(connection.library);
  }
  {
    // The library's threads outlive the call; nothing here may go before each has called for the
    // last time.
    std::unique_lock lock(ended_mutex_);
    ended_.wait(lock, [&] {
      return std::all_of(connections_.begin(), connections_.end(),
                         [](const auto& c) { return c.closed; }) &&
             std::all_of(subscriptions_.begin(), subscriptions_.end(),
                         [](const auto& s) { return s.ended; });
    });
  }
  for (Subscription& subscription : subscriptions_) natsSubscription_Destroy(subscription.library);
  for (Connection& connection : connections_) natsConnection_Destroy(connection.library);
  subscriptions_.clear();
  connections_.clear();
  for (Event event; ring_.try_pop(event);) {
  }
  sent_.clear();
}

ServerInfo Natsc::server_info(ConnectionId id) const {
  const Connection& connection = connections_.at(id);
  natsConnection* const library = connection.library;
  ServerInfo info;
  char text[512] = "";
  if (natsConnection_GetConnectedServerId(library, text, sizeof text) == NATS_OK) info.id = text;
  if (natsConnection_GetConnectedUrl(library, text, sizeof text) == NATS_OK) {
    if (const auto address = parse_server_address(text)) {
      info.host = address->host;
      info.port = address->port;
      info.url = address->display();
    }
  }
  natsConnection_GetClientID(library, &info.client_id);
  info.max_payload_bytes = static_cast<std::uint64_t>(natsConnection_GetMaxPayload(library));
  info.headers = natsConnection_HasHeaderSupport(library) == NATS_OK;
  info.lame_duck = connection.lame_duck;
  info.set_up = connection.set_up;
  char** servers = nullptr;
  int count = 0;
  if (natsConnection_GetDiscoveredServers(library, &servers, &count) == NATS_OK) {
    for (int i = 0; i < count; ++i) {
      info.connect_urls.emplace_back(servers[i]);
      free(servers[i]);
    }
    free(servers);
  }
  return info;
}

Result<Natsc::Subscription*> Natsc::add_subscription(ConnectionId id,
                                                     SubscriptionId subscription_id,
                                                     const char* subject, const char* queue_group) {
  Subscription& added = subscriptions_.emplace_back();
  added.connection = &connections_[id];
  added.id = subscription_id;
  natsConnection* const library = connections_[id].library;
  natsStatus status =
      queue_group == nullptr
          ? natsConnection_Subscribe(&added.library, library, subject, on_library_message, &added)
          : natsConnection_QueueSubscribe(&added.library, library, subject, queue_group,
                                          on_library_message, &added);
  if (status != NATS_OK) {
    subscriptions_.pop_back();
    return Error{fmt::format("cannot subscribe to {}: {}", subject, words_of(status))};
  }
  // A subscription that is closed already, with its connection, will not call back any more.
  if (natsSubscription_SetOnCompleteCB(added.library, on_library_complete, &added) != NATS_OK) {
    const std::lock_guard lock(ended_mutex_);
    added.ended = true;
  } else if (tuning_ == NatscTuning::tuned) {
    tune(added.library);
  }
  return &added;
}

Result<SubscriptionId> Natsc::subscribe(ConnectionId connection, std::string_view subject,
                                        std::string_view queue_group) {
  if (auto checked = check_subject(subject, true); !checked) return checked.error();
  const std::string subject_text{subject}, queue_text{queue_group};
  auto added = add_subscription(connection, last_subscription_ + 1, subject_text.c_str(),
                                queue_text.empty() ? nullptr : queue_text.c_str());
  if (!added) return added.error();
  return ++last_subscription_;
}

void Natsc::unsubscribe(ConnectionId connection, SubscriptionId id) {
  const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(), [&](const auto& s) {
    return s.connection->id == connection && s.id == id && id != kInbox;
  });
  if (found == subscriptions_.end()) return;
  // A drain would wait for a server that is not there, or no longer answers.
  if (!is_up(connection) || found->connection->silent) {
    natsSubscription_Unsubscribe(found->library);
    return;
  }
  constexpr auto kWithinMs =
      std::chrono::duration_cast<std::chrono::milliseconds>(kDrainWithin).count();
  if (natsSubscription_DrainTimeout(found->library, kWithinMs) != NATS_OK) return;
  if (delivery_ != Delivery::direct) return;
  std::unique_lock lock(ended_mutex_);
  const bool ended = ended_.wait_for(lock, kDrainWithin, [&] { return found->ended; });
  found->connection->silent =
      !ended || natsSubscription_DrainCompletionStatus(found->library) == NATS_TIMEOUT;
}

Result<FrameId> Natsc::prepare(const RequestSpec& request) {
  if (auto checked = check_subject(request.subject, false); !checked) return checked.error();
  frames_.push_back(request);
  return static_cast<FrameId>(frames_.size() - 1);
}

SendStatus Natsc::request(ConnectionId id, FrameId frame, Sequence sequence) {
  RequestSpec& spec = frames_[frame];
  // The library has copied the payload when it returns, so the frame itself can be patched.
  if (spec.payload_digits_at != std::string::npos) {
    write_hex(spec.payload.data() + spec.payload_digits_at, sequence, kSequenceDigits);
  }
  return request_with(id, frame, sequence, spec.payload);
}

SendStatus Natsc::request_with(ConnectionId id, FrameId frame, Sequence sequence,
                               std::string_view payload) {
  const RequestSpec& spec = frames_[frame];
  Connection& connection = connections_[id];
  std::string& reply_to = connection.reply_subject;
  write_hex(reply_to.data() + reply_to.size() - kSequenceDigits, sequence, kSequenceDigits);
  const Instant before = clock_.now();
  const SendStatus status =
      send(connection, spec.subject.c_str(), reply_to.c_str(), spec.headers, payload, before);
  if (status == SendStatus::accepted) sent_.push_back({.sequence = sequence, .at = before});
  return status;
}

SendStatus Natsc::publish(ConnectionId id, const Publication& publication) {
  // Delivery::direct publishes from the library's threads as well as from ours.
  thread_local std::string subject, reply_to;
  return send(connections_[id], zero_ended(publication.subject, subject),
              publication.reply_to.empty() ? nullptr : zero_ended(publication.reply_to, reply_to),
              publication.headers, publication.payload, clock_.now());
}

SendStatus Natsc::ping(ConnectionId id) {
  Connection& connection = connections_[id];
  return send(connection, connection.ping_subject.c_str(), nullptr, {}, {}, clock_.now());
}

SendStatus Natsc::send(Connection& connection, const char* subject, const char* reply_to,
                       std::string_view headers, std::string_view payload, Instant before) {
  if (!connection.up) return SendStatus::down;
  const auto size = static_cast<int>(payload.size());
  natsStatus status = NATS_OK;
  if (!headers.empty()) {
    natsMsg* created = nullptr;
    status = natsMsg_Create(&created, subject, reply_to, payload.data(), size);
    const MessagePtr message{created};
    if (status == NATS_OK) status = add_headers(created, headers);
    if (status == NATS_OK) status = natsConnection_PublishMsg(connection.library, created);
  } else if (reply_to == nullptr) {
    status = natsConnection_Publish(connection.library, subject, payload.data(), size);
  } else {
    status =
        natsConnection_PublishRequest(connection.library, subject, reply_to, payload.data(), size);
  }
  publish_calls_.fetch_add(1, std::memory_order_relaxed);
  publish_ns_.fetch_add((clock_.now() - before).count(), std::memory_order_relaxed);
  switch (status) {
    case NATS_OK:
      return SendStatus::accepted;
    case NATS_MAX_PAYLOAD:
      return SendStatus::too_big;
    case NATS_INSUFFICIENT_BUFFER:
      return SendStatus::backlogged;
    default:
      return SendStatus::down;
  }
}

void Natsc::report_sent() {
  for (const Sent& sent : sent_) listener_->on_sent(sent.sequence, sent.at);
  sent_.clear();
}

void Natsc::flush() {
  report_sent();
}

std::size_t Natsc::receive() {
  report_sent();  // before any reply to them
  std::size_t moved = 0;
  for (Event event; moved < kRingSlots && ring_.try_pop(event);) moved += tell(event) ? 1 : 0;
  return moved;
}

bool Natsc::tell(Event& event) {
  switch (event.kind) {
    case Event::Kind::message:
      deliver(event.message.get(), event.connection, event.subscription, event.received);
      return true;
    case Event::Kind::pong:
      listener_->on_pong(event.connection, event.received);
      return true;
    case Event::Kind::down:
      // The library may say both "disconnected" and "closed".
      if (!connections_[event.connection].up.exchange(false)) return false;
      listener_->on_down(event.connection, *event.text);
      return true;
    case Event::Kind::up:
      connections_[event.connection].up = true;
      listener_->on_up(event.connection);
      return true;
    case Event::Kind::server_error:
      listener_->on_server_error(event.connection, *event.text);
      return true;
  }
  return false;
}

void Natsc::deliver(natsMsg* message, ConnectionId connection, SubscriptionId subscription,
                    Instant received) {
  const std::string_view subject = natsMsg_GetSubject(message);
  listener_->on_message(
      {.connection = connection,
       .subscription = subscription,
       .subject = subject,
       .reply_to = view(natsMsg_GetReply(message)),
       .headers = rebuild_headers(message, headers_),
       .payload = {natsMsg_GetData(message),
                   static_cast<std::size_t>(natsMsg_GetDataLength(message))},
       .sequence = subscription == kInbox ? sequence_of_reply(subject) : kNoSequence,
       .received = received});
}

void Natsc::wait(Instant until) {
  asleep_ = true;
  const bool ready = woken_ || !ring_.empty();
  const Duration left = ready ? Duration::zero() : std::max(Duration::zero(), until - clock_.now());
  if (woken_ || left > Duration::zero()) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    pollfd readable{.fd = wake_fd_, .events = POLLIN, .revents = 0};
    if (ppoll(&readable, 1, &timeout, nullptr) > 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t drained = read(wake_fd_, &count, sizeof count);
      woken_ = false;  // a wake() after the read has made the eventfd readable again
    }
  }
  asleep_ = false;
}

void Natsc::wake() {
  woken_ = true;
  wake_owner();
}

}  // namespace

std::unique_ptr<NatscTransport> make_natsc_transport(const Clock& clock, NatscTuning tuning) {
  return std::make_unique<Natsc>(clock, tuning);
}

}  // namespace natsproof
