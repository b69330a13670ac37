// What is done to a run on purpose is done, measured, and undone.
#include "loadgen/app/selftest/disturbance.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "loadgen/stage/child_process.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;

// Its runtime has a thread of its own, which takes no signals.
#if defined(__SANITIZE_THREAD__)
constexpr bool kThreadSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif
#else
constexpr bool kThreadSanitizer = false;
#endif

TEST(Disturbance, StopsAChildAndLetsItGoOn) {
  auto child = ChildProcess::start({"sleep", "60"});
  ASSERT_TRUE(child) << child.error().message;
  const auto stopped = stop_process(child->pid(), 50ms);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_GE(stopped->at_most, 50ms);
  EXPECT_LE(stopped->at_least, stopped->at_most);
  siginfo_t state{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child->pid()), &state, WCONTINUED | WNOWAIT), 0);
  EXPECT_EQ(state.si_code, CLD_CONTINUED);
  EXPECT_FALSE(child->ended());
}

TEST(Disturbance, DoesNotStopWhatIsGone) {
  auto child = ChildProcess::start({"true"});
  ASSERT_TRUE(child) << child.error().message;
  siginfo_t state{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child->pid()), &state, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(stop_process(child->pid(), 50ms));
}

TEST(Disturbance, StallsEveryThreadButTheCallers) {
  if (kThreadSanitizer) GTEST_SKIP() << "one thread is never caught";
  const SteadyClock clock;
  std::atomic<bool> ready{false}, stop{false};
  std::atomic<std::int64_t> longest_ns{0};
  std::thread other([&] {
    Instant last = clock.now();
    while (!stop) {
      const Instant now = clock.now();
      longest_ns = std::max<std::int64_t>(longest_ns, (now - last).count());
      last = now;
      ready = true;
    }
  });
  while (!ready) std::this_thread::yield();
  const auto stalled = stall_threads(50ms);
  stop = true;
  other.join();
  ASSERT_TRUE(stalled) << stalled.error().message;
  EXPECT_LE(stalled->at_least, stalled->at_most);
  EXPECT_GE(stalled->at_most, 50ms);
  EXPECT_GE(Duration{longest_ns}, stalled->at_least);
}

// It is not stalled, and nobody may say that it was.
TEST(Disturbance, KnowsOfAThreadThatWasNotCaught) {
  if (kThreadSanitizer) GTEST_SKIP() << "one thread is never caught";
  EXPECT_FALSE(stall_threads(1ms)) << "there is no other";
  std::atomic<bool> ready{false}, stop{false};
  std::thread deaf([&] {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ready = true;
    ready.notify_one();
    stop.wait(false);
  });
  ready.wait(false);
  const auto stalled = stall_threads(1ms);
  stop = true;
  stop.notify_one();
  deaf.join();
  ASSERT_FALSE(stalled);
  EXPECT_THAT(stalled.error().message, HasSubstr("1 of 1 threads"));
}

TEST(Disturbance, PinsAllThreadsAndUndoesIt) {
  cpu_set_t before, pinned, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  {
    CorePin pin;
    pin.pin();
    ASSERT_EQ(sched_getaffinity(0, sizeof pinned, &pinned), 0);
    EXPECT_EQ(CPU_COUNT(&pinned), 1);
    EXPECT_TRUE(CPU_ISSET(static_cast<std::size_t>(pin.core()), &before));
  }
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(Disturbance, BusyProcessesEndWithTheirObject) {
  CorePin pin;
  {
    const auto busy = BusyCore::start(pin.core(), 2);
    ASSERT_TRUE(busy) << busy.error().message;
    siginfo_t state{};
    state.si_pid = 0;
    ASSERT_EQ(waitid(P_ALL, 0, &state, WEXITED | WNOHANG | WNOWAIT), 0);
    EXPECT_EQ(state.si_pid, 0) << "one has ended already";
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "one is left";
}

}  // namespace
}  // namespace natsproof
