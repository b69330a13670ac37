// What serialization takes of a round trip: each cost against the p50 service time of a saved run.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "bench/serialization/cost.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

struct RoundTrips {
  struct Task {
    std::string name;
    std::optional<Duration> p50_service;  // nothing: too few replies to say
  };
  std::string folder, plan, verdict, cpu;
  std::vector<Task> tasks;  // "*" first where there are several
};

// Errors say what to do. They are: no run there, and a run whose p50 is no evidence, because it is
// INVALID, was interrupted, failed, or had too few replies.
Result<RoundTrips> read_round_trips(const std::string& folder);
// The same of a record that was read from `folder`.
Result<RoundTrips> round_trips_of(const RunRecord& record, const std::string& folder);

// `cpu`: of the machine that the costs were measured on.
std::string render_budget(const RoundTrips& run, std::span<const Cost> costs,
                          const std::string& cpu);

}  // namespace natsproof
