// A FIFO service on a machine that stands still now and then: runs request by request, as records
// for the judge.
//
// In a stall everything stops, generator and service alike: what was to be sent goes out when it is
// over, and no work is done. The hiccup thread sees every stall whole, or what its sleeps let it
// see.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/judge/simulated_run.h"
#include "loadgen/measure/run_record.h"

namespace natsproof::simulation {

struct StalledMachine {
  double per_s = 500;     // Poisson
  Duration work{};        // of the service, for each request
  double slow_share = 0;  // of requests, which take `slow_work`
  Duration slow_work{};
  bool queues = true;       // false: it serves any number at a time
  double stalls_per_s = 0;  // Poisson
  Duration stall{};         // length of each, or their mean
  bool scattered = false;   // exponential lengths
  Duration sleep{};         // of the hiccup thread; 0: it never sleeps
  double steal = 0;         // as the machine says
  bool sees_stalls = true;  // the hiccup thread
};

// 5 repetitions of 4 s.
RunRecord stalled_run(const StalledMachine& machine, const std::string& claim,
                      Generator& generator);

}  // namespace natsproof::simulation
