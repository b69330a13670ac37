// What is generated as valid is valid, over 100,000 seeds; ctest runs the parts side by side.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "models/sample/bulk.h"
#include "models/sample/draw.h"
#include "models/sample/events.h"
#include "models/sample/order.h"
#include "models/sample/places.h"
#include "models/sample/probe.h"
#include "models/sample/service_requests.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "models/schema/services.natsproof.h"
#include "tests/effort.h"

namespace natsproof {
namespace {

using google::protobuf::FieldDescriptor;
using models::v1::Order;

template <typename M>
void expect_valid(const M& message, std::uint64_t seed) {
  Violations violations;
  if (validate(message, violations)) return;
  for (const Violation& violation : violations.list()) {
    ADD_FAILURE() << "seed " << seed << ": " << violation.path << " breaks " << violation.rule
                  << ": " << violation.message;
  }
}

class ValidSeeds : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::uint64_t kSeeds = effort(100'000), kParts = 8;
  static std::uint64_t first() { return GetParam() * kSeeds / kParts; }
  static std::uint64_t end() { return (GetParam() + 1) * kSeeds / kParts; }
};

TEST_P(ValidSeeds, OrdersAndWhatIsAskedAboutThem) {
  for (std::uint64_t seed = first(); seed < end(); ++seed) {
    Random random(seed);
    const int items = seed % 1000 == 0 ? 100 : between_int32(random, 1, 3);
    const Order order = sample_order(random, items);
    ASSERT_EQ(order.items_size(), items);
    expect_valid(order, seed);
    expect_valid(reserve_request(order), seed);
    expect_valid(authorize_request(order), seed);
    expect_valid(score_request(order), seed);
    if (HasFailure()) return;
  }
}

TEST_P(ValidSeeds, EventsBulkRequestsProbes) {
  for (std::uint64_t seed = first(); seed < end(); ++seed) {
    Random random(seed);
    expect_valid(sample_event_batch(random, between_int32(random, 1, 4)), seed);
    expect_valid(sample_bulk_request(random, between_int32(random, 1, 4)), seed);
    expect_valid(sample_probe(random), seed);
    expect_valid(sample_get_order(random), seed);
    if (seed % 100 == 0) expect_valid(sample_order_batch(random, 3, 2), seed);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Part, ValidSeeds, ::testing::Range<std::uint64_t>(0, 8));

TEST(ValidSamples, TheLargestAllowed) {
  Random random(1);
  expect_valid(sample_event_batch(random, 1000), 1);
  expect_valid(sample_bulk_request(random, 10'000, 1), 1);
  expect_valid(sample_order_batch(random, 100, 1), 1);
}

TEST(SampleOrder, IsAFunctionOfItsId) {
  Random random(7);
  std::set<int> counts;
  for (int i = 0; i < 100; ++i) {
    const std::string id = sample_order_id(random);
    const Order order = make_order_from_id(id);
    EXPECT_EQ(order.order_id(), id);
    counts.insert(order.items_size());
    EXPECT_EQ(order.DebugString(), make_order(id, order.items_size()).DebugString());
    expect_valid(order, 7);
  }
  EXPECT_EQ(counts, (std::set<int>{1, 2, 3}));
}

// Everything that may be absent sometimes is, everything that may be there sometimes is.
TEST(SampleOrder, SetsEveryOptionalFieldNowAndThen) {
  std::map<std::string, std::pair<bool, bool>> seen;  // by full name: set, not set
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    Order order = sample_order(random, 2);
    for (const Place& place : places_in(order)) {
      const FieldRules& rules = place.rules();
      const bool may_be_absent =
          place.field->is_repeated()
              ? rules.min_items() == 0
              : !rules.required() && (place.field->has_presence() ||
                                      place.field->type() == FieldDescriptor::TYPE_BOOL);
      if (!may_be_absent) continue;
      const auto& reflection = *place.message->GetReflection();
      const bool set = place.field->is_repeated()
                           ? reflection.FieldSize(*place.message, place.field) > 0
                           : reflection.HasField(*place.message, place.field);
      auto& [once_set, once_not] = seen[place.field->full_name()];
      (set ? once_set : once_not) = true;
    }
  }
  EXPECT_GE(seen.size(), 20U);
  for (const auto& [field, set] : seen) {
    EXPECT_TRUE(set.first) << field << " was never set";
    EXPECT_TRUE(set.second) << field << " was always set";
  }
}

TEST(SampleOrder, ExercisesTheServices) {
  int to_approve = 0, short_of_stock = 0, other_country = 0;
  std::set<int> addresses;
  constexpr int kOrders = 10'000;
  for (std::uint64_t seed = 0; seed < kOrders; ++seed) {
    Random random(seed);
    const Order order = sample_order(random, 2);
    addresses.insert(order.customer().addresses_size());
    if (order.requires_approval()) ++to_approve;
    const auto lines = reserve_request(order).lines();
    const auto short_lines = std::count_if(lines.begin(), lines.end(), [](const auto& line) {
      return line.stock() < line.quantity();
    });
    EXPECT_LE(short_lines, 1);
    short_of_stock += static_cast<int>(short_lines);
    const auto score = score_request(order);
    if (score.customer_country() != score.shipping_country()) ++other_country;
  }
  EXPECT_EQ(addresses, (std::set<int>{1, 2, 3}));
  EXPECT_GT(to_approve, kOrders / 200);
  EXPECT_LT(to_approve, kOrders / 20);
  EXPECT_NEAR(short_of_stock, kOrders / 50, 75);
  EXPECT_NEAR(other_country, kOrders / 11, 150);
}

TEST(SampleRequests, ComeFromTheOrder) {
  Random random(11);
  const Order order = sample_order(random, 3);
  const auto reserve = reserve_request(order);
  const auto authorize = authorize_request(order);
  const auto score = score_request(order);
  EXPECT_EQ(reserve.order_id(), order.order_id());
  EXPECT_EQ(authorize.order_id(), order.order_id());
  EXPECT_EQ(score.order_id(), order.order_id());
  ASSERT_EQ(reserve.lines_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(reserve.lines(i).variant_sku(), order.items(i).variant_sku());
    EXPECT_EQ(reserve.lines(i).quantity(), order.items(i).quantity());
    EXPECT_GE(reserve.lines(i).stock(), 100);  // as the catalogue has it, found by the SKU
  }
  EXPECT_EQ(authorize.payment().amount_cents(), order.total_cents());
  EXPECT_EQ(score.amount_cents(), order.total_cents());
  EXPECT_EQ(score.method(), order.payment().method());
}

TEST(SampleBulk, HasItemsOfExactlyTheBytesAskedFor) {
  for (const std::size_t bytes : {0U, 1U, 7U, 8U, 9U, 1000U}) {
    Random random(1);
    const auto request = sample_bulk_request(random, 5, bytes);
    for (const auto& item : request.items()) {
      EXPECT_EQ(item.data().size(), bytes);
    }
  }
}

TEST(SampleEvents, AreInTheOrderOfTime) {
  Random random(1);
  const auto batch = sample_event_batch(random, 100);
  for (int i = 1; i < batch.events_size(); ++i) {
    EXPECT_GT(batch.events(i).timestamp().seconds(), batch.events(i - 1).timestamp().seconds());
  }
}

}  // namespace
}  // namespace natsproof
