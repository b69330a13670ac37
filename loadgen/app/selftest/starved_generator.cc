#include "loadgen/app/selftest/starved_generator.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/app/run_plan.h"
#include "loadgen/app/selftest/disturbance.h"
#include "loadgen/judge/judgement.h"

namespace natsproof {
namespace {

constexpr int kBusyProcesses = 16;
// The gates that tell of a starved generator.
constexpr std::string_view kTelling[] = {"send lag", "headroom", "platform noise"};
// Times are known to three digits: means are as exact as that. A run that is over keeps its lag to
// two digits, each at the upper end of its bucket (Histogram::coarse): up to so much more than it
// was, never less.
constexpr double kDigits = 0.002;
constexpr double kCoarseDigits = 0.008;

// A thread that may not run for more than this part of the time in which it could, by the kernel's
// count, is starved. It waits for whole slices of busy processes then, a few ms each: far more than
// one request in a hundred is late by a tenth of the claim's limit, and one of those gates must
// fail. On an idle machine it is about 80 %.
constexpr double kStarvedShare = 0.5;
constexpr Duration kLimit = 10ms;  // of the claim
constexpr Duration kStarvedTimeout = 1s;

constexpr const char* kPlan = R"(
name: selftest_starved
services: [echo]
load:
  {model: open, arrivals: constant, rate: 4000/s, connections: 2, warmup: 150ms, duration: 300ms,
   repetitions: 5, pacing: sleep}
covers: 1ms
tasks: [{name: echo, endpoint: echo, payload: {bytes: 128}, timeout: 1s}]
claims: [response p99 < 10ms]
)";

std::string mean_text(const Histogram& times) {
  return format_duration(Duration{std::llround(times.mean_ns())});
}

std::string gates_that_tell(const Judgement& judgement) {
  std::string text;
  for (const GateResult& gate : judgement.gates) {
    const bool tells =
        std::find(std::begin(kTelling), std::end(kTelling), gate.name) != std::end(kTelling);
    if (!tells || gate.passed != false) continue;
    text += fmt::format("{}`{}` failed: {}", text.empty() ? "" : "; ", gate.name, gate.shown);
  }
  return text;
}

// Whether it was starved, nobody need take our word for: the kernel counts it.
CheckRow says_so(const Judgement& judgement, const MachineShare& share) {
  CheckRow row{.check = "a starved generator",
               .expected = "a gate says so: send lag, headroom or platform noise",
               .found = gates_that_tell(judgement)};
  if (!row.found.empty()) {
    row.outcome = Outcome::holds;
    return row;
  }
  row.found = "no gate failed";
  row.why = fmt::format("with {} busy processes on its core, ", kBusyProcesses);
  if (!share.busiest) {
    row.why += "how long it waited for that is not available: perhaps it was not starved";
    return row;
  }
  const MachineShare::Waits& waits = *share.busiest;
  const bool is_starved = static_cast<double>(waits.waited.count()) >
                          kStarvedShare * static_cast<double>(waits.looked.count());
  row.outcome = is_starved ? Outcome::fails : Outcome::not_shown;
  row.why +=
      fmt::format("its busiest thread waited {} of {} for that{}", format_duration(waits.waited),
                  format_duration(waits.looked), is_starved ? "" : ": it was not starved");
  return row;
}

CheckRow does_not_blame(const StarvedMeasured& measured, const Judgement& judgement) {
  const Verdict before = judge(measured.undisturbed.record).verdict;
  const ClaimResult& claim = judgement.claims.front();
  CheckRow row{.check = "its verdict",
               .expected = fmt::format("not REFUTED; undisturbed, `{}` is {}", claim.text,
                                       verdict_name(before)),
               .found = fmt::format("{}; {} of {} were over", verdict_name(judgement.verdict),
                                    format_count(claim.over), format_count(claim.planned)),
               .outcome = Outcome::holds,
               .why = judgement.why};
  if (judgement.verdict == Verdict::refuted && before == Verdict::proven) {
    row.outcome = Outcome::fails;
  } else if (judgement.verdict == Verdict::refuted) {
    // The machine may have been too slow for the claim without us.
    const MachineShare share = together(measured.undisturbed.shares);
    row.outcome = share.outcome_of_unproven(kLimit);
    row.why += " Undisturbed, " + share.text();
  }
  return row;
}

// What a request waited before it left, and after: no third thing, and neither twice.
CheckRow has_the_lag(const RunRecord& record, const MachineShare& share) {
  CheckRow row{.check = "its response times",
               .expected = "send lag and service time together, on average"};
  const Histogram response = pooled(record, kAllTasks, &TaskRecord::response);
  const Histogram service = pooled(record, kAllTasks, &TaskRecord::service);
  const Histogram lag = pooled(record, kAllTasks, &TaskRecord::send_lag);
  const RequestCounts counts = pooled_counts(record, kAllTasks);
  if (counts.successes() == 0 || counts.successes() != counts.handed_over()) {
    row.found = fmt::format("{} of {} were answered", format_count(counts.successes()),
                            format_count(counts.handed_over()));
    row.outcome = share.outcome(kStarvedTimeout, share.at_most());
    row.why = "what was not answered has a lag and no response time; " + share.text();
    return row;
  }
  const double sum = lag.mean_ns() + service.mean_ns();
  const double missing = sum - response.mean_ns();
  row.found = fmt::format("{}; {} + {}", mean_text(response), mean_text(lag), mean_text(service));
  row.outcome =
      missing <= kDigits * sum + kCoarseDigits * lag.mean_ns() && -missing <= kDigits * sum
          ? Outcome::holds
          : Outcome::fails;
  row.why = "what the generator held back is not what response time has besides service time";
  return row;
}

}  // namespace

StarvedMeasured measure_starved() {
  StarvedMeasured measured;
  measured.undisturbed = measure(kPlan);
  if (interrupted()) return measured;
  CorePin pin;
  const auto busy = BusyCore::start(pin.core(), kBusyProcesses);
  if (!busy) {
    measured.failed = busy.error().message;
    return measured;
  }
  // Once the stage stands, so that its processes are not pinned with us.
  bool pinned = false;
  measured.starved = measure(kPlan, [&](Stage&, const LiveFigures&, std::uint32_t) {
    if (!pinned) pin.pin();
    pinned = true;
  });
  return measured;
}

std::vector<CheckRow> find_starved(const StarvedMeasured& measured) {
  const RunRecord& record = measured.starved.record;
  if (!measured.failed.empty() || record.repetitions.empty()) {
    return {{.check = "a starved generator",
             .expected = "it says so",
             .found = "it was not starved",
             .why = measured.failed}};
  }
  const Judgement judgement = judge(record);
  const MachineShare share = together(measured.starved.shares);
  return {says_so(judgement, share), does_not_blame(measured, judgement),
          has_the_lag(record, share)};
}

}  // namespace natsproof
