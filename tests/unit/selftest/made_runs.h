// Runs made up for the selftest's evaluations, on a machine that took nothing or a lot.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadgen/app/selftest/measured_run.h"

namespace natsproof {

inline MachineShare calm() {
  return {.generator_waited = 100us,
          .server_waited = 100us,
          .services_waited = 100us,
          .longest_wait = 100us,
          .longest_stall = 0ns,
          .measured = 100ms};
}
inline MachineShare busy() {
  return {.generator_waited = 2s,
          .server_waited = 2s,
          .services_waited = 2s,
          .longest_wait = 1s,
          .longest_stall = 0ns};
}
// The kernel of a machine that took nothing, and does not say so.
inline MachineShare unknown() {
  return {.longest_stall = 0ns};
}

// A task of one repetition: so many requests, with these times each.
struct Times {
  std::uint64_t count = 0;
  Duration response{}, service{};
};

inline TaskRecord task_with(const std::string& name, const std::vector<Times>& times) {
  TaskRecord task;
  task.name = name;
  for (const Times& alike : times) {
    task.measured.planned += alike.count;
    task.measured.of(RequestClass::ok) += alike.count;
    task.response.record(alike.response, alike.count);
    task.service.record(alike.service, alike.count);
    task.send_lag.record(alike.response - alike.service, alike.count);
  }
  return task;
}

// A slope of times, as requests have that came 1 ms apart while something stood still.
inline std::vector<Times> backlog(Duration longest, bool slow_service) {
  std::vector<Times> times;
  for (Duration response = longest; response > 0ns; response -= 1ms) {
    times.push_back({.count = 1,
                     .response = response,
                     .service = slow_service ? response : std::min<Duration>(response, 200us)});
  }
  times.push_back({.count = 800, .response = 200us, .service = 200us});
  return times;
}

inline MeasuredRun run_of(std::vector<TaskRecord> repetitions, const MachineShare& share) {
  MeasuredRun run;
  for (TaskRecord& task : repetitions) {
    run.record.repetitions.emplace_back();
    run.record.repetitions.back().tasks.push_back(std::move(task));
    run.shares.push_back(share);
  }
  return run;
}

}  // namespace natsproof
