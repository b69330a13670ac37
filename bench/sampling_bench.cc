// What looking at processes costs: a sample of server, services and generator, as a run takes one
// about every second. Here all three are this process, so that the benchmark starts nothing.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include "loadgen/platform/process_sampler.h"

namespace natsproof {
namespace {

void sample_processes(benchmark::State& state) {
  auto sampler = ProcessSampler::open(
      {{"server", ::getpid()}, {"services", ::getpid()}, {"generator", ::getpid()}});
  if (!sampler) return state.SkipWithError(sampler.error().message.c_str());
  std::uint64_t threads = 0;
  for (auto _ : state) {
    auto sample = sampler->sample();
    if (!sample) return state.SkipWithError(sample.error().message.c_str());
    threads = sample->threads;
    benchmark::DoNotOptimize(sample);
  }
  state.counters["threads"] = static_cast<double>(threads);
}
BENCHMARK(sample_processes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace natsproof
