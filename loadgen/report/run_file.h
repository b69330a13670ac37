// run.json: a run's record and its judgement, schema `natsproof.run/1`.
//
// docs/results.md describes every key. All that a RunRecord holds is among them, so that reading
// the file gives the record back whole. What can be worked out from the rest (verdicts, claims'
// figures, gates, quantiles, the pooled `tasks`) is written for other programs and never read as
// truth: whoever reads a record judges it again.
//
//   plan           name, about, yaml (the plan as run) and conditions
//   claims         of, limit_cores, limit_bytes_per_min: of claims on processes
//                  blocks: [repetition][second] = [planned, over, over by service time,
//                    of those: explained by no stall, planned ones stalled]; the last two are
//                    left out where there was no stall. Where none was over: [planned, stalled],
//                    or `planned` alone
//                  spread: [repetition] = how evenly the requests lie within their seconds, in
//                    (0..1] (load_spread.h); left out where all are 1
//   tasks          over all repetitions, "*" first
//     time_buckets   of ok and rejected: [{below_ns, count}], the last below_ns null;
//                    null where an earlier version's file did not have them
//     instances      [{id, count, share, service_ns}], by id; share: of the replies that name one;
//                    without hdr where there is one instance and its times are the task's
//   repetitions    each with its own tasks
//     set_up_ns, first_request_ns   of the load connections
//     ledger         of what stayed unanswered; null where no service keeps one. answered, taken:
//                    of all requests to staged services; left out where not known
//     injected       faults by name, as the services count them
//     aborted        why the run was ended early; empty: it was not
//     platform       what the machine did in the measurement (platform_record.h); null: nobody
//                    looked. hiccups_ns; stall_count and stalled_ns of all stalls of at least
//                    shortest_stall_ns, the longest ones as stalls: [[start_ns, length_ns]];
//                    hiccup_cpu_ns, steal (0..1), throttled_ns, voluntary_switches,
//                    involuntary_switches, suspended_ns, wall_clock_step_ns: null where not known;
//                    missed_stalls where there are any: found no room and excuse nothing
//     resources      what the processes took: [{of: server | services | generator, names, samples,
//                    ...}]; `samples` and `server_says` (/varz) have a column of whole numbers per
//                    figure, as text: the first value and then the differences, `5 1 -2` for 5 6 4.
//                    Switches are since the processes began; cpu_thousandths are of a core
//   trace          where the time of traced requests went (trace_record.h); null: not asked for
//   intervals      of all repetitions one after the other; `repetition` counts from 1; classes that
//                  no request was of are left out, as are a length of one second and a `warmup`
//                  that is false; histograms with two significant digits
//
// A histogram has [lower, upper] of the 95 % interval beside each quantile that its sample
// supports: `p99_interval`, null at an end that the sample does not reach. The design effect is
// that of the run's seconds; 1 for the floor and the connections' histograms. The seconds
// themselves have none: nothing tells how far the requests of one second hang together.
//
// The file is sealed (seal.h): a reader tells when it was changed after it was written, and the
// judge gives such a record no other verdict than INVALID. Written again it stays what it was:
// unsealed or broken. An unsealed file that has what only sealing versions write, the intervals or
// one of `platform`, `resources` and `trace` in it, is broken: its seal was cut off. A key that
// stands twice in one object is refused.
//
// Files of earlier versions, which lack some of these, are read all the same. Durations are whole
// nanoseconds. Figures that the sample does not support are null, and so is the
// maximum of a histogram that had values out of its range.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// Text that is not UTF-8 is written with replacement characters; the same record and judgement give
// the same bytes.
std::string write_run_json(const RunRecord& record, const Judgement& judgement);

inline constexpr std::size_t kMostRunFileBytes = 512u << 20;
// Of histograms that hold something; empty ones are not counted, for they take no memory. They
// would take 21 GiB, and as much in the run that measured them.
inline constexpr std::size_t kMostHistograms = 100'000;

// Errors name the key and what is wrong with it, a file that is cut or whose figures do not match
// its histograms and repetitions included. Any bytes may be given; memory is bounded by limits far
// above any run's needs.
Result<RunRecord> read_run_json(std::string_view text);

}  // namespace natsproof
