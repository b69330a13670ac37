#include <algorithm>

#include <fmt/format.h>

#include "loadgen/plan/embedded_scenarios.h"
#include "loadgen/plan/file_text.h"
#include "loadgen/plan/mistakes.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/yaml_tree.h"

namespace natsproof {

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> found;
    for (const auto& [name, text] : embedded_scenarios()) {
      if (name.ends_with("/pack")) continue;  // pack.h
      const std::string yaml(text);
      const PlanReading reading = read_plan({.file = std::string(name), .text = yaml, .set = {}});
      found.push_back({.name = std::string(name), .about = reading.plan.about, .yaml = yaml});
    }
    return found;
  }();
  return all;
}

Result<PlanSource> find_plan(const std::string& name_or_path) {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name == name_or_path) {
      return PlanSource{.file = scenario.name, .text = scenario.yaml, .set = {}};
    }
    // Of a pack, its own name: the list stays short.
    const std::string name = scenario.name.substr(0, scenario.name.find('/'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  const auto text = read_file_text(name_or_path, kLargestPlanBytes);
  if (text) return PlanSource{.file = name_or_path, .text = *text, .set = {}};
  std::error_code ignored;
  if (std::filesystem::exists(name_or_path, ignored)) {
    return Error{
        fmt::format("cannot read the plan {}: {}", in_ticks(name_or_path), text.error().message)};
  }
  return Error{fmt::format("there is no plan file {} and no built-in plan of that name{}",
                           in_ticks(name_or_path), suggestion(name_or_path, names))};
}

}  // namespace natsproof
