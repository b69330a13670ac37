#include "messaging/wire/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "messaging/subject.h"

namespace natsproof {
namespace {

constexpr std::size_t kOutboxLimitBytes = 8 * 1024 * 1024;
// One read can bring thousands of requests, and all are answered before it is over; then nothing is
// read until the peer has taken the answers.
constexpr std::size_t kPauseReadingBytes = kOutboxLimitBytes / 2;
constexpr std::size_t kAnswersLimitBytes = 256 * 1024 * 1024;
// What a PUB line has beside its subjects: operation, blanks, two lengths of at most 20 digits,
// CRLF.
constexpr std::size_t kLineBytes = 64;
// A frame longer than this is gathered in the connection's own memory, shorter ones in the shared
// read buffer: nothing long is copied to and fro with every read.
constexpr std::size_t kLongFrameBytes = 64 * 1024;
static_assert(kLongFrameBytes >= WireParser::kMaxInfoLineBytes,
              "a partial line must leave room to read on");
static_assert(WireShared::kReadBytes >= 2 * kLongFrameBytes);

std::string system_error(std::string_view what) {
  return fmt::format("{}: {}", what, std::strerror(errno));
}

// Errors after which a server goes on serving the connection. All others end it.
bool leaves_connection_open(std::string_view error) {
  constexpr std::array<std::string_view, 4> kHarmless = {"permissions violation", "invalid subject",
                                                         "invalid publish subject",
                                                         "maximum subscriptions exceeded"};
  return std::any_of(kHarmless.begin(), kHarmless.end(), [&](std::string_view harmless) {
    return error.size() >= harmless.size() &&
           strncasecmp(error.data(), harmless.data(), harmless.size()) == 0;
  });
}

}  // namespace

Result<void> WireConnection::connect(const Endpoint& endpoint, const ServerAddress& login) {
  fd_ = ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) {
    const bool limit = errno == EMFILE;
    return Error{system_error("no socket") + (limit ? " (raise the limit with ulimit -n)" : "")};
  }
  begun_ = shared_.clock.now();
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) != 0 &&
      errno != EINPROGRESS) {
    Error error{std::strerror(errno)};
    disconnect();
    return error;
  }
  // The server speaks first, and a failure to connect makes a socket readable: no need to wait for
  // it to be writable.
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = id_;
  if (::epoll_ctl(shared_.epoll, EPOLL_CTL_ADD, fd_, &event) != 0) {
    Error error{system_error("epoll")};
    disconnect();
    return error;
  }
  login_ = login;
  info_ = {};
  state_ = State::greeting;
  return {};
}

std::size_t WireConnection::on_ready(std::uint32_t events) {
  if (state_ == State::down) return 0;
  if ((events & EPOLLOUT) != 0) {
    full_ = false;
    flush();
    if (!full_) {
      paused_ = false;
      watch(false);
    }
  }
  return (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 ? read() : 0;
}

void WireConnection::fail(std::string why) {
  failure_ = std::move(why);
  const bool was_up = state_ == State::up;
  disconnect();
  if (was_up && !shared_.opening) shared_.listener->on_down(id_, failure_);
}

void WireConnection::close() {
  if (takes_requests() && outbox_.size() > 0) {
    const auto bytes = outbox_.unwritten();
    // What the socket does not take now is lost, as close() promises no more.
    [[maybe_unused]] const auto taken = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  disconnect();
}

void WireConnection::disconnect() {
  if (fd_ >= 0) ::close(fd_);  // and epoll forgets it
  fd_ = -1;
  state_ = State::down;
  broken_ = full_ = paused_ = false;
  pings_ = 0;
  outbox_.reset();
  partial_ = {};
  partial_size_ = 0;
}

SendStatus WireConnection::check_room(std::size_t message_bytes, std::size_t frame_bytes,
                                      std::size_t limit_bytes) const {
  if (!takes_requests()) return SendStatus::down;
  if (message_bytes > info_.server.max_payload_bytes) return SendStatus::too_big;
  const std::size_t queued = outbox_.size();
  return queued > 0 && queued + frame_bytes > limit_bytes ? SendStatus::backlogged
                                                          : SendStatus::accepted;
}

SendStatus WireConnection::request(const WireFrame& frame, Sequence sequence) {
  const SendStatus status = check_room(frame.message_bytes, frame.bytes.size(), kOutboxLimitBytes);
  if (status != SendStatus::accepted) return status;
  char* const at = outbox_.append(frame.bytes);
  write_hex(at + frame.connection_digits_at, id_, kConnectionDigits);
  write_hex(at + frame.sequence_digits_at, sequence, kSequenceDigits);
  if (frame.payload_digits_at != std::string::npos)
    write_hex(at + frame.payload_digits_at, sequence, kSequenceDigits);
  outbox_.mark(sequence);
  return status;
}

SendStatus WireConnection::request_with(const WireFrame& frame, Sequence sequence,
                                        std::string_view payload) {
  const std::string_view bytes = frame.bytes;
  const std::size_t message_bytes = frame.headers_bytes + payload.size();
  const SendStatus status =
      check_room(message_bytes, frame.headers_at + message_bytes, kOutboxLimitBytes);
  if (status != SendStatus::accepted) return status;
  char* const at = outbox_.append(bytes.substr(0, frame.sequence_digits_at + kSequenceDigits));
  write_hex(at + frame.connection_digits_at, id_, kConnectionDigits);
  write_hex(at + frame.sequence_digits_at, sequence, kSequenceDigits);
  append_lengths(frame.headers_bytes, message_bytes);
  outbox_.append(bytes.substr(frame.headers_at, frame.headers_bytes));
  outbox_.append(payload);
  outbox_.append("\r\n");
  outbox_.mark(sequence);
  return status;
}

SendStatus WireConnection::publish(const Publication& p) {
  const std::size_t message_bytes = p.headers.size() + p.payload.size();
  const std::size_t frame_bytes = message_bytes + p.subject.size() + p.reply_to.size() + kLineBytes;
  if (outbox_.size() > kPauseReadingBytes) flush();
  const SendStatus status = check_room(message_bytes, frame_bytes, kAnswersLimitBytes);
  if (status != SendStatus::accepted) return status;
  outbox_.append(p.headers.empty() ? "PUB " : "HPUB ");
  outbox_.append(p.subject);
  if (!p.reply_to.empty()) {
    outbox_.append(" ");
    outbox_.append(p.reply_to);
  }
  append_lengths(p.headers.size(), message_bytes);
  outbox_.append(p.headers);
  outbox_.append(p.payload);
  outbox_.append("\r\n");
  if (full_ && !paused_ && outbox_.size() > kPauseReadingBytes) {
    // What asks for more answers stays with the peer until it has taken these.
    paused_ = true;
    watch(true);
  }
  return status;
}

// The end of a PUB line, or of an HPUB line where there are headers.
void WireConnection::append_lengths(std::size_t headers_bytes, std::size_t message_bytes) {
  std::array<char, kLineBytes> lengths{};
  char* const end = headers_bytes == 0 ? fmt::format_to(lengths.data(), " {}\r\n", message_bytes)
                                       : fmt::format_to(lengths.data(), " {} {}\r\n", headers_bytes,
                                                        message_bytes);
  outbox_.append({lengths.data(), static_cast<std::size_t>(end - lengths.data())});
}

SendStatus WireConnection::ping() {
  if (!takes_requests()) return SendStatus::down;
  outbox_.append("PING\r\n");
  ++pings_;
  return SendStatus::accepted;
}

void WireConnection::append_subscription(SubscriptionId id) {
  const WireSubscription& subscription = shared_.subscriptions[id - 1];
  const char* const blank = subscription.queue_group.empty() ? "" : " ";
  outbox_.append(
      fmt::format("SUB {}{}{} {}\r\n", subscription.subject, blank, subscription.queue_group, id));
}

void WireConnection::subscribe(SubscriptionId id) {
  if (state_ == State::up) append_subscription(id);
}

void WireConnection::unsubscribe(SubscriptionId id) {
  if (state_ == State::up) outbox_.append(fmt::format("UNSUB {}\r\n", id));
}

void WireConnection::flush() {
  if (full_ || broken_ || state_ == State::down) return;
  const auto bytes = outbox_.unwritten();
  if (bytes.empty()) return;
  const Instant before = shared_.clock.now();
  ssize_t taken = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (taken < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      // The server may have said why it closed: that is read first, and then the connection goes
      // down.
      broken_ = true;
      outbox_.reset();
      return;
    }
    taken = 0;
  }
  if (static_cast<std::size_t>(taken) < bytes.size()) {
    full_ = true;
    watch(true);
  }
  outbox_.wrote(static_cast<std::size_t>(taken),
                [&](Sequence sequence) { shared_.listener->on_sent(sequence, before); });
}

void WireConnection::watch(bool for_room) {
  epoll_event event{};
  event.events = !for_room ? EPOLLIN : paused_ ? EPOLLOUT : EPOLLIN | EPOLLOUT;
  event.data.u32 = id_;
  ::epoll_ctl(shared_.epoll, EPOLL_CTL_MOD, fd_, &event);
}

std::size_t WireConnection::read() {
  char* const buffer = shared_.read_buffer.data();
  const bool is_long = partial_size_ > kLongFrameBytes;
  std::size_t have = 0;
  std::size_t room = WireShared::kReadBytes;
  if (is_long) {
    room = std::min(room, partial_size_ - partial_.size());
  } else {
    std::memcpy(buffer, partial_.data(), partial_.size());
    have = partial_.size();
    room -= have;
  }
  const ssize_t got = ::recv(fd_, buffer + have, room, 0);
  const Instant received = shared_.clock.now();
  if (got < 0) {
    if (errno != EAGAIN && errno != EINTR) fail(std::strerror(errno));
    return 0;
  }
  if (got == 0) {
    fail(state_ == State::greeting
             ? "closed the connection without a greeting: is it a NATS server?"
             : "the server closed the connection");
    return 0;
  }
  std::string_view data(buffer, have + static_cast<std::size_t>(got));
  if (is_long) {
    partial_.append(data);
    if (partial_.size() < partial_size_) return 0;
    data = partial_;
  }

  std::size_t moved = 0;
  WireEvent event;
  WireStep step;
  while ((step = parser_.next(data, event)).outcome == WireStep::Outcome::event) {
    ++moved;
    handle(event, received);
    if (state_ == State::down) return moved;
    data.remove_prefix(step.size);
  }
  if (step.outcome == WireStep::Outcome::fault) {
    fail(parser_.fault());
    return moved;
  }
  if (is_long) {
    partial_.clear();  // `data` lay in it, and it was read to its last byte and no further
  } else {
    partial_.assign(data);
  }
  partial_size_ = step.size;
  return moved;
}

void WireConnection::handle(const WireEvent& event, Instant received) {
  switch (event.kind) {
    case WireEvent::Kind::message:
      return deliver(event, received);
    case WireEvent::Kind::ping:
      outbox_.append("PONG\r\n");
      return flush();
    case WireEvent::Kind::pong:
      if (state_ == State::confirming) return come_up(received);
      if (pings_ == 0) return;
      --pings_;
      return shared_.listener->on_pong(id_, received);
    case WireEvent::Kind::info:
      return handle_info(event.text);
    case WireEvent::Kind::error:
      return handle_error(event.text);
    case WireEvent::Kind::ok:
      return;
  }
}

void WireConnection::deliver(const WireEvent& event, Instant received) {
  if (state_ != State::up)
    return fail("not the NATS protocol: a message before the handshake was over");
  Message message{.connection = id_,
                  .subject = event.subject,
                  .reply_to = event.reply_to,
                  .headers = event.headers,
                  .payload = event.payload,
                  .received = received};
  if (event.subscription == kInbox) {
    message.sequence = sequence_of_reply(event.subject);
  } else {
    // A sid we never gave is nobody's. What the server sent before it saw an unsubscribe is still
    // delivered: a service that stops has taken it.
    const auto& subscriptions = shared_.subscriptions;
    if (event.subscription > subscriptions.size()) return;
    const WireSubscription& subscription = subscriptions[event.subscription - 1];
    if (subscription.connection != id_) return;
    message.subscription = static_cast<SubscriptionId>(event.subscription);
    message.sequence = kNoSequence;
  }
  shared_.listener->on_message(message);
}

void WireConnection::handle_info(std::string_view json) {
  auto info = parse_info(json);
  if (!info) return fail(info.error().message);
  if (info->tls_required)
    return fail("the server requires TLS, which natsproof does not speak yet");
  info_ = std::move(*info);
  info_news_ = true;
  if (state_ == State::greeting) say_hello();
}

void WireConnection::say_hello() {
  outbox_.append(fmt::format("CONNECT {}\r\n", connect_options(shared_.name, login_)));
  outbox_.append("PING\r\n");
  state_ = State::confirming;
  flush();
}

// Subscriptions go out only now, so that no message comes before its listener could answer it.
// Requests follow them on the same stream: their replies find the inbox open.
void WireConnection::come_up(Instant received) {
  state_ = State::up;
  if (shared_.opening) set_up_ = received - begun_;
  std::array<char, kConnectionDigits> digits{};
  write_hex(digits.data(), id_, digits.size());
  outbox_.append(fmt::format("SUB {}{}.* {}\r\n", shared_.inbox_prefix,
                             std::string_view(digits.data(), digits.size()), kInbox));
  for (std::size_t i = 0; i < shared_.subscriptions.size(); ++i) {
    const WireSubscription& subscription = shared_.subscriptions[i];
    if (subscription.active && subscription.connection == id_)
      append_subscription(static_cast<SubscriptionId>(i + 1));
  }
  flush();
  if (!shared_.opening) shared_.listener->on_up(id_);
}

void WireConnection::handle_error(std::string_view text) {
  if (state_ == State::up && leaves_connection_open(text)) {
    shared_.listener->on_server_error(id_, text);
  } else {
    fail(std::string(text));
  }
}

}  // namespace natsproof
