#include "loadgen/app/series_run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "loadgen/app/options.h"
#include "loadgen/app/plan_of.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/series_table.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr const char* kInterrupted = "interrupted before it began";

std::vector<PlanRun> runs_of(const Series& series, const SeriesPlan& plan) {
  std::vector<PlanRun> runs;
  for (const SweepPoint& point : plan.sweep.points) {
    runs.push_back({.plan = point.plan,
                    .title = title_of(series, plan, point),
                    .point = point.name,
                    .time_scale = plan.time_scale});
  }
  return runs;
}

std::string load_of(const Plan& plan) {
  const bool open_loop = plan.load.model == LoadModel::open;
  return load_words(open_loop, open_loop ? offered_rate(plan.load) : Rate{}, plan.load.users);
}

void add_keys(const Sweep& sweep, SeriesTable& table) {
  const auto& set = sweep.points.front().set;
  for (std::size_t k = 0; k < set.size(); ++k) {
    if (std::find(table.keys.begin(), table.keys.end(), set[k].first) != table.keys.end()) continue;
    table.keys.push_back(set[k].first);
    table.labels.push_back(sweep.labels[k]);
  }
}

// The table of one plan's sweep, before anything is run.
SeriesTable sweep_table(const std::string& name, const SeriesPlan& plan) {
  SeriesTable table{.kind = SeriesKind::sweep, .name = name, .about = plan.sweep.about};
  add_keys(plan.sweep, table);
  table.rounds = plan.sweep.points.front().plan.load.repetitions;
  for (const SweepPoint& point : plan.sweep.points) {
    table.rows.push_back({.set = point.set,
                          .folder = point.folder,
                          .against = point.against,
                          .load = load_of(point.plan),
                          .not_run = kInterrupted,
                          .exit_status = exit_status(Verdict::invalid)});
  }
  return table;
}

SeriesTable pack_table(const Series& series) {
  SeriesTable table{.kind = SeriesKind::pack, .name = series.name, .about = series.about};
  for (const SeriesPlan& plan : series.plans) {
    add_keys(plan.sweep, table);
    for (const SweepPoint& point : plan.sweep.points) {
      table.rows.push_back({.plan = plan.name,
                            .set = point.set,
                            .folder = run_folder(series, plan, point),
                            .load = load_of(point.plan),
                            .not_run = kInterrupted,
                            .exit_status = exit_status(Verdict::invalid)});
    }
  }
  return table;
}

class SeriesRun {
 public:
  SeriesRun(const Series& series, const RunSurroundings& surroundings, std::string folder)
      : series_(series),
        surroundings_(surroundings),
        folder_(std::move(folder)),
        table_(series.is_pack ? pack_table(series)
                              : sweep_table(series.name, series.plans.front())) {}

  int run() {
    std::size_t first_row = 0;
    for (std::size_t i = 0; i < series_.plans.size(); ++i) {
      if (interrupted()) {
        table_.interrupted = true;
        break;
      }
      const SeriesPlan& plan = series_.plans[i];
      if (series_.is_pack && !surroundings_.quiet)
        fmt::print(stderr, "{} of {}: {}\n", i + 1, series_.plans.size(), plan.name);
      run_plan(plan, first_row);
      first_row += plan.sweep.points.size();
    }
    note(write_series(folder_, table_));
    fmt::print("{}", render_series_table(table_, {.colour = isatty(STDOUT_FILENO) != 0}));
    std::fflush(stdout);
    if (!error_.empty()) {
      fmt::print(stderr, "natsproof: {}\n", error_);
      return kExitStage;
    }
    fmt::print(stderr, "Saved in {}; `natsproof report {}` prints this again.\n", folder_, folder_);
    return series_exit_status(table_);
  }

 private:
  // All points of one plan; its rows begin at `first_row`.
  void run_plan(const SeriesPlan& plan, std::size_t first_row) {
    std::vector<PlanRun> runs = runs_of(series_, plan);
    if (!series_.is_pack) table_.fresh_stages = !staged_alike(runs);
    SeriesTable own;  // of a pack's plan that is a sweep itself
    const bool has_own = series_.is_pack && plan.sweep.swept();
    if (has_own) {
      own = sweep_table(series_.name + "/" + plan.name, plan);
      own.fresh_stages = !staged_alike(runs);
    }
    run_plans(runs, surroundings_);
    own.interrupted = std::any_of(runs.begin(), runs.end(), std::mem_fn(&PlanRun::is_cut));
    table_.interrupted |= own.interrupted;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      finish(table_, first_row + i, runs[i]);
      if (!has_own) tell(table_.rows[first_row + i]);
      if (has_own) finish_again(own, i, table_.rows[first_row + i]);
      runs[i].record = {};
    }
    if (!has_own) return;
    own.scope = table_.scope;
    const std::string own_folder = (std::filesystem::path(folder_) / plan.name).string();
    note(write_series(own_folder, own));
    if (!surroundings_.quiet)
      fmt::print(stderr, "{}",
                 wrapped("  ", fmt::format("{}: {}; their table lies in {}", plan.name,
                                           series_verdicts(own), own_folder)));
  }

  void finish(SeriesTable& table, std::size_t index, const PlanRun& run) {
    SeriesRow& row = table.rows[index];
    if (run.record.repetitions.empty()) {
      if (!run.not_begun.empty()) {
        row.not_run = run.not_begun;
        row.exit_status = kExitStage;
      }
      return;
    }
    const Judgement judgement = judge(run.record);
    note(write_results((std::filesystem::path(folder_) / row.folder).string(), run.record,
                       judgement));
    add_run(table, index, run.record, judgement);
  }

  // The same row in the table of its own sweep.
  static void finish_again(SeriesTable& own, std::size_t index, const SeriesRow& row) {
    SeriesRow& to = own.rows[index];
    const SeriesRow kept = to;
    to = row;
    to.plan = kept.plan;
    to.set = kept.set;
    to.folder = kept.folder;
    to.against = kept.against;
  }

  // Of a pack, as each plan ends; the points of a sweep end together, and their table follows.
  void tell(const SeriesRow& row) {
    if (!series_.is_pack || surroundings_.quiet) return;
    const std::string what = row.not_run.empty()
                                 ? fmt::format("{}: {}", verdict_name(row.verdict), row.why)
                                 : "not run: " + row.not_run;
    fmt::print(stderr, "{}", wrapped("  ", row_name(table_, row) + ": " + what));
  }

  // The first error in writing is told at the end; what can be written is.
  void note(const Result<void>& written) {
    if (!written && error_.empty()) error_ = written.error().message;
  }

  const Series& series_;
  const RunSurroundings& surroundings_;
  std::string folder_;
  SeriesTable table_;
  std::string error_;
};

}  // namespace

int run_series(const Series& series, const RunSurroundings& surroundings,
               const std::string& folder) {
  return SeriesRun(series, surroundings, folder).run();
}

}  // namespace natsproof
