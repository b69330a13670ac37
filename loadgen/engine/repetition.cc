#include "loadgen/engine/repetition.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/prctl.h>

#include "loadgen/engine/abort_watch.h"
#include "loadgen/engine/interval_collector.h"
#include "loadgen/engine/worker.h"
#include "loadgen/platform/platform_watch.h"

namespace natsproof {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWatchEvery = 100ms;
constexpr Duration kLead = 20ms;  // from all connections open to the start of the schedule
constexpr Duration kCheckInboxesWithin = 2s;
constexpr Duration kSynchroniseWithin = 1s;
constexpr int kServerCountTries = 20;  // the server adds its counts after it has answered our PING
constexpr Duration kServerCountPause = 10ms;

// The steps all workers take together. The calling thread leads.
class Rehearsal {
 public:
  explicit Rehearsal(std::uint32_t workers) : workers_(workers) {}

  // Worker: this step is done; wait for the leader's word to go on. False: give up.
  bool done_and_wait(int step) {
    std::unique_lock lock(mutex_);
    ++done_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return step_ > step || abandoned_; });
    return !abandoned_;
  }
  // Leader: true when all workers are done with the current step, false after `patience`.
  bool all_done(Duration patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return done_ == workers_; });
  }
  void next_step() {
    const std::lock_guard lock(mutex_);
    done_ = 0;
    ++step_;
    changed_.notify_all();
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t workers_, done_ = 0;
  int step_ = 0;
  bool abandoned_ = false;
};

// A worker with its thread's things. Made and destroyed by the leader, used by its thread in
// between.
struct LoadThread {
  LoadThread(const Plan& plan, WorkerShare share, const RepetitionOptions& options,
             const Clock& clock)
      : transport(options.make_transport(clock)), worker(plan, share, clock, *transport) {
    connect.servers = options.servers;
    connect.connections = share.connections + 1;  // one for the floor
    connect.name = "natsproof-load";
    connect.seed = share.seed ^ mix64(share.worker);
  }

  std::unique_ptr<Transport> transport;
  Worker worker;
  ConnectOptions connect;
  std::optional<Error> error;
  bool synchronised = false;
  std::thread thread;
};

enum Step { kOpen, kBegin, kRun };

void work(LoadThread& self, Rehearsal& rehearsal, const Instant& start, const Clock& clock) {
  prctl(PR_SET_TIMERSLACK, 1);
  const auto open = [&]() -> Result<void> {
    if (auto opened = self.transport->open(self.connect, self.worker); !opened)
      return opened.error();
    if (auto prepared = self.worker.prepare(); !prepared) return prepared;
    return self.worker.check_inboxes(clock.now() + kCheckInboxesWithin);
  };
  if (auto opened = open(); !opened) self.error = opened.error();
  if (!rehearsal.done_and_wait(kOpen)) return self.transport->close();
  self.worker.begin(start);
  if (!rehearsal.done_and_wait(kBegin)) return self.transport->close();
  self.worker.run_to_end();
  self.synchronised = self.worker.synchronise(clock.now() + kSynchroniseWithin);
  rehearsal.done_and_wait(kRun);
  self.transport->close();
}

std::int64_t utc_ms_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// What the server refused, of the first worker that it told. `from_the_start`: nothing of the kind
// was ever answered, on any connection, so that the load could not begin.
struct ServerRefusal {
  const Denial* denial = nullptr;
  bool from_the_start = false;
};
ServerRefusal refusal_of(const std::vector<std::unique_ptr<LoadThread>>& threads,
                         const Repetition& repetition) {
  ServerRefusal refusal;
  for (const auto& thread : threads) {
    const Denial& own = thread->worker.denial();
    if (own.why.empty() || (refusal.denial != nullptr && refusal.denial->at <= own.at)) continue;
    const TaskRecord& asked = repetition.tasks[own.task ? *own.task + 1 : 0];  // [0]: all tasks
    refusal = {&own, asked.measured.replies + asked.warmup.replies == 0};
  }
  return refusal;
}

std::uint32_t share_of(std::uint32_t total, std::uint32_t worker, std::uint32_t workers) {
  return std::max(1U, total / workers + (worker < total % workers));
}

void ask_server(Repetition& repetition, const RepetitionOptions& options) {
  if (!options.received_by_server) return;
  for (ConnectionRecord& connection : repetition.connections) {
    for (int i = 0; i < kServerCountTries && !connection.faulty; ++i) {
      connection.received = options.received_by_server(connection);
      if (!connection.received || *connection.received == connection.sent) break;
      std::this_thread::sleep_for(kServerCountPause);
    }
  }
}

}  // namespace

Result<Repetition> run_repetition(const Plan& plan, const RepetitionOptions& options) {
  const SteadyClock clock;
  const std::uint32_t workers = plan.load.workers;
  Rehearsal rehearsal(workers);
  PlatformWatch platform;
  Instant start;
  std::vector<std::unique_ptr<LoadThread>> threads;
  for (std::uint32_t i = 0; i < workers; ++i) {
    const WorkerShare share{.worker = i,
                            .connections = share_of(plan.load.connections, i, workers),
                            .seed = options.seed,
                            .pacing = options.pacing,
                            .stalls = &platform.stalls(),
                            .traced = options.trace != nullptr};
    threads.push_back(std::make_unique<LoadThread>(plan, share, options, clock));
  }
  for (auto& thread : threads)
    thread->thread = std::thread([&] { work(*thread, rehearsal, start, clock); });
  const auto join = [&] {
    for (auto& thread : threads) thread->thread.join();
  };

  while (!rehearsal.all_done(kWatchEvery)) continue;
  for (const auto& thread : threads) {
    if (!thread->error) continue;
    rehearsal.abandon();
    join();
    return *thread->error;
  }
  if (options.begin_account) {
    std::vector<std::string> inboxes;
    for (const auto& thread : threads) inboxes.push_back(thread->transport->inbox_prefix());
    options.begin_account(inboxes, threads.front()->worker.expected_requests(), options.seed);
  }
  start = clock.now() + kLead;
  const Instant measured_from = start + warmup_with_spawning(plan.load);
  std::vector<RecordedTask> tasks;
  for (const Task& task : plan.tasks) tasks.push_back({task.name, task.timeout});
  platform.begin({start, measured_from, measured_from + plan.load.duration}, plan.claims, tasks);
  rehearsal.next_step();
  while (!rehearsal.all_done(kWatchEvery)) continue;

  Repetition repetition;
  repetition.seed = options.seed;
  repetition.started_utc_ms =
      utc_ms_now() +
      std::chrono::duration_cast<std::chrono::milliseconds>(start - clock.now()).count();
  repetition.warmup = warmup_with_spawning(plan.load);
  repetition.window = plan.load.duration;
  IntervalCollector collector(repetition, workers);
  std::optional<AbortWatch> limit;
  if (plan.abort) limit.emplace(*plan.abort);
  std::size_t watched = 0;  // of repetition.intervals
  bool stopped = false;
  const auto stop_all = [&] {
    if (std::exchange(stopped, true)) return;
    // What was measured is what there was until now, whatever else ends it once more.
    const Instant now = clock.now();
    const Duration measured = now - start - repetition.warmup;
    repetition.window = std::clamp<Duration>(measured, 0s, plan.load.duration);
    platform.cut(now);
    for (auto& thread : threads) thread->worker.stop();
  };
  // The platform's counters are read when the measurement begins and ends, not a watch later.
  const auto patience = [&] {
    const Instant now = clock.now();
    return std::min(kWatchEvery, platform.look(now) - now);
  };
  rehearsal.next_step();
  while (!rehearsal.all_done(patience())) {
    LiveFigures live{.elapsed = clock.now() - start,
                     .total = repetition.warmup + plan.load.duration};
    live.warmup = live.elapsed < repetition.warmup;
    for (auto& thread : threads) {
      collector.collect(thread->worker.intervals());
      const LiveCounters& counters = thread->worker.live();
      live.sent += counters.sent.load(std::memory_order_relaxed);
      live.failures += counters.failures.load(std::memory_order_relaxed);
      live.in_flight += counters.in_flight.load(std::memory_order_relaxed);
    }
    if (!collector.so_far().empty()) {
      live.p50 = collector.so_far().value_at(Quantile{0.5});
      live.p99 = collector.so_far().value_at(Quantile{0.99});
    }
    if (options.watch) options.watch(live);
    if (options.interrupted != nullptr && options.interrupted->load() && !repetition.interrupted) {
      repetition.interrupted = true;
      stop_all();
    }
    // Without the permission of one worker the load of the others is another one.
    if (std::any_of(threads.begin(), threads.end(),
                    [](const auto& thread) { return thread->worker.is_denied(); }))
      stop_all();
    for (; limit && repetition.aborted.empty() && watched < repetition.intervals.size();
         ++watched) {
      if (!limit->add(repetition.intervals[watched])) continue;
      repetition.aborted = limit->why();
      stop_all();
    }
  }
  platform.end();
  for (auto& thread : threads) {
    collector.finish(thread->worker.intervals());
    thread->worker.take_results(repetition);
    if (options.trace != nullptr) thread->worker.take_trace(*options.trace);
  }
  collector.end();
  platform.add_to(repetition);
  const ServerRefusal refusal = refusal_of(threads, repetition);
  if (refusal.from_the_start) {
    Error error{refusal.denial->why};
    rehearsal.abandon();
    join();
    return error;
  }
  if (refusal.denial != nullptr) {
    repetition.failure = fmt::format("from {:+.3f} s on {}", to_seconds(refusal.denial->at - start),
                                     refusal.denial->why);
  }
  if (std::all_of(threads.begin(), threads.end(),
                  [](const auto& thread) { return thread->synchronised; }))
    ask_server(repetition, options);
  if (options.end_account) {
    std::vector<UnansweredRequests> unanswered;
    for (auto& thread : threads) unanswered.push_back(thread->worker.take_unanswered());
    options.end_account(unanswered, repetition);
  }
  rehearsal.next_step();
  join();
  return repetition;
}

}  // namespace natsproof
