#include <algorithm>
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
#include "messaging/login_environment.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;

int usage_error(const std::string& why) {
  fmt::print(stderr, "natsproof: {}\n", why);
  return kExitUsage;
}

int stage_failed(const std::string& why) {
  fmt::print(stderr, "natsproof: {}\n", why);
  return kExitStage;
}

// The folder of --out, made before the run and not after it.
class OutFolder {
 public:
  // Errors: it cannot be written, or one of the folders that the runs will be written into holds
  // results already.
  Result<void> make(const std::string& out, const Series& series) {
    if (out.empty()) return {};
    std::vector<std::string> own = run_folders(series);
    if (!series.is_single()) own.emplace_back();
    for (const std::string& folder : own) {
      const std::string path = folder.empty() ? out : (fs::path(out) / folder).string();
      if (const std::string held = results_in(path); !held.empty()) {
        return Error{
            fmt::format("{} holds {} already: give another folder, or remove it; nothing was "
                        "started",
                        path, held)};
      }
    }
    std::error_code error;
    for (fs::path path = out; !path.empty() && !fs::exists(path, error); path = path.parent_path())
      made_.push_back(path);
    fs::create_directories(out, error);
    if (!error && access(out.c_str(), W_OK) == 0) return {};
    return Error{fmt::format("--out {}: cannot write there ({}); nothing was started", out,
                             error ? error.message() : "no permission")};
  }
  // After the run: what was made for nothing goes again.
  void remove_if_empty() const {
    std::error_code not_empty;
    for (const fs::path& path : made_) fs::remove(path, not_empty);
  }

 private:
  std::vector<fs::path> made_;  // the innermost first
};

std::int64_t utc_ms() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             system_clock::now().time_since_epoch())
      .count();
}

// --out, or a new folder under results.
Result<std::string> folder_for(const std::string& out, std::int64_t started_utc_ms,
                               const std::string& name) {
  if (!out.empty()) return out;
  return make_new_folder(results_folder(started_utc_ms, name));
}

// Without --server, all of it would run on what is started here.
bool stages_services(const Series& series) {
  return std::all_of(series.plans.begin(), series.plans.end(), [](const SeriesPlan& plan) {
    return std::all_of(plan.sweep.points.begin(), plan.sweep.points.end(),
                       [](const SweepPoint& point) { return !point.plan.services.empty(); });
  });
}

// Why the plans cannot do with a server that is started here, where nobody is but the services that
// they stage; empty: they can.
std::string needs_server(const Series& series) {
  for (const SeriesPlan& plan : series.plans) {
    for (const SweepPoint& point : plan.sweep.points) {
      if (!point.plan.services.empty()) continue;
      const Task& task = point.plan.tasks.front();
      return fmt::format(
          "{}{} needs --server (or NATS_URL): a server that starts here has nobody to answer it{}",
          plan.name.empty() ? "" : fmt::format("plan {}: ", plan.name), task.target(),
          task.subject.empty() ? "; or name the service under `services`" : "");
    }
  }
  return {};
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
  const auto folder = folder_for(out, record.repetitions.front().started_utc_ms, series.name);
  // Saved first: whoever reads the report may stop reading.
  const Result<void> written =
      folder ? write_results(*folder, record, judgement) : Result<void>(folder.error());
  fmt::print("{}",
             render_console_report(record, judgement, {.colour = isatty(STDOUT_FILENO) != 0}));
  std::fflush(stdout);
  if (!written) return stage_failed(written.error().message);
  fmt::print(stderr, "Saved in {}; `natsproof report {}` prints this again.\n", *folder, *folder);
  return exit_status(judgement.verdict);
}

}  // namespace

int run_command(const RunOptions& options) {
  const auto series = series_of(options);
  if (!series) return kExitUsage;
  auto given = options.server.addresses();
  if (!given) return usage_error(given.error().message);
  const std::string missing = given->empty() ? needs_server(*series) : "";
  if (!given->empty() || !missing.empty()) {
    if (auto login = check_login_environment(); !login) return usage_error(login.error().message);
  }
  if (!missing.empty()) return usage_error(missing);
  OutFolder out;
  if (auto made = out.make(options.out, *series); !made) {
    out.remove_if_empty();
    return usage_error(made.error().message);
  }
  if (!options.quiet) fmt::print(stderr, "{}", describe_series(*series, true));

  catch_interrupts();
  if (!given->empty()) {
    if (auto answer = check_servers(*given, stages_services(*series)); !answer) {
      out.remove_if_empty();
      return stage_failed(answer.error().message);
    }
  }
  const RunSurroundings surroundings{.servers = std::move(*given),
                                     .yes = options.yes,
                                     .quiet = options.quiet,
                                     .provenance = provenance(options.command_line),
                                     .platform = platform()};
  if (series->is_single()) {
    const int status = run_single(*series, surroundings, options.out);
    out.remove_if_empty();
    return status;
  }
  const auto folder = folder_for(options.out, utc_ms(), series->name);
  if (!folder) return stage_failed(folder.error().message);
  return run_series(*series, surroundings, *folder);
}

}  // namespace natsproof
