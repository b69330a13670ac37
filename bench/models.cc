#include "bench/models.h"

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "bench/serialization/benchmarks.h"
#include "models/sample/bulk.h"
#include "models/sample/events.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"

namespace natsproof {
namespace {

// Many small messages are needed to keep a branch predictor guessing, few large ones.
constexpr int kSmallMessages = 16;
constexpr int kLargeMessages = 4;

template <typename M, typename Make>
void add(std::string model, int count, Make make) {
  Random random(1);
  std::vector<M> samples;
  for (int i = 0; i < count; ++i) samples.push_back(make(random));
  register_serialization_benchmarks<M>(std::move(model), std::move(samples));
}

void add_orders(int items, int count) {
  add<models::v1::Order>("order-" + std::to_string(items), count,
                         [items](Random& random) { return sample_order(random, items); });
}

void add_events(int events, int count) {
  add<models::v1::EventBatch>("events-" + std::to_string(events), count, [events](Random& random) {
    return sample_event_batch(random, events);
  });
}

}  // namespace

void register_model_benchmarks() {
  add_orders(1, kSmallMessages);
  add_orders(10, kSmallMessages);
  add_orders(100, kLargeMessages);
  add_events(10, kSmallMessages);
  add_events(100, kLargeMessages);
  add<models::v1::BulkRequest>("bulk-1000", kLargeMessages,
                               [](Random& random) { return sample_bulk_request(random, 1000); });
  add<models::v1::ValidationProbe>("probe", kSmallMessages, sample_probe);
}

}  // namespace natsproof
