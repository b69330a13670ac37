// One instance of a service: on a thread, a transport and a connection of its own.
#pragma once

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "messaging/transport.h"
#include "services/runtime/service.h"

namespace natsproof {

// The clients a service can run on, by the names that plans and `serve --client` use.
inline constexpr std::array<std::string_view, 3> kServiceClients = {"wire", "nats.c",
                                                                    "nats.c-default"};
// REQUIRES: one of these.
std::unique_ptr<Transport> make_service_transport(const std::string& client, const Clock& clock);

class ServiceInstance final : private Listener {
 public:
  // Returns when the server has seen its subscriptions. `client` as in ServeOptions. Errors in the
  // server's words.
  static Result<std::unique_ptr<ServiceInstance>> start(std::unique_ptr<Service> service,
                                                        const std::string& client,
                                                        const ConnectOptions& options);
  ~ServiceInstance() override;  // stop(), and waits for its end

  // Takes no more work, finishes what was taken, disconnects: within kStopWithin and the little
  // that the answers take to arrive. A server that does not answer is left as it is. Does not wait.
  // Any thread.
  void stop();

 private:
  ServiceInstance(std::unique_ptr<Service> service, const std::string& client);
  void run(const ConnectOptions& options, std::promise<Result<void>>& ready);
  Result<void> go_online(const ConnectOptions& options);
  void leave();
  void turn();
  bool round_trip(Instant deadline);

  void on_message(const Message& message) override;
  void on_pong(ConnectionId, Instant) override { ++pongs_; }
  void on_down(ConnectionId, std::string_view why) override;
  void on_up(ConnectionId) override;
  void on_server_error(ConnectionId, std::string_view text) override;

  const SteadyClock clock_;
  const std::unique_ptr<Service> service_;
  const std::string client_;
  const std::unique_ptr<Transport> transport_;
  std::thread::id own_thread_;
  Instant flushed_;  // or woken since; of our thread
  std::uint64_t pongs_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace natsproof
