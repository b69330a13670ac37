#include "loadgen/app/selftest/stopped_service.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr Quantile kP99{0.99};
constexpr double kCountTolerance = 0.1;  // what waits is answered one after the other, not at once
constexpr std::uint64_t kUnderWay = 2;   // requests that may be between send and receive at once
// So many slow ones can hide within what is granted to the count of slow response times.
constexpr std::uint64_t kMostUnnoticed = 32;
constexpr Duration kIntoTheRun = 400ms;  // warm-up included
// Before the measurement's end a stop must begin so early that so much is left, and of that be over
// with so much, for the end is known as exactly as a watcher on a busy machine knows it.
constexpr Duration kLeftAtFirst = 50ms;
constexpr Duration kLeftAtLast = 20ms;
// A stop that is only known to have lasted less than this part of what was meant shows nothing.
constexpr int kKnownPart = 2;
// Where a normal response takes longer than this part of it, a stop cannot be told from that.
constexpr int kNormalPart = 4;
// A closed loop's p99 does not show a stop when it is below this part of it.
constexpr int kAbsentPart = 10;

constexpr const char* kOpenPlan = R"(
name: selftest_stop
services: [echo]
load: {model: open, arrivals: constant, rate: 1000/s, warmup: 200ms, duration: 1s, repetitions: 3}
tasks: [{name: echo, endpoint: echo, timeout: 2s}]
)";
constexpr const char* kClosedPlan = R"(
name: selftest_closed
services: [echo]
load: {model: closed, users: 1, warmup: 200ms, duration: 1s, repetitions: 1}
tasks: [{name: echo, endpoint: echo, timeout: 2s}]
)";

constexpr const char* kNoTime =
    "the machine was too busy to begin it while there was time for the whole of it";

enum Repetitions : std::size_t { kUndisturbed, kServiceStopped, kGeneratorStalled };

// Keeps what a disturbance lasted, or why it did not happen as it should.
void keep(const Result<Length>& length, const std::string& too_late, std::optional<Length>& in,
          std::string& failed) {
  if (!length) {
    failed = length.error().message;
  } else if (length->at_least < kStop / kKnownPart) {
    failed = fmt::format("it lasted something between {} and {}: the machine was too busy to tell",
                         format_duration(std::max(length->at_least, 0ns)),
                         format_duration(length->at_most));
  } else if (!too_late.empty()) {
    failed = too_late;
  } else {
    in = *length;
  }
}

const TaskRecord& task_of(const RunRecord& record, std::size_t repetition) {
  return record.repetitions[repetition].tasks.front();
}

Duration once_at(Rate rate) {
  return Duration{std::llround(1e9 / rate.per_s)};
}

std::string format_percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

// Holds within its bounds. The machine can make times longer, never shorter: what lacks something
// FAILS, what is too much may be the machine's.
void decide(CheckRow& row, Duration lacking, Duration too_much, const MachineShare& share) {
  if (lacking > 0ns) {
    row.outcome = Outcome::fails;
    row.why = fmt::format("it lacks {}, and no machine makes requests faster than they are",
                          format_duration(lacking));
  } else if (too_much > 0ns) {
    row.outcome = share.outcome(too_much, share.at_most());
    row.why = fmt::format("{} beyond that; {}", format_duration(too_much), share.text());
  } else {
    row.outcome = Outcome::holds;
  }
}

enum class Loop { open, closed };

// The longest time must be the stop's.
CheckRow longest_row(const std::string& check, const Histogram& times, const Length& stop,
                     Duration either_way, Duration normal, const std::string& terms,
                     const MachineShare& share, Loop loop = Loop::open) {
  const Duration from = stop.at_least - either_way;
  const Duration to = stop.at_most + either_way + normal;
  CheckRow row{.check = check,
               .expected = fmt::format("{}: {}", format_range(from, to), terms),
               .found = times.empty() ? "nothing was answered" : format_duration(times.max())};
  const Duration longest = times.empty() ? 0ns : times.max();
  if (loop == Loop::open) {
    decide(row, from - longest, longest - to, share);
  } else {  // a user that the machine holds back asks later, and waits less
    decide(row, 0ns, std::max(from - longest, longest - to), share);
  }
  if (row.outcome == Outcome::holds && normal > stop.at_least / kNormalPart) {
    row.outcome = Outcome::not_shown;
    row.why = fmt::format("an undisturbed p99 of {} is too near to the stop; {}",
                          format_duration(normal), share.text());
  }
  return row;
}

// As many requests as the schedule had in it, but for those that it met only at its end.
CheckRow count_row(const std::string& check, const Histogram& times, const Length& stop,
                   const MachineShare& share) {
  const double per_ns = kStopRate.per_s * 1e-9;
  // A stop that is shorter than that, or not known to be longer, has none in it.
  const auto in = [&](Duration length) {
    return static_cast<double>(std::max(length - kOverLimit, 0ns).count()) * per_ns;
  };
  const auto least = static_cast<std::uint64_t>(in(stop.at_least) * (1 - kCountTolerance));
  const auto most = static_cast<std::uint64_t>(std::ceil(in(stop.at_most) * (1 + kCountTolerance)));
  const std::uint64_t over = times.count_above(kOverLimit);
  CheckRow row{
      .check = check,
      .expected = fmt::format("{} to {} over {} in response time: rate × (stop − {}) ± {}", least,
                              most, format_duration(kOverLimit), format_duration(kOverLimit),
                              format_percent(kCountTolerance)),
      .found = fmt::format("{} of {}", format_count(over), format_count(times.count()))};
  const auto at_rate = [](std::uint64_t more, std::uint64_t less) {
    return (static_cast<std::int64_t>(more) - static_cast<std::int64_t>(less)) * once_at(kStopRate);
  };
  decide(row, at_rate(least, over), at_rate(over, most), share);
  return row;
}

// The stall that we made ourselves is on the machine's record, too, and excuses nothing.
MachineShare without_ours(MachineShare share, const Repetition& repetition, const Length& ours) {
  if (!repetition.platform) return share;
  Duration longest{};
  for (const Stall& stall : repetition.platform->stalls) {
    const bool is_ours = 2 * stall.length > ours.at_least;
    if (!is_ours) longest = std::max(longest, stall.length);
  }
  share.longest_stall = longest;
  return share;
}

CheckRow not_disturbed(const std::string& check, const std::string& failed) {
  return {.check = check,
          .expected = fmt::format("a stop of {}", format_duration(kStop)),
          .found = "none of that length in the measurement",
          .why = failed};
}

}  // namespace

bool StopWindow::may_begin(const LiveFigures& live, std::uint32_t repetition, Instant now) {
  const Instant began = now - live.elapsed;
  began_ = repetition_ == repetition ? std::min(began_, began) : began;
  repetition_ = repetition;
  total_ = live.total;
  return live.elapsed >= kIntoTheRun && now - began_ + kStop + kLeftAtFirst <= total_;
}

std::string StopWindow::too_late(Instant now) const {
  const Duration left = total_ - (now - began_);
  if (left >= kLeftAtLast) return {};
  return fmt::format("it was over {} {} the measurement's end: the machine was too busy for more",
                     format_duration(left < 0ns ? -left : left), left < 0ns ? "after" : "before");
}

StopMeasured measure_stops() {
  const SteadyClock clock;
  StopMeasured measured;
  StopWindow window;
  const auto once = [&](std::optional<Length>& length, const auto& disturb) {
    if (length || !measured.failed.empty()) return;
    const Result<Length> lasted = disturb();
    keep(lasted, window.too_late(clock.now()), length, measured.failed);
  };
  measured.run =
      measure(kOpenPlan, [&](Stage& stage, const LiveFigures& live, std::uint32_t repetition) {
        if (!window.may_begin(live, repetition, clock.now())) return;
        if (repetition == kServiceStopped) {
          once(measured.stop, [&] { return stop_process(service_of(stage), kStop); });
        } else if (repetition == kGeneratorStalled) {
          once(measured.stall, [] { return stall_threads(kStop); });
        }
      });
  if (measured.failed.empty() && !(measured.stop && measured.stall)) measured.failed = kNoTime;
  return measured;
}

std::vector<CheckRow> find_stops(const StopMeasured& measured) {
  const std::string service_check = "service stops, open loop", generator_check = "generator stops";
  const RunRecord& record = measured.run.record;
  if (record.repetitions.size() <= kGeneratorStalled || !measured.stop || !measured.stall) {
    return {not_disturbed(service_check, measured.failed),
            not_disturbed(generator_check, measured.failed)};
  }
  const Histogram& undisturbed = task_of(record, kUndisturbed).response;
  const Duration normal = undisturbed.empty() ? 0ns : undisturbed.value_at(kP99);
  const MachineShare& in_stop = measured.run.shares[kServiceStopped];
  const MachineShare in_stall =
      without_ours(measured.run.shares[kGeneratorStalled], record.repetitions[kGeneratorStalled],
                   *measured.stall);
  const Histogram& stopped = task_of(record, kServiceStopped).response;
  const TaskRecord& stalled = task_of(record, kGeneratorStalled);
  const Duration gap = once_at(kStopRate);
  const auto terms = [&](const Length& length) {
    return fmt::format("the stop of {} ± 1/rate, and {} more, p99 of a normal response",
                       format_range(length.at_least, length.at_most), format_duration(normal));
  };
  std::vector<CheckRow> rows = {
      longest_row(service_check, stopped, *measured.stop, gap, normal, terms(*measured.stop),
                  in_stop),
      count_row("requests it met", stopped, *measured.stop, in_stop),
      longest_row(generator_check, stalled.response, *measured.stall, gap, normal,
                  terms(*measured.stall), in_stall),
      count_row("requests it met", stalled.response, *measured.stall, in_stall)};
  const std::uint64_t slow = stalled.service.count_above(kOverLimit);
  CheckRow service_time{
      .check = "its service times",
      .expected = fmt::format("at most {} over {}: the service was not slow", kUnderWay,
                              format_duration(kOverLimit)),
      .found = fmt::format("{} of {}", format_count(slow), format_count(stalled.service.count()))};
  decide(service_time, 0ns, slow > kUnderWay ? kOverLimit : 0ns, in_stall);
  // Slow service besides the lag would have shown in response time.
  const bool had_room = rows[2].outcome != Outcome::holds || rows[3].outcome != Outcome::holds;
  if (service_time.outcome == Outcome::not_shown && slow > kMostUnnoticed && !had_room) {
    service_time.outcome = Outcome::fails;
    service_time.why = "as many slow response times are explained by the generator's stop alone";
  }
  service_time.note =
      "Response time begins when a request should have left: it has what the generator held back. "
      "Service time alone would have hidden this stop.";
  rows.push_back(service_time);
  return rows;
}

StopMeasured measure_closed_loop() {
  const SteadyClock clock;
  StopMeasured measured;
  StopWindow window;
  measured.run =
      measure(kClosedPlan, [&](Stage& stage, const LiveFigures& live, std::uint32_t repetition) {
        if (!window.may_begin(live, repetition, clock.now())) return;
        if (measured.stop || !measured.failed.empty()) return;
        const Result<Length> lasted = stop_process(service_of(stage), kStop);
        keep(lasted, window.too_late(clock.now()), measured.stop, measured.failed);
      });
  if (measured.failed.empty() && !measured.stop) measured.failed = kNoTime;
  return measured;
}

std::vector<CheckRow> find_closed_loop(const StopMeasured& measured) {
  const std::string check = "the same, closed loop";
  const RunRecord& record = measured.run.record;
  if (record.repetitions.empty() || !measured.stop) return {not_disturbed(check, measured.failed)};
  const MachineShare& share = measured.run.shares.front();
  const Histogram& times = task_of(record, 0).service;
  const Duration p99 = times.empty() ? 0ns : times.value_at(kP99);
  const Duration usual = times.empty() ? 0ns : times.value_at(Quantile{0.5});
  CheckRow longest =
      longest_row(check, times, *measured.stop, once_at(kStopRate), usual,
                  fmt::format("the stop of {} as before",
                              format_range(measured.stop->at_least, measured.stop->at_most)),
                  share, Loop::closed);
  longest.found += ", the maximum";
  const Duration hidden = measured.stop->at_least / kAbsentPart;
  CheckRow absent{
      .check = "its p99",
      .expected = fmt::format("below {}: one slow request of all that one user could ask",
                              format_duration(hidden)),
      .found = fmt::format("{} of {} requests", format_duration(p99), format_count(times.count()))};
  decide(absent, 0ns, times.empty() ? hidden : p99 - hidden, share);
  absent.note = fmt::format(
      "The lesson: in those {} a closed loop of one user asks one question and calls it one slow "
      "request; its p99 never hears of it. {} requests at {} were due in them. Callers who do not "
      "wait for each other need an open loop.",
      format_duration(measured.stop->at_most),
      format_count(static_cast<std::uint64_t>(static_cast<double>(measured.stop->at_least.count()) *
                                              1e-9 * kStopRate.per_s)),
      format_rate(kStopRate));
  return {longest, absent};
}

}  // namespace natsproof
