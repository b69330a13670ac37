#include "bench/serialization/program.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>
#include <simdjson.h>

#include "bench/serialization/cost_reporter.h"
#include "bench/serialization/matrix.h"

namespace natsproof {
namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

#if defined(__OPTIMIZE__) && defined(NDEBUG)
constexpr bool kFullSpeed = true;
#else
constexpr bool kFullSpeed = false;
#endif

std::string build() {
  return fmt::format("{}, {}{}", kCompiler, NATSPROOF_BENCH_BUILD_TYPE,
                     kFullSpeed ? "" : " (NOT a Release build)");
}

std::string libraries() {
  return fmt::format("protobuf {}, simdjson {} ({})",
                     google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION),
                     SIMDJSON_STRINGIFY(SIMDJSON_VERSION),
                     simdjson::get_active_implementation()->name());
}

}  // namespace

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown CPU";
}

bool begin_benchmarks(int& argc, char** argv, void (*help)()) {
  benchmark::Initialize(&argc, argv, help);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return false;
  benchmark::AddCustomContext("cpu", cpu_model());
  benchmark::AddCustomContext("build", build());
  benchmark::AddCustomContext("libraries", libraries());
  return true;
}

int BenchmarkResults::exit_status() const {
  if (failed) return 1;
  return matched == 0 ? 2 : 0;
}

BenchmarkResults run_benchmarks(const std::string& filter) {
  std::unique_ptr<benchmark::BenchmarkReporter> display(benchmark::CreateDefaultDisplayReporter());
  BenchmarkResults results;
  results.for_people = dynamic_cast<benchmark::ConsoleReporter*>(display.get()) != nullptr;
  CostReporter reporter(std::move(display));
  results.matched = filter.empty() ? benchmark::RunSpecifiedBenchmarks(&reporter)
                                   : benchmark::RunSpecifiedBenchmarks(&reporter, filter);
  results.costs = reporter.costs();
  results.started = reporter.started();
  results.failed = reporter.failed();
  if (!kFullSpeed && results.started) {
    fmt::print(stderr,
               "WARNING: this is not a Release build (optimised, without assertions), so these are "
               "not the figures of one.\n");
  }
  if (results.for_people && !results.costs.empty()) {
    std::cout << fmt::format("\n{}; {}; {}\n{}", cpu_model(), build(), libraries(),
                             render_matrix(results.costs));
  }
  return results;
}

}  // namespace natsproof
