// Requests that carry much at once.
#pragma once

#include <cstddef>

#include "base/random.h"
#include "models/schema/bulk.pb.h"

namespace natsproof {

// Each item carries `bytes_each` bytes that compress to nothing less. No items, or more than
// 10,000, are against the rules.
models::v1::BulkRequest sample_bulk_request(Random& random, int items, std::size_t bytes_each = 64);

}  // namespace natsproof
