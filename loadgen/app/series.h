// From the command line to a series of runs: a plan, its sweep, or a pack of plans.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/app/options.h"
#include "loadgen/plan/sweep.h"

namespace natsproof {

struct SeriesPlan {
  std::string name;  // of a pack: `open/baseline`, also its folder's name; else empty
  Sweep sweep;       // one point where the plan has none
  double time_scale = 1;
};

struct Series {
  bool is_pack = false;
  std::string name, about;
  std::vector<SeriesPlan> plans;  // one unless it is a pack

  // A plan alone, to be reported as such.
  [[nodiscard]] bool is_single() const { return !is_pack && !plans.front().sweep.swept(); }
};

// Nothing if there were mistakes; all of them, of all plans, have been printed to stderr then.
std::optional<Series> series_of(const RunOptions& options);

// What its reports are headed with: `concurrency/users=10`, `cliffracer/baseline`.
std::string title_of(const Series& series, const SeriesPlan& plan, const SweepPoint& point);

// Where a run's results lie inside the series' folder; empty: in it itself.
std::string run_folder(const Series& series, const SeriesPlan& plan, const SweepPoint& point);
// Of all its runs.
std::vector<std::string> run_folders(const Series& series);

// Before it is run. `brief`: what will be run and how long it takes; else also what each can prove.
std::string describe_series(const Series& series, bool brief);

}  // namespace natsproof
