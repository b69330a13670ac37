// option (natsproof.check): rules between fields.
#include <cstdint>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/schema/order.natsproof.h"
#include "tests/unit/models/broken_rules.h"
#include "unit/models/every_rule.natsproof.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

test::rule::Equal equal(std::int64_t left, std::int64_t right, std::int64_t maybe) {
  test::rule::Equal message;
  message.set_left(left);
  message.set_right(right);
  message.set_maybe(maybe);
  return message;
}

TEST(ValidateChecks, Equality) {
  EXPECT_THAT(broken_rules(equal(499, 5, 1)), IsEmpty());
  EXPECT_THAT(broken_rules(equal(500, 5, 1)), ElementsAre("left check"));
  EXPECT_EQ(only_sentence(equal(500, 5, 1)), "is 500; left == right * 100 - maybe requires 499");
}

TEST(ValidateChecks, NothingOverflows) {
  EXPECT_THAT(broken_rules(equal(-100, kHighest, 0)), ElementsAre("left check"));  // in 64 bits
  EXPECT_EQ(only_sentence(equal(-100, kHighest, 0)),
            "is -100; left == right * 100 - maybe requires 922337203685477580700");
  EXPECT_EQ(only_sentence(equal(0, kLowest, kHighest)),
            "is 0; left == right * 100 - maybe requires -931560575722332356607");
  EXPECT_EQ(only_sentence(equal(0, 0, kLowest)),
            "is 0; left == right * 100 - maybe requires 9223372036854775808");
}

TEST(ValidateChecks, HoldWithAnAbsentOptional) {
  test::rule::Equal message = equal(1, 2, 3);
  message.clear_maybe();
  EXPECT_THAT(broken_rules(message), IsEmpty());
}

TEST(ValidateChecks, OrderAcrossSigns) {
  test::rule::Ordered ordered;
  ordered.set_low(kHighest);
  ordered.set_high(kHighest);
  EXPECT_THAT(broken_rules(ordered), IsEmpty());
  ordered.set_low(static_cast<std::uint64_t>(kHighest) + 1);
  EXPECT_THAT(broken_rules(ordered), ElementsAre("low check"));
  ordered.set_low(0);
  ordered.set_high(-1);
  EXPECT_EQ(only_sentence(ordered), "is 0; low <= high requires at most -1");
}

TEST(ValidateChecks, StrictOrder) {
  test::rule::Strictly strictly;
  EXPECT_EQ(only_sentence(strictly), "is 0; low < high requires less than 0");
  strictly.set_low(-1);
  EXPECT_THAT(broken_rules(strictly), IsEmpty());
}

TEST(ValidateChecks, Sums) {
  test::rule::Sums sums;
  EXPECT_EQ(only_sentence(sums),
            "is 0; total == sum(amounts.cents) + 2 * sum(numbers) - (0 - 7) requires 7");
  for (const std::int64_t cents : {kHighest, kHighest, std::int64_t{5}})
    sums.add_amounts()->set_cents(cents);
  sums.add_numbers(-kHighest);
  sums.add_numbers(10);
  sums.set_total(5 + 20 + 7);
  EXPECT_THAT(broken_rules(sums), IsEmpty());
}

TEST(ValidateChecks, OfAFieldOfAField) {
  test::rule::Sums sums;
  sums.set_total(7);
  sums.mutable_nested()->set_cents(14);
  EXPECT_THAT(broken_rules(sums), IsEmpty());
  sums.mutable_nested()->set_cents(15);
  EXPECT_THAT(broken_rules(sums), ElementsAre("nested.cents check"));
  sums.mutable_nested()->set_cents(0);
  sums.mutable_nested()->set_optional_cents(1);
  EXPECT_THAT(broken_rules(sums), ElementsAre("nested.optional_cents check"));
  sums.add_amounts()->set_count(1);
  EXPECT_THAT(broken_rules(sums), IsEmpty());
}

TEST(ValidateChecks, Bools) {
  test::rule::Flags flags;
  EXPECT_THAT(broken_rules(flags), IsEmpty());
  flags.set_right(1);
  EXPECT_EQ(only_sentence(flags), "is false; flag == (left < right) requires true");
  flags.set_flag(true);
  EXPECT_EQ(only_sentence(flags), "is true; flag == other requires false");
  flags.set_other(true);
  EXPECT_THAT(broken_rules(flags), IsEmpty());
}

TEST(ValidateChecks, Timestamps) {
  test::rule::Intervals intervals;
  EXPECT_THAT(broken_rules(intervals), IsEmpty());
  intervals.mutable_begin()->set_seconds(100);
  EXPECT_THAT(broken_rules(intervals), IsEmpty()) << "the other one is absent";
  intervals.mutable_end()->set_seconds(100);
  EXPECT_EQ(only_sentence(intervals),
            "is 1970-01-01T00:01:40Z; begin < end requires earlier than "
            "1970-01-01T00:01:40Z");
  intervals.mutable_end()->set_nanos(1);
  EXPECT_THAT(broken_rules(intervals), IsEmpty());
  intervals.mutable_named()->set_name("x");
  EXPECT_THAT(broken_rules(intervals), IsEmpty()) << "named.at is absent";
  *intervals.mutable_named()->mutable_at() = intervals.end();
  *intervals.mutable_same() = intervals.end();
  EXPECT_THAT(broken_rules(intervals), IsEmpty());
  intervals.mutable_named()->mutable_at()->set_nanos(2);
  EXPECT_THAT(broken_rules(intervals), ElementsAre("named.at check"));
  intervals.mutable_same()->set_nanos(0);
  EXPECT_THAT(broken_rules(intervals), ElementsAre("named.at check", "same check"));
}

TEST(ValidateChecks, HoldWithAnInvalidTimestamp) {
  test::rule::Intervals intervals;
  intervals.mutable_begin()->set_seconds(kHighest);
  intervals.mutable_end()->set_seconds(1);
  EXPECT_THAT(broken_rules(intervals), ElementsAre("begin timestamp"));
  intervals.mutable_begin()->set_seconds(2);
  intervals.mutable_end()->set_nanos(-1);
  EXPECT_THAT(broken_rules(intervals), ElementsAre("end timestamp"));
}

TEST(ValidateChecks, OfAnOrder) {
  models::v1::Order order;
  order.add_items()->set_total_cents(600'000);
  order.add_items()->set_total_cents(400'001);
  order.set_subtotal_cents(1'000'001);
  order.set_tax_cents(10);
  order.set_shipping_cents(5);
  order.set_discount_cents(15);
  order.set_total_cents(1'000'001);
  order.set_requires_approval(true);
  const auto broken = [&] {
    std::vector<std::string> checks;
    for (const std::string& rule : broken_rules(order)) {
      if (rule.find("items") != 0 && rule.find(" check") != rule.npos) checks.push_back(rule);
    }
    return checks;
  };
  EXPECT_THAT(broken(), IsEmpty());
  order.mutable_payment()->set_amount_cents(1'000'001);
  EXPECT_THAT(broken(), IsEmpty());
  order.mutable_payment()->set_amount_cents(1);
  EXPECT_THAT(broken(), ElementsAre("payment.amount_cents check"));
  order.clear_payment();
  order.set_discount_cents(16);
  EXPECT_THAT(broken(), ElementsAre("total_cents check"));
  order.set_total_cents(1'000'000);
  EXPECT_THAT(broken(), ElementsAre("requires_approval check"));
  order.set_requires_approval(false);
  order.mutable_items(0)->set_total_cents(1);
  EXPECT_THAT(broken(), ElementsAre("subtotal_cents check"));
}

}  // namespace
}  // namespace natsproof
