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
  std::string of{};  // which point of a sweep is measured: `users=10`; empty: there is one only
  bool warmup = false;
  bool tracing = false;         // it is the traced repetition, after all others
  Duration elapsed{}, total{};  // of the whole run, as planned
  double sent_per_s = 0;        // since the last update
  std::uint64_t sent = 0, failures = 0, in_flight = 0;
  std::optional<Duration> p50,
      p99;  // of the running repetition; response time, or service time in a closed loop
};

class Progress {
 public:
  // `terminal`: rewrite one line with \r; else print a line every 10 s and at
  // the end of each repetition. `quiet`: notes only. `out` and `clock` must outlive it.
  Progress(std::FILE* out, bool terminal, bool quiet, const Clock& clock = kSteadyClock);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(const ProgressState& state);  // at any pace; throttles itself to 10 a second
  void note(const std::string& line);       // a line of its own, e.g. a death
  void finish();                            // clears the live line, prints the last line of a pipe

 private:
  static inline const SteadyClock kSteadyClock;

  void clear_live_line();
  void print_live();
  void print_line();

  std::FILE* out_;
  bool terminal_, quiet_;
  const Clock& clock_;
  ProgressState state_;   // the last one
  bool pending_ = false;  // it has not been printed
  bool line_open_ = false;
  // When something was printed last; in a pipe, before anything was: the first update.
  std::optional<Instant> last_;
};

}  // namespace natsproof
