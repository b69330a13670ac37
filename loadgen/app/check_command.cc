#include <cstdio>

#include <fmt/format.h>

#include "loadgen/app/commands.h"
#include "loadgen/app/series.h"

namespace natsproof {

int check_command(const RunOptions& options) {
  const auto series = series_of(options);
  if (!series) return kExitUsage;
  fmt::print("{}", describe_series(*series, false));
  return 0;
}

}  // namespace natsproof
