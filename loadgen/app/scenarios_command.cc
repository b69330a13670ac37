#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.h"
#include "loadgen/app/commands.h"
#include "loadgen/plan/pack.h"
#include "loadgen/plan/plan_file.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

struct Line {
  std::string name, about;
};

void print_lines(const std::vector<Line>& lines, const std::string& indent) {
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, display_width(line.name));
  for (const Line& line : lines)
    fmt::print("{}", wrapped(indent + left(line.name, width) + "  ", line.about));
}

void print_pack(const Pack& pack) {
  fmt::print("{}", wrapped(pack.name + "  ", pack.about));
  if (!pack.packs.empty()) return;  // they are listed themselves
  std::vector<Line> plans;
  for (const PackPlan& plan : pack.plans)
    plans.push_back({plan.source.file, read_plan(plan.source).plan.about});
  print_lines(plans, "  ");
}

void print_all() {
  std::vector<Line> alone;
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name.find('/') == std::string::npos)
      alone.push_back({scenario.name, scenario.about});
  }
  print_lines(alone, "");
  for (const Pack& pack : packs()) {
    fmt::print("\n");
    print_pack(pack);
  }
  fmt::print(
      "\n`natsproof scenarios NAME` prints a plan, to be copied and changed; `natsproof run NAME` "
      "runs it{}.\n",
      packs().empty() ? "" : ",\nor all plans of a pack");
}

}  // namespace

int scenarios_command(const std::string& name) {
  if (name.empty()) {
    print_all();
    return 0;
  }
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) {
    names.push_back(scenario.name);
    if (scenario.name != name) continue;
    fmt::print("{}", scenario.yaml);
    return 0;
  }
  for (const Pack& pack : packs()) names.push_back(pack.name);
  if (const auto pack = find_pack(name); pack && pack->mistakes.empty()) {
    print_pack(*pack);
    return 0;
  }
  fmt::print(stderr,
             "natsproof: no built-in plan or pack is called `{}`{}; `natsproof scenarios` lists "
             "them.\n",
             name, did_you_mean(name, names));
  return kExitUsage;
}

}  // namespace natsproof
