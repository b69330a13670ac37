#include "tests/sim/judge/stalled_machine.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "loadgen/measure/stall_blocks.h"
#include "loadgen/measure/stall_list.h"
#include "loadgen/platform/hiccup_thread.h"

namespace natsproof::simulation {
namespace {

constexpr Duration kWindow = 4s;
constexpr Duration kTimeout = 30s;

Duration from_s(double s) {
  return Duration{static_cast<Duration::rep>(s * 1e9)};
}

std::vector<Stall> draw_stalls(const StalledMachine& machine, Generator& generator) {
  std::vector<Stall> stalls;
  if (machine.stalls_per_s <= 0) return stalls;
  std::exponential_distribution<double> gap(machine.stalls_per_s);
  std::exponential_distribution<double> length(1e9 / static_cast<double>(machine.stall.count()));
  for (Duration at = from_s(gap(generator)); at < 2 * kWindow;) {
    const Duration lasts = machine.scattered ? from_s(length(generator)) : machine.stall;
    stalls.push_back({.start = at, .length = lasts});
    at += lasts + from_s(gap(generator));
  }
  return stalls;
}

// The hiccup thread: who is due to wake in a stall wakes when it is over.
void look(const std::vector<Stall>& stalls, Duration sleep, HiccupMeter& meter) {
  auto stall = stalls.begin();
  for (Duration woke{}; woke < 2 * kWindow;) {
    const Duration due = woke + sleep;
    while (stall != stalls.end() && stall->start + stall->length <= due) ++stall;
    woke = stall != stalls.end() && stall->start <= due ? stall->start + stall->length : due;
    meter.wake(Instant{due}, Instant{woke}, Instant{kWindow}, sleep);
  }
}

// Between the time of the clock and the time for which the machine has run.
class Running {
 public:
  explicit Running(const std::vector<Stall>& stalls) : stalls_(stalls) {}

  [[nodiscard]] Duration at(Duration clock) const {
    Duration stalled{};
    for (const Stall& stall : stalls_) {
      if (stall.start >= clock) break;
      stalled += std::min(stall.length, clock - stall.start);
    }
    return clock - stalled;
  }
  // What happens where a stall begins happens after it.
  [[nodiscard]] Duration clock_at(Duration running) const {
    for (const Stall& stall : stalls_) {
      if (stall.start > running) break;
      running += stall.length;
    }
    return running;
  }

 private:
  const std::vector<Stall>& stalls_;
};

struct Request {
  Duration intended, actual, received;
};

void count(const Request& request, const Claim& claim, const StallList& stalls, TaskRecord& task,
           Block& block) {
  const Duration service = request.received - request.actual;
  const Duration response = request.received - request.intended;
  ++task.measured.planned;
  ++task.measured.of(RequestClass::ok);
  ++task.measured.replies;
  task.measured.in_window += request.received < kWindow;
  task.service.record(service);
  task.response.record(response);
  task.send_lag.record(request.actual - request.intended);
  const Duration tenth = claim.limit / 10;
  ++block.planned;
  block.over += claim.is_over(claim.metric == Metric::response ? response : service);
  block.over_service += claim.is_over(service);
  block.over_granted += claim.is_over(service) && !is_explained(claim, Instant{request.actual},
                                                                Instant{request.received}, stalls);
  block.stalled += stalls.within(Instant{request.intended}, Instant{request.received}) > tenth;
}

Repetition repetition_of(const StalledMachine& machine, const Claim& claim, Generator& generator) {
  const std::vector<Stall> stalls = draw_stalls(machine, generator);
  const Running running(stalls);
  StallList seen;
  HiccupMeter meter(seen);
  meter.begin(Instant{}, claim.limit / 10);
  if (machine.sleep > 0ns) {
    look(stalls, machine.sleep, meter);
  } else {
    for (const Stall& stall : stalls)
      meter.wake(Instant{stall.start}, Instant{stall.start + stall.length}, Instant{kWindow}, 0ns);
  }
  std::exponential_distribution<double> gap(machine.per_s);
  std::bernoulli_distribution is_slow(machine.slow_share);
  Repetition repetition;
  repetition.window = kWindow;
  TaskRecord task;
  task.timeout = kTimeout;
  task.name = std::string(kAllTasks);
  std::vector<Block> blocks(static_cast<std::size_t>(kWindow / 1s));
  Duration free{};  // of work, in time that the machine has run
  for (Duration intended = from_s(gap(generator)); intended < kWindow;
       intended += from_s(gap(generator))) {
    const Duration sent = running.at(intended);
    free = (machine.queues ? std::max(free, sent) : sent) +
           (is_slow(generator) ? machine.slow_work : machine.work);
    count({.intended = intended,
           .actual = std::max(intended, running.clock_at(sent)),
           .received = running.clock_at(free)},
          claim, seen, task, blocks[static_cast<std::size_t>(intended / 1s)]);
  }
  repetition.tasks = {task, task};
  repetition.tasks[1].name = "echo";
  repetition.blocks.push_back(std::move(blocks));
  repetition.connections.push_back(
      {.sent = task.measured.planned, .received = task.measured.planned});
  repetition.workers.push_back({.wall = kWindow, .busy = kWindow / 10});
  repetition.floor.record(50us, 1000);
  PlatformRecord& platform = repetition.platform.emplace();
  platform.steal = machine.steal;
  platform.throttled = platform.suspended = platform.wall_clock_step = 0s;
  platform.hiccups.record(20us, 1000);
  if (machine.sees_stalls) {
    for (std::size_t i = 0; i < seen.size() && seen[i].start + seen[i].unseen < Instant{kWindow};
         ++i)
      platform.stalls.push_back(
          {(seen[i].start + seen[i].unseen).time_since_epoch(), seen[i].length() - seen[i].unseen});
    platform.stalled = meter.stalled();
    platform.stall_count = meter.stall_count();
  }
  return repetition;
}

}  // namespace

RunRecord stalled_run(const StalledMachine& machine, const std::string& claim,
                      Generator& generator) {
  RunRecord record;
  auto parsed = parse_claim(claim, {});
  if (!parsed.ok()) throw std::invalid_argument(parsed.error().message);
  record.claims.push_back(*parsed);
  record.conditions.planned_repetitions = 5;
  record.conditions.covers = 3ms;
  record.conditions.cores = 2;
  record.conditions.clock_source = "tsc";
  record.conditions.clock_resolution = 1ns;
  for (std::uint32_t r = 0; r < record.conditions.planned_repetitions; ++r) {
    record.repetitions.push_back(repetition_of(machine, record.claims[0], generator));
    if (machine.sees_stalls) continue;
    for (Block& block : record.repetitions.back().blocks[0]) {
      block.over_granted = block.over_service;
      block.stalled = 0;
    }
  }
  return record;
}

}  // namespace natsproof::simulation
