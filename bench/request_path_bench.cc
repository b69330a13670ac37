// One request's worth of our own work on the wire client: take it from the schedule, claim a slot,
// write its frame, parse the reply, find the slot, verify the content, record.
//
// The real worker and the real client over an in-memory server, whose time is taken off. Time is
// per request.
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "base/time.h"
#include "bench/in_memory_server.h"
#include "loadgen/engine/worker.h"
#include "loadgen/measure/stall_list.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {
namespace {

// Baseline's task and claims.
Plan plan_of(LoadModel model) {
  Plan plan;
  plan.load.model = model;
  plan.load.arrivals = Arrivals::constant;
  plan.load.warmup = 0s;
  plan.tasks = {{.name = "echo",
                 .endpoint = "echo",
                 .payload_bytes = 128,
                 .timeout = 250ms,
                 .expect = Expect::same}};
  const std::vector<std::string> names{"echo"};
  for (const char* text : {"response p50 < 1ms", "response p99 < 5ms", "success >= 99%"}) {
    auto claim = parse_claim(model == LoadModel::open ? text : "success >= 99%", names);
    plan.claims.push_back(claim.value());
  }
  return plan;
}

void run(benchmark::State& state, const Plan& plan, Duration behind) {
  constexpr benchmark::IterationCount kNominalRequests = 100'000;
  const SteadyClock clock;
  const StallList stalls;  // as in a run; none happens
  while (state.KeepRunningBatch(kNominalRequests)) {
    const auto transport = make_wire_transport(clock);
    Worker worker(plan, {.connections = 1, .stalls = &stalls}, clock, *transport);
    const auto opened = transport->open({.servers = {{}}, .connections = 2}, worker);
    if (!opened || !worker.prepare()) return state.SkipWithError("the worker did not start");
    worker.begin(clock.now() - behind);

    const Instant began = clock.now();
    const Duration elsewhere = time_in_memory_server();
    worker.run_to_end();
    const Duration own = clock.now() - began - (time_in_memory_server() - elsewhere);

    Repetition result;
    worker.take_results(result);
    const RequestCounts& all = result.tasks.at(0).measured;
    const auto ok = all.classes.at(static_cast<std::size_t>(RequestClass::ok));
    if (ok == 0 || ok != all.planned) return state.SkipWithError("not every request was answered");
    state.SetIterationTime(to_seconds(own) / static_cast<double>(ok) * kNominalRequests);
  }
}

// A backlog of requests that are all due: as many a pass as the worker takes.
void request_path_open_loop(benchmark::State& state) {
  Plan plan = plan_of(LoadModel::open);
  plan.load.duration = 1s;
  plan.load.profile = {{.length = plan.load.duration, .from = {2e5}, .to = {2e5}}};
  run(state, plan, plan.load.duration);
}
BENCHMARK(request_path_open_loop)->UseManualTime();

// As many requests a pass as there are users; with one user, nothing is shared between requests.
void request_path_closed_loop(benchmark::State& state) {
  Plan plan = plan_of(LoadModel::closed);
  plan.load.users = static_cast<std::uint32_t>(state.range());
  plan.load.duration = 100ms;
  run(state, plan, 0s);
}
BENCHMARK(request_path_closed_loop)->Arg(256)->Arg(16)->Arg(1)->UseManualTime();

}  // namespace
}  // namespace natsproof
