// A plan of the selftest, run and recorded as `natsproof run` does it: read from YAML, staged with
// a nats-server and services of its own, a record at the end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loadgen/app/selftest/machine_share.h"
#include "loadgen/engine/repetition.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/stage/stage.h"

namespace natsproof {

struct MeasuredRun {
  RunRecord record;
  std::vector<MachineShare> shares;  // of each repetition
  std::string not_begun;  // why it could not be staged, or not to its end: nothing is to be found
};

// About ten times a second while a repetition runs; `repetition` from 0.
using RepetitionWatch = std::function<void(Stage&, const LiveFigures&, std::uint32_t repetition)>;

// REQUIRES: as run_plans(); the plan has no mistakes.
MeasuredRun measure(const std::string& plan_yaml, const RepetitionWatch& watch = {});

// The first service of a stage; -1: there is none that lives.
pid_t service_of(Stage& stage);

// A task's times of all repetitions. REQUIRES: the plan has the task.
Histogram pooled(const RunRecord& record, std::string_view task, Histogram TaskRecord::*times);
// Its counts of all repetitions.
RequestCounts pooled_counts(const RunRecord& record, std::string_view task);

}  // namespace natsproof
