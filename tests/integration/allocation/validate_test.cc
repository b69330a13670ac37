// A valid message is validated without taking anything from the heap.
#include <gtest/gtest.h>

#include "base/random.h"
#include "models/sample/events.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "tests/integration/allocation/allocation_count.h"
#include "unit/models/every_rule.natsproof.h"

namespace natsproof {
namespace {

template <class Message>
std::uint64_t allocations_of_validating(const Message& message, bool is_valid) {
  Violations violations;
  const std::uint64_t before = thread_allocation_count();
  EXPECT_EQ(validate(message, violations), is_valid);
  return thread_allocation_count() - before;
}

TEST(Allocation, ValidatingAValidMessageTakesNothing) {
  Random random(7);
  EXPECT_EQ(allocations_of_validating(sample_order(random, 10), true), 0u);
  EXPECT_EQ(allocations_of_validating(sample_event_batch(random, 10), true), 0u);
  const models::v1::ValidationProbe probe = sample_probe(random);
  EXPECT_EQ(allocations_of_validating(probe, true), 0u);
  models::v1::ValidationProbe wrong = probe;
  wrong.set_number(1);
  EXPECT_GT(allocations_of_validating(wrong, false), 0u);
}

TEST(Allocation, ThePathsOfMapsTakeNothing) {
  test::rule::Containers containers;
  containers.mutable_required()->set_name("x");
  containers.add_list()->set_name("x");
  (*containers.mutable_texts())["a"] = "b";
  (*containers.mutable_by_name())[std::string(100, 'k')].set_name("x");
  (*containers.mutable_by_number())[-9'000'000'000'000'000'000].set_name("x");
  (*containers.mutable_by_truth())[true].set_name("x");
  (*containers.mutable_times())[std::string(100, 'k')].set_nanos(1);
  EXPECT_EQ(allocations_of_validating(containers, true), 0u);
}

}  // namespace
}  // namespace natsproof
