#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "loadgen/app/commands.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/series_table.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

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

// A folder's own files are taken for the folder: the reports are made anew beside them.
std::string folder_of(const std::string& named) {
  const fs::path path(named);
  std::error_code error;
  const bool is_own = path.filename() == "run.json" || path.filename() == "series.json";
  if (!is_own || !fs::is_regular_file(path, error)) return named;
  return path.has_parent_path() ? path.parent_path().string() : ".";
}

// The folder of several runs, as `results` is: which of them may be meant. Empty: it is not one.
std::string only_holds_runs(const std::string& folder) {
  constexpr std::size_t kMostNamed = 3;
  std::error_code error;
  if (!fs::is_directory(folder, error) || fs::exists(fs::path(folder) / "run.json", error))
    return {};
  const std::vector<std::string> runs = newest_results_in(folder, kMostNamed);
  if (runs.empty()) return {};
  return fmt::format(
      "{} holds no run.json, but runs in folders of their own: name one, the newest "
      "{} {}",
      folder, runs.size() == 1 ? "is" : "are", fmt::join(runs, ", "));
}

}  // namespace

int report_command(const std::string& named) {
  const std::string folder = folder_of(named);
  if (is_series(folder)) {
    const auto table = remake_series(folder);
    if (!table) return cannot(table.error());
    fmt::print("{}", render_series_table(*table, style()));
    return series_exit_status(*table);
  }
  auto record = read_results(folder);
  if (!record) {
    const std::string above = only_holds_runs(folder);
    return cannot(above.empty() ? record.error() : Error{above});
  }
  if (record->file && record->file->seal == Seal::broken) warn_of_edit(folder);
  const Judgement judgement = judge(*record);
  // Saved first: whoever reads the report may stop reading.
  const auto written = write_results(folder, *record, judgement);
  fmt::print("{}", render_console_report(*record, judgement, style()));
  if (!written) return cannot(written.error());
  return exit_status(judgement.verdict);
}

}  // namespace natsproof
