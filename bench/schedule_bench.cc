// The next intended send of an open loop.
#include <array>
#include <optional>

#include <benchmark/benchmark.h>

#include "loadgen/schedule/schedule.h"

namespace natsproof {
namespace {

void schedule_next(benchmark::State& state, Arrivals arrivals, Rate from, Rate to) {
  const std::array<Stretch, 1> stretches{Stretch{.length = 1h, .from = from, .to = to}};
  const Schedule start(Profile(stretches), arrivals, 1, 0, 1);
  Schedule schedule = start;
  for (auto _ : state) {
    std::optional<Arrival> arrival = schedule.next();
    if (!arrival) schedule = start;
    benchmark::DoNotOptimize(arrival);
  }
}
BENCHMARK_CAPTURE(schedule_next, constant, Arrivals::constant, Rate{2e5}, Rate{2e5});
BENCHMARK_CAPTURE(schedule_next, poisson, Arrivals::poisson, Rate{2e5}, Rate{2e5});
BENCHMARK_CAPTURE(schedule_next, poisson_ramp, Arrivals::poisson, Rate{1e3}, Rate{4e5});

}  // namespace
}  // namespace natsproof
