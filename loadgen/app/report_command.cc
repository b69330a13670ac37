#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "loadgen/app/commands.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/series_table.h"

namespace natsproof {
namespace {

int cannot(const Error& error) {
  fmt::print(stderr, "natsproof: {}\n", error.message);
  return kExitUsage;
}

void warn_of_edit(const std::string& folder) {
  fmt::print(stderr,
             "natsproof: {}: the file was changed after the run, its seal does not match what it "
             "says; its verdict is not the run's\n",
             folder);
}

ConsoleStyle style() {
  return {.colour = isatty(STDOUT_FILENO) != 0};
}

}  // namespace

int report_command(const std::string& folder) {
  if (is_series(folder)) {
    const auto table = remake_series(folder);
    if (!table) return cannot(table.error());
    fmt::print("{}", render_series_table(*table, style()));
    return series_exit_status(*table);
  }
  auto record = read_results(folder);
  if (!record) return cannot(record.error());
  if (record->file && record->file->seal == Seal::broken) warn_of_edit(folder);
  const Judgement judgement = judge(*record);
  // Saved first: whoever reads the report may stop reading.
  const auto written = write_results(folder, *record, judgement);
  fmt::print("{}", render_console_report(*record, judgement, style()));
  if (!written) return cannot(written.error());
  return exit_status(judgement.verdict);
}

}  // namespace natsproof
