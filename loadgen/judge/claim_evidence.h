// From a record to the test of one claim, as measured and with the benefit of the doubt.
// docs/measurement.md, "The claim test" and "Benefit of the doubt".
#pragma once

#include <cstddef>

#include "loadgen/judge/claim_test.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

// What a claim's test has to be: by its statistic, and by whether anything at all may be over.
enum class ClaimKind { share, maximum, mean, throughput, resource };
ClaimKind kind_of(const Claim& claim);

ClaimTest test_claim(const RunRecord& record, std::size_t index);

// What failed gates leave open.
struct Doubt {
  // The instrument may have made answers late, so timeouts of a share claim count as answered, and
  // of a latency claim where the timeout is within what is granted.
  bool slow = false;
  bool lagged = false;  // the generator sent late, so it read late, too
  Duration lost{};      // by one request to a machine whose stalls do not tell the whole
  // Nothing but the machine may have made answers late: then no more requests are granted than it
  // can have kept waiting.
  bool machine_alone = false;
};

// The same with everything granted that a failed slander gate may have taken: service time for
// response time, what recorded stalls explain counted as fast, the floor's slander_time() and the
// lag (but for what recorded stalls met) off every time, what the full table refused counted as
// answered in time; and `lost` off the times of so many requests as can have lost it.
ClaimTest test_with_benefit(const RunRecord& record, std::size_t index, const Doubt& doubt);

}  // namespace natsproof
