// What a set of processes takes, read from /proc: CPU, resident memory, threads, switches.
//
// The parsers are pure and take any text. Nothing is guessed: where a figure cannot be read, there
// is no sample but a sentence that says why. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "base/time.h"
#include "loadgen/measure/resource_record.h"

namespace natsproof {

// Of /proc/PID/stat (proc(5)).
struct ProcessStat {
  std::string name;  // as the kernel knows it: at most 15 characters
  char state = '?';
  Duration cpu{};  // utime + stime, of all its threads, ended ones too; not of its children
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0;  // since the machine began: tells a process from a later one
};
// Nothing: not such a text, or figures beyond all sense. REQUIRES: ticks_per_s > 0.
std::optional<ProcessStat> parse_process_stat(std::string_view text, std::uint64_t ticks_per_s);

// Resident bytes of /proc/PID/statm, whose second figure is pages. smaps_rollup would be exact to
// the page on every kernel, but walks a process's page tables with its memory map locked.
std::optional<std::uint64_t> parse_resident(std::string_view statm, std::uint64_t page_bytes);

// Of /proc/PID/task/TID/status.
struct Switches {
  std::uint64_t voluntary = 0, involuntary = 0;
};
std::optional<Switches> parse_switches(std::string_view status);

struct SampledProcess {
  std::string name;  // for people
  pid_t pid = -1;
};

class ProcessSampler {
 public:
  // Looks at each once, so that a later process of the same number is told from it. Errors: one is
  // not there or not to be read; none was named. `proc`: where /proc is, for tests.
  static Result<ProcessSampler> open(std::vector<SampledProcess> processes,
                                     std::string proc = "/proc");

  // All of them together, `at` left 0. Errors name the process that is gone, was replaced or cannot
  // be read; what the others took is not told then, for a sum with one missing would look like a
  // fall.
  Result<ResourceSample> sample();

  [[nodiscard]] std::size_t size() const { return processes_.size(); }
  // `orders (pid 4711)`, separated by commas.
  [[nodiscard]] std::string names() const;
  // How long ago the youngest of them began; nothing where the machine's uptime cannot be read.
  [[nodiscard]] std::optional<Duration> age_of_youngest() const;

 private:
  struct Known {
    SampledProcess process;
    std::uint64_t start_ticks = 0;
    std::string folder;  // /proc/PID
  };
  ProcessSampler() = default;
  Result<std::string_view> read(const Known& known, const char* file);
  Result<ProcessStat> stat_of(const Known& known);
  Result<Switches> switches_of(const Known& known);

  std::vector<Known> processes_;
  std::string proc_;
  std::string text_;  // of the file read last
};

// The process that listens on a TCP port of this host: its socket from /proc/net/tcp and tcp6, its
// owner from the descriptors that we may see. Errors say what is missing: no listener, or nobody
// whose descriptors we may read (then root could).
Result<SampledProcess> find_listener(std::uint16_t port, const std::string& proc = "/proc");

// The inodes of the sockets that listen on a port, of the text of /proc/net/tcp or tcp6.
std::vector<std::uint64_t> parse_listening_inodes(std::string_view tcp, std::uint16_t port);

}  // namespace natsproof
