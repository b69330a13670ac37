#include "loadgen/app/selftest/known_delays.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/app/doctor_probes.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr Quantile kMedian{0.5};
constexpr Quantile kMostSleeps{0.9};
constexpr int kWakeUps = 100;  // before the run, and as many after it
constexpr double kFewestAnswered = 0.9;
constexpr Duration kTimeout = 1s;

std::string plan_text() {
  std::string text = R"(
name: selftest_delays
services: [echo]
load: {model: open, arrivals: poisson, rate: 500/s, warmup: 200ms, duration: 800ms, repetitions: 5}
tasks:
)";
  const auto add = [&](const char* name, const std::string& headers) {
    text += fmt::format(
        "  - {{name: {}, subject: natsproof.echo, {}request: {{bytes: 128}}, expect: same, "
        "timeout: 1s}}\n",
        name, headers);
  };
  add(kNoDelayTask, "");
  for (const KnownDelay& delay : kKnownDelays) {
    add(delay.task, fmt::format("headers: {{Natsproof-Fault: delay={}us}}, ", delay.length / 1us));
  }
  return text;
}

CheckRow find_delay(const DelaysMeasured& measured, const KnownDelay& delay,
                    const MachineShare& share, std::uint64_t requests) {
  const Duration late = measured.sleeps_end_late;
  CheckRow row{.check = fmt::format("delay of {}", format_duration(delay.length)),
               .expected = fmt::format("service time longer by {}, or up to {} more",
                                       format_duration(delay.length), format_duration(late)),
               .found = "too few answers"};
  const RunRecord& record = measured.run.record;
  for (const char* task : {kNoDelayTask, delay.task}) {
    const RequestCounts counts = pooled_counts(record, task);
    const auto planned = static_cast<double>(counts.planned);
    if (counts.planned > 0 &&
        static_cast<double>(counts.successes()) >= kFewestAnswered * planned) {
      continue;
    }
    row.found = fmt::format("{} of {} requests of {} answered rightly", counts.successes(),
                            counts.planned, task);
    row.outcome = share.outcome(kTimeout, share.at_most());
    row.why = share.text();
    return row;
  }
  const QuantileInterval plain =
      quantile_interval(pooled(record, kNoDelayTask, &TaskRecord::service), kMedian, 1);
  const QuantileInterval delayed =
      quantile_interval(pooled(record, delay.task, &TaskRecord::service), kMedian, 1);
  if (!plain.lower || !plain.upper || !delayed.lower || !delayed.upper) return row;
  const Duration least = *delayed.lower - *plain.upper;
  const Duration most = *delayed.upper - *plain.lower;
  row.found = fmt::format("{} longer", format_range(std::max(least, 0ns), std::max(most, 0ns)));
  const Duration beyond =
      std::max({Duration{0}, delay.length - most, least - (delay.length + late)});
  if (*delayed.upper < delay.length) {
    // No machine makes a request faster than what its service waited.
    row.outcome = Outcome::fails;
    row.why = fmt::format("service times of at most {} at the median, with the delay in them",
                          format_duration(*delayed.upper));
  } else if (beyond > 0ns) {
    // Half of the requests must have lost as much, or their median had not moved.
    row.outcome = share.outcome(beyond, 2 * share.per_request(requests));
    row.why = fmt::format("{} beyond what was expected; {}", format_duration(beyond), share.text());
  } else if (late >= delay.length) {
    row.why = fmt::format("one sleep in ten ends more than {} late here, longer than the delay",
                          format_duration(late));
  } else {
    row.outcome = Outcome::holds;
  }
  return row;
}

}  // namespace

DelaysMeasured measure_delays() {
  const SteadyClock clock;
  Histogram late;
  const auto sleep = [&] {
    if (const auto lag = wake_up_lag(clock, current_timer_slack(), kWakeUps)) late.merge(*lag);
  };
  sleep();
  DelaysMeasured measured{.run = measure(plan_text())};
  sleep();
  if (!late.empty()) measured.sleeps_end_late = late.value_at(kMostSleeps);
  return measured;
}

std::vector<CheckRow> find_delays(const DelaysMeasured& measured) {
  const MachineShare share = together(measured.run.shares);
  const std::uint64_t requests = pooled_counts(measured.run.record, "*").planned;
  std::vector<CheckRow> rows;
  for (const KnownDelay& delay : kKnownDelays) {
    rows.push_back(find_delay(measured, delay, share, requests));
  }
  rows.back().note = fmt::format(
      "Medians of {} requests by turns in one run, with what their 95 % intervals leave. The {} "
      "more is the timer's, which never ends early: of a hundred sleeps here ten end later still.",
      format_count(requests), format_duration(measured.sleeps_end_late));
  return rows;
}

}  // namespace natsproof
