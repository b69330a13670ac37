// Delays that are known must be found: an echo that waits 0.2, 1 and 5 ms before it answers, asked
// in one run with one that does not wait, in random turns, so that the machine's weather meets all
// of them alike.
//
// What is compared is the difference of the medians of service time, with the interval that both
// medians' 95 % intervals leave it. The delay is made by a timer, which never ends early, and ends
// late by what a sleep ends late on this machine: that much more is granted, and measured beside.
#pragma once

#include <vector>

#include "loadgen/app/selftest/check_row.h"
#include "loadgen/app/selftest/measured_run.h"

namespace natsproof {

struct DelaysMeasured {
  MeasuredRun run;
  Duration sleeps_end_late{};  // 90 % of sleeps end at most that much late
};
DelaysMeasured measure_delays();

// A row for each delay. REQUIRES: the run has the tasks of measure_delays().
std::vector<CheckRow> find_delays(const DelaysMeasured& measured);

// The tasks: the one that does not wait, and the others with their delays.
inline constexpr const char* kNoDelayTask = "no_delay";
struct KnownDelay {
  const char* task;
  Duration length;
};
inline constexpr KnownDelay kKnownDelays[] = {
    {"delay_200us", 200us}, {"delay_1ms", 1ms}, {"delay_5ms", 5ms}};

}  // namespace natsproof
