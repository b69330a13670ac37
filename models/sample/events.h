// Batches of what happened in the sample shop, in the order of time.
#pragma once

#include "base/random.h"
#include "models/schema/analytics.pb.h"

namespace natsproof {

// More than 1,000 events, or none, are against the rules.
models::v1::EventBatch sample_event_batch(Random& random, int events);

}  // namespace natsproof
