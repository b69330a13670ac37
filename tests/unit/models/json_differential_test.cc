// Documents of samples, and documents that are nearly right, read by ours and by Protobuf's reader
// of JSON.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "models/runtime/protobuf_codec.h"
#include "models/sample/order.h"
#include "models/schema/order.natsproof.h"
#include "tests/effort.h"
#include "tests/oracle/json_mutation.h"
#include "tests/oracle/json_oracle.h"
#include "tests/unit/models/protobuf_json.h"
#include "tests/unit/models/random_message.h"
#include "unit/models/every_kind.natsproof.h"

namespace natsproof {
namespace {

struct Outcomes {
  int read = 0;
  int refused = 0;
};

template <typename Message>
void compare(std::string_view document, Outcomes& outcomes) {
  Message message;
  const Decoded result = read_json(document, message);
  ++(result ? outcomes.read : outcomes.refused);
  ASSERT_EQ(json_disagreement(document, result, message), "");
}

TEST(JsonDifferential, RandomMessages) {
  Outcomes outcomes;
  for (int seed = 1; seed <= effort(300); ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    test::EveryKind message;
    test::fill_randomly(message, random);
    ASSERT_NO_FATAL_FAILURE(compare<test::EveryKind>(protobuf_json(message), outcomes)) << seed;
  }
  EXPECT_EQ(outcomes.refused, 0);
}

TEST(JsonDifferential, NearlyRightRandomMessages) {
  Outcomes outcomes;
  for (int seed = 1; seed <= effort(400); ++seed) {
    Random random(seed);
    test::EveryKind message;
    test::fill_randomly(message, random, {.depth = 3});
    const std::string document = protobuf_json(message);
    for (int i = 0; i < 10; ++i) {
      ASSERT_NO_FATAL_FAILURE(compare<test::EveryKind>(mutate_json(document, random), outcomes))
          << seed;
    }
  }
  EXPECT_GT(outcomes.read, effort(400));
  EXPECT_GT(outcomes.refused, effort(1'000));
}

TEST(JsonDifferential, NearlyRightOrders) {
  Outcomes outcomes;
  for (int seed = 1; seed <= effort(300); ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const std::string document = protobuf_json(sample_order(random, 2));
    ASSERT_NO_FATAL_FAILURE(compare<models::v1::Order>(document, outcomes)) << seed;
    for (int i = 0; i < 10; ++i) {
      ASSERT_NO_FATAL_FAILURE(compare<models::v1::Order>(mutate_json(document, random), outcomes))
          << seed;
    }
  }
  EXPECT_GT(outcomes.read, effort(300));
  EXPECT_GT(outcomes.refused, effort(300));
}

TEST(JsonDifferential, OrdersCutAtEveryByte) {
  Random random(7);
  const std::string document = protobuf_json(sample_order(random, 1));
  for (std::size_t size = 0; size < document.size(); ++size) {
    const std::string cut = document.substr(0, size);
    models::v1::Order order;
    const Decoded result = read_json(cut, order);
    ASSERT_FALSE(result) << cut;
    ASSERT_LE(result.error().offset, size);
    // What is missing is missing at the end, but for what began before it.
    const std::string& what = result.error().message;
    ASSERT_TRUE(result.error().offset == size || what.find("not closed") != what.npos ||
                what.find("surrogate") != what.npos || what.find("expected a value") != what.npos ||
                what.find("number") != what.npos || what.find("not UTF-8") != what.npos)
        << result.error().text();
  }
}

}  // namespace
}  // namespace natsproof
