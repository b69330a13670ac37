// A thread that wants nothing but to wake every millisecond, and notes how late it was woken.
//
// What it sees late, any thread of this machine may have seen late: a hypervisor that ran somebody
// else, a throttled container, a kernel or a program that kept the core. What it cannot see: a
// stall of another core only, for it sleeps on one; a stall shorter than its sleep that falls
// between two wake-ups (one of length s is met with a probability of s / sleep); and which requests
// they met. On a machine that is merely busy it may be woken later than a thread that has slept
// longer: a stall excuses, it proves nothing.
//
// Nor does it see what of a stall passed before it was due to wake: up to a whole sleep. Of a stall
// that it sees for x, as much again is taken to lie before, but no more than it slept. A stall that
// is shorter than a sleep begins anywhere before the wake-up that it delays, so that what is seen
// and what is not are equal in the mean; one that is longer than two sleeps is seen for more than
// one, and its beginning is covered whatever it was. A thread that is merely woken 200 us late
// excuses 400 us, not 10 ms. Only what stalls explain, and how many requests they met, is reckoned
// with it: both can but block a refutation. Counts, sums and lengths that are told are of what was
// seen.
//
// So a stall that breaks a claim by itself, being about as long as its limit, is seen and covered
// for certain where the sleep is at most half the limit. tests/sim/judge/doubt_test.cc.
//
// It must not be a disturbance itself. A wake-up takes a few us of CPU time, and 10 to 20 us have
// been seen in virtual machines, where the timer is the hypervisor's; so it sleeps 1 ms where that
// stays under kMostOfACore, and else as long as it has to, up to 10 ms; but no longer than half the
// smallest limit, if that is over 1 ms. How often it looked, hiccups().count() says.
//
// After a late wake-up it sleeps the whole time from then: a stall is one late wake-up, however
// long, and a quantile of the hiccups is one of wake-ups, not of time.
//
// All memory is allocated by the constructor. What the thread itself takes is told by usage().
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "base/time.h"
#include "loadgen/measure/histogram.h"
#include "loadgen/measure/stall_list.h"

namespace natsproof {

// What becomes of a wake-up. Exact, and without a thread of its own.
class HiccupMeter {
 public:
  // Borrows `stalls`, into which it writes what is long enough, in the warm-up too.
  explicit HiccupMeter(StallList& stalls) : stalls_(stalls) { hiccups_.reserve(); }

  void begin(Instant measured_from, Duration shortest_stall) {
    measured_from_ = measured_from;
    shortest_stall_ = shortest_stall;
  }
  // It slept for `slept` until `due`, when it should have been awake, and was at `woke`; the
  // measurement ends at `until`. A wake-up belongs to the measurement when a part of its delay lies
  // there.
  void wake(Instant due, Instant woke, Instant until, Duration slept) noexcept {
    const Duration late = std::max<Duration>(woke - due, 0ns);
    const bool is_stall = late >= shortest_stall_;
    if (is_stall) stalls_.add(due, woke, std::min(late, slept));
    if (woke < measured_from_ || due >= until) return;
    hiccups_.record(late);
    if (!is_stall) return;
    ++stall_count_;
    stalled_ += std::min(woke, until) - std::max(due, measured_from_);
  }

  // Of the measurement; stalls that found no room in the list included.
  [[nodiscard]] const Histogram& hiccups() const { return hiccups_; }
  [[nodiscard]] std::uint64_t stall_count() const { return stall_count_; }
  [[nodiscard]] Duration stalled() const { return stalled_; }

 private:
  StallList& stalls_;
  Instant measured_from_;
  Duration shortest_stall_{1ms};
  Histogram hiccups_;
  std::uint64_t stall_count_ = 0;
  Duration stalled_{};
};

// What a thread or a process has taken.
struct Usage {
  Duration cpu{};
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
};
// `who` as of getrusage(2): RUSAGE_SELF, RUSAGE_THREAD.
std::optional<Usage> usage_of(int who);

class HiccupThread {
 public:
  static constexpr Duration kShortestSleep = 1ms, kLongestSleep = 10ms;
  static constexpr double kMostOfACore = 0.004;
  // The sleep at which wake-ups that take so much CPU time each are at most kMostOfACore; no longer
  // than `longest`, which counts for as much as kShortestSleep if it is less.
  static Duration affordable_sleep(Duration cpu_a_wake, Duration longest = kLongestSleep);

  // Borrows `stalls`: the thread alone writes into it, from begin() to stop().
  explicit HiccupThread(StallList& stalls) : meter_(stalls) {}
  HiccupThread(const HiccupThread&) = delete;
  HiccupThread& operator=(const HiccupThread&) = delete;
  ~HiccupThread() { stop(); }

  // Starts the thread. Once. A stall is a tenth of the smallest limit.
  void begin(Instant measured_from, Instant measured_until, Duration shortest_stall);
  // The measurement ends earlier than was said. Any thread.
  void cut(Instant measured_until) { until_.store(measured_until, std::memory_order_relaxed); }
  // Joins the thread, within kLongestSleep or so. May be called again, and without begin().
  void stop();

  // After stop().
  [[nodiscard]] const HiccupMeter& meter() const { return meter_; }
  // Of the thread, in the measurement; nothing: there was none, or the kernel did not tell.
  [[nodiscard]] std::optional<Usage> usage() const;

 private:
  void run();

  HiccupMeter meter_;
  Duration longest_sleep_ = kLongestSleep;
  Instant measured_from_;
  std::atomic<Instant> until_{};
  std::atomic<bool> stop_{false};
  std::optional<Usage> before_, after_;
  std::thread thread_;
};

}  // namespace natsproof
