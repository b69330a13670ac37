// What the machine took from a repetition: how long processes that could have run waited for a
// core, and what the platform record tells.
//
// It decides whether a difference may be the machine's: a check that finds something else than it
// expects FAILS only where the machine cannot have made it. Threads that were ready to run and did
// not are counted by the kernel, in the second number of /proc/<pid>/task/<tid>/schedstat.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/time.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

struct MachineShare {
  // Together, of all of the process's threads; nothing: the kernel does not tell.
  std::optional<Duration> generator_waited, server_waited, services_waited;
  // The most that one thread of each waited between two looks, added up: a request passes all
  // three.
  Duration longest_wait{};
  Duration longest_stall{};  // of the repetition's platform record; 0: none, or nobody looked

  void add(const MachineShare& other);  // of another repetition
  // What one request may have lost at most, about.
  [[nodiscard]] Duration at_most() const { return longest_wait + longest_stall; }
  // What each of so many requests may have lost on average.
  [[nodiscard]] Duration per_request(std::uint64_t requests) const;
  // "server and services waited 38.0 ms for a core, the generator 2.10 ms, at most 9.50 ms at once"
  [[nodiscard]] std::string text() const;
};

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
  };
  void look_at(pid_t pid, std::map<pid_t, Waited>& threads);

  std::map<pid_t, Waited> generator_, server_, services_;  // by thread
};

}  // namespace natsproof
