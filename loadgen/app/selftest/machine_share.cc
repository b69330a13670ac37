#include "loadgen/app/selftest/machine_share.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "base/units.h"

namespace natsproof {

void MachineShare::add(const MachineShare& other) {
  const auto add_to = [](std::optional<Duration>& sum, const std::optional<Duration>& more) {
    if (more) sum = sum.value_or(0ns) + *more;
  };
  add_to(generator_waited, other.generator_waited);
  add_to(server_waited, other.server_waited);
  add_to(services_waited, other.services_waited);
  longest_wait = std::max(longest_wait, other.longest_wait);
  longest_stall = std::max(longest_stall, other.longest_stall);
}

Duration MachineShare::per_request(std::uint64_t requests) const {
  const Duration all =
      generator_waited.value_or(0ns) + server_waited.value_or(0ns) + services_waited.value_or(0ns);
  return all / static_cast<std::int64_t>(std::max<std::uint64_t>(requests, 1));
}

std::string MachineShare::text() const {
  if (!generator_waited && !server_waited && !services_waited) {
    return "the kernel does not tell how long processes waited for a core";
  }
  std::string text =
      fmt::format("server and services waited {} for a core, the generator {}",
                  format_duration(server_waited.value_or(0ns) + services_waited.value_or(0ns)),
                  format_duration(generator_waited.value_or(0ns)));
  text += fmt::format(", at most {} at once", format_duration(longest_wait));
  if (longest_stall > 0ns) {
    text += fmt::format(", and the machine stalled for {}", format_duration(longest_stall));
  }
  return text;
}

void MachineWatch::begin() {
  generator_.clear();
  server_.clear();
  services_.clear();
}

void MachineWatch::look(const std::vector<Process>& children) {
  look_at(getpid(), generator_);
  for (const Process& child : children) look_at(child.pid, child.is_server ? server_ : services_);
}

void MachineWatch::look_at(pid_t pid, std::map<pid_t, Waited>& threads) {
  std::error_code error;
  const std::string tasks = fmt::format("/proc/{}/task", pid);
  for (std::filesystem::directory_iterator at(tasks, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::ifstream file(at->path() / "schedstat");
    long long ran_ns = 0, waited_ns = 0;
    if (!(file >> ran_ns >> waited_ns)) continue;
    const Duration waited{waited_ns};
    Waited& thread = threads.try_emplace(std::stoi(name), Waited{waited, waited}).first->second;
    thread.longest = std::max(thread.longest, waited - thread.last);
    thread.last = waited;
  }
}

MachineShare MachineWatch::share(const Repetition& repetition) const {
  const auto sum = [](const std::map<pid_t, Waited>& threads) -> std::optional<Duration> {
    if (threads.empty()) return std::nullopt;
    Duration all{};
    for (const auto& [thread, waited] : threads) all += waited.last - waited.first;
    return all;
  };
  MachineShare share{.generator_waited = sum(generator_),
                     .server_waited = sum(server_),
                     .services_waited = sum(services_)};
  for (const auto* process : {&generator_, &server_, &services_}) {
    Duration longest{};
    for (const auto& [thread, waited] : *process) longest = std::max(longest, waited.longest);
    share.longest_wait += longest;
  }
  if (repetition.platform) {
    for (const Stall& stall : repetition.platform->stalls) {
      share.longest_stall = std::max(share.longest_stall, stall.length);
    }
  }
  return share;
}

}  // namespace natsproof
