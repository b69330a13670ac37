#include "loadgen/app/selftest/measured_run.h"

#include <cassert>
#include <utility>

#include "loadgen/app/provenance.h"
#include "loadgen/app/run_plan.h"
#include "loadgen/plan/plan_file.h"

namespace natsproof {
namespace {

const TaskRecord* task_named(const Repetition& repetition, std::string_view name) {
  for (const TaskRecord& task : repetition.tasks) {
    if (task.name == name) return &task;
  }
  return nullptr;
}

// Tells the repetitions of one plan apart, and what the machine took of each.
class Shares {
 public:
  // The number of the repetition that is under way.
  std::uint32_t look(Stage& stage, const LiveFigures& live) {
    if (watches_.empty() || live.elapsed < last_elapsed_) {
      watches_.emplace_back();
      watches_.back().begin();
    }
    last_elapsed_ = live.elapsed;
    std::vector<MachineWatch::Process> children;
    for (const Stage::Process& process : stage.processes()) {
      children.push_back({.pid = process.pid, .is_server = process.role == "server"});
    }
    watches_.back().look(children);
    return static_cast<std::uint32_t>(watches_.size()) - 1;
  }
  [[nodiscard]] std::vector<MachineShare> of(const RunRecord& record) const {
    std::vector<MachineShare> shares(record.repetitions.size());
    for (std::size_t r = 0; r < shares.size() && r < watches_.size(); ++r) {
      shares[r] = watches_[r].share(record.repetitions[r]);
    }
    return shares;
  }

 private:
  std::vector<MachineWatch> watches_;
  Duration last_elapsed_{};
};

}  // namespace

MeasuredRun measure(const std::string& plan_yaml, const RepetitionWatch& watch) {
  const PlanReading reading = read_plan({.file = "selftest", .text = plan_yaml, .set = {}});
  if (!reading.mistakes.empty()) {
    assert(false);
    return {.record = {}, .shares = {}, .not_begun = reading.mistakes.front().text()};
  }
  std::vector<PlanRun> runs;
  runs.push_back({.plan = reading.plan, .title = reading.plan.name, .point = ""});
  Shares shares;
  const RunSurroundings surroundings{
      .servers = {}, .quiet = true, .watch = [&](Stage& stage, const LiveFigures& live) {
        const std::uint32_t repetition = shares.look(stage, live);
        if (watch) watch(stage, live, repetition);
      }};
  run_plans(runs, surroundings);
  MeasuredRun run{.record = std::move(runs.front().record),
                  .shares = {},
                  .not_begun = std::move(runs.front().not_begun)};
  if (run.not_begun.empty()) run.not_begun = run.record.failure;
  run.shares = shares.of(run.record);
  return run;
}

pid_t service_of(Stage& stage) {
  for (const Stage::Process& process : stage.processes()) {
    if (process.role == "services") return process.pid;
  }
  return -1;
}

Histogram pooled(const RunRecord& record, std::string_view task, Histogram TaskRecord::*times) {
  Histogram all;
  for (const Repetition& repetition : record.repetitions) {
    if (const TaskRecord* found = task_named(repetition, task)) all.merge(found->*times);
  }
  return all;
}

RequestCounts pooled_counts(const RunRecord& record, std::string_view task) {
  RequestCounts all;
  for (const Repetition& repetition : record.repetitions) {
    if (const TaskRecord* found = task_named(repetition, task)) all.merge(found->measured);
  }
  return all;
}

}  // namespace natsproof
