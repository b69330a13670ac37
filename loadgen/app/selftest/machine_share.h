// What the machine took from a repetition: how long processes that could have run waited for a
// core, and what the platform record tells.
//
// It decides whether a difference may be the machine's: a check that finds something else than it
// expects FAILS only where the machine cannot have made it. Threads that were ready to run and did
// not are counted by the kernel, in the second number of /proc/<pid>/task/<tid>/schedstat.
//
// Not every kernel tells (one without CONFIG_SCHED_INFO, some containers), and what is not known is
// not nothing: it excuses nobody and accuses nobody. A difference that the machine could have made
// is `not shown` then, for FAILS would be said of a sound instrument as well, and `holds` is out of
// the question. What no machine can make FAILS all the same, for nobody needs to ask for its share.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/time.h"
#include "loadgen/app/selftest/check_row.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

struct MachineShare {
  // Together, of all of the process's threads; nothing: not known.
  std::optional<Duration> generator_waited, server_waited, services_waited;
  // The most that one thread of each waited between two looks, added up: a request passes all
  // three. Of those that are known.
  Duration longest_wait{};
  std::optional<Duration> longest_stall;  // of the repetition's platform record; nothing: not known
  // The measurement, and what the hypervisor and a container's limit took in it, as far as known.
  Duration measured{}, stolen{};
  // Of that thread of the generator that got a core most often; nothing: not known.
  struct Waits {
    Duration looked{};  // at it, from the first time to the last
    Duration waited{};  // meanwhile
    std::uint64_t times = 0;
  };
  std::optional<Waits> busiest;

  [[nodiscard]] bool known() const;  // all of it
  // What one request may have lost, about, as far as that is known.
  [[nodiscard]] Duration at_most() const { return longest_wait + longest_stall.value_or(0ns); }
  // What each of so many requests may have lost on average, as far as that is known.
  [[nodiscard]] Duration per_request(std::uint64_t requests) const;
  // Of a check that is that far from what it expects, where the machine may have made as much of
  // it as `lost`: fails, or not_shown where that is enough, or not known.
  [[nodiscard]] Outcome outcome(Duration difference, Duration lost) const;
  // Of a run that a sound instrument finds PROVEN on a machine that takes nothing, and that was
  // not. A machine that took less than what the gates let pass, a tenth of the claim's limit at
  // once and 1 % of the time, has not made it.
  [[nodiscard]] Outcome outcome_of_unproven(Duration limit) const;
  // "server and services waited 38.0 ms for a core, the generator 2.10 ms, at most 9.50 ms at once"
  [[nodiscard]] std::string text() const;
};

// Of several repetitions: waits together, the longest at once of all. Known where all are, and
// there is one.
MachineShare together(std::span<const MachineShare> shares);

// Reads from the files of the kernel, in a repetition, about ten times a second.
class MachineWatch {
 public:
  struct Process {
    pid_t pid = -1;
    bool is_server = false;
  };
  void begin();  // of a repetition
  void look(const std::vector<Process>& children);
  // Since begin(), as far as it was looked at; `repetition` is the one that was watched.
  [[nodiscard]] MachineShare share(const Repetition& repetition) const;

 private:
  struct Waited {
    Duration first{}, last{};
    Duration longest{};  // between two looks
    std::uint64_t times_first = 0, times_last = 0;
    Instant first_look, last_look;
  };
  void look_at(pid_t pid, std::map<pid_t, Waited>& threads);

  SteadyClock clock_;
  std::map<pid_t, Waited> generator_, server_, services_;  // by thread
};

}  // namespace natsproof
