#include "loadgen/platform/hiccup_thread.h"

#include <ctime>
#include <utility>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace natsproof {
namespace {

// steady_clock's instants are those of CLOCK_MONOTONIC. A signal ends the sleep early, which is no
// delay.
void sleep_until(Instant when) {
  const Duration since_boot = when.time_since_epoch();
  const timespec due{.tv_sec = since_boot / 1s, .tv_nsec = (since_boot % 1s).count()};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
}

Duration cpu_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

std::optional<Usage> usage_of(int who) {
  rusage usage{};
  if (getrusage(who, &usage) != 0) return std::nullopt;
  return Usage{.cpu = duration_of(usage.ru_utime) + duration_of(usage.ru_stime),
               .voluntary_switches = static_cast<std::uint64_t>(usage.ru_nvcsw),
               .involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw)};
}

void HiccupThread::begin(Instant measured_from, Instant measured_until, Duration shortest_stall) {
  meter_.begin(measured_from, shortest_stall);
  constexpr int kStallsInHalfTheLimit = 5;
  longest_sleep_ = kStallsInHalfTheLimit * shortest_stall;
  measured_from_ = measured_from;
  cut(measured_until);
  thread_ = std::thread([this] { run(); });
}

void HiccupThread::stop() {
  stop_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

Duration HiccupThread::affordable_sleep(Duration cpu_a_wake, Duration longest) {
  const auto sleep = std::chrono::duration<double, std::nano>(cpu_a_wake) / kMostOfACore;
  return std::clamp(std::chrono::duration_cast<Duration>(sleep), kShortestSleep,
                    std::clamp(longest, kShortestSleep, kLongestSleep));
}

void HiccupThread::run() {
  constexpr int kWakesAReckoning = 32;
  prctl(PR_SET_TIMERSLACK, 1);
  const SteadyClock clock;
  Duration sleep = kShortestSleep;
  Duration reckoned = cpu_of_this_thread();
  int wakes = 0;
  for (Instant due = clock.now() + sleep;;) {
    sleep_until(due);
    const Instant woke = clock.now();
    const Instant until = until_.load(std::memory_order_relaxed);
    const bool ends = stop_.load(std::memory_order_relaxed);
    meter_.wake(due, woke, until, sleep);
    if (!before_ && woke >= measured_from_) before_ = usage_of(RUSAGE_THREAD);
    if (before_ && !after_ && (woke >= until || ends)) after_ = usage_of(RUSAGE_THREAD);
    if (ends) return;
    if (++wakes == kWakesAReckoning) {
      const Duration cpu = cpu_of_this_thread();
      sleep = affordable_sleep((cpu - std::exchange(reckoned, cpu)) / std::exchange(wakes, 0),
                               longest_sleep_);
    }
    due = woke + sleep;
  }
}

std::optional<Usage> HiccupThread::usage() const {
  if (!before_ || !after_) return std::nullopt;
  return Usage{
      .cpu = after_->cpu - before_->cpu,
      .voluntary_switches = after_->voluntary_switches - before_->voluntary_switches,
      .involuntary_switches = after_->involuntary_switches - before_->involuntary_switches};
}

}  // namespace natsproof
