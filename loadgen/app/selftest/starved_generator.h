// A generator that gets too little of its core must say so, and may not blame the service.
//
// The load's threads are pinned to one core, together with processes that keep it busy; server and
// services run where they like. Before, the same load undisturbed: what it did not refute, nor may
// the starved one.
#pragma once

#include <string>
#include <vector>

#include "loadgen/app/selftest/check_row.h"
#include "loadgen/app/selftest/measured_run.h"

namespace natsproof {

struct StarvedMeasured {
  MeasuredRun undisturbed, starved;
  std::string failed{};  // why it could not be starved
};
StarvedMeasured measure_starved();
std::vector<CheckRow> find_starved(const StarvedMeasured& measured);

}  // namespace natsproof
