#include "tests/integration/run/program.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace natsproof {
namespace {

constexpr Duration kLook = 5ms;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Looks until `done` is true. False after `at_most`.
template <typename Done>
bool await(Duration at_most, Done&& done) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "natsproof-test-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path_);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name), std::ios::binary) << text;
  return file(name);
}

Program::Program(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment) {
  std::vector<std::string> words = {NATSPROOF_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = folder_.file("out"), err = folder_.file("err");
  pid_ = fork();
  if (pid_ != 0) return;
  unsetenv("NATS_URL");
  for (const std::string& variable : environment) putenv(strdup(variable.c_str()));
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

Program::~Program() {
  if (ended_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Program::signal(int number) const {
  kill(pid_, number);
}

int Program::wait(Duration at_most) {
  if (ended_) return status_;
  int status = 0;
  if (!await(at_most, [&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) {
    ADD_FAILURE() << "natsproof did not end in time; it said:\n" << out() << err();
    kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
  }
  ended_ = true;
  return status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string Program::out() const {
  return read_file(folder_.file("out"));
}
std::string Program::err() const {
  return read_file(folder_.file("err"));
}

bool Program::await_text(const std::string& text) {
  const auto seen = [&] { return (err() + out()).find(text) != std::string::npos; };
  const auto over = [&] {
    siginfo_t info = {};
    return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  };
  return await(30s, [&] { return seen() || over(); }) && seen();
}

std::vector<pid_t> Program::children(const std::string& containing) const {
  const std::string pid = std::to_string(pid_);
  std::istringstream list(read_file("/proc/" + pid + "/task/" + pid + "/children"));
  std::vector<pid_t> found;
  for (pid_t child = 0; list >> child;) {
    const std::string words = read_file("/proc/" + std::to_string(child) + "/cmdline");
    if (words.find(containing) != std::string::npos) found.push_back(child);
  }
  return found;
}

bool is_alive(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  return !stat.empty() && stat.find(") Z ") == std::string::npos;
}

bool await_gone(const std::vector<pid_t>& pids, Duration at_most) {
  return await(at_most, [&] {
    for (const pid_t pid : pids) {
      if (is_alive(pid)) return false;
    }
    return true;
  });
}

nlohmann::json read_json(const std::string& path) {
  return nlohmann::json::parse(read_file(path), nullptr, false);
}

}  // namespace natsproof
