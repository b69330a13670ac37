// The models that serialization is measured with.
#pragma once

namespace natsproof {

// order-1, order-10, order-100, events-10, events-100, bulk-1000, probe.
void register_model_benchmarks();

}  // namespace natsproof
