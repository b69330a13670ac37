// One repetition of a plan: fresh connections, its own seed, one thread per worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/measure/waterfall.h"
#include "loadgen/plan/plan.h"
#include "messaging/server_address.h"
#include "messaging/transport.h"

namespace natsproof {

// What a watcher sees about ten times a second, on the calling thread.
struct LiveFigures {
  Duration elapsed{},
      total{};  // of this repetition, from its start; total as planned, without the drain
  bool warmup = false;
  std::uint64_t sent = 0, failures = 0, in_flight = 0;
  std::optional<Duration> p50,
      p99;  // so far, warm-up included: response time, or service time in a closed loop
};

struct RepetitionOptions {
  std::vector<ServerAddress> servers;
  std::uint64_t seed = 1;
  Pacing pacing = Pacing::sleep;
  std::function<std::unique_ptr<Transport>(const Clock&)> make_transport;
  // The server's own count of a connection's requests, asked after the drain; nothing if it cannot
  // be told.
  std::function<std::optional<std::uint64_t>(const ConnectionRecord&)> received_by_server;
  // The services' own account of the requests, where they give one: begun when the connections are
  // open, and asked after the drain for what it fills in. On the calling thread; may be empty.
  std::function<void(std::span<const std::string> inboxes, std::uint64_t requests,
                     std::uint64_t seed)>
      begin_account;
  std::function<void(std::span<const UnansweredRequests>, Repetition&)> end_account;
  // Asks services for the stages of the requests, and takes what they say; null: does not.
  TraceSamples* trace = nullptr;
  std::function<void(const LiveFigures&)> watch;   // may be empty
  const std::atomic<bool>* interrupted = nullptr;  // looked at about ten times a second
};

// Returns when every request is decided. Errors: a connection could not be opened, in the server's
// words, or the login may not send a task's requests, or not have replies; of a permission that was
// taken away later the repetition's `failure` tells, and the load ends there. An interruption is no
// error: the repetition says so and keeps what it has; nor is the plan's abort limit, which ends
// the repetition within about 0.1 s of the second that broke it
// (`aborted` says what did), with what is in flight awaited. Blocks the calling thread; starts
// plan.load.workers threads.
Result<Repetition> run_repetition(const Plan& plan, const RepetitionOptions& options);

}  // namespace natsproof
