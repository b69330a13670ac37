// natsproof itself, started as a user starts it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "base/time.h"

namespace natsproof {

// A folder of the test's own, removed with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  // Writes a file and returns its path.
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

class Program {
 public:
  // `environment`: NAME=value, besides our own.
  explicit Program(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // The exit status (128 + signal where it was killed); a test failure and SIGKILL when it takes
  // longer.
  int wait(Duration at_most = 60s);
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  // Awaits a text on stderr or stdout. False if the program ended without it, or after 30 s.
  bool await_text(const std::string& text);

  // Child processes whose command line contains a text.
  [[nodiscard]] std::vector<pid_t> children(const std::string& containing) const;

 private:
  pid_t pid_ = -1;
  int status_ = -1;
  bool ended_ = false;
  TemporaryFolder folder_;
};

bool is_alive(pid_t pid);
// Awaits the end of processes that are not our children.
bool await_gone(const std::vector<pid_t>& pids, Duration at_most = 5s);

nlohmann::json read_json(const std::string& path);

}  // namespace natsproof
