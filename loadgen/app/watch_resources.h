// Samples what server, services and generator take while repetitions run.
//
// On the calling thread, in the watch of a repetition: about once a second, and as near as the
// watch comes (100 ms) to the begin and the end of the measurement. Nothing of it is on the path of
// a request.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loadgen/engine/repetition.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/plan/plan.h"
#include "loadgen/stage/stage.h"

namespace natsproof {

// Of one repetition. Outlives the repetition's options.
class ResourceWatch {
 public:
  virtual ~ResourceWatch() = default;
  // After the repetition: its resources, and what of them is an event.
  virtual void finish(Repetition& repetition) = 0;
};

// The processes that earlier repetitions of a command have sampled: to them a repetition is no
// warm-up.
using SeenProcesses = std::set<std::string>;

// Puts itself in front of `options.watch`. A server that the stage did not start is looked for
// among this host's processes.
std::unique_ptr<ResourceWatch> watch_resources(const Plan& plan, Stage& stage, SeenProcesses& seen,
                                               RepetitionOptions& options);

}  // namespace natsproof
