// A child process that cannot outlive us: in its own process group, with a parent-death signal,
// stopped by SIGTERM and SIGCONT, then SIGKILL.
//
// Start children from the main thread before any other thread exists: a parent-death signal fires
// when the forking *thread* ends. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "base/time.h"

namespace natsproof {

class ChildProcess {
 public:
  // Searches PATH where argv[0] has no slash. stdin is /dev/null; stdout and stderr go to an
  // anonymous file kept for last_output().
  static Result<ChildProcess> start(const std::vector<std::string>& argv);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // stop(2s)

  [[nodiscard]] pid_t pid() const { return pid_; }
  // How it ended, as a sentence ("was killed by signal 9 (Killed)"); nothing while it runs.
  [[nodiscard]] std::optional<std::string> ended();
  void signal(int number) const;
  void stop(Duration grace);
  // The end of what it has printed, for error messages.
  [[nodiscard]] std::string last_output(std::size_t most_bytes = 2048) const;
  // The same as the end of a sentence: `its last words:` and them, or `it printed nothing`.
  [[nodiscard]] std::string last_words() const;

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  pid_t pid_ = -1;
  int output_ = -1;
  std::optional<std::string> ended_;
};

// A descriptor that polls readable when the process has ended; -1 if there is no such process. The
// caller closes it.
int open_pidfd(pid_t pid);

}  // namespace natsproof
