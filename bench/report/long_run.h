// The record of a run that never happened but might have: as long as wanted, its latencies spread
// as real ones are. What judging and saving are measured on.
#pragma once

#include <cstdint>

#include "loadgen/measure/run_record.h"

namespace natsproof {

struct LongRun {
  std::uint32_t repetitions = 5;
  std::uint32_t seconds = 720;  // of each; the default makes an hour
  std::uint32_t tasks = 20;
  std::uint64_t rate_per_s = 2000;  // of all tasks together
};

// Open loop. Two claims on all tasks, and one on each task. Every task has an instance that names
// itself. All that a run may have beside its requests is there: stalls of the machine, the most
// that are kept; server, services and generator sampled once a second; a trace.
RunRecord long_run(const LongRun& shape);

}  // namespace natsproof
