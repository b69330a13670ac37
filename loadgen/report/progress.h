// Progress of a run while it runs: a live line with a bar on a terminal, plain lines in a pipe. To
// stderr.
//
// One thread. A live line keeps within 80 columns.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "base/time.h"

namespace natsproof {

struct ProgressState {
  std::uint32_t repetition = 1, repetitions = 1;
  bool warmup = false;
  Duration elapsed{}, total{};  // of the whole run, as planned
  double sent_per_s = 0;        // since the last update
  std::uint64_t sent = 0, failures = 0, in_flight = 0;
  std::optional<Duration> p50,
      p99;  // of the running repetition; response time, or service time in a closed loop
};

class Progress {
 public:
  // `terminal`: rewrite one line with \r; else print a line per repetition and every 10 s. `quiet`:
  // notes only. `out` and `clock` must outlive it.
  Progress(std::FILE* out, bool terminal, bool quiet, const Clock& clock = kSteadyClock);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(const ProgressState& state);  // at any pace; throttles itself to 10 a second
  void note(const std::string& line);       // a line of its own, e.g. a death
  void finish();                            // clears the live line

 private:
  static inline const SteadyClock kSteadyClock;

  std::FILE* out_;
  bool terminal_, quiet_;
  const Clock& clock_;
  bool line_open_ = false;
  std::optional<Instant> last_;
  std::uint32_t last_repetition_ = 0;
};

}  // namespace natsproof
