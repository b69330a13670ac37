// The test of a claim on processes: `cpu(services) < 80%`, `memory_growth(services) < 1MiB/min`.
// docs/measurement.md, "Processes", has it in short.
//
// Both are Student's t over the repetitions with the sign rule, like means. What one repetition
// says lies in its samples of about one a second:
//
// CPU. The CPU time between the samples nearest to the measurement's begin and end, over the time
// between the two. The kernel tells it in ticks of 10 ms, user and system apart, so a difference of
// one process is known to two ticks; that is added to support a claim and taken off to refute it.
//
// MEMORY GROWTH. Two figures of the samples within the measurement: the Theil-Sen slope (the median
// of the slopes between any two samples), which neither one step nor noise moves much, and the mean
// growth from the first to the last sample, which no step escapes. The larger of both must support
// a claim and the smaller one refute it. So an allocator's step refutes nothing, and a leak that
// comes in steps (a table that doubles) does not hide in a median. The kernel keeps resident memory
// in counters that may lag, by about 64 pages a thread or 32 a core; as one process lives through
// all repetitions, that is an error of the whole run and not of each, and goes against either
// verdict as well. smaps_rollup would be exact, but the kernel walks all pages for it with the
// memory map locked: 0.2 ms for 20 MiB, 7 ms for 1 GiB, which the service's requests may wait for.
//
// Processes that are gone at a repetition's end are no evidence of it, whatever they took until
// then.
//
// Processes that began for the run fill their pools and caches first, and staged ones live on from
// one repetition to the next. So of a growth claim the one repetition on fresh processes
// (ResourceRecord::fresh) is left out of Student's t: it would shift the mean and, worse, its
// outlying value would widen the interval until nothing is told. In the sign rule it counts for the
// claim when all others are for it, which is what warm-up looks like; it is said when that was
// needed. Against the claim it counts by its own figure alone: a leak leaks from the first request.
// A claim thus always has Student's 5 % behind it, of one repetition less; and R stays at least
// kFewestRepetitions. Where every repetition has fresh processes (a sweep whose stages differ)
// none is left out, and warm-up is what such a run shows.
//
// tests/sim/judge/resource_rates_test.cc: a leak of 300 KiB/s is refuted in every run of 5 x 10 s;
// a healthy service with warm-up, steps and noise hardly ever, and proven mostly.
//
// Known limits: no run sees growth in steps that are rarer than the run is long (PROVEN says which
// it would most likely have missed); growth between the measurements, such as one of each new
// connection, is not looked at.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "loadgen/judge/claim_test.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// Nothing: the samples do not span the measurement, or not to its end. Shares of one core.
struct CpuUse {
  double mean = 0;
  double error = 0;  // by the kernel's ticks
  double most = 0;   // between two samples at least half a second apart
};
std::optional<CpuUse> cpu_use(const ResourceRecord& record, const Repetition& repetition);

// Bytes a minute. Nothing: too few samples span the measurement, not to its end, or it is too
// short.
struct MemoryGrowth {
  double slope = 0;         // Theil-Sen
  double end_to_end = 0;    // from the first to the last sample
  std::uint64_t first = 0;  // bytes, at the measurement's begin and end
  std::uint64_t last = 0;
};
std::optional<MemoryGrowth> memory_growth(const ResourceRecord& record,
                                          const Repetition& repetition);

// What a repetition must last for such a claim to have evidence.
Duration shortest_window(const Claim& claim);

struct ResourceTest {
  ClaimTest test;
  std::optional<double> measured;  // cores, or bytes a minute; in the median repetition for memory
  std::string missing;             // why a repetition has no evidence; empty: all have
  std::optional<std::size_t> warm_up;  // the repetition that was left out
  bool excused = false;                // ... and is not within the claim by itself
  double excused_value = 0;
  double precision = 0;  // the error that the kernel's counters have
  Duration measured_time{};
};
// `cores`: of the machine. REQUIRES: claim.is_resource().
ResourceTest test_resource(std::span<const Repetition> repetitions, const Claim& claim,
                           std::uint32_t cores);

// One or two sentences: what was found. What would settle an open one: advice.h.
std::string explain_resource(const Claim& claim, const ResourceTest& test, Verdict verdict);

}  // namespace natsproof
