// Recording into a histogram, and what merging and asking cost after a run.
#include <array>
#include <cmath>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "loadgen/measure/histogram.h"

namespace natsproof {
namespace {

constexpr std::size_t kSamples =
    4096;  // a power of two; more than a branch predictor learns by heart

// Latencies as a run has them: around 200 µs with a tail of milliseconds.
std::array<Duration, kSamples> latencies() {
  Random random(1);
  std::array<Duration, kSamples> drawn{};
  for (Duration& value : drawn) {
    value = Duration{static_cast<Duration::rep>(200'000 * std::exp(random.exponential() - 0.5))};
  }
  return drawn;
}

Histogram filled() {
  Histogram histogram;
  for (const Duration value : latencies()) histogram.record(value);
  return histogram;
}

void histogram_record(benchmark::State& state) {
  const auto values = latencies();
  Histogram histogram;
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(histogram.record(values[i++ % kSamples]));
  }
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK(histogram_record);

void histogram_merge(benchmark::State& state) {
  const Histogram one = filled();
  Histogram sum;
  for (auto _ : state) {
    sum.merge(one);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(histogram_merge);

void histogram_value_at_p99(benchmark::State& state) {
  const Histogram histogram = filled();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.value_at(Quantile{0.99}));
}
BENCHMARK(histogram_value_at_p99);

void histogram_encode(benchmark::State& state) {
  const Histogram histogram = filled();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.encode());
}
BENCHMARK(histogram_encode);

}  // namespace
}  // namespace natsproof
