#include "loadgen/judge/gates.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include <fmt/core.h>

#include "loadgen/judge/claim_counts.h"
#include "loadgen/judge/claim_evidence.h"
#include "loadgen/judge/platform_noise.h"
#include "loadgen/judge/repetition_trend.h"
#include "loadgen/judge/stationarity.h"
#include "loadgen/measure/recorder.h"

namespace natsproof {
namespace {

constexpr std::string_view kPlatformNoise = "platform noise";

using Reading = GateReading;
using Applies = std::optional<Reading>;  // nothing: the gate does not apply, and is left out

struct Look : GateScope {
  // Of a claim of this scope.
  [[nodiscard]] std::size_t index_of(const Claim& claim) const {
    return static_cast<std::size_t>(&claim - claims.data());
  }
};

double ratio(Duration part, Duration whole) {
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

// Everything that must come out even, and the first things that do not.
class Books {
 public:
  void even(std::uint64_t left, std::uint64_t right, const std::string& what) {
    ++compared_;
    if (left == right) return;
    if (++uneven_ <= 2) {
      first_ += fmt::format("{}{}: {} against {}", first_.empty() ? "" : "; ", what,
                            format_count(left), format_count(right));
    }
  }
  [[nodiscard]] Reading reading(double limit) const {
    return {.figure = static_cast<double>(uneven_),
            .passed = static_cast<double>(uneven_) <= limit,
            .shown = uneven_ == 0 ? fmt::format("all {} sums are even", compared_)
                                  : fmt::format("{} of {} sums are not even: {}", uneven_,
                                                compared_, first_)};
  }

 private:
  std::uint64_t compared_ = 0, uneven_ = 0;
  std::string first_;
};

void check_counts(const RequestCounts& counts, const std::string& where, Books& books) {
  books.even(counts.planned, counts.decided(), where + ", planned against the sum of classes");
  std::uint64_t refused = 0;
  for (const std::uint64_t reason : counts.refused) refused += reason;
  books.even(counts.of(RequestClass::refused), refused, where + ", refused against its reasons");
  const std::uint64_t answered = counts.successes() + counts.of(RequestClass::wrong_reply) +
                                 counts.of(RequestClass::service_error) +
                                 counts.of(RequestClass::no_responders);
  books.even(counts.replies, answered + counts.late + counts.duplicate,
             where + ", replies against answered + late + duplicate");
}

// "*" against the sum of the tasks: one number a line, named by `of`.
template <typename Of>
void check_sum(const Repetition& repetition, const std::string& where, Of of, Books& books) {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < repetition.tasks.size(); ++i) sum += of(repetition.tasks[i]);
  books.even(of(repetition.tasks[0]), sum, where);
}

// A claim's blocks count the same requests once more, on their own path.
void check_blocks(const Claim& claim, const Repetition& repetition, std::size_t index,
                  const std::string& where, Books& books) {
  const TaskRecord* task = find_task(repetition, claim.task);
  if (task == nullptr || !has_blocks(claim)) return;
  const ClaimCounts counts = claim_counts(claim, index, repetition);
  books.even(counts.count.planned, task->measured.planned,
             fmt::format("{}, planned in the blocks of `{}`", where, claim.text));
  const std::uint64_t failed =
      task->measured.planned - std::min(task->measured.planned, task->measured.successes());
  if (claim.metric == Metric::success || claim.metric == Metric::errors) {
    books.even(counts.count.over, failed,
               fmt::format("{}, failed in the blocks of `{}`", where, claim.text));
  } else if (claim.metric == Metric::achieved) {
    books.even(counts.count.over,
               task->measured.planned - std::min(task->measured.planned, task->measured.in_window),
               fmt::format("{}, missed in the blocks of `{}`", where, claim.text));
  } else {
    const Histogram& times = task->*times_of(claim);
    if (times.out_of_range() > 0) return;
    // A bucket is a thousandth of its value wide: the one that the limit lies in counts for both.
    const std::uint64_t least = failed + times.count_above(claim.limit);
    const std::uint64_t most = failed + times.count_above(claim.limit - claim.limit / 500 - 1ns);
    books.even(std::clamp(counts.count.over, least, most), counts.count.over,
               fmt::format("{}, failed or over the limit by the histogram and in the blocks of "
                           "`{}`",
                           where, claim.text));
  }
}

Applies conservation(const Look& scope, const Claim*, double limit) {
  Books books;
  for (std::size_t r = 0; r < scope.repetitions.size(); ++r) {
    const Repetition& repetition = scope.repetitions[r];
    const std::string number = fmt::format("repetition {}", r + 1);
    for (const TaskRecord& task : repetition.tasks) {
      const std::string where = fmt::format("{}, {}", number, task.name);
      check_counts(task.measured, where + ", measurement", books);
      check_counts(task.warmup, where + ", warm-up", books);
      const std::uint64_t successes = task.measured.successes();
      books.even(successes, task.service.count() + task.service.out_of_range(),
                 where + ", successes against service times");
      if (scope.conditions.open_loop) {
        books.even(successes, task.response.count() + task.response.out_of_range(),
                   where + ", successes against response times");
      }
    }
    if (repetition.tasks.size() > 1) {
      const auto all = [&](const std::string& what, auto of) {
        check_sum(repetition, fmt::format("{}, {} of all tasks against their sum", number, what),
                  of, books);
      };
      all("planned", [](const TaskRecord& t) { return t.measured.planned; });
      all("warm-up planned", [](const TaskRecord& t) { return t.warmup.planned; });
      all("replies", [](const TaskRecord& t) { return t.measured.replies; });
      for (std::size_t c = 0; c < kRequestClasses; ++c) {
        all(std::string(kRequestClassNames[c]),
            [c](const TaskRecord& t) { return t.measured.classes[c]; });
      }
    }
    for (std::size_t c = 0; c < scope.claims.size(); ++c) {
      check_blocks(scope.claims[c], repetition, c, number, books);
    }
  }
  return books.reading(limit);
}

Applies server_agrees(const Look& scope, const Claim*, double limit) {
  std::uint64_t compared = 0, unasked = 0, faulty = 0, sent = 0, received = 0, apart = 0;
  for (const Repetition& repetition : scope.repetitions) {
    for (const ConnectionRecord& connection : repetition.connections) {
      if (connection.faulty) {
        ++faulty;
      } else if (!connection.received) {
        ++unasked;
      } else {
        ++compared;
        sent += connection.sent;
        received += *connection.received;
        apart += std::max(connection.sent, *connection.received) -
                 std::min(connection.sent, *connection.received);
      }
    }
  }
  Reading reading;
  std::string left_out;
  const auto connections = [](const char* lost, std::uint64_t count) {
    return fmt::format("{} {}connection{}", count, lost, count == 1 ? "" : "s");
  };
  if (faulty > 0) left_out += fmt::format("; {} left out", connections("lost ", faulty));
  // Where a server that was there already could be asked is not known.
  const bool not_asked = !scope.conditions.staged && compared == 0;
  if (unasked > 0 && !not_asked)
    left_out += fmt::format("; the server could not tell of {}", connections("", unasked));
  if (compared == 0) {
    reading.shown = not_asked ? "not asked for: the server was not started by this run"
                              : "the server's own counts are not known";
    reading.shown += left_out;
    return reading;
  }
  reading.figure = static_cast<double>(apart);
  const bool agrees = static_cast<double>(apart) <= limit;
  if (!agrees || unasked == 0) reading.passed = agrees;
  reading.shown = fmt::format("{}: {} sent, {} counted by the server{}", connections("", compared),
                              format_count(sent), format_count(received), left_out);
  return reading;
}

// The measured counts of all tasks together, of all repetitions.
RequestCounts all_counts(const GateScope& scope) {
  RequestCounts counts;
  for (const Repetition& repetition : scope.repetitions) {
    if (const TaskRecord* task = find_task(repetition, kAllTasks)) counts.merge(task->measured);
  }
  return counts;
}

Applies nothing_happened(const Look& scope, const Claim*, double limit) {
  const RequestCounts counts = all_counts(scope);
  const auto successes = static_cast<double>(counts.successes());
  return Reading{
      .figure = successes,
      .passed = successes >= limit,
      .shown = fmt::format("{} of {} requests succeeded", format_count(counts.successes()),
                           format_count(counts.planned))};
}

Applies offered_rate(const Look& scope, const Claim*, double limit) {
  if (!scope.conditions.open_loop) return std::nullopt;
  const RequestCounts counts = all_counts(scope);
  if (counts.planned == 0) return Reading{.shown = "nothing was planned"};
  const double share =
      static_cast<double>(counts.handed_over()) / static_cast<double>(counts.planned);
  return Reading{.figure = share,
                 .passed = share >= limit && share <= 2 - limit,
                 .shown = fmt::format("{} of the planned requests were handed over; at least {}",
                                      format_share(share), format_share(limit))};
}

Applies table(const Look& scope, const Claim*, double limit) {
  const std::uint64_t refused = table_refusals(all_counts(scope));
  return Reading{
      .figure = static_cast<double>(refused),
      .passed = static_cast<double>(refused) <= limit,
      .shown = fmt::format("{} requests refused by a full table", format_count(refused))};
}

Applies send_lag(const Look& scope, const Claim* claim, double limit) {
  if (!scope.conditions.open_loop) return std::nullopt;
  Could could = claim->metric == Metric::service ? Could::both : Could::slander;
  const Histogram lag = merged(scope.repetitions, *claim, &TaskRecord::send_lag);
  if (lag.empty()) {
    return Reading{.shown = "nothing was sent", .could = could};
  }
  const SlanderTime late = slander_time(lag, *claim);
  // Who sends late reads late, and takes an answer that came in time for a timeout.
  const Duration limit_of_claim =
      claim->is_latency() ? claim->limit : shortest_timeout(scope.repetitions, *claim);
  if (limit_of_claim <= 0ns) return Reading{.shown = "the timeout is not known", .could = could};
  const double share = ratio(late.time, limit_of_claim);
  // A maximum is a fact about the requests that were sent, whenever that was: only where so many
  // left late that it was another load can it flatter.
  if (claim->statistic == Statistic::max &&
      ratio(lag.value_at(Quantile{0.99}), claim->limit) <= limit) {
    could = Could::slander;
  }
  return Reading{
      .figure = share,
      .passed = share <= limit,
      .shown = fmt::format("{} lag {}, {} of {}{}; limit {}", late.name, format_duration(late.time),
                           format_share(share), claim->is_latency() ? "" : "the timeout of ",
                           format_duration(limit_of_claim), format_share(limit)),
      .could = could};
}

// The faster of two answers is measured, so a second answer flatters.
Applies one_reply(const Look& scope, const Claim*, double limit) {
  const std::uint64_t duplicates = all_counts(scope).duplicate;
  return Reading{.figure = static_cast<double>(duplicates),
                 .passed = static_cast<double>(duplicates) <= limit,
                 .shown = fmt::format("{} requests were answered again", format_count(duplicates))};
}

// Whoever else answers on the subjects of staged services is measured in their place.
Applies foreign_answers(const Look& scope, const Claim*, double limit) {
  std::uint64_t answered = 0, foreign = 0;
  bool is_kept = false, known = true;
  for (const Repetition& repetition : scope.repetitions) {
    const auto& ledger = repetition.ledger;
    is_kept = is_kept || ledger;
    if (!ledger || !ledger->answered || !ledger->taken) {
      known = false;
      continue;
    }
    answered += *ledger->answered;
    // Taken were also some that stayed unanswered; how many `unknown` ones, nobody can tell.
    const std::uint64_t due = *ledger->answered + ledger->not_replied + ledger->reply_lost;
    if (due > *ledger->taken) foreign += std::min(*ledger->answered, due - *ledger->taken);
    known = known && due + ledger->unknown <= std::max(due, *ledger->taken);
  }
  if (!is_kept) return std::nullopt;
  Reading reading;
  const double share =
      answered == 0 ? 0 : static_cast<double>(foreign) / static_cast<double>(answered);
  if (known || share > limit) {
    reading.figure = share;
    reading.passed = share <= limit;
  }
  reading.shown = fmt::format("of {} answered requests the staged services took {}",
                              format_count(answered), format_count(answered - foreign));
  if (!known) reading.shown = "not known of all requests who answered them; " + reading.shown;
  return reading;
}

// The worst worker's share of wall time.
Applies share_of_wall(const GateScope& scope, Duration WorkerRecord::*part, std::string_view doing,
                      double limit) {
  std::optional<double> worst;
  for (const Repetition& repetition : scope.repetitions) {
    for (const WorkerRecord& worker : repetition.workers) {
      if (worker.wall > 0ns) worst = std::max(worst.value_or(0), ratio(worker.*part, worker.wall));
    }
  }
  if (!worst) {
    return Reading{.shown = "the workers kept no time"};
  }
  return Reading{.figure = worst,
                 .passed = *worst <= limit,
                 .shown = fmt::format("the {} worker {} {} of the time; limit {}",
                                      doing == "spun" ? "most spinning" : "busiest", doing,
                                      format_share(*worst), format_share(limit))};
}

Applies headroom(const Look& scope, const Claim*, double limit) {
  return share_of_wall(scope, &WorkerRecord::busy, "was busy", limit);
}

Applies pacing(const Look& scope, const Claim*, double limit) {
  // With a core to spare for server and services, spinning takes nothing from them.
  if (!scope.conditions.staged || scope.conditions.cores >= scope.conditions.workers + 3) {
    return std::nullopt;
  }
  return share_of_wall(scope, &WorkerRecord::spinning, "spun", limit);
}

Applies recorder(const Look& scope, const Claim*, double limit) {
  std::uint64_t lost = 0;
  for (const Repetition& repetition : scope.repetitions) {
    lost += repetition.floor.out_of_range();
    const TaskRecord* task = find_task(repetition, kAllTasks);
    if (task == nullptr) continue;
    lost += task->response.out_of_range() + task->service.out_of_range() +
            task->send_lag.out_of_range();
    for (const Histogram& failed : task->failed_after) lost += failed.out_of_range();
  }
  return Reading{.figure = static_cast<double>(lost),
                 .passed = static_cast<double>(lost) <= limit,
                 .shown = fmt::format("{} times out of the recorder's range", format_count(lost))};
}

// What becomes of durations when the machine sleeps or its wall clock is set; empty: not known.
struct ClockAccount {
  std::optional<Duration> slept, set;
};
ClockAccount clock_account(std::span<const Repetition> repetitions) {
  ClockAccount account;
  for (const Repetition& repetition : repetitions) {
    if (!repetition.platform) continue;
    if (const auto slept = repetition.platform->suspended) {
      account.slept = account.slept.value_or(0ns) + *slept;
    }
    const auto set = repetition.platform->wall_clock_step;
    if (set && std::chrono::abs(*set) >= std::chrono::abs(account.set.value_or(0ns))) {
      account.set = set;
    }
  }
  return account;
}

Applies clock_gate(const Look& scope, const Claim*, double limit) {
  std::uint64_t steps_back = 0;
  for (const Repetition& repetition : scope.repetitions) steps_back += repetition.clock_steps_back;
  const Conditions& conditions = scope.conditions;
  const ClockAccount account = clock_account(scope.repetitions);
  std::optional<Duration> shortest;
  for (const Claim& claim : scope.claims) {
    if (claim.is_latency()) shortest = std::min(shortest.value_or(claim.limit), claim.limit);
  }
  Reading reading;
  const bool known = !conditions.clock_source.empty() && conditions.clock_resolution > 0ns;
  reading.shown = known ? fmt::format("{}, resolution {}", conditions.clock_source,
                                      format_duration(conditions.clock_resolution))
                        : "source and resolution are not known";
  reading.shown += fmt::format(", {} steps back", steps_back);
  if (known && shortest) {
    reading.figure = ratio(conditions.clock_resolution, *shortest);
    reading.shown += fmt::format("; {} of {}, limit {}", format_share(*reading.figure),
                                 format_duration(*shortest), format_share(limit));
  }
  const bool slept = account.slept > 0ns;
  if (slept) {
    reading.shown += fmt::format("; the machine slept for {}", format_duration(*account.slept));
  } else if (!account.slept) {
    reading.shown += "; not known whether the machine slept";
  }
  // Durations come from the monotonic clock, which nobody sets.
  constexpr Duration kDrift = 1ms;  // less is how a wall clock is kept right
  if (account.set && std::chrono::abs(*account.set) >= kDrift) {
    reading.shown += fmt::format("; the wall clock was set {} by {}, which no duration heeds",
                                 *account.set > 0ns ? "forward" : "back",
                                 format_duration(std::chrono::abs(*account.set)));
  }
  if (steps_back > 0 || slept || reading.figure > limit) {
    reading.passed = false;
  } else if (known) {
    reading.passed = true;
  }
  return reading;
}

Applies floor_gate(const Look& scope, const Claim* claim, double limit) {
  const Histogram floor = floor_of(scope.repetitions);
  if (floor.empty()) return Reading{.shown = "no PING was timed"};
  const SlanderTime slow = slander_time(floor, *claim);
  const double share = ratio(slow.time, claim->limit);
  return Reading{
      .figure = share,
      .passed = share <= limit,
      .shown = fmt::format("{} of {}PING round trips {}, {} of {}; limit {}", slow.name,
                           slow.name == "longest" ? format_count(floor.count()) + " " : "",
                           format_duration(slow.time), format_share(share),
                           format_duration(claim->limit), format_share(limit))};
}

Applies platform_gate(const Look& scope, const Claim* claim, double limit) {
  // No more than may be over may be the machine's doing. A limit of the plan's own stands.
  const ClaimKind kind = kind_of(*claim);
  const bool has_share = kind == ClaimKind::share || kind == ClaimKind::maximum;
  if (has_share && !scope.conditions.gate_limits.contains(std::string(kPlatformNoise))) {
    limit = std::min(limit, claim->allowed_share());
  }
  Reading reading = read_platform_noise(scope.repetitions, *claim, scope.index_of(*claim),
                                        scope.conditions.cores, limit);
  reading.limit = limit;
  return reading;
}

Applies stationarity_gate(const Look& scope, const Claim* claim, double limit) {
  // Of one that nothing may break, a request over is a fact, whenever it was.
  const bool is_fact = kind_of(*claim) == ClaimKind::maximum && !claim->is_latency();
  if (!scope.is_whole_run || is_fact || !has_slices(*claim)) return std::nullopt;
  return read_stationarity(scope.repetitions, *claim, scope.index_of(*claim), limit);
}

Applies repetition_trend_gate(const Look& scope, const Claim* claim, double limit) {
  const bool is_fact = kind_of(*claim) == ClaimKind::maximum && !claim->is_latency();
  if (!scope.is_whole_run || is_fact || claim->is_resource()) return std::nullopt;
  return read_repetition_trend(scope.repetitions, *claim, scope.index_of(*claim), limit);
}

// What a gate is read for, once for each.
enum class Per {
  run,
  claim,
  request_claim,  // about what became of single requests: latency, success, errors, achieved
  latency_claim
};

bool concerns(Per per, const Claim& claim) {
  switch (per) {
    case Per::run:
      return false;
    case Per::claim:
      return true;
    case Per::request_claim:
      return claim.is_latency() || has_blocks(claim);
    case Per::latency_claim:
      return claim.is_latency();
  }
  return false;
}

struct GateRow {
  std::string_view name;
  Could could;
  double limit;
  bool is_void;
  Per per;
  Benefit benefit;
  Applies (*read)(const Look&, const Claim*, double limit);
  std::string_view advice;
};

// The limits, and what each defect could have faked. A plan may change a limit by the gate's name,
// and its result says so. Where a claim allows less than 1 % over, `send lag`, `floor` and
// `platform noise` ask for as much: slander_time() and platform_gate().
constexpr GateRow kGates[] = {
    {"conservation", Could::both, 0, true, Per::run, Benefit::none, conservation,
     "requests were lost or counted twice by natsproof itself: report it with this run.json"},
    {"server agrees", Could::both, 0, false, Per::run, Benefit::none, server_agrees,
     "the server did not see what was counted as sent: look for a proxy or another sender between"},
    {"nothing happened", Could::flatter, 1, false, Per::run, Benefit::none, nothing_happened,
     "look at the failures: no request was answered as its task expects"},
    {"one reply", Could::flatter, 0, false, Per::run, Benefit::none, one_reply,
     "the faster of two answers was measured: put the instances into one queue group, or find who "
     "else answers"},
    {"foreign answers", Could::both, 0, false, Per::run, Benefit::none, foreign_answers,
     "someone else answers on the same subjects: stop it, or leave out --server so that the run "
     "has a server of its own"},
    {"offered rate", Could::flatter, 0.99, false, Per::run, Benefit::none, offered_rate,
     "look at the refusals: lower the rate, add connections, or find why a connection was down"},
    {"table", Could::slander, 0, false, Per::run, Benefit::refusals, table,
     "too many requests were in flight: lower the rate or the timeout, or add workers"},
    {"send lag", Could::slander, 0.10, false, Per::request_claim, Benefit::scheduling, send_lag,
     "requests left late: lower the rate, give the generator a core of its own, or claim a longer "
     "limit (of a share of requests: give them a longer timeout)"},
    {"headroom", Could::slander, 0.70, false, Per::run, Benefit::slowness, headroom,
     "the generator was the bottleneck: lower the rate or add workers and cores"},
    {"pacing", Could::slander, 0.15, false, Per::run, Benefit::slowness, pacing,
     "spinning took the core of the server: use `pacing: sleep`, or run where cores are to spare"},
    {"recorder", Could::flatter, 0, true, Per::run, Benefit::none, recorder,
     "times beyond 60 s or below 0 were not recorded: shorten the timeout"},
    {"clock", Could::both, 0.01, true, Per::run, Benefit::none, clock_gate,
     "use a machine whose clock source is tsc or another that counts nanoseconds, or claim a "
     "longer limit"},
    {"floor", Could::slander, 0.25, false, Per::latency_claim, Benefit::slowness, floor_gate,
     "client, network and server alone need much of the limit: go nearer to the server, free the "
     "machine, or claim a longer limit"},
    {kPlatformNoise, Could::slander, 0.01, false, Per::claim, Benefit::stalls, platform_gate,
     "others had the machine: stop what else runs on it, lift the container's CPU limit, or take a "
     "machine of your own"},
    {kStationarity, Could::both, 1, false, Per::claim, Benefit::none, stationarity_gate,
     "the system was still changing: lengthen the warm-up until it has settled, or run so long "
     "that the trend shows where it ends"},
    {kRepetitionTrend, Could::both, 1, false, Per::claim, Benefit::none, repetition_trend_gate,
     "the system changes from one repetition to the next: find what grows (memory, a queue, a "
     "table), or run so many that the trend shows where it ends"},
};

GateResult result_of(const GateRow& row, const Reading& reading, const GateScope& scope,
                     const Claim* claim, double limit) {
  return {.name = std::string(row.name),
          .figure = reading.figure,
          .limit = reading.limit.value_or(limit),
          .passed = reading.passed,
          .could = reading.could.value_or(row.could),
          .is_void = row.is_void,
          .claim = claim != nullptr ? claim->text : "",
          .shown = reading.shown,
          .advice = std::string(row.advice),
          .limit_changed = scope.conditions.gate_limits.contains(std::string(row.name))};
}

}  // namespace

std::vector<GateResult> read_gates(const GateScope& scope) {
  const Look look{scope};
  std::vector<GateResult> results;
  for (const GateRow& row : kGates) {
    const auto changed = scope.conditions.gate_limits.find(std::string(row.name));
    const double limit =
        changed == scope.conditions.gate_limits.end() ? row.limit : changed->second;
    const auto read = [&](const Claim* claim) {
      if (const Applies reading = row.read(look, claim, limit)) {
        results.push_back(result_of(row, *reading, scope, claim, limit));
      }
    };
    if (row.per == Per::run) {
      read(nullptr);
      continue;
    }
    for (const Claim& claim : scope.claims) {
      if (concerns(row.per, claim)) read(&claim);
    }
  }
  return results;
}

std::vector<std::string_view> gate_names() {
  std::vector<std::string_view> names;
  for (const GateRow& row : kGates) names.push_back(row.name);
  return names;
}

Benefit benefit_against(std::string_view gate_name) {
  for (const GateRow& row : kGates) {
    if (row.name == gate_name) return row.benefit;
  }
  return Benefit::none;
}

}  // namespace natsproof
