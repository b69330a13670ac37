// Runs drawn request by request from processes whose change over time is known, as the judge sees
// them: histograms, blocks and slices.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loadgen/judge/simulated_run.h"
#include "loadgen/measure/run_record.h"

namespace natsproof::simulation {

// Response times are lognormal, times what changes; requests intended within a stall wait for its
// end besides. Of the tasks `a` and `b` by turns.
struct Process {
  Duration median = 1ms;
  double sigma = 0.5;        // of the logarithm
  double failing = 0;        // share of requests
  Duration stall{};          // length of each
  double stalled_share = 0;  // of the time
  double between = 0;        // sigma of the logarithm of each repetition's factor
  double memory = 0;         // correlation of that from one repetition to the next
  // Factor of times at a part of the window (0..1) and in a repetition (0..R-1).
  std::function<double(double part)> within = [](double) { return 1.0; };
  std::function<double(std::uint32_t repetition)> over = [](std::uint32_t) { return 1.0; };
  // Share of requests that `within` is for, the slowest ones.
  double slowest = 1;
  std::function<double(double part)> failing_within = [](double) { return 1.0; };
};

RunRecord drawn_run(Shape shape, const Process& process, const std::vector<std::string>& claims,
                    Generator& generator);

}  // namespace natsproof::simulation
