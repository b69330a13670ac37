// The run of plans: each on a stage, a repetition at a time, into a record each.
//
// A plan alone and the points of a sweep are run by the same loop: in round r, each runs its r-th
// repetition, with the same seed. Where all of them are staged alike (the same server, services,
// clients and instances, as always with one plan) one stage serves them all; where their stages
// differ, every repetition gets a fresh one, so that none is measured on processes that another has
// worn in. What a plan could not be staged or measured for is told of it alone; the others go on.
//
// One thread: the main one, and no other running (stage.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "loadgen/engine/repetition.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/plan/plan.h"
#include "loadgen/stage/stage.h"
#include "messaging/server_address.h"

namespace natsproof {

// The same for every plan of a command.
struct RunSurroundings {
  std::vector<ServerAddress> servers;  // empty: each stage starts one of its own
  bool yes = false;                    // although instances that are not ours answer
  bool quiet = false;
  std::map<std::string, std::string> provenance, platform;
  // About ten times a second while a repetition runs, on the calling thread; may be empty.
  std::function<void(Stage&, const LiveFigures&)> watch{};
};

struct PlanRun {
  Plan plan;
  std::string title;  // what its reports are headed with
  std::string point;  // of a sweep, in short; empty: there is one only
  double time_scale = 1;

  RunRecord record{};       // no repetitions: nothing was measured
  std::string not_begun{};  // why not, where that is no interruption

  // Not all that is judged was measured, because of a signal.
  [[nodiscard]] bool is_cut() const {
    return record.interrupted || (record.repetitions.empty() && not_begun.empty());
  }
};

// The first signal ends the load and keeps the results; a second one ends us, and our children with
// us.
void catch_interrupts();
bool interrupted();

// Whether one stage serves all of them.
bool staged_alike(const std::vector<PlanRun>& plans);

// Runs all of them to the end or to the first signal. `plans` have as many repetitions each; all
// children have been taken down when it returns.
void run_plans(std::vector<PlanRun>& plans, const RunSurroundings& surroundings);

}  // namespace natsproof
