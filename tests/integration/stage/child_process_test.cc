#include "loadgen/stage/child_process.h"

#include <csignal>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace natsproof {
namespace {

using ::testing::HasSubstr;

// Long enough for any machine; reached only by a failing test.
constexpr int kPatienceMs = 30'000;

// Waits for the process of a handle to end.
bool ends(int pidfd) {
  pollfd end{pidfd, POLLIN, 0};
  return poll(&end, 1, kPatienceMs) == 1;
}

void await_end(const ChildProcess& child) {
  const int handle = open_pidfd(child.pid());
  ASSERT_TRUE(ends(handle));
  close(handle);
}

// Waits until the child has printed a text.
void await_output(const ChildProcess& child, const std::string& text) {
  for (int ms = 0; ms < kPatienceMs; ms += 2) {
    if (child.last_output().find(text) != std::string::npos) return;
    poll(nullptr, 0, 2);
  }
  FAIL() << "'" << text << "' was never printed, only: " << child.last_output();
}

Result<ChildProcess> start_shell(const std::string& script) {
  return ChildProcess::start({"sh", "-c", script});
}

TEST(ChildProcess, says_how_it_exited) {
  auto child = start_shell("exit 3");
  ASSERT_TRUE(child.ok());
  await_end(*child);
  EXPECT_EQ(child->ended(), "exited with status 3");
  EXPECT_EQ(child->ended(), "exited with status 3");
}

TEST(ChildProcess, says_which_signal_killed_it) {
  auto child = start_shell("sleep 1000");
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->ended(), std::nullopt);
  child->signal(SIGKILL);
  await_end(*child);
  EXPECT_EQ(child->ended(), "was killed by signal 9 (Killed)");
}

TEST(ChildProcess, names_a_program_that_cannot_be_run_and_why) {
  const auto child = ChildProcess::start({"/nowhere/to/be-found"});
  ASSERT_FALSE(child.ok());
  EXPECT_THAT(child.error().message, HasSubstr("/nowhere/to/be-found"));
  EXPECT_THAT(child.error().message, HasSubstr("No such file or directory"));
  EXPECT_FALSE(ChildProcess::start({}).ok());
}

TEST(ChildProcess, keeps_the_end_of_both_outputs_and_gives_no_input) {
  auto child = start_shell("echo first; echo second >&2; cat; echo last");
  ASSERT_TRUE(child.ok());
  await_end(*child);
  EXPECT_EQ(child->last_output(), "first\nsecond\nlast\n");
  EXPECT_EQ(child->last_output(5), "last\n");
}

TEST(ChildProcess, is_in_a_group_of_its_own) {
  auto child = start_shell("sleep 1000");
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(getpgid(child->pid()), child->pid());
}

TEST(ChildProcess, is_asked_before_it_is_killed) {
  auto child =
      start_shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(child.ok());
  await_output(*child, "ready");
  child->stop(std::chrono::milliseconds(kPatienceMs));
  EXPECT_EQ(child->ended(), "exited with status 0");
  EXPECT_THAT(child->last_output(), HasSubstr("bye"));
}

TEST(ChildProcess, that_does_not_listen_is_killed_with_all_its_group) {
  auto child =
      start_shell("trap '' TERM; sleep 1000 & echo grandchild $!.; while :; do wait; done");
  ASSERT_TRUE(child.ok());
  await_output(*child, ".");
  const std::string printed = child->last_output();
  const int grandchild = std::stoi(printed.substr(printed.find(' ')));
  const int handle = open_pidfd(grandchild);
  ASSERT_GE(handle, 0);
  child->stop(50ms);
  EXPECT_EQ(child->ended(), "was killed by signal 9 (Killed)");
  EXPECT_TRUE(ends(handle));
  close(handle);
}

TEST(ChildProcess, leaves_nobody_of_its_group_behind_when_it_ends_by_itself) {
  auto child = start_shell("sleep 1000 & echo grandchild $!.");
  ASSERT_TRUE(child.ok());
  await_end(*child);
  const std::string printed = child->last_output();
  const int handle = open_pidfd(std::stoi(printed.substr(printed.find(' '))));
  ASSERT_GE(handle, 0);
  EXPECT_EQ(child->ended(), "exited with status 0");
  EXPECT_TRUE(ends(handle));
  close(handle);
}

TEST(ChildProcess, that_is_stopped_can_be_told_to_end) {
  auto child = start_shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(child.ok());
  await_output(*child, "ready");
  child->signal(SIGSTOP);
  child->stop(std::chrono::milliseconds(kPatienceMs));
  EXPECT_EQ(child->ended(), "exited with status 0");
}

TEST(ChildProcess, ends_with_the_object_that_owns_it) {
  int handle = -1;
  {
    auto child = start_shell("sleep 1000");
    ASSERT_TRUE(child.ok());
    const ChildProcess moved = std::move(*child);
    handle = open_pidfd(moved.pid());
  }
  ASSERT_GE(handle, 0);
  pollfd end{handle, POLLIN, 0};
  EXPECT_EQ(poll(&end, 1, 0), 1) << "it is still running";
  close(handle);
}

TEST(ChildProcess, does_not_outlive_a_parent_that_is_killed) {
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    auto child = start_shell("trap '' TERM HUP; sleep 1000");
    const pid_t pid = child ? child->pid() : -1;
    (void)!write(told[1], &pid, sizeof pid);
    for (;;) pause();
  }
  ASSERT_GT(parent, 0);
  pid_t pid = -1;
  ASSERT_EQ(read(told[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  ASSERT_GT(pid, 0);
  const int handle = open_pidfd(pid);
  ASSERT_GE(handle, 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(ends(handle));
  close(handle);
  close(told[0]);
  close(told[1]);
}

}  // namespace
}  // namespace natsproof
