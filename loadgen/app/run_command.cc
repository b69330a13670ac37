#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "loadgen/app/clients.h"
#include "loadgen/app/commands.h"
#include "loadgen/app/provenance.h"
#include "loadgen/app/run_plan.h"
#include "loadgen/app/series.h"
#include "loadgen/app/series_run.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/console_report.h"

namespace natsproof {
namespace {

int usage_error(const std::string& why) {
  fmt::print(stderr, "natsproof: {}\n", why);
  return kExitUsage;
}

int stage_failed(const std::string& why) {
  fmt::print(stderr, "natsproof: {}\n", why);
  return kExitStage;
}

// Before the run, not after it.
Result<void> check_results_folder(const std::string& out) {
  if (out.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (!error && access(out.c_str(), W_OK) == 0) return {};
  return Error{fmt::format("--out {}: cannot write there ({}); nothing was started", out,
                           error ? error.message() : "no permission")};
}

std::int64_t utc_ms() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             system_clock::now().time_since_epoch())
      .count();
}

int run_single(const Series& series, const RunSurroundings& surroundings, const std::string& out) {
  const SeriesPlan& chosen = series.plans.front();
  std::vector<PlanRun> runs;
  runs.push_back({.plan = chosen.sweep.points.front().plan,
                  .title = series.name,
                  .point = "",
                  .time_scale = chosen.time_scale});
  run_plans(runs, surroundings);
  if (!runs.front().not_begun.empty()) return stage_failed(runs.front().not_begun);
  const RunRecord& record = runs.front().record;
  if (record.repetitions.empty()) {
    fmt::print(stderr, "natsproof: interrupted before anything was measured\n");
    return exit_status(Verdict::invalid);
  }
  const Judgement judgement = judge(record);
  const std::string folder =
      out.empty() ? results_folder(record.repetitions.front().started_utc_ms, series.name) : out;
  // Saved first: whoever reads the report may stop reading.
  const auto written = write_results(folder, record, judgement);
  fmt::print("{}",
             render_console_report(record, judgement, {.colour = isatty(STDOUT_FILENO) != 0}));
  std::fflush(stdout);
  if (!written) return stage_failed(written.error().message);
  if (!surroundings.quiet)
    fmt::print(stderr, "Saved in {}; `natsproof report {}` prints this again.\n", folder, folder);
  return exit_status(judgement.verdict);
}

}  // namespace

int run_command(const RunOptions& options) {
  const auto series = series_of(options);
  if (!series) return kExitUsage;
  auto given = options.server.addresses();
  if (!given) return usage_error(given.error().message);
  if (!options.subject.empty() && given->empty()) {
    return usage_error(fmt::format(
        "--subject {} needs --server: a server that starts here has nobody to answer it",
        options.subject));
  }
  if (auto writable = check_results_folder(options.out); !writable)
    return usage_error(writable.error().message);
  if (!options.quiet) fmt::print(stderr, "{}", describe_series(*series, true));

  catch_interrupts();
  if (!given->empty()) {
    if (auto answer = check_servers(*given); !answer) return stage_failed(answer.error().message);
  }
  const RunSurroundings surroundings{.servers = std::move(*given),
                                     .yes = options.yes,
                                     .quiet = options.quiet,
                                     .provenance = provenance(options.command_line),
                                     .platform = platform()};
  if (series->is_single()) return run_single(*series, surroundings, options.out);
  return run_series(*series, surroundings,
                    options.out.empty() ? results_folder(utc_ms(), series->name) : options.out);
}

}  // namespace natsproof
