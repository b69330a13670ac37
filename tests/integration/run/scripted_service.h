// Counterparts for `natsproof run`: a service that answers as the test says, and a server that is
// none.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "messaging/wire/wire_transport.h"

namespace natsproof {

class ScriptedService final : public Listener {
 public:
  using Reply = std::function<void(std::string_view headers, std::string_view payload)>;
  using Answer = std::function<void(const Message&, const Reply&)>;

  ScriptedService(const ServerAddress& server, const std::string& subject, Answer answer)
      : answer_(std::move(answer)), transport_(make_wire_transport(clock_)) {
    std::atomic<bool> ready{false};
    thread_ = std::thread([&, subject] {
      EXPECT_TRUE(transport_->open({.servers = {server}, .name = "scripted"}, *this).ok());
      EXPECT_TRUE(transport_->subscribe(0, subject, "q").ok());
      transport_->ping(0);
      transport_->flush();
      while (!subscribed_) transport_->wait(clock_.now() + 1s), transport_->receive();
      ready = true;
      ready.notify_all();
      while (!stop_) {
        transport_->receive();
        transport_->flush();
        transport_->wait(clock_.now() + 10s);
      }
      transport_->close();
    });
    ready.wait(false);
  }
  ~ScriptedService() override {
    stop_ = true;
    transport_->wake();
    thread_.join();
  }

  // Awaits that many requests; false after `at_most`.
  [[nodiscard]] bool await_messages(int count, Duration at_most = 20s) const {
    for (int look = 0; look < at_most / 5ms && messages_ < count; ++look)
      std::this_thread::sleep_for(5ms);
    return messages_ >= count;
  }
  [[nodiscard]] int messages() const { return messages_; }

  void on_message(const Message& message) override {
    ++messages_;
    answer_(message, [&](std::string_view headers, std::string_view payload) {
      transport_->publish(0, {.subject = message.reply_to, .headers = headers, .payload = payload});
    });
  }
  void on_pong(ConnectionId, Instant) override { subscribed_ = true; }

 private:
  SteadyClock clock_;
  Answer answer_;
  std::unique_ptr<Transport> transport_;
  std::atomic<bool> stop_{false};
  std::atomic<int> messages_{0};
  bool subscribed_ = false;
  std::thread thread_;
};

// Says the wrong thing to whoever connects, and then nothing more.
class NonsenseServer {
 public:
  explicit NonsenseServer(std::string text) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, text = std::move(text)] {
      for (int peer = 0; (peer = accept(listener_, nullptr, nullptr)) >= 0; close(peer)) {
        [[maybe_unused]] const auto written = write(peer, text.data(), text.size());
        char answer[256];
        while (read(peer, answer, sizeof answer) > 0) continue;  // until the client gives up
      }
    });
  }
  ~NonsenseServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  [[nodiscard]] std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace natsproof
