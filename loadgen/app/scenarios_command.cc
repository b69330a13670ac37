#include <cstdio>

#include <fmt/format.h>

#include "base/nearest.h"
#include "loadgen/app/commands.h"
#include "loadgen/plan/plan_file.h"

namespace natsproof {

int scenarios_command(const std::string& name) {
  if (name.empty()) {
    for (const Scenario& scenario : scenarios())
      fmt::print("{:<12} {}\n", scenario.name, scenario.about);
    fmt::print(
        "\n`natsproof scenarios NAME` prints one, to be copied and changed; `natsproof run NAME` "
        "runs it.\n");
    return 0;
  }
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name != name) continue;
    fmt::print("{}", scenario.yaml);
    return 0;
  }
  fmt::print(stderr,
             "natsproof: no built-in plan is called `{}`; `natsproof scenarios` lists them.\n",
             name);
  return kExitUsage;
}

}  // namespace natsproof
