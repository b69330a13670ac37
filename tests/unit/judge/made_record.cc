#include "tests/unit/judge/made_record.h"

#include <stdexcept>

#include "loadgen/measure/recorder.h"

namespace natsproof {
namespace {

bool breaks(const Claim& claim, const Answers& answers, Duration time) {
  if (!is_success(answers.request_class)) return true;
  if (claim.is_latency()) return claim.is_over(time);
  return claim.metric == Metric::achieved && !answers.in_window;
}

void record_second(TaskRecord& task, const Answers& answers, bool open_loop) {
  RequestCounts& counts = task.measured;
  const RequestClass c = answers.request_class;
  counts.planned += answers.per_s;
  counts.of(c) += answers.per_s;
  if (c == RequestClass::refused) {
    counts.refused[static_cast<std::size_t>(RefusedReason::down)] += answers.per_s;
    return;
  }
  if (open_loop) task.send_lag.record(10us, answers.per_s);
  if (c != RequestClass::timeout && c != RequestClass::disconnected) {
    counts.replies += answers.per_s;
  }
  if (!is_success(c)) {
    task.failed_after[static_cast<std::size_t>(c)].record(answers.service, answers.per_s);
    return;
  }
  if (answers.in_window) counts.in_window += answers.per_s;
  if (open_loop) task.response.record(answers.response, answers.per_s);
  task.service.record(answers.service, answers.per_s);
}

// `count` spread over the slices as evenly as whole numbers go.
void add_slices(const Claim& claim, const Answers& answers, std::uint64_t count,
                SliceCounter& counter) {
  const Duration time = claim.metric == Metric::response ? answers.response : answers.service;
  const bool failed = !is_success(answers.request_class);
  for (std::uint64_t i = 0; i < count; ++i)
    counter.count(static_cast<std::size_t>(i * kSlices / count), failed, time);
}

}  // namespace

void add_repetition(RunRecord& record, std::uint32_t seconds, const std::vector<Answers>& answers) {
  Repetition repetition;
  repetition.window = Duration{1s} * seconds;
  repetition.tasks.resize(2);
  repetition.tasks[0].name = std::string(kAllTasks);
  repetition.tasks[1].name = "echo";
  for (TaskRecord& task : repetition.tasks) {
    task.timeout = 250ms;
    for (std::uint32_t second = 0; second < seconds; ++second) {
      for (const Answers& alike : answers) record_second(task, alike, record.conditions.open_loop);
    }
  }
  repetition.blocks.resize(record.claims.size());
  for (std::size_t c = 0; c < record.claims.size(); ++c) {
    const Claim& claim = record.claims[c];
    if (!has_blocks(claim)) continue;
    Block block;
    for (const Answers& alike : answers) {
      const bool by_response = claim.metric == Metric::response;
      block.planned += alike.per_s;
      if (breaks(claim, alike, by_response ? alike.response : alike.service)) {
        block.over += alike.per_s;
      }
      if (breaks(claim, alike, alike.service)) block.over_service += alike.per_s;
    }
    block.over_granted = block.over_service;
    repetition.blocks[c].assign(seconds, block);
  }
  for (const Claim& claim : record.claims) {
    TimeSlices& slices = repetition.slices.emplace_back();
    if (!has_slices(claim)) continue;
    SliceCounter counter(claim);
    for (const Answers& alike : answers) add_slices(claim, alike, alike.per_s * seconds, counter);
    slices = counter.take();
  }
  const std::uint64_t sent = repetition.tasks[0].measured.handed_over();
  repetition.connections.push_back(
      {.server_id = "S", .client_id = 5, .sent = sent, .received = sent});
  repetition.workers.push_back({.wall = Duration{1s} * seconds, .busy = 1s, .spinning = 0s});
  repetition.floor.record(50us, 1000);
  PlatformRecord& platform = repetition.platform.emplace();
  platform.hiccups.record(20us, 1000 * seconds);
  platform.shortest_stall = 100us;
  platform.steal = 0;
  platform.throttled = platform.suspended = platform.wall_clock_step = 0s;
  record.repetitions.push_back(std::move(repetition));
}

RunRecord made_record(const Made& made, const std::vector<Answers>& answers) {
  RunRecord record;
  const std::vector<std::string> tasks{"echo"};
  for (const std::string& text : made.claims) {
    auto claim = parse_claim(text, tasks);
    if (!claim.ok()) throw std::invalid_argument(claim.error().message);
    record.claims.push_back(*claim);
  }
  record.conditions.open_loop = made.open_loop;
  record.conditions.planned_repetitions = made.repetitions;
  record.conditions.covers = 3ms;
  record.conditions.cores = 2;
  record.conditions.clock_source = "tsc";
  record.conditions.clock_resolution = 1ns;
  for (std::uint32_t r = 0; r < made.repetitions; ++r) {
    add_repetition(record, made.seconds, answers);
  }
  return record;
}

const GateResult& gate_named(const Judgement& judgement, std::string_view name) {
  for (const GateResult& gate : judgement.gates) {
    if (gate.name == name) return gate;
  }
  throw std::invalid_argument("no gate " + std::string(name));
}

}  // namespace natsproof
