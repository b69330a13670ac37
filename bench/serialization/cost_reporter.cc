#include "bench/serialization/cost_reporter.h"

#include "bench/serialization/run_error.h"

namespace natsproof {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

std::optional<double> counter(const Run& run, const char* name) {
  const auto found = run.counters.find(name);
  if (found == run.counters.end()) return std::nullopt;
  return found->second.value;
}

}  // namespace

bool CostReporter::ReportContext(const Context& context) {
  started_ = true;
  display_->SetOutputStream(&GetOutputStream());
  display_->SetErrorStream(&GetErrorStream());
  return display_->ReportContext(context);
}

void CostReporter::ReportRuns(const std::vector<Run>& runs) {
  display_->ReportRuns(runs);
  for (const Run& run : runs) {
    failed_ = failed_ || has_error(run);
    // Repetitions come one by one and then their aggregates, or only these.
    const bool counts = run.run_type == Run::RT_Iteration || run.aggregate_name == "median";
    if (!counts || has_error(run)) continue;
    auto cost = parse_benchmark_name(run.run_name.function_name);
    if (!cost) continue;
    cost->time_ns =
        run.GetAdjustedCPUTime() / benchmark::GetTimeUnitMultiplier(run.time_unit) * 1e9;
    cost->bytes = counter(run, "bytes");
    cost->allocations = counter(run, "allocs");
    if (find_cost(costs_, cost->model, cost->encoding, cost->operation) == nullptr) {
      costs_.push_back(*std::move(cost));
    } else if (run.run_type == Run::RT_Aggregate) {
      for (Cost& known : costs_) {
        if (known.model == cost->model && known.encoding == cost->encoding &&
            known.operation == cost->operation)
          known = *cost;
      }
    }
  }
}

}  // namespace natsproof
