#include "tests/sim/judge/drawn_run.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "loadgen/measure/recorder.h"

namespace natsproof::simulation {
namespace {

double seconds_of(Duration time) {
  return static_cast<double>(time.count()) * 1e-9;
}

// Of one repetition, sorted by their begins.
std::vector<double> stalls_of(Shape shape, const Process& process, Generator& generator) {
  std::vector<double> begins;
  if (process.stall <= 0ns || process.stalled_share <= 0) return begins;
  const double length = seconds_of(process.stall);
  std::exponential_distribution<double> gap(-std::log1p(-process.stalled_share) / length);
  for (double at = gap(generator) - length; at < shape.seconds; at += gap(generator))
    begins.push_back(at);
  return begins;
}

Repetition drawn_repetition(Shape shape, std::uint32_t number, double factor,
                            const Process& process, const std::vector<Claim>& claims,
                            Generator& generator) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const double stall = seconds_of(process.stall);
  // The slowest ones are those with a normal number above this.
  double slow_from = -1e9;
  if (process.slowest < 1) {
    double low = -8, high = 8;
    while (high - low > 1e-6) {
      const double middle = (low + high) / 2;
      (0.5 * std::erfc(middle / std::sqrt(2.0)) > process.slowest ? low : high) = middle;
    }
    slow_from = low;
  }
  Repetition repetition;
  repetition.window = shape.seconds * 1s;
  repetition.tasks.resize(3);
  const char* const names[] = {kAllTasks.data(), "a", "b"};
  for (std::size_t t = 0; t < repetition.tasks.size(); ++t) {
    repetition.tasks[t].name = names[t];
    repetition.tasks[t].timeout = 60s;
  }
  repetition.blocks.resize(claims.size());
  std::vector<SliceCounter> slices(claims.begin(), claims.end());
  for (std::size_t c = 0; c < claims.size(); ++c)
    if (has_blocks(claims[c])) repetition.blocks[c].resize(shape.seconds);

  const std::vector<double> stalls = stalls_of(shape, process, generator);
  std::size_t next_stall = 0;
  double stalled_until = -1;
  const std::uint64_t requests = std::uint64_t{shape.per_s} * shape.seconds;
  for (std::uint64_t i = 0; i < requests; ++i) {
    const double at = (static_cast<double>(i) + 0.5) / shape.per_s;
    const double part = at / shape.seconds;
    while (next_stall < stalls.size() && stalls[next_stall] <= at)
      stalled_until = stalls[next_stall++] + stall;
    const double z = normal(generator);
    double time =
        seconds_of(process.median) * std::exp(process.sigma * z) * factor * process.over(number);
    if (z >= slow_from) time *= process.within(part);
    time += std::max(0.0, stalled_until - at);
    const Duration response{std::llround(time * 1e9)};
    const bool failed =
        process.failing > 0 && uniform(generator) < process.failing * process.failing_within(part);
    const std::size_t own = 1 + i % 2;
    for (const std::size_t t : {std::size_t{0}, own}) {
      TaskRecord& task = repetition.tasks[t];
      ++task.measured.planned;
      ++task.measured.of(failed ? RequestClass::service_error : RequestClass::ok);
      if (failed) continue;
      ++task.measured.in_window;
      task.response.record(response);
    }
    const auto slice = std::min<std::size_t>(kSlices - 1, static_cast<std::size_t>(part * kSlices));
    for (std::size_t c = 0; c < claims.size(); ++c) {
      const Claim& claim = claims[c];
      if (claim.task != kAllTasks && claim.task != names[own]) continue;
      const bool is_limited = claim.is_latency() && claim.statistic != Statistic::mean;
      const bool over = failed || (is_limited && claim.is_over(response));
      slices[c].count(slice, failed, response);
      if (!has_blocks(claim)) continue;
      Block& block = repetition.blocks[c][static_cast<std::size_t>(at)];
      ++block.planned;
      block.over += over;
      block.over_service += over;
      block.over_granted += over;
    }
  }
  for (const SliceCounter& counter : slices) repetition.slices.push_back(counter.take());
  return repetition;
}

}  // namespace

RunRecord drawn_run(Shape shape, const Process& process, const std::vector<std::string>& claims,
                    Generator& generator) {
  const std::vector<std::string> tasks = {"a", "b"};
  RunRecord record;
  for (const std::string& text : claims) record.claims.push_back(parse_claim(text, tasks).value());
  record.conditions.planned_repetitions = shape.repetitions;
  record.conditions.covers = 0ns;
  std::normal_distribution<double> normal;
  double z = normal(generator);
  for (std::uint32_t r = 0; r < shape.repetitions; ++r) {
    const double factor = std::exp(process.between * z);
    record.repetitions.push_back(
        drawn_repetition(shape, r, factor, process, record.claims, generator));
    z = process.memory * z + std::sqrt(1 - process.memory * process.memory) * normal(generator);
  }
  return record;
}

}  // namespace natsproof::simulation
