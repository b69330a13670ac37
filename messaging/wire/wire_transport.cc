#include "messaging/wire/wire_transport.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <deque>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/random.h"
#include "messaging/subject.h"
#include "messaging/wire/connection.h"
#include "messaging/wire/endpoint.h"

namespace natsproof {
namespace {

constexpr std::uint32_t kWakeKey = ~std::uint32_t{0};  // no connection has these ids
constexpr std::uint32_t kAlarmKey = kWakeKey - 1;
constexpr std::uint32_t kMaxConnections = 1U << (4 * kConnectionDigits);
constexpr std::size_t kHandshakesUnderWay = 64;
constexpr std::size_t kMaxServers = 1000;  // what a cluster tells of itself is believed up to here

// A connection and the way it takes to come up (again).
struct Slot {
  Slot(WireShared& shared, ConnectionId number) : id(number), connection(shared, number) {}

  ConnectionId id;
  WireConnection connection;
  std::size_t server = 0;           // the one it is on, or tries
  std::vector<Endpoint> endpoints;  // of that server
  std::size_t next_endpoint = 0;    // to be tried, if this one fails
  std::size_t attempts = 0;         // servers tried in vain since it was last up
  Instant due{};  // pausing: of the next attempt; else when the attempt has failed
  bool pausing = false;
  bool dirty = false;       // in dirty_
  bool unfinished = false;  // in unfinished_
  std::string failures;     // of open(), one after the other
};

class WireTransport final : public Transport {
 public:
  explicit WireTransport(const Clock& clock)
      : shared_{.clock = clock, .name = {}, .inbox_prefix = make_inbox_prefix(0)}, random_(0) {}
  ~WireTransport() override {
    close();
    ::close(wake_);
    ::close(alarm_);
  }
  WireTransport(const WireTransport&) = delete;
  WireTransport& operator=(const WireTransport&) = delete;

  Result<void> open(const ConnectOptions& options, Listener& listener) override;
  void close() override;

  [[nodiscard]] std::uint32_t connections() const override {
    return static_cast<std::uint32_t>(slots_.size());
  }
  [[nodiscard]] bool is_up(ConnectionId id) const override {
    return slots_[id].connection.takes_requests();
  }
  [[nodiscard]] ServerInfo server_info(ConnectionId id) const override {
    ServerInfo info = slots_[id].connection.info().server;
    info.set_up = slots_[id].connection.set_up();
    info.url = servers_[slots_[id].server].display();
    return info;
  }

  [[nodiscard]] std::string inbox_prefix() const override { return shared_.inbox_prefix; }

  Result<SubscriptionId> subscribe(ConnectionId id, std::string_view subject,
                                   std::string_view queue_group) override;
  void unsubscribe(ConnectionId id, SubscriptionId subscription) override;

  Result<FrameId> prepare(const RequestSpec& request) override;
  SendStatus request(ConnectionId id, FrameId frame, Sequence sequence) override;
  SendStatus request_with(ConnectionId id, FrameId frame, Sequence sequence,
                          std::string_view payload) override;
  SendStatus publish(ConnectionId id, const Publication& publication) override;
  SendStatus ping(ConnectionId id) override;

  void flush() override;
  std::size_t receive() override;
  void wait(Instant until) override;
  void wake() override;

 private:
  Result<void> open_connections();
  Slot& touch(ConnectionId id);
  void settle(Slot& slot);
  void begin_attempt(Slot& slot);
  void try_endpoints(Slot& slot);
  void attempt_failed(Slot& slot, const std::string& why);
  void lost(Slot& slot);
  void pause(Slot& slot);
  void enlist(Slot& slot, Instant due);
  void finish(Slot& slot);
  void do_what_is_due();
  void learn_servers(const Slot& slot);
  bool watch_own(int fd, std::uint32_t key, std::uint32_t events) const;
  bool only_alarm_rang(int found);
  void set_alarm(Instant at, Duration left);

  WireShared shared_;
  ConnectOptions options_;
  Random random_;
  std::vector<ServerAddress> servers_;    // given, then learned
  std::deque<Slot> slots_;                // [ConnectionId]
  std::vector<ConnectionId> dirty_;       // have something queued since the last flush()
  std::vector<ConnectionId> unfinished_;  // not up, and to come up
  Instant next_due_ = Instant::max();     // no later than the first `due` of unfinished_
  std::vector<WireFrame> frames_;
  std::string open_failure_;
  // As old as the transport, for wake() may come from another thread while close() is under way.
  const int wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  const int alarm_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  Instant alarm_at_ = Instant::max();  // when it rings; max: it has rung, or was never set
  std::array<epoll_event, 256> ready_{};
  std::size_t ready_count_ = 0;  // found by wait(), not handled by receive() yet
  bool waited_ = false;          // wait() has asked epoll since the last receive()
};

Result<void> WireTransport::open(const ConnectOptions& options, Listener& listener) {
  close();
  if (options.servers.empty()) return Error{"no server address to connect to"};
  if (options.connections < 1 || options.connections > kMaxConnections) {
    return Error{
        fmt::format("{} connections: 1 to {} are allowed", options.connections, kMaxConnections)};
  }
  options_ = options;
  servers_ = options.servers;
  random_ = Random(options.seed);
  shared_.listener = &listener;
  shared_.name = options.name;
  shared_.subscriptions.clear();
  shared_.epoll = ::epoll_create1(EPOLL_CLOEXEC);
  // An alarm that has rung is told once, and needs no read.
  if (shared_.epoll < 0 || !watch_own(wake_, kWakeKey, EPOLLIN) ||
      !watch_own(alarm_, kAlarmKey, EPOLLIN | EPOLLET)) {
    Error error{fmt::format("epoll, eventfd and timerfd: {}", std::strerror(errno))};
    close();
    return error;
  }
  shared_.opening = true;
  const auto opened = open_connections();
  shared_.opening = false;
  if (!opened) close();
  return opened;
}

bool WireTransport::watch_own(int fd, std::uint32_t key, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.u32 = key;
  return ::epoll_ctl(shared_.epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

Result<void> WireTransport::open_connections() {
  const std::uint64_t start = random_.next();
  open_failure_.clear();
  while (slots_.size() < options_.connections || !unfinished_.empty()) {
    while (slots_.size() < options_.connections && unfinished_.size() < kHandshakesUnderWay) {
      const auto id = static_cast<ConnectionId>(slots_.size());
      Slot& slot = slots_.emplace_back(shared_, id);
      slot.server = (start + id) % servers_.size();
      enlist(slot, shared_.clock.now() + options_.connect_timeout);
      begin_attempt(slot);
    }
    if (open_failure_.empty()) wait(Instant::max());
    receive();
    if (!open_failure_.empty()) return Error{open_failure_};
  }
  return {};
}

void WireTransport::close() {
  for (Slot& slot : slots_) slot.connection.close();
  slots_.clear();
  dirty_.clear();
  unfinished_.clear();
  next_due_ = Instant::max();
  ready_count_ = 0;
  waited_ = false;
  if (shared_.epoll >= 0) ::close(shared_.epoll);
  shared_.epoll = -1;
}

// ---- The way of a request

Slot& WireTransport::touch(ConnectionId id) {
  assert(id < slots_.size());
  Slot& slot = slots_[id];
  if (!slot.dirty) {
    slot.dirty = true;
    dirty_.push_back(id);
  }
  return slot;
}

Result<FrameId> WireTransport::prepare(const RequestSpec& spec) {
  if (auto checked = check_subject(spec.subject, false); !checked) return checked.error();
  if (!spec.headers.empty() &&
      !(spec.headers.starts_with("NATS/1.0") && spec.headers.ends_with("\r\n\r\n"))) {
    return Error{fmt::format(
        "the headers of a request to \"{}\" are not a block from NATS/1.0 to a blank line",
        spec.subject)};
  }
  const bool digits = spec.payload_digits_at != std::string::npos;
  if (digits && (spec.payload.size() < kSequenceDigits ||
                 spec.payload_digits_at > spec.payload.size() - kSequenceDigits)) {
    return Error{
        fmt::format("the payload of a request to \"{}\" has {} bytes: no room for {} digits at {}",
                    spec.subject, spec.payload.size(), kSequenceDigits, spec.payload_digits_at)};
  }
  WireFrame frame;
  frame.message_bytes = spec.headers.size() + spec.payload.size();
  frame.bytes = fmt::format("{} {} {}", spec.headers.empty() ? "PUB" : "HPUB", spec.subject,
                            shared_.inbox_prefix);
  frame.connection_digits_at = frame.bytes.size();
  frame.bytes.append(kConnectionDigits, '0');
  frame.bytes += '.';
  frame.sequence_digits_at = frame.bytes.size();
  frame.bytes.append(kSequenceDigits, '0');
  if (!spec.headers.empty()) frame.bytes += fmt::format(" {}", spec.headers.size());
  frame.bytes += fmt::format(" {}\r\n", frame.message_bytes);
  frame.headers_at = frame.bytes.size();
  frame.headers_bytes = spec.headers.size();
  frame.bytes += spec.headers;
  if (digits) frame.payload_digits_at = frame.bytes.size() + spec.payload_digits_at;
  frame.bytes += spec.payload;
  frame.bytes += "\r\n";
  frames_.push_back(std::move(frame));
  return static_cast<FrameId>(frames_.size() - 1);
}

SendStatus WireTransport::request(ConnectionId id, FrameId frame, Sequence sequence) {
  assert(frame < frames_.size());
  return touch(id).connection.request(frames_[frame], sequence);
}

SendStatus WireTransport::request_with(ConnectionId id, FrameId frame, Sequence sequence,
                                       std::string_view payload) {
  assert(frame < frames_.size());
  return touch(id).connection.request_with(frames_[frame], sequence, payload);
}

SendStatus WireTransport::publish(ConnectionId id, const Publication& publication) {
  return touch(id).connection.publish(publication);
}

SendStatus WireTransport::ping(ConnectionId id) {
  return touch(id).connection.ping();
}

Result<SubscriptionId> WireTransport::subscribe(ConnectionId id, std::string_view subject,
                                                std::string_view queue_group) {
  if (auto checked = check_subject(subject, true); !checked) return checked.error();
  if (!queue_group.empty()) {
    if (auto checked = check_subject(queue_group, false); !checked) {
      return Error{fmt::format("queue group: {}", checked.error().message)};
    }
  }
  shared_.subscriptions.push_back(
      {.connection = id, .subject = std::string(subject), .queue_group = std::string(queue_group)});
  const auto subscription = static_cast<SubscriptionId>(shared_.subscriptions.size());
  touch(id).connection.subscribe(subscription);
  return subscription;
}

void WireTransport::unsubscribe(ConnectionId id, SubscriptionId subscription) {
  assert(subscription >= 1 && subscription <= shared_.subscriptions.size());
  shared_.subscriptions[subscription - 1].active = false;
  touch(id).connection.unsubscribe(subscription);
}

void WireTransport::flush() {
  // on_sent() may queue more; that goes with the next flush.
  const std::size_t count = dirty_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[dirty_[i]];
    slot.dirty = false;
    slot.connection.flush();
  }
  dirty_.erase(dirty_.begin(), dirty_.begin() + static_cast<std::ptrdiff_t>(count));
}

std::size_t WireTransport::receive() {
  if (!waited_) {
    const int count =
        ::epoll_wait(shared_.epoll, ready_.data(), static_cast<int>(ready_.size()), 0);
    ready_count_ = static_cast<std::size_t>(std::max(count, 0));
  }
  waited_ = false;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < ready_count_; ++i) {
    const std::uint32_t key = ready_[i].data.u32;
    if (key == kWakeKey) continue;  // only wait() takes a wake-up back: it must end the next one
    if (key == kAlarmKey) {
      alarm_at_ = Instant::max();
      continue;
    }
    Slot& slot = slots_[key];
    moved += slot.connection.on_ready(ready_[i].events);
    settle(slot);
  }
  ready_count_ = 0;
  if (!unfinished_.empty() && shared_.clock.now() >= next_due_) do_what_is_due();
  return moved;
}

void WireTransport::wait(Instant until) {
  if (ready_count_ > 0) return;
  if (!unfinished_.empty()) until = std::min(until, next_due_);
  waited_ = true;
  Instant rings;
  do {
    const Instant now = shared_.clock.now();
    if (now < until && (until < alarm_at_ || alarm_at_ <= now)) set_alarm(until, until - now);
    rings = alarm_at_;
    const int found = ::epoll_wait(shared_.epoll, ready_.data(), static_cast<int>(ready_.size()),
                                   now < until ? -1 : 0);
    if (!only_alarm_rang(found)) return;
  } while (rings < until);
}

// Takes what is our own out of what epoll has found.
bool WireTransport::only_alarm_rang(int found) {
  bool alarm = false, woken = false;
  ready_count_ = 0;
  for (int i = 0; i < found; ++i) {
    const epoll_event event = ready_[static_cast<std::size_t>(i)];
    if (event.data.u32 == kAlarmKey) {
      alarm = true;
      alarm_at_ = Instant::max();
    } else if (event.data.u32 == kWakeKey) {
      woken = true;
      std::uint64_t wakes = 0;
      [[maybe_unused]] const auto size = ::read(wake_, &wakes, sizeof wakes);
    } else {
      ready_[ready_count_++] = event;
    }
  }
  return alarm && !woken && ready_count_ == 0;
}

// Why an alarm and no timeout of epoll's own: that is set with each wait and cancelled with each
// message that comes before it. On an idle core of a virtual machine each of the two leaves the
// machine and takes some 4 us. The alarm stays set; one that rings too early is set again by
// wait(), once in many requests.
void WireTransport::set_alarm(Instant at, Duration left) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  itimerspec alarm{};
  alarm.it_value = {.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
  ::timerfd_settime(alarm_, 0, &alarm, nullptr);
  alarm_at_ = at;
}

void WireTransport::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(wake_, &one, sizeof one);
}

// ---- Coming up, going down, coming up again

// After anything has happened to a connection's socket.
void WireTransport::settle(Slot& slot) {
  WireConnection& connection = slot.connection;
  if (connection.take_info_news()) {
    learn_servers(slot);
    if (connection.info().server.lame_duck && servers_.size() > 1) {
      connection.fail("the server is going to shut down (lame duck mode)");
    }
  }
  switch (connection.state()) {
    case WireConnection::State::up:
      if (slot.unfinished) finish(slot);
      return;
    case WireConnection::State::down:
      return slot.unfinished ? try_endpoints(slot) : lost(slot);
    case WireConnection::State::greeting:
    case WireConnection::State::confirming:
      return;
  }
}

void WireTransport::begin_attempt(Slot& slot) {
  slot.pausing = false;
  auto endpoints = resolve(servers_[slot.server]);
  if (!endpoints) return attempt_failed(slot, endpoints.error().message);
  slot.endpoints = std::move(*endpoints);
  slot.next_endpoint = 0;
  try_endpoints(slot);
}

// Goes on to the next address of the host, as long as there is one.
void WireTransport::try_endpoints(Slot& slot) {
  std::string why = slot.connection.failure();
  while (slot.next_endpoint < slot.endpoints.size()) {
    const auto begun =
        slot.connection.connect(slot.endpoints[slot.next_endpoint++], servers_[slot.server]);
    if (begun) return;
    why = begun.error().message;
  }
  attempt_failed(slot, why);
}

void WireTransport::attempt_failed(Slot& slot, const std::string& why) {
  const std::string failure =
      fmt::format("cannot connect to {}: {}", servers_[slot.server].display(), why);
  slot.server = (slot.server + 1) % servers_.size();
  ++slot.attempts;
  if (!shared_.opening) return pause(slot);
  slot.failures += (slot.failures.empty() ? "" : "; ") + failure;
  if (slot.attempts < servers_.size() && shared_.clock.now() < slot.due) return begin_attempt(slot);
  if (open_failure_.empty()) open_failure_ = slot.failures;
}

// It was up. Whatever the reason, it goes on with another server, if there is one.
void WireTransport::lost(Slot& slot) {
  if (shared_.opening) {
    enlist(slot, shared_.clock.now());
    return attempt_failed(slot, slot.connection.failure());
  }
  slot.server = (slot.server + 1) % servers_.size();
  if (options_.reconnect) pause(slot);
}

void WireTransport::pause(Slot& slot) {
  constexpr std::size_t kMostDoublings = 20;
  const auto longest =
      std::min(options_.reconnect_wait_max,
               options_.reconnect_wait_min * (1 << std::min(slot.attempts, kMostDoublings)));
  // Half of it is chance, so that the connections of a server that died do not come back all at
  // once.
  const auto wait = std::chrono::duration_cast<Duration>(longest * (0.5 + 0.5 * random_.uniform()));
  slot.pausing = true;
  enlist(slot, shared_.clock.now() + wait);
}

void WireTransport::enlist(Slot& slot, Instant due) {
  slot.due = due;
  next_due_ = std::min(next_due_, due);
  if (!slot.unfinished) unfinished_.push_back(slot.id);
  slot.unfinished = true;
}

void WireTransport::finish(Slot& slot) {
  slot.unfinished = false;
  std::erase(unfinished_, slot.id);
  slot.attempts = 0;
  slot.failures.clear();
}

void WireTransport::do_what_is_due() {
  const Instant now = shared_.clock.now();
  for (const ConnectionId id : unfinished_) {
    Slot& slot = slots_[id];
    if (now < slot.due) continue;
    if (slot.pausing) {
      slot.due = now + options_.connect_timeout;
      begin_attempt(slot);
    } else {
      const auto timeout =
          std::chrono::duration_cast<std::chrono::milliseconds>(options_.connect_timeout);
      slot.connection.fail(fmt::format("no answer within {} ms", timeout.count()));
      attempt_failed(slot, slot.connection.failure());
    }
  }
  next_due_ = Instant::max();
  for (const ConnectionId id : unfinished_) next_due_ = std::min(next_due_, slots_[id].due);
}

void WireTransport::learn_servers(const Slot& slot) {
  for (const std::string& url : slot.connection.info().server.connect_urls) {
    auto learned = parse_server_address(url);
    if (!learned || servers_.size() >= kMaxServers) continue;
    const bool known =
        std::any_of(servers_.begin(), servers_.end(), [&](const ServerAddress& server) {
          return server.host == learned->host && server.port == learned->port;
        });
    if (known) continue;
    // One cluster, one login.
    learned->user = servers_[slot.server].user;
    learned->password = servers_[slot.server].password;
    learned->token = servers_[slot.server].token;
    servers_.push_back(std::move(*learned));
  }
}

}  // namespace

std::unique_ptr<Transport> make_wire_transport(const Clock& clock) {
  return std::make_unique<WireTransport>(clock);
}

}  // namespace natsproof
