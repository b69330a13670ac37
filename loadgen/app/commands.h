// The commands of natsproof. Each prints its result to stdout and its diagnostics to stderr, and
// returns the exit status.
#pragma once

#include <string>

#include "loadgen/app/options.h"

namespace natsproof {

int run_command(const RunOptions& options);
int check_command(const RunOptions& options);
int scenarios_command(const std::string& name);
int serve_command(const ServeCommandOptions& options);
int report_command(const std::string& folder);

}  // namespace natsproof
