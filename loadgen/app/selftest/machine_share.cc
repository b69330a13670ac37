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

bool MachineShare::known() const {
  return generator_waited && server_waited && services_waited && longest_stall;
}

Duration MachineShare::per_request(std::uint64_t requests) const {
  const Duration all =
      generator_waited.value_or(0ns) + server_waited.value_or(0ns) + services_waited.value_or(0ns);
  return all / static_cast<std::int64_t>(std::max<std::uint64_t>(requests, 1));
}

Outcome MachineShare::outcome(Duration difference, Duration lost) const {
  return lost >= difference || !known() ? Outcome::not_shown : Outcome::fails;
}

std::string MachineShare::text() const {
  std::string text;
  if (generator_waited && server_waited && services_waited) {
    text = fmt::format(
        "server and services waited {} for a core, the generator {}, at most {} at "
        "once",
        format_duration(*server_waited + *services_waited), format_duration(*generator_waited),
        format_duration(longest_wait));
  } else {
    text = "how long processes waited for a core is not available, so it may be the machine's";
  }
  if (!longest_stall) {
    text += ", and nobody looked for stalls of the machine";
  } else if (*longest_stall > 0ns) {
    text += fmt::format(", and the machine stalled for {}", format_duration(*longest_stall));
  }
  return text;
}

MachineShare together(std::span<const MachineShare> shares) {
  if (shares.empty()) return {};
  MachineShare all = shares.front();
  const auto sum = [](std::optional<Duration>& of, const std::optional<Duration>& more) {
    of = of && more ? std::optional(*of + *more) : std::nullopt;
  };
  for (const MachineShare& one : shares.subspan(1)) {
    sum(all.generator_waited, one.generator_waited);
    sum(all.server_waited, one.server_waited);
    sum(all.services_waited, one.services_waited);
    all.longest_wait = std::max(all.longest_wait, one.longest_wait);
    all.longest_stall = all.longest_stall && one.longest_stall
                            ? std::optional(std::max(*all.longest_stall, *one.longest_stall))
                            : std::nullopt;
  }
  return all;
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
    // What never ran has not been counted: a kernel that does not count writes zeros.
    if (ran_ns == 0) continue;
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
    Duration longest{};
    for (const Stall& stall : repetition.platform->stalls) {
      longest = std::max(longest, stall.length);
    }
    share.longest_stall = longest;
  }
  return share;
}

}  // namespace natsproof
