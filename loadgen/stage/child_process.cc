#include "loadgen/stage/child_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace natsproof {
namespace {

std::string errno_words(int number) {
  return std::generic_category().message(number);
}

// What a new child does between fork and exec: async-signal-safe calls only, for another thread may
// have held a lock.
[[noreturn]] void become(char* const* argv, pid_t parent, int output, int failure) {
  const auto fail = [&] {
    const int number = errno;
    (void)!write(failure, &number, sizeof number);
    _exit(127);
  };
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail();
  if (getppid() != parent)
    _exit(127);  // it died before the line above: no signal will come any more
  if (setpgid(0, 0) != 0) fail();
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0) fail();
  if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) fail();
  // Blocked and ignored signals outlive exec; a child that cannot be told to stop is no use.
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(argv[0], argv);
  fail();
  _exit(127);
}

std::string sentence_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exited with status {}", info.si_status);
  return fmt::format("was killed by signal {} ({})", info.si_status, sigdescr_np(info.si_status));
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& argv) {
  if (argv.empty()) return Error{"cannot start a process without a name"};
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  const int output = memfd_create("output", MFD_CLOEXEC);
  if (output < 0) {
    return Error{
        fmt::format("cannot start {}: no file for its output: {}", argv[0], errno_words(errno))};
  }
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) {
    const int number = errno;
    close(output);
    return Error{fmt::format("cannot start {}: no pipe: {}", argv[0], errno_words(number))};
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(arguments.data(), parent, output, failure[1]);
  const int fork_errno = errno;
  close(failure[1]);
  if (pid < 0) {
    close(failure[0]);
    close(output);
    return Error{fmt::format("cannot start {}: fork failed: {}", argv[0], errno_words(fork_errno))};
  }
  // exec closes the other end without a word; a failure writes its errno first.
  int child_errno = 0;
  ssize_t got = 0;
  do {
    got = read(failure[0], &child_errno, sizeof child_errno);
  } while (got < 0 && errno == EINTR);
  close(failure[0]);
  if (got != 0) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    close(output);
    return Error{fmt::format("cannot start {}: {}", argv[0], errno_words(child_errno))};
  }
  return ChildProcess(pid, output);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      ended_(std::move(other.ended_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    stop(2s);
    if (output_ >= 0) close(output_);
    pid_ = std::exchange(other.pid_, -1);
    output_ = std::exchange(other.output_, -1);
    ended_ = std::move(other.ended_);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  stop(2s);
  if (output_ >= 0) close(output_);
}

std::optional<std::string> ChildProcess::ended() {
  if (ended_ || pid_ < 0) return ended_;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    if (errno == ECHILD) ended_ = "ended, and somebody else took its status";
    return ended_;
  }
  if (info.si_pid == 0) return std::nullopt;
  // Until it is reaped its group's number cannot belong to anybody else: now is the time for what
  // it left behind.
  kill(-pid_, SIGKILL);
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  ended_ = sentence_of(info);
  return ended_;
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0 && !ended_) kill(pid_, number);
}

void ChildProcess::stop(Duration grace) {
  if (pid_ < 0 || ended()) return;
  signal(SIGTERM);
  signal(SIGCONT);  // a stopped process takes no SIGTERM
  const int handle = open_pidfd(pid_);
  const Instant until = SteadyClock().now() + grace;
  for (;;) {
    const Duration left = std::max(Duration{0}, until - SteadyClock().now());
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd end{handle, POLLIN, 0};
    if (poll(&end, 1, static_cast<int>(ms)) >= 0 || errno != EINTR) break;
  }
  if (!ended()) {
    kill(-pid_, SIGKILL);
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 &&
           errno == EINTR) {
    }
    (void)ended();
  }
  if (handle >= 0) close(handle);
}

std::string ChildProcess::last_output(std::size_t most_bytes) const {
  struct stat status {};
  if (output_ < 0 || fstat(output_, &status) != 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  std::string text(std::min(size, most_bytes), '\0');
  const ssize_t got =
      pread(output_, text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

std::string ChildProcess::last_words() const {
  const std::string text = last_output();
  return text.empty() ? "it printed nothing" : "its last words:\n" + text;
}

int open_pidfd(pid_t pid) {
  // Not glibc's function: its header in Debian 12 forgets to say that it is a C function.
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

}  // namespace natsproof
