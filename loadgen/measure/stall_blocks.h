// What stalls of the machine have to do with requests: which ones they explain, and how many they
// met. Pure functions.
//
// A stall matters to a claim when it takes more than a tenth of the claim's limit
// (docs/measurement.md, "Benefit of the doubt").
#pragma once

#include <span>
#include <vector>

#include "base/time.h"
#include "loadgen/measure/claim.h"
#include "loadgen/measure/recorder.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/measure/stall_list.h"

namespace natsproof {

// How long being late is a stall: a tenth of the smallest limit of a latency claim, or of the
// timeout of a task that another claim is about, whichever is shorter, at least kLeastStall; 1 ms
// at most where no claim is about latency. Claims below 1 ms are not granted stalls between a tenth
// of their limit and kLeastStall: an idle machine wakes nobody more exactly.
inline constexpr Duration kLeastStall = 100us;
Duration shortest_stall(std::span<const Claim> claims, std::span<const RecordedTask> tasks);

// Whether stalls explain that a request was over the claim's limit by service time: together they
// took more than a tenth of the limit, and its time without them is within it. Those count that lie
// between its send and receipt, and those before: a stall leaves a queue behind, which a request
// meets later and which is the machine's doing too. How far back follows from the request's own
// time, so that a backlog of seconds is not excused by stalls of milliseconds.
// tests/sim/judge/doubt_test.cc shows what that grants: all where the service is half busy at most;
// a busier one takes longer to recover than is looked back. REQUIRES: claim.is_latency().
inline constexpr int kQueueOfAStall = 2;  // times the request's own time, before its send
bool is_explained(const Claim& claim, Instant sent, Instant received, const StallList& stalls);

// Fills in Block::stalled: of the requests planned in each second, those that were in flight in a
// stall for more than a tenth of the limit, estimated by time. The machine as a whole stands still
// in a stall, so that a request in flight when it begins stays so until it ends: of those that take
// `typical` otherwise, it meets the ones sent from `typical` before its start until a tenth of the
// limit before its end. `window`: from `measured_from` on, what was measured; its last second may
// be a part of one. REQUIRES: claim.is_latency().
void count_stalled(const Claim& claim, const StallList& stalls, Instant measured_from,
                   Duration window, Duration typical, std::vector<Block>& blocks);

}  // namespace natsproof
