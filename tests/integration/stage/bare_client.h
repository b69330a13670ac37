#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "messaging/server_address.h"

namespace natsproof {

// A NATS client of a few lines, so that these tests stand on nothing but sockets.
class BareClient {
 public:
  explicit BareClient(const ServerAddress& server) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    inet_pton(AF_INET, server.host.c_str(), &address.sin_addr);
    const timeval patience{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (connected_) info_ = line();
  }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;
  ~BareClient() { close(socket_); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] const std::string& info() const { return info_; }
  void send(std::string_view text) {
    ASSERT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
  }
  std::string line() {
    std::string text;
    for (char c = 0; recv(socket_, &c, 1, 0) == 1 && c != '\n';) text += c;
    return text;
  }
  [[nodiscard]] std::uint64_t number_in_info(const std::string& key) const {
    const auto at = info_.find("\"" + key + "\":");
    return at == std::string::npos ? 0 : std::stoull(info_.substr(at + key.size() + 3));
  }

 private:
  int socket_;
  bool connected_ = false;
  std::string info_;
};

}  // namespace natsproof
