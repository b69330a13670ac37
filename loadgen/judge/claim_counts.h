// What a record holds of one claim: its counts and times, per repetition and pooled.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/judge/statistics.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// Nothing if the repetition has no such task.
const TaskRecord* find_task(const Repetition& repetition, std::string_view name);

// The tasks that the claim is about, one by one: each has a timeout of its own.
std::span<const TaskRecord> tasks_of(const Repetition& repetition, const Claim& claim);

// Empty for claims without blocks.
struct ClaimCounts {
  std::vector<ShareCount> blocks;  // [second]
  ShareCount count;                // their sum
};
// Which requests count as over; the benefit of the doubt takes one step after the other.
enum class CountedOver {
  measured,
  by_service,   // service time in the place of response time
  unexplained,  // of those, the ones that no recorded stall explains
};
// `index`: the claim's place in the record.
ClaimCounts claim_counts(const Claim& claim, std::size_t index, const Repetition& repetition,
                         CountedOver over = CountedOver::measured);

// The measured seconds of all repetitions.
Duration measured_time(std::span<const Repetition> repetitions);

// As much of them as the claim's own requests fill (loaded_time() of its blocks, as evenly as
// they lie within them); all of them for claims without blocks.
Duration loaded_time(std::span<const Repetition> repetitions, const Claim& claim,
                     std::size_t index);

// Of the claim's tasks; 0 where there are none.
Duration shortest_timeout(std::span<const Repetition> repetitions, const Claim& claim);

// The measured counts of the claim's task in all repetitions.
RequestCounts measured_counts(std::span<const Repetition> repetitions, const Claim& claim);
std::uint64_t table_refusals(const RequestCounts& counts);

// One histogram of the claim's task, merged over the repetitions.
Histogram merged(std::span<const Repetition> repetitions, const Claim& claim,
                 Histogram TaskRecord::*histogram);
// The histogram a latency claim is about.
Histogram TaskRecord::*times_of(const Claim& claim);

// The time by which the instrument is measured for a claim: p99 or, where less than 1 % may be
// over, the quantile of what may not, for no more than may be over may be the instrument's doing.
// The longest where nothing may be over, and where they are too few to tell that quantile.
struct SlanderTime {
  Duration time{};
  std::string name;  // `p99`, `p99.9`, `longest`
};
// REQUIRES: the claim is about latency or a share of requests; the histogram is not empty.
SlanderTime slander_time(const Histogram& times, const Claim& claim);

// The PING round trips of all repetitions.
Histogram floor_of(std::span<const Repetition> repetitions);

}  // namespace natsproof
