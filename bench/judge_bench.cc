// Judging, saving and reporting a run of an hour: 20 tasks, 22 claims, a block and an interval for
// every second.
#include <string>

#include <benchmark/benchmark.h>

#include "bench/report/long_run.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/run_file.h"

namespace natsproof {
namespace {

// Made once: making it takes longer than judging it.
const RunRecord& hour() {
  static const RunRecord record = long_run({});
  return record;
}

const Judgement& judgement_of_hour() {
  static const Judgement judgement = judge(hour());
  return judgement;
}

void run_of_an_hour_judge(benchmark::State& state) {
  const RunRecord& record = hour();
  for (auto _ : state) benchmark::DoNotOptimize(judge(record).verdict);
}
BENCHMARK(run_of_an_hour_judge)->Unit(benchmark::kMillisecond);

void run_of_an_hour_write(benchmark::State& state) {
  const RunRecord& record = hour();
  const Judgement& judgement = judgement_of_hour();
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = write_run_json(record, judgement).size();
    benchmark::DoNotOptimize(bytes);
  }
  state.counters["run_json_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(run_of_an_hour_write)->Unit(benchmark::kMillisecond);

void run_of_an_hour_read(benchmark::State& state) {
  const std::string text = write_run_json(hour(), judgement_of_hour());
  for (auto _ : state) {
    const auto record = read_run_json(text);
    if (!record) return state.SkipWithError(record.error().message.c_str());
    benchmark::DoNotOptimize(record->repetitions.data());
  }
}
BENCHMARK(run_of_an_hour_read)->Unit(benchmark::kMillisecond);

void run_of_an_hour_report(benchmark::State& state) {
  const RunRecord& record = hour();
  const Judgement& judgement = judgement_of_hour();
  for (auto _ : state)
    benchmark::DoNotOptimize(render_console_report(record, judgement, {}).size());
}
BENCHMARK(run_of_an_hour_report)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace natsproof
