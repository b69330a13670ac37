// What the main() of a program with serialization benchmarks consists of:
//
//   if (!begin_benchmarks(argc, argv)) return 2;
//   if (!register_sample<shop::v1::Basket>("Basket:basket", "basket.json")) return 2;
//   const BenchmarkResults results = run_benchmarks();
//   return results.exit_status();
//
// All of Google Benchmark's flags hold. Where the results go to people
// (--benchmark_format=console), the matrix is printed behind them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/serialization/cost.h"

namespace natsproof {

// Reads the flags, and adds machine and build to what is printed at the top. False: there is an
// argument nobody knows, and it was said.
bool begin_benchmarks(int& argc, char** argv, void (*help)() = benchmark::PrintDefaultHelp);

struct BenchmarkResults {
  std::vector<Cost> costs;
  std::size_t matched = 0;  // benchmarks that the filter left
  bool started = false;     // they were run, not only listed
  bool failed = false;      // one ended with an error
  bool for_people = false;  // printed as text, not as JSON

  // 0; 1: failed; 2: the filter left nothing.
  [[nodiscard]] int exit_status() const;
};

// `filter` takes the place of the flag's unless empty.
BenchmarkResults run_benchmarks(const std::string& filter = "");

// Of this machine: `AMD EPYC 7B13`.
std::string cpu_model();

}  // namespace natsproof
