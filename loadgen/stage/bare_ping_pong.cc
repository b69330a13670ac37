#include "loadgen/stage/bare_ping_pong.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "messaging/permissions_violation.h"
#include "messaging/subject.h"
#include "messaging/transport.h"

namespace natsproof {
namespace {

// Of a line `-ERR 'text'`.
std::string words_of_error(std::string_view line) {
  const auto begin = line.find('\'');
  const auto text =
      begin == std::string_view::npos ? line : line.substr(begin + 1, line.rfind('\'') - begin - 1);
  const auto violation = parse_permissions_violation(text);
  return violation ? describe(*violation, text) : std::string(line);
}

}  // namespace

struct BareMessage {
  std::string_view reply_to, payload;
};

// A blocking socket that speaks just enough NATS.
class BareSocket {
 public:
  BareSocket() = default;
  BareSocket(BareSocket&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        buffer_(std::move(other.buffer_)),
        at_(other.at_),
        buffered_(other.buffered_),
        refused_(std::move(other.refused_)) {}
  BareSocket& operator=(BareSocket&&) = delete;
  ~BareSocket() {
    if (socket_ >= 0) close(socket_);
  }

  // Connects, logs in, subscribes, and returns when the server has taken all of it.
  static Result<BareSocket> open(const ServerAddress& server, const std::string& subject) {
    const auto failed = [&server](std::string_view why) {
      return Error{fmt::format("bare socket to {}: {}", server.display(), why)};
    };
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int looked_up =
        getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found);
    if (looked_up != 0) return failed(gai_strerror(looked_up));
    BareSocket bare;
    bare.socket_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{2, 0};
    setsockopt(bare.socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(bare.socket_, SOL_SOCKET, SO_SNDTIMEO, &patience,
               sizeof patience);  // of connect too
    const int connected = connect(bare.socket_, found->ai_addr, found->ai_addrlen);
    const int connect_errno = errno;
    freeaddrinfo(found);
    if (connected != 0) return failed(std::generic_category().message(connect_errno));
    const int on = 1;
    setsockopt(bare.socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    nlohmann::json login = {{"verbose", false}, {"pedantic", false}, {"name", "natsproof-bare"},
                            {"lang", "c++"},    {"version", "0"},    {"headers", false}};
    if (!server.user.empty()) login.update({{"user", server.user}, {"pass", server.password}});
    if (!server.token.empty()) login["auth_token"] = server.token;
    if (!bare.send(fmt::format("CONNECT {}\r\nSUB {} 1\r\nPING\r\n", login.dump(), subject))) {
      return failed("it does not take what we write");
    }
    while (bare.read()) {
      while (const auto line = bare.next_line()) {
        if (line->starts_with("PONG")) return bare;
        if (line->starts_with("-ERR")) return failed(words_of_error(*line));
      }
    }
    return failed("it did not answer our PING within 2 s");
  }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Reads once, behind what is left of the last read. False: closed, or nothing came for 2 s
  // (`timed_out`).
  bool read() {
    buffered_ -= at_;
    std::memmove(buffer_.data(), buffer_.data() + at_, buffered_);
    at_ = 0;
    ssize_t got = 0;
    do {
      got = recv(socket_, buffer_.data() + buffered_, buffer_.size() - buffered_, 0);
    } while (got < 0 && errno == EINTR);
    timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (got > 0) buffered_ += static_cast<std::size_t>(got);
    return got > 0;
  }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

  // The next whole MSG of what has been read; a PING on the way is answered.
  std::optional<BareMessage> next_message() {
    while (const auto line = peek_line()) {
      const std::size_t after_line = at_ + line->size() + 2;
      if (line->starts_with("MSG ")) {
        const std::size_t blank = line->rfind(' ');
        std::size_t size = 0;
        std::from_chars(line->data() + blank + 1, line->data() + line->size(), size);
        if (size > buffered_ || buffered_ < after_line + size + 2) return std::nullopt;
        const std::string_view payload = text().substr(after_line, size);
        const std::string_view rest = line->substr(0, blank);
        at_ = after_line + size + 2;
        return BareMessage{rest.substr(rest.rfind(' ') + 1), payload};
      }
      if (line->starts_with("PING")) send("PONG\r\n");
      if (line->starts_with("-ERR")) refused_ = words_of_error(*line);
      at_ = after_line;
    }
    return std::nullopt;
  }

  // What the server has refused, and what to do; empty: nothing.
  [[nodiscard]] const std::string& refused() const { return refused_; }

  // Ends a read() on another thread, and all later ones.
  void shut_down() const { shutdown(socket_, SHUT_RDWR); }

 private:
  static constexpr std::size_t kBufferBytes = 1 << 20;  // a message must fit

  [[nodiscard]] std::string_view text() const { return {buffer_.data(), buffered_}; }
  [[nodiscard]] std::optional<std::string_view> peek_line() const {
    const std::size_t end = text().find("\r\n", at_);
    if (end == std::string_view::npos) return std::nullopt;
    return text().substr(at_, end - at_);
  }
  std::optional<std::string_view> next_line() {
    const auto line = peek_line();
    if (line) at_ += line->size() + 2;
    return line;
  }

  int socket_ = -1;
  std::vector<char> buffer_ = std::vector<char>(kBufferBytes);
  std::size_t at_ = 0;        // how much of it has been used
  std::size_t buffered_ = 0;  // how much has been read
  bool timed_out_ = false;
  std::string refused_;
};

namespace {

// Requests as they go out, and a socket that is subscribed to their replies.
class Requester {
 public:
  // `most` at once.
  static Result<Requester> open(const BareLoad& load, std::size_t most) {
    // The instrument's reply subjects: <prefix><connection>.<sequence>.
    const std::string inbox = make_inbox_prefix(static_cast<std::uint64_t>(getpid())) +
                              std::string(kConnectionDigits, '0') + ".";
    Result<BareSocket> socket = BareSocket::open(load.server, inbox + "*");
    if (!socket) return socket.error();
    const std::string until_digits = fmt::format("PUB {} {}", load.subject, inbox);
    const std::string request =
        fmt::format("{}{} {}\r\n{}\r\n", until_digits, std::string(kSequenceDigits, '0'),
                    load.payload_bytes, std::string(load.payload_bytes, 'x'));
    return Requester(std::move(*socket), request, until_digits.size(), most);
  }

  // In one write, each with a number of its own.
  bool send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      write_hex(batch_.data() + i * request_bytes_ + digits_at_, ++sent_, kSequenceDigits);
    return socket.send(std::string_view(batch_).substr(0, count * request_bytes_));
  }

  BareSocket socket;

 private:
  Requester(BareSocket&& open, const std::string& request, std::size_t digits_at, std::size_t most)
      : socket(std::move(open)), request_bytes_(request.size()), digits_at_(digits_at) {
    for (std::size_t i = 0; i < most; ++i) batch_ += request;
  }

  std::string batch_;
  std::size_t request_bytes_, digits_at_;
  Sequence sent_ = 0;
};

Error no_reply(const BareLoad& load, const BareSocket& socket) {
  if (!socket.refused().empty())
    return Error{fmt::format("bare socket to {}: {}", load.server.display(), socket.refused())};
  return Error{fmt::format("bare socket to {}: {} on {}", load.server.display(),
                           socket.timed_out() ? "no reply for 2 s" : "the connection was closed",
                           load.subject)};
}

}  // namespace

class BareEcho::Loop {
 public:
  explicit Loop(BareSocket socket) : socket_(std::move(socket)) {}

  void run() {
    std::string replies;
    while (socket_.read() || socket_.timed_out()) {
      replies.clear();
      while (const auto message = socket_.next_message()) {
        char size[20];
        const char* const end =
            std::to_chars(size, size + sizeof size, message->payload.size()).ptr;
        replies.append("PUB ")
            .append(message->reply_to)
            .append(" ")
            .append(size, static_cast<std::size_t>(end - size));
        replies.append("\r\n").append(message->payload).append("\r\n");
      }
      if (!socket_.refused().empty()) {
        const std::lock_guard lock(mutex_);
        refused_ = socket_.refused();
      }
      if (!replies.empty() && !socket_.send(replies)) return;
    }
  }
  void stop() const { socket_.shut_down(); }
  // Any thread.
  [[nodiscard]] std::string refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  BareSocket socket_;
  mutable std::mutex mutex_;
  std::string refused_;
};

BareEcho::BareEcho(std::unique_ptr<Loop> loop)
    : loop_(std::move(loop)), thread_([this] { loop_->run(); }) {}

std::string BareEcho::refused() const {
  return loop_->refused();
}

BareEcho::~BareEcho() {
  loop_->stop();
  thread_.join();
}

Result<std::unique_ptr<BareEcho>> BareEcho::start(const ServerAddress& server,
                                                  const std::string& subject) {
  Result<BareSocket> socket = BareSocket::open(server, subject);
  if (!socket) return socket.error();
  return std::unique_ptr<BareEcho>(new BareEcho(std::make_unique<Loop>(std::move(*socket))));
}

Result<std::vector<Duration>> bare_ping_pong(const BareLoad& load) {
  Result<Requester> requester = Requester::open(load, 1);
  if (!requester) return requester.error();
  const SteadyClock clock;
  std::vector<Duration> round_trips;
  // 5 us is faster than loopback: nothing grows while it measures.
  round_trips.reserve(static_cast<std::size_t>(load.length / 5us) + 1);
  const Instant until = clock.now() + load.length;
  for (Instant sent = clock.now(); sent < until; sent = clock.now()) {
    bool answered = requester->send(1);
    Instant received;
    do {
      answered = answered && requester->socket.read();
      if (!answered) return no_reply(load, requester->socket);
      received = clock.now();
    } while (!requester->socket.next_message());
    round_trips.push_back(received - sent);
  }
  return round_trips;
}

Result<Rate> bare_saturation(const BareLoad& load, std::uint32_t in_flight) {
  Result<Requester> requester = Requester::open(load, in_flight);
  if (!requester) return requester.error();
  const SteadyClock clock;
  const Instant start = clock.now();
  std::uint64_t replies = 0;
  std::size_t to_send = in_flight;
  Instant now = start;
  // A PING or a second INFO from the server ends a read, too.
  while (now < start + load.length || replies == 0) {
    if (!requester->send(to_send) || !requester->socket.read()) {
      return no_reply(load, requester->socket);
    }
    now = clock.now();
    to_send = 0;
    while (requester->socket.next_message()) ++to_send;
    replies += to_send;
  }
  return Rate{static_cast<double>(replies) / to_seconds(now - start)};
}

}  // namespace natsproof
