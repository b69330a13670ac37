#include "messaging/memory/memory_transport.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <map>
#include <utility>

#include "base/random.h"
#include "messaging/subject.h"

namespace natsproof {
namespace {

// Fixed, unlike a real one, so that every run is the same to the last byte.
constexpr std::string_view kInboxPrefix = "_INBOX.memorymemorymemorymemo.";
constexpr std::string_view kNoRespondersBlock = "NATS/1.0 503\r\n\r\n";

// The first token of `rest`, which is taken off it together with its dot.
std::string_view take_token(std::string_view& rest) {
  const std::size_t dot = rest.find('.');
  const std::string_view token = rest.substr(0, dot);
  rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  return token;
}

bool matches(std::string_view pattern, std::string_view subject) {
  while (!pattern.empty() && !subject.empty()) {
    const std::string_view wanted = take_token(pattern);
    if (wanted == ">") return true;
    const std::string_view found = take_token(subject);
    if (wanted != "*" && wanted != found) return false;
  }
  return pattern.empty() && subject.empty();
}

std::string reply_subject(ConnectionId connection, Sequence sequence) {
  std::string subject{kInboxPrefix};
  const std::size_t digits_at = subject.size();
  subject.append(kConnectionDigits, '0').append(".").append(kSequenceDigits, '0');
  write_hex(subject.data() + digits_at, connection, kConnectionDigits);
  write_hex(subject.data() + digits_at + kConnectionDigits + 1, sequence, kSequenceDigits);
  return subject;
}

}  // namespace

struct MemoryTransport::State {
  enum class Kind { message, pong, down, up };

  struct Event {
    Kind kind = Kind::message;
    ConnectionId connection = 0;
    SubscriptionId subscription = kInbox;
    std::string subject{}, reply_to{}, headers{}, payload{};  // of a message; payload of down: why
  };

  struct Outgoing {
    enum class Kind { request, publication, ping } kind = Kind::publication;
    ConnectionId connection = 0;
    Sequence sequence = 0;
    std::string subject{}, reply_to{}, headers{}, payload{};
  };

  struct Subscription {
    SubscriptionId id = 0;
    ConnectionId connection = 0;
    std::string subject, queue_group;
  };

  explicit State(ManualClock& the_clock) : clock(the_clock) {}

  ManualClock& clock;
  Responder responder;
  std::function<void(Sequence)> after_flush;
  Duration ping_round_trip{};
  std::map<ConnectionId, Duration> set_up;
  std::uint64_t max_payload_bytes = 1 << 20;

  Listener* listener = nullptr;
  bool reconnect = true;
  Random random{1};
  std::vector<bool> up;  // as the client knows it
  std::vector<RequestSpec> frames;
  std::vector<Subscription> subscriptions;
  SubscriptionId last_subscription = 0;
  std::deque<Outgoing> outgoing;
  std::multimap<Instant, Event> events;  // equal instants stay in the order of their making
  std::size_t cuts_to_come = 0;          // events that take a connection down
  std::atomic<bool> woken{false};

  [[nodiscard]] bool is_up(ConnectionId connection) const {
    return connection < up.size() && up[connection];
  }

  // The script has cut the line, and the client has not noticed yet.
  [[nodiscard]] bool is_cut(ConnectionId connection) const {
    if (cuts_to_come == 0) return false;
    for (auto event = events.begin(); event != events.end() && event->first <= clock.now();
         ++event) {
      if (event->second.kind == Kind::down && event->second.connection == connection) return true;
    }
    return false;
  }

  SendStatus queue(Outgoing&& item) {
    if (!is_up(item.connection)) return SendStatus::down;
    if (item.headers.size() + item.payload.size() > max_payload_bytes) return SendStatus::too_big;
    outgoing.push_back(std::move(item));
    return SendStatus::accepted;
  }

  void deliver(const Outgoing& item, ConnectionId connection, SubscriptionId subscription) {
    events.emplace(clock.now(), Event{.kind = Kind::message,
                                      .connection = connection,
                                      .subscription = subscription,
                                      .subject = item.subject,
                                      .reply_to = item.reply_to,
                                      .headers = item.headers,
                                      .payload = item.payload});
  }

  // One member of each queue group, drawn; everybody else who matches; the inbox a reply subject
  // belongs to.
  bool route(const Outgoing& item) {
    bool delivered = false;
    std::map<std::string_view, std::vector<const Subscription*>> groups;
    for (const Subscription& subscription : subscriptions) {
      if (!is_up(subscription.connection) || is_cut(subscription.connection)) continue;
      if (!matches(subscription.subject, item.subject)) continue;
      if (!subscription.queue_group.empty()) {
        groups[subscription.queue_group].push_back(&subscription);
        continue;
      }
      deliver(item, subscription.connection, subscription.id);
      delivered = true;
    }
    for (const auto& [group, members] : groups) {
      const Subscription& chosen = *members[random.below(members.size())];
      deliver(item, chosen.connection, chosen.id);
      delivered = true;
    }
    return deliver_to_inbox(item) || delivered;
  }

  bool deliver_to_inbox(const Outgoing& item) {
    for (ConnectionId connection = 0; connection < up.size(); ++connection) {
      const std::string own = reply_subject(connection, 0);
      const std::size_t fixed = own.size() - kSequenceDigits;
      if (item.subject.compare(0, fixed, own, 0, fixed) != 0) continue;
      if (!up[connection] || is_cut(connection)) return false;
      deliver(item, connection, kInbox);
      return true;
    }
    return false;
  }

  // As the server does it: to the asker's own subscriptions only.
  void send_no_responders(const Outgoing& unanswered) {
    Outgoing status{.connection = unanswered.connection,
                    .subject = unanswered.reply_to,
                    .headers = std::string{kNoRespondersBlock}};
    if (deliver_to_inbox(status)) return;
    for (const Subscription& subscription : subscriptions) {
      if (subscription.connection != unanswered.connection) continue;
      if (!matches(subscription.subject, status.subject)) continue;
      deliver(status, subscription.connection, subscription.id);
      return;
    }
  }

  void answer(const Outgoing& item) {
    const Instant sent = clock.now();
    for (MemoryReply& reply : responder({.connection = item.connection,
                              .sequence = item.sequence,
                              .subject = item.subject,
                              .headers = item.headers,
                              .payload = item.payload,
                              .sent = sent})) {
      events.emplace(sent + reply.after, Event{.kind = Kind::message,
                                               .connection = item.connection,
                                               .subject = item.reply_to,
                                               .headers = std::move(reply.headers),
                                               .payload = std::move(reply.payload)});
    }
  }

  void carry(const Outgoing& item) {
    if (is_cut(item.connection)) return;
    if (item.kind == Outgoing::Kind::ping) {
      events.emplace(clock.now() + ping_round_trip,
                     Event{.kind = Kind::pong, .connection = item.connection});
    } else if (item.kind == Outgoing::Kind::request && responder) {
      answer(item);
    } else if (!route(item) && !item.reply_to.empty()) {
      send_no_responders(item);
    }
  }

  void lose(ConnectionId connection) {
    up[connection] = false;
    std::erase_if(events, [&](const auto& entry) {
      const Event& event = entry.second;
      return event.connection == connection &&
             (event.kind == Kind::message || event.kind == Kind::pong);
    });
    std::erase_if(outgoing, [&](const Outgoing& item) { return item.connection == connection; });
  }

  // False if there was nothing to tell. A message routed before its subscription ended is still
  // delivered.
  bool tell(const Event& event, Instant now) {
    switch (event.kind) {
      case Kind::message:
        listener->on_message({.connection = event.connection,
                              .subscription = event.subscription,
                              .subject = event.subject,
                              .reply_to = event.reply_to,
                              .headers = event.headers,
                              .payload = event.payload,
                              .sequence = event.subscription == kInbox
                                              ? sequence_of_reply(event.subject)
                                              : kNoSequence,
                              .received = now});
        return true;
      case Kind::pong:
        listener->on_pong(event.connection, now);
        return true;
      case Kind::down:
        --cuts_to_come;
        if (!is_up(event.connection)) return false;
        lose(event.connection);
        listener->on_down(event.connection, event.payload);
        return true;
      case Kind::up:
        if (!reconnect || event.connection >= up.size() || up[event.connection]) return false;
        up[event.connection] = true;
        listener->on_up(event.connection);
        return true;
    }
    return false;
  }
};

MemoryTransport::MemoryTransport(ManualClock& clock) : state_(std::make_unique<State>(clock)) {}
MemoryTransport::~MemoryTransport() = default;

void MemoryTransport::set_responder(Responder responder) {
  state_->responder = std::move(responder);
}
void MemoryTransport::set_after_flush(std::function<void(Sequence last)> hook) {
  state_->after_flush = std::move(hook);
}
void MemoryTransport::set_ping_round_trip(Duration round_trip) {
  state_->ping_round_trip = round_trip;
}
void MemoryTransport::set_set_up(ConnectionId connection, Duration set_up) {
  state_->set_up[connection] = set_up;
}
void MemoryTransport::set_max_payload(std::uint64_t bytes) {
  state_->max_payload_bytes = bytes;
}

void MemoryTransport::take_down(ConnectionId connection, Instant at, std::string why) {
  ++state_->cuts_to_come;
  state_->events.emplace(
      at,
      State::Event{.kind = State::Kind::down, .connection = connection, .payload = std::move(why)});
}

void MemoryTransport::bring_up(ConnectionId connection, Instant at) {
  state_->events.emplace(at, State::Event{.kind = State::Kind::up, .connection = connection});
}

Result<void> MemoryTransport::open(const ConnectOptions& options, Listener& listener) {
  assert(options.connections > 0);
  state_->listener = &listener;
  state_->reconnect = options.reconnect;
  state_->random = Random{options.seed};
  state_->up.assign(options.connections, true);
  return {};
}

void MemoryTransport::close() {
  state_->up.clear();
  state_->outgoing.clear();
  state_->events.clear();
  state_->cuts_to_come = 0;
  state_->subscriptions.clear();
  state_->listener = nullptr;
}

std::uint32_t MemoryTransport::connections() const {
  return static_cast<std::uint32_t>(state_->up.size());
}
bool MemoryTransport::is_up(ConnectionId connection) const {
  return state_->is_up(connection);
}

ServerInfo MemoryTransport::server_info(ConnectionId connection) const {
  ServerInfo info;
  info.name = "memory";
  info.id = "MEMORY";
  info.version = "0.0.0";
  info.host = "127.0.0.1";
  info.client_id = std::uint64_t{connection} + 1;
  info.max_payload_bytes = state_->max_payload_bytes;
  info.headers = true;
  if (const auto known = state_->set_up.find(connection); known != state_->set_up.end())
    info.set_up = known->second;
  return info;
}

Result<SubscriptionId> MemoryTransport::subscribe(ConnectionId connection, std::string_view subject,
                                                  std::string_view queue_group) {
  if (auto checked = check_subject(subject, true); !checked) return checked.error();
  state_->subscriptions.push_back({.id = ++state_->last_subscription,
                                   .connection = connection,
                                   .subject = std::string{subject},
                                   .queue_group = std::string{queue_group}});
  return state_->last_subscription;
}

void MemoryTransport::unsubscribe(ConnectionId connection, SubscriptionId subscription) {
  std::erase_if(state_->subscriptions, [&](const State::Subscription& s) {
    return s.connection == connection && s.id == subscription;
  });
}

Result<FrameId> MemoryTransport::prepare(const RequestSpec& request) {
  if (auto checked = check_subject(request.subject, false); !checked) return checked.error();
  state_->frames.push_back(request);
  return static_cast<FrameId>(state_->frames.size() - 1);
}

SendStatus MemoryTransport::request(ConnectionId connection, FrameId frame, Sequence sequence) {
  const RequestSpec& spec = state_->frames.at(frame);
  State::Outgoing item{.kind = State::Outgoing::Kind::request,
                       .connection = connection,
                       .sequence = sequence,
                       .subject = spec.subject,
                       .reply_to = reply_subject(connection, sequence),
                       .headers = spec.headers,
                       .payload = spec.payload};
  if (spec.payload_digits_at != std::string::npos) {
    write_hex(item.payload.data() + spec.payload_digits_at, sequence, kSequenceDigits);
  }
  return state_->queue(std::move(item));
}

SendStatus MemoryTransport::request_with(ConnectionId connection, FrameId frame, Sequence sequence,
                                         std::string_view payload) {
  const RequestSpec& spec = state_->frames.at(frame);
  return state_->queue({.kind = State::Outgoing::Kind::request,
                        .connection = connection,
                        .sequence = sequence,
                        .subject = spec.subject,
                        .reply_to = reply_subject(connection, sequence),
                        .headers = spec.headers,
                        .payload = std::string{payload}});
}

std::string MemoryTransport::inbox_prefix() const {
  return std::string{kInboxPrefix};
}

SendStatus MemoryTransport::publish(ConnectionId connection, const Publication& publication) {
  return state_->queue({.kind = State::Outgoing::Kind::publication,
                        .connection = connection,
                        .subject = std::string{publication.subject},
                        .reply_to = std::string{publication.reply_to},
                        .headers = std::string{publication.headers},
                        .payload = std::string{publication.payload}});
}

SendStatus MemoryTransport::ping(ConnectionId connection) {
  return state_->queue({.kind = State::Outgoing::Kind::ping, .connection = connection});
}

void MemoryTransport::flush() {
  const Instant sent = state_->clock.now();
  std::deque<State::Outgoing> leaving;
  leaving.swap(state_->outgoing);
  Sequence last = kNoSequence;
  for (const State::Outgoing& item : leaving) {
    state_->carry(item);
    if (item.kind != State::Outgoing::Kind::request) continue;
    last = item.sequence;
    state_->listener->on_sent(last, sent);
  }
  if (last != kNoSequence && state_->after_flush) state_->after_flush(last);
}

std::size_t MemoryTransport::receive() {
  const Instant now = state_->clock.now();
  std::size_t moved = 0;
  while (!state_->events.empty() && state_->events.begin()->first <= now) {
    auto entry = state_->events.extract(state_->events.begin());
    if (state_->tell(entry.mapped(), now)) ++moved;
  }
  return moved;
}

void MemoryTransport::wait(Instant until) {
  if (state_->woken.exchange(false)) return;
  if (!state_->events.empty()) until = std::min(until, state_->events.begin()->first);
  state_->clock.advance_to(until);
}

void MemoryTransport::wake() {
  state_->woken = true;
}

}  // namespace natsproof
