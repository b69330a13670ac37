#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "loadgen/app/commands.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/console_report.h"

namespace natsproof {

int report_command(const std::string& folder) {
  auto record = read_results(folder);
  if (!record) {
    fmt::print(stderr, "natsproof: {}\n", record.error().message);
    return kExitUsage;
  }
  const Judgement judgement = judge(*record);
  fmt::print("{}",
             render_console_report(*record, judgement, {.colour = isatty(STDOUT_FILENO) != 0}));
  if (auto written = write_results(folder, *record, judgement); !written) {
    fmt::print(stderr, "natsproof: {}\n", written.error().message);
    return kExitUsage;
  }
  return exit_status(judgement.verdict);
}

}  // namespace natsproof
