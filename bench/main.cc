// natsproof-bench: Google Benchmark's program with a matrix of the serialization costs, the speeds
// asked for, and the share of a saved run's round trip.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/models.h"
#include "bench/report/budget.h"
#include "bench/report/targets.h"
#include "bench/serialization/program.h"

namespace natsproof {
namespace {

constexpr int kUsage = 2;
constexpr const char* kBudget = "--budget";

void help() {
  std::cout << "natsproof-bench [--budget RUN_DIR] [--benchmark_...]\n"
               "\n"
               "Times serialization (serialization/<model>/<encoding>/<operation>) and the "
               "instrument's own "
               "parts.\n"
               "\n"
               "  --budget RUN_DIR  times serialization alone and sets each cost against the p50 "
               "service time "
               "of\n"
               "                    the run that `natsproof run` saved in RUN_DIR: what share of a "
               "round trip "
               "it is.\n"
               "                    --benchmark_filter=order-10/json chooses the costs; 0.05 s "
               "each, unless\n"
               "                    --benchmark_min_time says otherwise.\n"
               "\n"
               "With --benchmark_repetitions=N the figures of matrix and budget are the medians. "
               "Exit status: "
               "0;\n"
               "1: a benchmark went wrong; 2: bad usage, or a run that is no evidence.\n"
               "\n"
               "Google Benchmark's own flags:\n"
               "\n"
            << std::flush;
  benchmark::PrintDefaultHelp();
}

int usage(const std::string& message) {
  fmt::print(stderr, "natsproof-bench: {}\n", message);
  return kUsage;
}

struct Arguments {
  std::vector<std::string> rest;  // for Google Benchmark, the program's name first
  std::optional<std::string> budget;
  bool min_time_given = std::getenv("BENCHMARK_MIN_TIME") != nullptr;
};

Result<Arguments> parse(int argc, char** argv) {
  Arguments parsed;
  for (int i = 0; i < argc; ++i) {
    const std::string word = argv[i];
    const bool here = word == kBudget;
    if (!here && !word.starts_with(std::string(kBudget) + "=")) {
      parsed.min_time_given = parsed.min_time_given || word.starts_with("--benchmark_min_time");
      parsed.rest.push_back(word);
      continue;
    }
    if (parsed.budget) return Error{"--budget is given twice; it takes one run"};
    if (!here) {
      parsed.budget = word.substr(word.find('=') + 1);
    } else if (i + 1 < argc) {
      parsed.budget = argv[++i];
    }
    if (!parsed.budget || parsed.budget->empty() || parsed.budget->starts_with("--"))
      return Error{
          "--budget needs the folder of a saved run: --budget results/20260301T120000Z-baseline"};
  }
  if (parsed.budget && !parsed.min_time_given)
    parsed.rest.insert(parsed.rest.begin() + 1, "--benchmark_min_time=0.05");
  return parsed;
}

int run(int argc, char** argv) {
  auto arguments = parse(argc, argv);
  if (!arguments) return usage(arguments.error().message);
  std::vector<char*> words;
  for (std::string& word : arguments->rest) words.push_back(word.data());
  words.push_back(nullptr);
  int count = static_cast<int>(words.size()) - 1;
  if (!begin_benchmarks(count, words.data(), help)) return kUsage;

  std::optional<RoundTrips> round_trips;
  if (arguments->budget) {
    auto read = read_round_trips(*arguments->budget);
    if (!read) return usage(read.error().message);
    round_trips = *std::move(read);
  }

  register_model_benchmarks();
  const bool all = benchmark::GetBenchmarkFilter().empty();
  const BenchmarkResults results = run_benchmarks(round_trips && all ? "^serialization/" : "");
  if (round_trips && results.started && results.costs.empty())
    return usage(
        "nothing to set against the run: the filter leaves no serialization benchmark that works");
  if (results.for_people) {
    const std::string targets = render_targets(results.costs);
    if (!targets.empty()) std::cout << "\n" << targets;
  }
  if (round_trips && results.started) {
    // Behind JSON it would spoil it.
    (results.for_people ? std::cout : std::cerr)
        << "\n"
        << render_budget(*round_trips, results.costs, cpu_model());
  }
  return results.exit_status();
}

}  // namespace
}  // namespace natsproof

int main(int argc, char** argv) {
  return natsproof::run(argc, argv);
}
