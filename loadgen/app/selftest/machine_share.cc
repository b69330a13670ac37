#include "loadgen/app/selftest/machine_share.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "base/units.h"

namespace natsproof {
namespace {

constexpr int kGatedPart = 10;
constexpr double kGatedSteal = 0.01;

}  // namespace

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

Outcome MachineShare::outcome_of_unproven(Duration limit) const {
  const bool was_stolen =
      static_cast<double>(stolen.count()) > kGatedSteal * static_cast<double>(measured.count());
  return was_stolen ? Outcome::not_shown : outcome(limit / kGatedPart, at_most());
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
  if (stolen > 0ns) {
    text += fmt::format(", and of {} {} were stolen or throttled", format_duration(measured),
                        format_duration(stolen));
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
    all.measured += one.measured;
    all.stolen += one.stolen;
    if (all.busiest && one.busiest) {
      all.busiest->looked += one.busiest->looked;
      all.busiest->waited += one.busiest->waited;
      all.busiest->times += one.busiest->times;
    } else {
      all.busiest.reset();
    }
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
    std::uint64_t times = 0;
    if (!(file >> ran_ns >> waited_ns >> times)) continue;
    // What never ran has not been counted: a kernel that does not count writes zeros.
    if (ran_ns == 0) continue;
    const Duration waited{waited_ns};
    const Instant now = clock_.now();
    Waited& thread =
        threads
            .try_emplace(
                std::stoi(name),
                Waited{.first = waited, .last = waited, .times_first = times, .first_look = now})
            .first->second;
    thread.longest = std::max(thread.longest, waited - thread.last);
    thread.last = waited;
    thread.times_last = times;
    thread.last_look = now;
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
  for (const auto& [thread, waited] : generator_) {
    const std::uint64_t times = waited.times_last - waited.times_first;
    if (share.busiest && times <= share.busiest->times) continue;
    share.busiest = MachineShare::Waits{.looked = waited.last_look - waited.first_look,
                                        .waited = waited.last - waited.first,
                                        .times = times};
  }
  if (repetition.platform) {
    Duration longest{};
    for (const Stall& stall : repetition.platform->stalls) {
      longest = std::max(longest, stall.length);
    }
    share.longest_stall = longest;
    share.measured = repetition.window;
    share.stolen = repetition.platform->throttled.value_or(0ns) +
                   Duration{std::llround(repetition.platform->steal.value_or(0) *
                                         static_cast<double>(repetition.window.count()))};
  }
  return share;
}

}  // namespace natsproof
