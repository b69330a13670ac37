// A NATS server that says exactly what a test tells it to, on a free loopback port.
//
// Blocking, with the timeouts of a test: whatever does not come within 10 s is a failure (an
// exception, which gtest reports). Usually it greets on a thread of its own while the test's thread
// opens a transport, and is used on the test's thread afterwards.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "messaging/server_address.h"

namespace natsproof {

// One accepted connection.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(int fd) : fd_(fd) {}
  ScriptedPeer(ScriptedPeer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}
  ScriptedPeer& operator=(ScriptedPeer&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(read_, other.read_);
    return *this;
  }
  ~ScriptedPeer() { close(); }

  void say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the client is gone");
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Everything up to and including that text.
  std::string hear(std::string_view until) {
    std::size_t at = 0;
    while ((at = read_.find(until)) == std::string::npos) read_some();
    std::string heard = read_.substr(0, at + until.size());
    read_.erase(0, heard.size());
    return heard;
  }
  // Has the client said that by now? If so, it and all before it is taken.
  bool has_heard(std::string_view text) {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, 0) == 1) read_some();
    const std::size_t at = read_.find(text);
    if (at != std::string::npos) read_.erase(0, at + text.size());
    return at != std::string::npos;
  }
  // That many bytes.
  std::string hear(std::size_t bytes) {
    while (read_.size() < bytes) read_some();
    std::string heard = read_.substr(0, bytes);
    read_.erase(0, bytes);
    return heard;
  }
  // INFO with these members besides the usual ones, CONNECT, PONG. Returns CONNECT's JSON.
  std::string greet(std::string_view more = {}) {
    say(fmt::format("INFO {{\"server_id\":\"S\",\"headers\":true,\"max_payload\":16777216{}}}\r\n",
                    more));
    hear("CONNECT ");
    std::string options = hear("\r\n");
    hear("PING\r\n");
    say("PONG\r\n");
    return options;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  void read_some() {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 10'000) != 1) throw std::runtime_error("the client says nothing");
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) throw std::runtime_error("the client is gone");
    read_.append(buffer, static_cast<std::size_t>(got));
  }

  int fd_;
  std::string read_;
};

class ScriptedServer {
 public:
  ScriptedServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    // A small window, so that a client's long write is taken in part; inherited by accepted
    // sockets.
    const int window = 16 * 1024;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    if (fd_ < 0 || ::bind(fd_, any, size) != 0 || ::listen(fd_, 128) != 0 ||
        ::getsockname(fd_, any, &size) != 0) {
      throw std::runtime_error("no listening socket");
    }
    address_.port = ntohs(address.sin_port);
  }
  ~ScriptedServer() { stop(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] const ServerAddress& address() const { return address_; }
  [[nodiscard]] std::string host_and_port() const {
    return fmt::format("127.0.0.1:{}", address_.port);
  }
  ScriptedPeer accept() {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 10'000) != 1) throw std::runtime_error("no client comes");
    const int accepted = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) throw std::runtime_error("accept failed");
    return ScriptedPeer(accepted);
  }
  // Is a client waiting to be accepted?
  [[nodiscard]] bool has_caller() const {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 0) == 1;
  }
  // Refuses connections from now on.
  void stop() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
  ServerAddress address_;
};

}  // namespace natsproof
