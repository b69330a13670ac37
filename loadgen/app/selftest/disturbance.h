// What the selftest does to a run on purpose, and how long it took by our own clock.
//
// Only processes and threads of this run are touched: children by their pidfd, our own threads by
// their ids. Nothing outlasts its object or call, and a parent-death signal ends the rest with us.
#pragma once

#include <vector>

#include <sched.h>
#include <sys/types.h>

#include "base/result.h"
#include "base/time.h"

namespace natsproof {

// Of a disturbance: what it lasted at least and at most, for signals take time.
struct Length {
  Duration at_least{}, at_most{};
};

// SIGSTOP to a child of ours, and SIGCONT after that long, whatever happens between. Blocks
// meanwhile. Errors: there is no such child, or it ended.
Result<Length> stop_process(pid_t child, Duration length);

// All threads of this process but the calling one do nothing for that long: each is caught by a
// signal (SIGUSR1), wherever it is. Blocks meanwhile, and until all go on. `at_least` is what all
// of them did nothing together: below 0 where the last was caught too late for that. Errors: there
// is no other thread, or one was not caught within a second after that time.
Result<Length> stall_threads(Duration length);

// Processes that keep a core busy, at normal priority. They end after a minute at the latest.
class BusyCore {
 public:
  // Errors: none could be started.
  static Result<BusyCore> start(int core, int processes);
  BusyCore(BusyCore&& other) noexcept = default;
  BusyCore& operator=(BusyCore&& other) = delete;
  ~BusyCore();

 private:
  BusyCore() = default;
  std::vector<pid_t> pids_;
};

// The calling thread may run where it could before, when this is gone; so may all threads that
// began since.
class CorePin {
 public:
  CorePin();
  ~CorePin();
  CorePin(const CorePin&) = delete;
  CorePin& operator=(const CorePin&) = delete;

  // The last core that we may run on.
  [[nodiscard]] int core() const { return core_; }
  // All threads of this process, to that core alone; so are those that they begin.
  void pin();

 private:
  void set_all(const cpu_set_t& cores);
  cpu_set_t before_{};
  int core_ = -1;
};

}  // namespace natsproof
