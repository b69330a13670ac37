#include "tests/unit/judge/gate_trials.h"

#include <array>
#include <cmath>

namespace natsproof {
namespace {

void for_all_tasks(RunRecord& record, void (*change)(TaskRecord&)) {
  for (Repetition& repetition : record.repetitions) {
    for (TaskRecord& task : repetition.tasks) change(task);
  }
}

// So many more requests planned in every second, and refused.
void refuse(RunRecord& record, std::uint64_t per_s, RefusedReason reason) {
  for (Repetition& repetition : record.repetitions) {
    const auto seconds = static_cast<std::uint64_t>(repetition.window / 1s);
    for (TaskRecord& task : repetition.tasks) {
      task.measured.planned += per_s * seconds;
      task.measured.of(RequestClass::refused) += per_s * seconds;
      task.measured.refused[static_cast<std::size_t>(reason)] += per_s * seconds;
    }
    for (std::vector<Block>& blocks : repetition.blocks) {
      for (Block& block : blocks) {
        block.planned += per_s;
        block.over += per_s;
        block.over_service += per_s;
        block.over_granted += per_s;
      }
    }
  }
}

void stall(RunRecord& record, std::uint64_t per_s) {
  for (Repetition& repetition : record.repetitions) {
    repetition.platform->stall_count = 10;
    repetition.platform->stalled = repetition.window / 50;
    for (std::vector<Block>& blocks : repetition.blocks) {
      for (Block& block : blocks) block.stalled = per_s;
    }
  }
}

void steal(RunRecord& record, double share) {
  for (Repetition& repetition : record.repetitions) repetition.platform->steal = share;
}

// Every request of a repetition took from `first` at its start to `last` at its end.
void creep(RunRecord& record, Duration first, Duration last) {
  const TimeBuckets buckets(record.claims[0].limit);
  for (Repetition& repetition : record.repetitions) {
    for (std::size_t s = 0; s < kSlices; ++s) {
      TimeSlice& slice = repetition.slices[0][s];
      const double part = (static_cast<double>(s) + 0.5) / static_cast<double>(kSlices);
      const auto moved = static_cast<double>((last - first).count()) * part;
      slice.first = buckets.of(first + Duration{std::llround(moved)});
      slice.times = {static_cast<std::uint32_t>(slice.planned)};
    }
  }
}

// Those within the limit, or those over it, took from `first` in the first repetition to `last` in
// the last one.
void drift(RunRecord& record, bool over, Duration first, Duration last) {
  const auto steps = static_cast<Duration::rep>(record.repetitions.size()) - 1;
  for (Duration::rep r = 0; r <= steps; ++r) {
    const Duration time = first + (last - first) * r / steps;
    for (TaskRecord& task : record.repetitions[static_cast<std::size_t>(r)].tasks) {
      const std::uint64_t slow = task.response.count_above(1ms);
      const std::uint64_t fast = task.response.count() - slow;
      task.response.reset();
      task.response.record(over ? 200us : time, fast);
      task.response.record(over ? time : 10ms, slow);
    }
  }
}

// Of staged services that took all that was answered.
void keep_ledgers(RunRecord& record) {
  for (Repetition& repetition : record.repetitions)
    repetition.ledger = LedgerCounts{.answered = 10'000, .taken = 10'000};
}

constexpr Verdict kProven = Verdict::proven, kRefuted = Verdict::refuted,
                  kInvalid = Verdict::invalid;
constexpr const char* kServiceClaim = "service p90 < 1ms";
// 0.1 % may be over, and nothing.
constexpr const char* kStrictClaim = "response p99.9 < 1ms";
constexpr const char* kMaximum = "response max < 1ms";

// So many requests of every 10,000 left that late.
template <int us, int of_10000>
void send_late(RunRecord& record) {
  for_all_tasks(record,
                [](TaskRecord& task) { task.send_lag.record(Duration{1us} * us, of_10000); });
}
// So many of a repetition's 1,000 PINGs were as slow.
template <int us, int of_1000>
void slow_pings(RunRecord& record) {
  for (Repetition& repetition : record.repetitions)
    repetition.floor.record(Duration{1us} * us, of_1000);
}

const GateTrial kTrials[] = {
    {.name = "conservation",
     .how = "a request was planned and nothing became of it",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0,
     .is_void = true,
     .trip = [](RunRecord& r) { r.repetitions[0].tasks[1].warmup.planned += 1; },
     .pass =
         [](RunRecord& r) {
           for (TaskRecord& task : r.repetitions[0].tasks) {
             task.warmup.planned += 1;
             task.warmup.of(RequestClass::timeout) += 1;
           }
         },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "server agrees",
     .how = "the server counted one less on a connection that was not lost",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0,
     .is_void = false,
     .trip = [](RunRecord& r) { *r.repetitions[0].connections[0].received -= 1; },
     .pass =
         [](RunRecord& r) {
           ConnectionRecord lost = r.repetitions[0].connections[0];
           *lost.received -= 1;
           lost.faulty = true;
           r.repetitions[0].connections.push_back(lost);
         },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "nothing happened",
     .how = "fewer successes than asked for",  // none at all proves nothing to begin with
     .claim = kTrialClaim,
     .could = Could::flatter,
     .limit = 1,
     .is_void = false,
     .trip = [](RunRecord& r) { r.conditions.gate_limits["nothing happened"] = 50'001; },
     .pass = [](RunRecord&) {},
     .proven = kInvalid,
     .refuted_late = kRefuted,
     .refuted = kRefuted},
    {.name = "one reply",
     .how = "a request was answered twice",
     .claim = kTrialClaim,
     .could = Could::flatter,
     .limit = 0,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           for (TaskRecord& task : r.repetitions[0].tasks) {
             task.measured.duplicate += 1;
             task.measured.replies += 1;
           }
         },
     .pass =
         [](RunRecord& r) {  // late is no second answer
           for (TaskRecord& task : r.repetitions[0].tasks) {
             task.measured.late += 1;
             task.measured.replies += 1;
           }
         },
     .proven = kInvalid,
     .refuted_late = kRefuted,
     .refuted = kRefuted},
    {.name = "foreign answers",
     .how = "one answered request was taken by no staged service",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           keep_ledgers(r);
           *r.repetitions[2].ledger->taken -= 1;
         },
     .pass =
         [](RunRecord& r) {  // and one of those in front of it was taken and not answered
           keep_ledgers(r);
           r.repetitions[2].ledger->not_replied = 1;
           *r.repetitions[2].ledger->taken += 1;
         },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "foreign answers",
     .how = "half of what was taken was not answered, and so many answered that were not taken",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           keep_ledgers(r);
           for (Repetition& repetition : r.repetitions) {
             repetition.ledger->not_replied = 2500;
             repetition.ledger->reply_lost = 2500;
           }
         },
     .pass =
         [](RunRecord& r) {  // of a surplus nothing follows for another repetition, nor for its own
           keep_ledgers(r);
           *r.repetitions[0].ledger->taken += 5000;
         },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "offered rate",
     .how = "1.1 % were not handed over",
     .claim = kTrialClaim,
     .could = Could::flatter,
     .limit = 0.99,
     .is_void = false,
     .trip = [](RunRecord& r) { refuse(r, 22, RefusedReason::down); },
     .pass = [](RunRecord& r) { refuse(r, 20, RefusedReason::down); },
     .proven = kInvalid,
     .refuted_late = kRefuted,
     .refuted = kRefuted},
    {.name = "table",
     .how = "a full table refused requests",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0,
     .is_void = false,
     .trip = [](RunRecord& r) { refuse(r, 1, RefusedReason::table_full); },
     .pass = [](RunRecord& r) { refuse(r, 1, RefusedReason::down); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "2 % of requests left late, which response time contains",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           for_all_tasks(r, [](TaskRecord& task) { task.send_lag.record(102us, 200); });
         },
     .pass =
         [](RunRecord& r) {
           for_all_tasks(r, [](TaskRecord& task) { task.send_lag.record(99us, 200); });
         },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "2 % of requests left late, which bunches them for the service",
     .claim = kServiceClaim,
     .could = Could::both,
     .limit = 0.10,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           for_all_tasks(r, [](TaskRecord& task) { task.send_lag.record(102us, 200); });
         },
     .pass =
         [](RunRecord& r) {
           for_all_tasks(r, [](TaskRecord& task) { task.send_lag.record(99us, 200); });
         },
     .proven = kInvalid,
     .refuted_late = kInvalid,  // its service times are fast: proven, and blocked
     .refuted = kInvalid},
    {.name = "send lag",
     .how = "0.3 % of requests left late, and 0.1 % may be over",
     .claim = kStrictClaim,
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<102, 30>,
     .pass = send_late<99, 30>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "0.3 % of requests left late: they may have missed what 0.1 % may not meet",
     .claim = "service p99.9 < 1ms",
     .could = Could::both,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<102, 30>,
     .pass = send_late<99, 30>,
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "send lag",
     .how = "one request of 10,000 left late, and none may be over",
     .claim = kMaximum,
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<102, 1>,
     .pass = send_late<99, 1>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "one request of 10,000 left late: the others' times are facts all the same",
     .claim = "service max < 1ms",
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<102, 1>,
     .pass = send_late<99, 1>,
     .proven = kProven,
     .refuted_late = kProven,
     .refuted = kInvalid},
    {.name = "send lag",
     .how = "2 % of requests left late: that is another load, and its maximum another one",
     .claim = "service max < 1ms",
     .could = Could::both,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<102, 200>,
     .pass = send_late<99, 200>,
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "send lag",
     .how = "2 % of requests left late by a tenth of the timeout: answers were read as late",
     .claim = "success >= 99%",
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<25'200, 200>,
     .pass = send_late<24'900, 200>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "0.3 % of requests left as late, and 0.1 % may fail",
     .claim = "errors <= 0.1%",
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<25'200, 30>,
     .pass = send_late<24'900, 30>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "2 % of requests left as late, which is not the service's throughput",
     .claim = "achieved >= 90%",
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<25'200, 200>,
     .pass = send_late<24'900, 200>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "send lag",
     .how = "one request of 10,000 left as late, and none may fail",
     .claim = "success >= 100%",
     .could = Could::slander,
     .limit = 0.10,
     .is_void = false,
     .trip = send_late<25'200, 1>,
     .pass = send_late<24'900, 1>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "headroom",
     .how = "one worker was busy for 71 % of the time",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.70,
     .is_void = false,
     .trip = [](RunRecord& r) { r.repetitions[3].workers[0].busy = 3550ms; },
     .pass = [](RunRecord& r) { r.repetitions[3].workers[0].busy = 3500ms; },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "pacing",
     .how = "one worker spun for 16 % of the time",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.15,
     .is_void = false,
     .trip = [](RunRecord& r) { r.repetitions[3].workers[0].spinning = 800ms; },
     .pass = [](RunRecord& r) { r.repetitions[3].workers[0].spinning = 750ms; },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "recorder",
     .how = "a time beyond 60 s",
     .claim = kTrialClaim,
     .could = Could::flatter,
     .limit = 0,
     .is_void = true,
     .trip = [](RunRecord& r) { r.repetitions[4].tasks[0].send_lag.record(60s + 1ns); },
     .pass = [](RunRecord& r) { r.repetitions[4].tasks[0].send_lag.record(60s); },
     .proven = kInvalid,
     .refuted_late = kRefuted,
     .refuted = kRefuted},
    {.name = "clock",
     .how = "it reads to 1.1 % of the limit",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0.01,
     .is_void = true,
     .trip = [](RunRecord& r) { r.conditions.clock_resolution = 11us; },
     .pass = [](RunRecord& r) { r.conditions.clock_resolution = 10us; },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "clock",
     .how = "it went back once",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0.01,
     .is_void = true,
     .trip = [](RunRecord& r) { r.repetitions[4].clock_steps_back = 1; },
     .pass = [](RunRecord& r) { r.repetitions[4].platform->wall_clock_step = -1h; },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "clock",
     .how = "the machine slept",
     .claim = kTrialClaim,
     .could = Could::both,
     .limit = 0.01,
     .is_void = true,
     .trip = [](RunRecord& r) { r.repetitions[4].platform->suspended = 3s; },
     .pass = [](RunRecord& r) { r.repetitions[4].platform->suspended.reset(); },
     .proven = kInvalid,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "floor",
     .how = "PINGs alone need 26 % of the limit",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.25,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           for (Repetition& repetition : r.repetitions) repetition.floor.record(260us, 20);
         },
     .pass =
         [](RunRecord& r) {
           for (Repetition& repetition : r.repetitions) repetition.floor.record(249us, 20);
         },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "floor",
     .how = "0.2 % of PINGs need 26 % of the limit, and 0.1 % may be over",
     .claim = kStrictClaim,
     .could = Could::slander,
     .limit = 0.25,
     .is_void = false,
     .trip = slow_pings<260, 2>,
     .pass = slow_pings<249, 2>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "floor",
     .how = "one PING of 1,000 needs 26 % of the limit, and none may be over",
     .claim = kMaximum,
     .could = Could::slander,
     .limit = 0.25,
     .is_void = false,
     .trip = slow_pings<260, 1>,
     .pass = slow_pings<249, 1>,
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "platform noise",
     .how = "stalls met 0.15 % of requests, and 0.1 % may be over",
     .claim = kStrictClaim,
     .could = Could::slander,
     .limit = 0.001,
     .is_void = false,
     .trip = [](RunRecord& r) { stall(r, 3); },
     .pass = [](RunRecord& r) { stall(r, 2); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "platform noise",
     .how = "a stall met one request, and none may be over",
     .claim = kMaximum,
     .could = Could::slander,
     .limit = 0,
     .is_void = false,
     .trip = [](RunRecord& r) { r.repetitions[2].blocks[0][1].stalled = 1; },
     .pass = [](RunRecord& r) { stall(r, 0); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "platform noise",
     .how = "0.05 % was stolen, 25 ms of two cores: a request of 10 ms may be no slower by itself",
     .claim = kMaximum,
     .could = Could::slander,
     .limit = 0,
     .is_void = false,
     .trip = [](RunRecord& r) { steal(r, 0.0005); },
     .pass = [](RunRecord& r) { steal(r, 0); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "platform noise",
     .how = "0.01 % was stolen, 5 ms of two cores: not what a request of 10 ms is slow by",
     .claim = kMaximum,
     .could = Could::slander,
     .limit = 0,
     .is_void = false,
     .trip = [](RunRecord& r) { steal(r, 0.0001); },
     .pass = [](RunRecord& r) { steal(r, 0); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "platform noise",
     .how = "a stall longer than a tenth of the timeout, and no request may fail",
     .claim = "success >= 100%",
     .could = Could::slander,
     .limit = 0,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           r.repetitions[0].platform->stall_count = 1;
           r.repetitions[0].platform->stalled = 26ms;
           r.repetitions[0].platform->stalls = {{.start = 1s, .length = 26ms}};
         },
     .pass =
         [](RunRecord& r) {
           r.repetitions[0].platform->stall_count = 1;
           r.repetitions[0].platform->stalled = 25ms;
           r.repetitions[0].platform->stalls = {{.start = 1s, .length = 25ms}};
         },
     .proven = kProven,
     .refuted_late = kInvalid,  // by timeouts, which a stall may make
     .refuted = kRefuted},
    {.name = "platform noise",
     .how = "stalls met 1.05 % of requests and explain none that was slow",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.01,
     .is_void = false,
     .trip = [](RunRecord& r) { stall(r, 21); },
     .pass = [](RunRecord& r) { stall(r, 20); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "platform noise",
     .how = "1.1 % was stolen and no stall was seen: nothing can be granted",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.01,
     .is_void = false,
     .trip = [](RunRecord& r) { steal(r, 0.011); },
     .pass = [](RunRecord& r) { steal(r, 0.01); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "platform noise",
     .how = "1.1 % was throttled and shows in stalls",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 0.01,
     .is_void = false,
     .trip =
         [](RunRecord& r) {
           stall(r, 0);
           for (Repetition& repetition : r.repetitions) repetition.platform->throttled = 55ms;
         },
     .pass =
         [](RunRecord& r) {
           stall(r, 0);
           for (Repetition& repetition : r.repetitions) repetition.platform->throttled = 50ms;
         },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kRefuted},
    {.name = "stationarity",
     .how = "p90 creeps towards the limit",
     .claim = kTrialClaim,
     .could = Could::flatter,
     .limit = 1,
     .is_void = false,
     .trip = [](RunRecord& r) { creep(r, 300us, 900us); },
     .pass = [](RunRecord& r) { creep(r, 300us, 690us); },
     .proven = kInvalid,
     .refuted_late = kRefuted,
     .refuted = kRefuted},
    {.name = "stationarity",
     .how = "p90 was still coming down",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 1,
     .is_void = false,
     .trip = [](RunRecord& r) { creep(r, 1700us, 1100us); },
     .pass = [](RunRecord& r) { creep(r, 1700us, 1320us); },
     .proven = kProven,
     .refuted_late = kInvalid,
     .refuted = kInvalid},
    {.name = "repetition trend",
     .how = "p90 rises from one repetition to the next",
     .claim = kTrialClaim,
     .could = Could::flatter,
     .limit = 1,
     .is_void = false,
     .trip = [](RunRecord& r) { drift(r, false, 300us, 900us); },
     .pass = [](RunRecord& r) { drift(r, false, 300us, 600us); },
     .proven = kInvalid,
     .refuted_late = {},
     .refuted = {}},
    {.name = "repetition trend",
     .how = "p90 comes down from one repetition to the next",
     .claim = kTrialClaim,
     .could = Could::slander,
     .limit = 1,
     .is_void = false,
     .trip = [](RunRecord& r) { drift(r, true, 1700us, 1100us); },
     .pass = [](RunRecord& r) { drift(r, true, 1700us, 1400us); },
     .proven = {},
     .refuted_late = kInvalid,
     .refuted = kInvalid},
};

}  // namespace

std::span<const GateTrial> gate_trials() {
  return kTrials;
}

RunRecord trial_record(Ground ground, const char* claim) {
  constexpr std::uint64_t kPerS = 2000;
  const Duration slow = 10ms, service = ground == Ground::refuted_late ? 200us : slow;
  RunRecord record = made_record({.claims = {claim}}, {});
  const double allowed = record.claims[0].allowed_share() * kPerS;
  const auto over = static_cast<std::uint64_t>(ground == Ground::proven ? allowed * 4 / 5
                                                                        : allowed * 13 / 10 + 1);
  Answers others{.per_s = over, .response = slow, .service = service};
  if (!record.claims[0].is_latency()) {
    others.request_class =
        ground == Ground::refuted_late ? RequestClass::timeout : RequestClass::wrong_reply;
  }
  record = made_record({.claims = {claim}}, {{.per_s = kPerS - over}, others});
  record.conditions.covers = 1ms;  // so that 0.1 % can be proven in 25 s
  return record;
}

}  // namespace natsproof
