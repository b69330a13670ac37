#include <algorithm>

#include <fmt/format.h>

#include "loadgen/plan/embedded_scenarios.h"
#include "loadgen/plan/file_text.h"
#include "loadgen/plan/mistakes.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/yaml_tree.h"

namespace natsproof {

namespace {

// The pack.yaml of a folder (pack.h), which is no plan.
bool is_pack(std::string_view name) {
  return name.ends_with("/pack");
}

}  // namespace

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> found;
    for (const auto& [name, text] : embedded_scenarios()) {
      if (is_pack(name)) continue;
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
  for (const auto& [entry, text] : embedded_scenarios()) {
    // Of a pack, its own name: the list stays short.
    const std::string scenario(entry);
    const std::string name = scenario.substr(0, scenario.find('/'));
    if (names.empty() || names.back() != name) names.push_back(name);
    if (is_pack(entry) || scenario != name_or_path) continue;
    return PlanSource{.file = scenario, .text = std::string(text), .set = {}};
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
