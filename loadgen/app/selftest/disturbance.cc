#include "loadgen/app/selftest/disturbance.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "loadgen/stage/child_process.h"

namespace natsproof {
namespace {

constexpr unsigned kMostBusySeconds = 60;
constexpr Duration kCatchWithin = 1s;

std::vector<pid_t> threads_of_this_process() {
  std::vector<pid_t> threads;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/task", error), end; !error && at != end;
       at.increment(error)) {
    threads.push_back(std::stoi(at->path().filename().string()));
  }
  return threads;
}

std::string errno_words() {
  return std::generic_category().message(errno);
}

// A process that is told to go on when this is gone, whoever else has its number by then.
class Stopped {
 public:
  explicit Stopped(pid_t child) : handle_(open_pidfd(child)) {}
  ~Stopped() {
    if (handle_ < 0) return;
    resume();
    close(handle_);
  }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  [[nodiscard]] bool stop() const { return handle_ >= 0 && send(SIGSTOP); }
  void resume() const { static_cast<void>(send(SIGCONT)); }

 private:
  [[nodiscard]] bool send(int number) const {
    return syscall(SYS_pidfd_send_signal, handle_, number, nullptr, 0) == 0;
  }
  int handle_;
};

// What the handler of stall_threads() reads and writes: nothing else is safe in it.
std::atomic<std::int64_t> stall_until_ns{0}, last_caught_ns{0}, last_freed_ns{0};
std::atomic<int> freed{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void raise_to(std::atomic<std::int64_t>& highest, std::int64_t value) {
  std::int64_t seen = highest.load();
  while (seen < value && !highest.compare_exchange_weak(seen, value)) {
  }
}

void stall_here(int) {
  const int number = errno;
  raise_to(last_caught_ns, monotonic_ns());
  const std::int64_t until = stall_until_ns.load();
  const timespec at{.tv_sec = until / 1'000'000'000, .tv_nsec = until % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
  raise_to(last_freed_ns, monotonic_ns());
  freed.fetch_add(1);
  errno = number;
}

[[noreturn]] void keep_busy(pid_t parent, int core) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(1);
  setpgid(0, 0);
  alarm(kMostBusySeconds);
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  if (sched_setaffinity(0, sizeof cores, &cores) != 0) _exit(1);
  for (volatile std::uint64_t turns = 0;;) turns = turns + 1;
}

}  // namespace

Result<Length> stop_process(pid_t child, Duration length) {
  const SteadyClock clock;
  const Stopped process(child);
  const Instant before_stop = clock.now();
  if (!process.stop()) {
    return Error{fmt::format("process {} could not be stopped: {}", child, errno_words())};
  }
  siginfo_t state{};
  while (waitid(P_PID, static_cast<id_t>(child), &state, WSTOPPED | WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) {
      return Error{fmt::format("process {} is no child of ours: {}", child, errno_words())};
    }
  }
  if (state.si_code != CLD_STOPPED) return Error{fmt::format("process {} ended", child)};
  const Instant stopped = clock.now();
  std::this_thread::sleep_until(before_stop + length);
  const Instant before_resume = clock.now();
  process.resume();
  return Length{.at_least = before_resume - stopped, .at_most = clock.now() - before_stop};
}

Result<Length> stall_threads(Duration length) {
  struct sigaction action = {};
  action.sa_handler = stall_here;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  // It stays: a signal that a thread takes later finds that its time is over.
  if (sigaction(SIGUSR1, &action, nullptr) != 0) return Error{errno_words()};
  freed = 0;
  last_caught_ns = last_freed_ns = 0;
  const std::int64_t before = monotonic_ns();
  stall_until_ns = before + length.count();
  int others = 0;
  for (const pid_t thread : threads_of_this_process()) {
    if (thread == gettid()) continue;
    others += syscall(SYS_tgkill, getpid(), thread, SIGUSR1) == 0;
  }
  const std::int64_t give_up = stall_until_ns + kCatchWithin.count();
  while (freed < others && monotonic_ns() < give_up) std::this_thread::sleep_for(1ms);
  if (others == 0) return Error{"there is no other thread that could be stalled"};
  if (freed < others) {
    return Error{fmt::format("{} of {} threads could not be stalled within {}",
                             others - freed.load(), others,
                             format_duration(length + kCatchWithin))};
  }
  return Length{.at_least = Duration{stall_until_ns - last_caught_ns},
                .at_most = Duration{last_freed_ns - before}};
}

Result<BusyCore> BusyCore::start(int core, int processes) {
  BusyCore busy;
  const pid_t parent = getpid();
  for (int i = 0; i < processes; ++i) {
    const pid_t pid = fork();
    if (pid == 0) keep_busy(parent, core);
    if (pid > 0) busy.pids_.push_back(pid);
  }
  if (busy.pids_.empty()) return Error{"no busy process could be started: " + errno_words()};
  return busy;
}

BusyCore::~BusyCore() {
  for (const pid_t pid : pids_) kill(pid, SIGKILL);
  for (const pid_t pid : pids_) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

CorePin::CorePin() {
  CPU_ZERO(&before_);
  if (sched_getaffinity(0, sizeof before_, &before_) != 0) return;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &before_)) core_ = core;
  }
}

CorePin::~CorePin() {
  if (core_ >= 0) set_all(before_);
}

void CorePin::pin() {
  if (core_ < 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(core_), &one);
  set_all(one);
}

void CorePin::set_all(const cpu_set_t& cores) {
  for (const pid_t thread : threads_of_this_process()) {
    sched_setaffinity(thread, sizeof cores, &cores);
  }
}

}  // namespace natsproof
