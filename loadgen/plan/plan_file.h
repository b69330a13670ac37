// Plans as YAML, with every mistake reported at once as `file:line:column: what is wrong, what is
// allowed`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

struct PlanMistake {
  std::string file;
  int line = 0, column = 0;  // from 1; 0: the whole file
  std::string message;
  [[nodiscard]] std::string text() const;  // file:line:column: message
};

struct PlanSource {
  std::string file;  // for messages, and to find files named in the plan
  std::string text;  // YAML
  std::vector<std::pair<std::string, std::string>>
      set;                // --set path.to.key=value, applied before reading
  double time_scale = 1;  // --time: scales warm-up, duration and profile
};

struct PlanReading {
  Plan plan;  // meaningful when there are no mistakes
  std::vector<PlanMistake> mistakes;
};

// Any bytes may be given.
PlanReading read_plan(const PlanSource& source);
// The plan as run, with every default filled in; reading it gives the same plan.
std::string write_plan_yaml(const Plan& plan);

// Built-in plans, embedded at build from loadgen/scenarios/*.yaml.
struct Scenario {
  std::string name, about, yaml;
};
const std::vector<Scenario>& scenarios();
// A scenario by its name, else the file of that path. Errors: neither exists (with the nearest
// scenario's name).
Result<PlanSource> find_plan(const std::string& name_or_path);

}  // namespace natsproof
