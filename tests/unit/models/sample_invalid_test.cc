#include <cctype>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "models/runtime/protobuf_codec.h"
#include "models/sample/bulk.h"
#include "models/sample/events.h"
#include "models/sample/invalid_request.h"
#include "models/sample/order.h"
#include "models/sample/probe.h"
#include "models/sample/spoiled.h"
#include "models/schema/analytics.natsproof.h"
#include "models/schema/bulk.natsproof.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/probe.natsproof.h"
#include "tests/effort.h"

namespace natsproof {

void PrintTo(InvalidKind kind, std::ostream* out) {
  *out << invalid_kind_name(kind);
}

namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

// As `path: rule`, without the indices: items[].product.name
std::string shape(std::string path) {
  std::erase_if(path, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  return path;
}

template <typename M>
void expect_only(const Breach& breach, const M& message, std::uint64_t seed) {
  Violations violations;
  EXPECT_FALSE(validate(message, violations)) << "seed " << seed << ": " << breach.path;
  ASSERT_EQ(violations.list().size(), 1U)
      << "seed " << seed << ": " << breach.path << ", " << breach.rule
      << "\nfirst: " << (violations.empty() ? "none" : violations.list()[0].path)
      << "\nlast: " << (violations.empty() ? "none" : violations.list().back().path);
  EXPECT_EQ(violations.list()[0].path, breach.path) << "seed " << seed;
  EXPECT_EQ(violations.list()[0].rule, breach.rule) << "seed " << seed;
}

// Spoils and checks; returns how often each shape of path was spoiled.
template <typename Make>
std::map<std::string, int> spoil_seeds(InvalidKind kind, std::uint64_t seeds, Make make) {
  std::map<std::string, int> shapes;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Random random(seed);
    auto message = make(random);
    const auto breach = spoil(kind, random, message);
    if (!breach) continue;
    expect_only(*breach, message, seed);
    if (::testing::Test::HasFailure()) break;
    ++shapes[shape(breach->path) + ": " + breach->rule];
  }
  return shapes;
}

std::set<std::string> keys(const std::map<std::string, int>& shapes) {
  std::set<std::string> found;
  for (const auto& [key, count] : shapes) found.insert(key);
  return found;
}

int sum(const std::map<std::string, int>& shapes) {
  int total = 0;
  for (const auto& [key, count] : shapes) total += count;
  return total;
}

models::v1::Order order_of_three(Random& random) {
  return sample_order(random, 3);
}
models::v1::EventBatch three_events(Random& random) {
  return sample_event_batch(random, 3);
}
models::v1::BulkRequest three_items(Random& random) {
  return sample_bulk_request(random, 3);
}

TEST(SpoiledOrder, MissesWhatIsRequiredAtEveryDepth) {
  const auto shapes = spoil_seeds(InvalidKind::missing_required, 3000, order_of_three);
  EXPECT_EQ(sum(shapes), 3000);
  EXPECT_THAT(keys(shapes),
              IsSupersetOf({"order_id: required", "customer: required", "status: required",
                            "created_at: required", "payment: required",
                            "customer.addresses[].postal_code: required",
                            "items[].item_id: required", "items[].product: required",
                            "items[].product.variants[].dimensions: required"}));
}

TEST(SpoiledOrder, IsOutOfEveryRange) {
  const auto shapes = spoil_seeds(InvalidKind::out_of_range, 3000, order_of_three);
  EXPECT_EQ(sum(shapes), 3000);
  EXPECT_THAT(
      keys(shapes),
      IsSupersetOf({"priority: at_least", "priority: at_most", "payment.risk_score: at_most",
                    "customer.addresses[].latitude: at_least",
                    "items[].product.variants[].price_cents: above",
                    "items[].product.variants[].weight_grams: at_most",
                    "items[].product.variants[].dimensions.length_cm: above"}));
}

TEST(SpoiledOrder, BreaksEveryPattern) {
  const auto shapes = spoil_seeds(InvalidKind::bad_pattern, 2000, order_of_three);
  EXPECT_EQ(sum(shapes), 2000);
  EXPECT_THAT(keys(shapes),
              IsSupersetOf({"order_id: pattern", "customer.phone: pattern",
                            "customer.preferred_language: pattern", "payment.currency: pattern",
                            "payment.card_last_four: pattern", "shipping.address.country: pattern",
                            "items[].item_id: format"}));
}

TEST(SpoiledOrder, HasABadEmail) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::bad_email, 300, order_of_three)),
              ElementsAre("customer.email: format"));
}

TEST(SpoiledOrder, IsFromACustomerYetToBeBorn) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::future_birth_date, 300, order_of_three)),
              ElementsAre("customer.date_of_birth: before"));
}

TEST(SpoiledOrder, DoesNotAddUp) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::wrong_total, 1000, order_of_three)),
              ElementsAre("items[].total_cents: check", "payment.amount_cents: check",
                          "subtotal_cents: check", "total_cents: check"));
}

TEST(SpoiledOrder, HasAnItemThatCostsLessThanNothing) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::negative_total, 1000, order_of_three)),
              ElementsAre("items[].total_cents: at_least"));
}

TEST(SpoiledOrder, HasTooManyItems) {
  const auto shapes = spoil_seeds(InvalidKind::too_many_items, 400, order_of_three);
  EXPECT_EQ(sum(shapes), 400);
  EXPECT_NEAR(shapes.at("items: max_items"), 200, 50);
  EXPECT_THAT(keys(shapes),
              IsSupersetOf({"customer.addresses: max_items", "items[].product.variants: max_items",
                            "items[].product.tags: max_items"}));
}

TEST(SpoiledProbe, BreaksEachRule) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::missing_required, 300, sample_probe)),
              ElementsAre("email: required", "pattern: required", "required_field: required"));
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::out_of_range, 100, sample_probe)),
              ElementsAre("number: at_least", "number: at_most"));
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::bad_pattern, 100, sample_probe)),
              ElementsAre("pattern: pattern"));
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::bad_email, 100, sample_probe)),
              ElementsAre("email: format"));
}

TEST(SpoiledEvents, BreakEachRule) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::missing_required, 300, three_events)),
              ElementsAre("batch_id: required", "events[].event_id: required",
                          "events[].timestamp: required", "events[].type: required",
                          "events[].version: required"));
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::bad_pattern, 100, three_events)),
              ElementsAre("events[].version: format"));
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::too_many_items, 3, three_events)),
              ElementsAre("events: max_items"));
}

TEST(SpoiledBulk, BreaksEachRule) {
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::out_of_range, 300, three_items)),
              ElementsAre("priority: at_least", "priority: at_most", "timeout_s: at_least",
                          "timeout_s: at_most"));
  EXPECT_THAT(keys(spoil_seeds(InvalidKind::too_many_items, 2, three_items)),
              ElementsAre("items: max_items"));
}

TEST(Spoil, LeavesAloneWhatItCannotSpoil) {
  for (const InvalidKind kind :
       {InvalidKind::future_birth_date, InvalidKind::wrong_total, InvalidKind::negative_total,
        InvalidKind::too_many_items, InvalidKind::wrong_type, InvalidKind::cut_bytes,
        InvalidKind::unknown_encoding}) {
    Random random(1);
    models::v1::ValidationProbe probe = sample_probe(random);
    const models::v1::ValidationProbe before = probe;
    EXPECT_FALSE(spoil(kind, random, probe)) << invalid_kind_name(kind);
    EXPECT_TRUE(MessageDifferencer::Equals(probe, before)) << invalid_kind_name(kind);
  }
}

template <typename M>
Decoded decode(const InvalidRequest& request, Encoding encoding, M& message) {
  return encoding == Encoding::json ? read_json(request.body, message)
                                    : read_protobuf(request.body, message);
}

template <typename M>
void expect_refused(const InvalidRequest& request, Encoding encoding, InvalidKind kind,
                    std::uint64_t seed) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed << ", path " << request.path);
  M message;
  const Decoded decoded = decode(request, encoding, message);
  switch (request.refusal) {
    case Refusal::broken_rule:
      EXPECT_EQ(request.content_type, content_type(encoding));
      ASSERT_TRUE(decoded.ok()) << decoded.error().text();
      expect_only({request.path, request.rule}, message, seed);
      EXPECT_TRUE(breaks_rule(kind));
      break;
    case Refusal::not_decoded:
      EXPECT_EQ(request.content_type, content_type(encoding));
      ASSERT_FALSE(decoded.ok());
      EXPECT_EQ(request.path.empty(), kind == InvalidKind::cut_bytes);
      if (!request.path.empty()) {
        EXPECT_EQ(decoded.error().path, request.path);
      }
      EXPECT_THAT(request.rule, "");
      break;
    case Refusal::unknown_encoding: {
      EXPECT_EQ(kind, InvalidKind::unknown_encoding);
      EXPECT_NE(request.content_type, content_type(Encoding::json));
      EXPECT_NE(request.content_type, content_type(Encoding::protobuf));
      Violations violations;
      EXPECT_TRUE(decoded.ok() && validate(message, violations));
      break;
    }
  }
}

class InvalidRequests : public ::testing::TestWithParam<std::tuple<InvalidKind, Encoding>> {};

TEST_P(InvalidRequests, OrdersAreRefusedAsForetold) {
  const auto [kind, encoding] = GetParam();
  std::set<std::string> bodies;
  constexpr std::uint64_t kSeeds = effort(300);
  for (std::uint64_t seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    Random random(seed);
    const auto request = make_invalid_request(kind, encoding, random, sample_order(random, 2));
    if (kind == InvalidKind::wrong_type && encoding == Encoding::protobuf) {
      ASSERT_FALSE(request);
      continue;
    }
    ASSERT_TRUE(request);
    expect_refused<models::v1::Order>(*request, encoding, kind, seed);
    bodies.insert(request->body);
  }
  if (!bodies.empty()) {
    EXPECT_GT(bodies.size(), kSeeds - 10);
  }
}

TEST_P(InvalidRequests, OtherMessagesAreRefusedAsForetold) {
  const auto [kind, encoding] = GetParam();
  for (std::uint64_t seed = 0; seed < 50 && !HasFailure(); ++seed) {
    Random random(seed);
    if (const auto request = make_invalid_request(kind, encoding, random, sample_probe(random))) {
      expect_refused<models::v1::ValidationProbe>(*request, encoding, kind, seed);
    }
    if (seed >= 10) continue;
    if (const auto request = make_invalid_request(kind, encoding, random, three_events(random))) {
      expect_refused<models::v1::EventBatch>(*request, encoding, kind, seed);
    }
    if (const auto request = make_invalid_request(kind, encoding, random, three_items(random))) {
      expect_refused<models::v1::BulkRequest>(*request, encoding, kind, seed);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kind, InvalidRequests,
                         ::testing::Combine(::testing::ValuesIn(kInvalidKinds),
                                            ::testing::Values(Encoding::protobuf, Encoding::json)),
                         [](const auto& parameters) {
                           return std::string(invalid_kind_name(std::get<0>(parameters.param))) +
                                  (std::get<1>(parameters.param) == Encoding::json ? "_json"
                                                                                   : "_protobuf");
                         });

TEST(InvalidRequest, MistypesFieldsOfEveryKind) {
  std::set<std::string> paths;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    paths.insert(shape(make_invalid_request(InvalidKind::wrong_type, Encoding::json, random,
                                            sample_order(random, 1))
                           ->path));
  }
  EXPECT_THAT(paths,
              IsSupersetOf({"notes", "priority", "total_cents", "created_at", "payment.risk_score",
                            "shipping.package.width_cm", "items[].product.variants[].stock"}));
}

TEST(InvalidKindText, GoesThereAndBack) {
  for (const InvalidKind kind : kInvalidKinds) {
    const auto parsed = parse_invalid_kind(invalid_kind_name(kind));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, kind);
  }
}

TEST(InvalidKindText, AMistypedOneIsExplained) {
  const auto parsed = parse_invalid_kind("bad_emial");
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.error().message,
              HasSubstr("`bad_emial` is not a kind of invalid data (did you mean `bad_email`?): "
                        "missing_required | wrong_type | "));
}

}  // namespace
}  // namespace natsproof
