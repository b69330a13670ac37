#include "bench/report/budget.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/artefacts.h"
#include "loadgen/report/pooled_tasks.h"

namespace natsproof {
namespace {

constexpr Quantile kMedian{0.5};

std::string_view doing(std::string_view operation) {
  if (operation == kEncode) return "encoding";
  if (operation == kDecode) return "decoding";
  if (operation == kDecodeAndValidate) return "decoding and validating";
  if (operation == kRoundTrip) return "encoding and decoding";
  return "validating";
}

std::string_view as(std::string_view encoding) {
  if (encoding == kProtobuf) return " as Protobuf";
  if (encoding == kProtobufArena) return " as Protobuf on an arena";
  if (encoding == kJson) return " as JSON";
  if (encoding == kJsonByProtobuf) return " as JSON by protobuf's utility";
  return "";
}

std::string share(double of_it) {
  const double percent = 100 * of_it;
  return percent < 0.1 ? fmt::format("{:.1g} %", percent) : fmt::format("{:.1f} %", percent);
}

}  // namespace

Result<RoundTrips> round_trips_of(const RunRecord& record, const std::string& folder) {
  constexpr std::string_view kAgain =
      "Repeat it, and give the folder of a run whose verdict is not INVALID.";
  if (!record.failure.empty())
    return Error{fmt::format("the run in {} failed: {} {}", folder, record.failure, kAgain)};
  if (record.interrupted) {
    return Error{fmt::format(
        "the run in {} was interrupted, so that it says nothing about the plan's load. {}", folder,
        kAgain)};
  }
  const Judgement judgement = judge(record);
  if (judgement.verdict == Verdict::invalid) {
    return Error{fmt::format("the run in {} is INVALID, and so is its p50: {} {}", folder,
                             judgement.why, kAgain)};
  }

  RoundTrips run{.folder = folder,
                 .plan = record.conditions.plan_name,
                 .verdict = std::string(verdict_name(judgement.verdict))};
  if (const auto cpu = record.platform.find("cpu"); cpu != record.platform.end())
    run.cpu = cpu->second;
  const std::vector<TaskRecord> tasks = pooled_tasks(record);
  for (const TaskRecord& task : tasks) {
    if (task.name == "*" && tasks.size() <= 2) continue;
    std::optional<Duration> p50;
    if (quantile_support(kMedian, task.service.count()) != QuantileSupport::none)
      p50 = task.service.value_at(kMedian);
    run.tasks.push_back({.name = task.name, .p50_service = p50});
  }
  if (std::none_of(run.tasks.begin(), run.tasks.end(),
                   [](const auto& task) { return task.p50_service.has_value(); })) {
    return Error{fmt::format(
        "the run in {} has too few replies for a p50, which needs {}: let it run longer "
        "or at a higher rate.",
        folder, needed_for(kMedian))};
  }
  return run;
}

Result<RoundTrips> read_round_trips(const std::string& folder) {
  const auto record = read_results(folder);
  if (!record) {
    return Error{fmt::format("{}. --budget takes the folder that `natsproof run` has written.",
                             record.error().message)};
  }
  return round_trips_of(*record, folder);
}

std::string render_budget(const RoundTrips& run, std::span<const Cost> costs,
                          const std::string& cpu) {
  std::string text = fmt::format("Shares of a round trip in {} (plan {}, verdict {})\n", run.folder,
                                 run.plan, run.verdict);
  if (run.cpu != cpu) {
    text += fmt::format(
        "WARNING: the run was measured on another machine ({}), the costs on this one ({}).\n",
        run.cpu.empty() ? "unknown" : run.cpu, cpu);
  }
  for (const RoundTrips::Task& task : run.tasks) {
    const std::string name = task.name == "*" ? "all tasks together" : "`" + task.name + "`";
    if (!task.p50_service) {
      text += fmt::format("\n{}: too few replies for a p50\n", name);
      continue;
    }
    text += "\n";
    for (const Cost& cost : costs) {
      text +=
          fmt::format("{} {}{}: {} = {} of the {} p50 service time of {}\n", doing(cost.operation),
                      cost.model, as(cost.encoding), format_time(cost.time_ns),
                      share(cost.time_ns / static_cast<double>(task.p50_service->count())),
                      format_duration(*task.p50_service), name);
    }
  }
  return text;
}

}  // namespace natsproof
