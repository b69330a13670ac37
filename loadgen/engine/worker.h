// One load thread: it asks when something is due, hands every reply to the request table, and
// expires what is overdue.
//
// run() is the whole measurement; a stranger can check it there. It runs on a manual clock with a
// scripted transport exactly as it does on a real one. prepare(), run() and the results are for the
// thread that owns the transport; stop() and live() for any.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/engine/event_log.h"
#include "loadgen/engine/load_source.h"
#include "loadgen/engine/pacer.h"
#include "loadgen/engine/request_table.h"
#include "loadgen/engine/task_work.h"
#include "loadgen/engine/trace_log.h"
#include "loadgen/measure/recorder.h"
#include "loadgen/measure/stall_list.h"
#include "loadgen/plan/plan.h"
#include "messaging/permissions_violation.h"
#include "messaging/transport.h"

namespace natsproof {

struct WorkerShare {
  std::uint32_t worker = 0;  // 0 .. plan.load.workers-1
  std::uint32_t connections =
      1;  // load connections of this worker; the transport has one more, for the floor
  std::uint64_t seed = 1;
  Pacing pacing = Pacing::sleep;
  const StallList* stalls = nullptr;  // of the machine; nullptr: nobody records any
  bool traced = false;                // asks for stamps, and keeps a log of them
};

// The server refuses what the load needs: a permission that the login has not, or no longer has.
struct Denial {
  std::string why;  // with the permission that is missing; empty: nothing of the kind
  std::optional<std::size_t> task;  // the one whose subject it is; nothing: of all replies
  Instant at{};
};

// Relaxed counters, to be watched while the worker runs.
struct LiveCounters {
  std::atomic<std::uint64_t> sent{0}, failures{0}, in_flight{0};
};

class Worker final : public Listener {
 public:
  // All references outlive the worker.
  Worker(const Plan& plan, WorkerShare share, const Clock& clock, Transport& transport);

  // Encodes the payloads, allocates what is large and calibrates. REQUIRES: the transport is open
  // with this listener.
  Result<void> prepare();
  // What depends on the start, then the repetition from there on. Returns when every request is
  // decided.
  void run(Instant start);
  // run() in two steps, for tests and benchmarks that must tell them apart.
  void begin(Instant start);
  void run_to_end();

  // Ends the load; what is in flight is still awaited. Any thread; async-signal-safe.
  void stop();
  [[nodiscard]] const LiveCounters& live() const { return live_; }
  // REQUIRES: begin() has returned.
  [[nodiscard]] IntervalExchange& intervals() { return recorder_->intervals(); }

  // After run(), and when no stall is added any more: adds this worker's records to a repetition.
  void take_results(Repetition& into);
  [[nodiscard]] UnansweredRequests take_unanswered() {
    unanswered_.numbers = next_sequence_;
    return std::move(unanswered_);
  }
  // After run(), where it is traced.
  void take_trace(TraceSamples& into) const { trace_->take(into); }
  // How many sequence numbers the plan's requests take at most, or nearly so.
  [[nodiscard]] std::uint64_t expected_requests() const;
  // Waits until the server has answered a PING on every load connection that is up; false if
  // `until` came first.
  bool synchronise(Instant until);
  // After prepare(), before begin(): whether the login may have replies, on every connection. A
  // server says that it may not before it answers a PING. Errors: it may not; no answer.
  Result<void> check_inboxes(Instant until);

  // What the login may not do and the plan's requests need; empty: nothing was refused. The load
  // has been stopped then. After run().
  [[nodiscard]] const Denial& denial() const { return denial_; }
  // Any thread.
  [[nodiscard]] bool is_denied() const { return is_denied_.load(std::memory_order_relaxed); }

  void on_message(const Message& message) override;
  void on_sent(Sequence sequence, Instant actual_send) override;
  void on_pong(ConnectionId connection, Instant received) override;
  void on_down(ConnectionId connection, std::string_view why) override;
  void on_up(ConnectionId connection) override;
  void on_server_error(ConnectionId connection, std::string_view text) override;

 private:
  static constexpr int kMostSendsAPass = 256;  // replies are read at least this often
  static constexpr Duration kFloorInterval = 10ms;
  static constexpr std::size_t kMostPings = 1 << 15;  // unanswered: a path silent for 5 minutes
  static constexpr std::size_t kMostMoves = 16;  // of a connection that are told

  std::size_t send_due(Instant now);
  [[nodiscard]] bool awaits_end(Instant now) const;
  void note_stop();
  // How much of [from, until) lies in the measurement, as far as it goes.
  [[nodiscard]] Duration accounted(Instant from, Instant until) const {
    return std::max<Duration>(
        std::min(until, accounted_until_) - std::max(from, window_.measured_from), 0ns);
  }
  void send(const DueRequest& due, Instant now);
  void refuse(std::size_t task, const DueRequest& due, RefusedReason reason, Instant now);
  void decide(Slot& slot, ReplyClass outcome, Instant at);
  std::size_t expire(Instant now);
  void ping_floor(Instant now);
  void settle_pings(Instant now);
  void note_floor(Instant sent, Duration time);
  [[nodiscard]] Instant next_deadline();
  [[nodiscard]] std::size_t pick_task(Random& draw, std::size_t kind) const;
  [[nodiscard]] std::size_t table_slots() const;
  void note_unanswered(Sequence sequence);
  void note_late(Sequence sequence);
  void note_too_big(const Slot& slot);
  void note_server(const ServerInfo& info);
  void deny(const PermissionsViolation& violation, std::string_view text);
  void await_pongs(std::uint32_t count, Instant until);
  void note(std::string_view what, ConnectionId connection, std::string_view why);

  const Plan& plan_;
  WorkerShare share_;
  const Clock& clock_;
  Transport& transport_;
  Pacer pacer_;
  std::vector<TaskWork> tasks_;
  std::vector<std::vector<double>>
      weights_until_;  // of tasks by kind of user, cumulative; ends at 1
  std::vector<ServerRecord> servers_;
  std::vector<ConnectionRecord> connections_;
  ConnectionId floor_connection_;

  RecordedWindow window_;
  std::unique_ptr<LoadSource> source_;
  std::unique_ptr<RequestTable> table_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<TraceLog> trace_;  // null: not traced
  Sequence next_sequence_ = 0;
  std::uint64_t open_ = 0;  // requests not decided yet

  Histogram floor_, set_up_, first_request_;
  std::vector<Sequence> first_sent_;  // of each load connection; kNoSequence: nothing yet
  Instant next_ping_;
  // When each PING on the floor's connection was sent that is not settled yet, at its number modulo
  // the size.
  std::vector<Instant> pings_;
  std::uint64_t pings_sent_ = 0, pings_settled_ = 0;
  std::uint32_t synchronised_ = 0;
  bool checking_inboxes_ = false;
  bool pings_denied_ = false;  // of nats.c, whose PING is a message to the own inbox

  WorkerRecord record_;
  Instant accounted_until_;  // the end of the measurement; earlier where the load was stopped
  bool stopped_ = false;
  UnansweredRequests unanswered_;
  std::uint64_t steps_back_ = 0;
  std::uint64_t reconnects_ = 0;
  EventLog events_;
  bool too_big_noted_ = false;
  Denial denial_;
  std::atomic<bool> is_denied_{false};
  LiveCounters live_;
  std::atomic<bool> stop_{false};
};

}  // namespace natsproof
