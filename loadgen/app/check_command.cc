#include <cstdio>

#include <fmt/format.h>

#include "loadgen/app/commands.h"
#include "loadgen/app/plan_of.h"

namespace natsproof {

int check_command(const RunOptions& options) {
  const auto chosen = plan_of(options);
  if (!chosen) return kExitUsage;
  fmt::print("{}", describe_plan(chosen->plan, false));
  return 0;
}

}  // namespace natsproof
