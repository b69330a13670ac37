// Messages in messages, lists, maps and oneofs: what must be there, how many, and the paths.
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/schema/order.natsproof.h"
#include "tests/unit/models/broken_rules.h"
#include "unit/models/every_rule.natsproof.h"

namespace natsproof {
namespace {

using test::rule::Containers;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Containers valid_containers() {
  Containers containers;
  containers.mutable_required()->set_name("x");
  containers.add_list()->set_name("x");
  (*containers.mutable_texts())["a"] = "b";
  return containers;
}

TEST(ValidateContainers, WhatIsMissing) {
  EXPECT_THAT(broken_rules(valid_containers()), IsEmpty());
  EXPECT_THAT(broken_rules(Containers()),
              ElementsAre("required required", "list min_items", "texts min_items"));
}

TEST(ValidateContainers, TooMany) {
  Containers containers = valid_containers();
  containers.add_list()->set_name("x");
  containers.add_list()->set_name("x");
  (*containers.mutable_by_name())["a"].set_name("x");
  (*containers.mutable_by_name())["b"].set_name("x");
  EXPECT_THAT(broken_rules(containers), IsEmpty());
  containers.add_list()->set_name("x");
  (*containers.mutable_by_name())["c"].set_name("x");
  EXPECT_THAT(broken_rules(containers), ElementsAre("list max_items", "by_name max_items"));
}

TEST(ValidateContainers, PathsOfElementsAndEntries) {
  Containers containers = valid_containers();
  containers.add_list();
  containers.mutable_optional_field();
  (*containers.mutable_by_name())["a \"quoted\\\n"];
  (*containers.mutable_by_number())[std::numeric_limits<std::int64_t>::min()];
  (*containers.mutable_by_number())[-1];
  (*containers.mutable_by_number())[0];
  (*containers.mutable_by_truth())[false];
  (*containers.mutable_times())["then"].set_nanos(-1);
  EXPECT_THAT(broken_rules(containers),
              UnorderedElementsAre("optional_field.name required", "list[1].name required",
                                   R"(by_name["a \"quoted\\\u000a"].name required)",
                                   "by_number[-9223372036854775808].name required",
                                   "by_number[-1].name required", "by_number[0].name required",
                                   "by_truth[false].name required", "times[\"then\"] timestamp"));
}

TEST(ValidateContainers, ALongKeyIsCutInThePath) {
  Containers containers = valid_containers();
  (*containers.mutable_by_name())[std::string(99, 'k') + "é" + std::string(1000, 'k')];
  EXPECT_THAT(broken_rules(containers),
              ElementsAre("by_name[\"" + std::string(99, 'k') + "…\"].name required"));
}

TEST(ValidateContainers, PathsNestedDeep) {
  Containers containers = valid_containers();
  Containers* inner = &containers;
  std::string path;
  for (int i = 0; i < 20; ++i) {
    inner = inner->mutable_inner();
    *inner = valid_containers();
    path += "inner.";
  }
  EXPECT_THAT(broken_rules(containers), IsEmpty());
  (*inner->mutable_by_name())["home"].mutable_at()->set_nanos(-1);
  EXPECT_THAT(broken_rules(containers), ElementsAre(path + "by_name[\"home\"].name required",
                                                    path + "by_name[\"home\"].at timestamp"));
}

TEST(ValidateContainers, OfAOneofTheChosenMember) {
  Containers containers = valid_containers();
  containers.set_text("ab");
  EXPECT_THAT(broken_rules(containers), ElementsAre("text min_chars"));
  containers.set_text("");
  EXPECT_THAT(broken_rules(containers), ElementsAre("text min_chars"));
  containers.set_text("abc");
  EXPECT_THAT(broken_rules(containers), IsEmpty());
  containers.set_number(0);
  EXPECT_THAT(broken_rules(containers), ElementsAre("number above"));
  containers.mutable_named();
  EXPECT_THAT(broken_rules(containers), ElementsAre("named.name required"));
}

TEST(ValidateContainers, MessagesOfAnotherPackage) {
  Containers containers = valid_containers();
  auto& other = *containers.mutable_other_package()->mutable_again()->mutable_well_known();
  other.add_timestamps();
  other.add_timestamps()->set_nanos(1'000'000'000);
  EXPECT_THAT(broken_rules(containers),
              ElementsAre("other_package.again.well_known.timestamps[1] timestamp"));
}

TEST(ValidateContainers, OfAnOrderFiveDeep) {
  models::v1::OrderItem item;
  for (int i = 0; i < 3; ++i) {
    auto& variant = *item.mutable_product()->add_variants();
    variant.set_sku("sku");
    variant.set_name("n");
    (*variant.mutable_attributes())["a"] = "b";
    variant.set_price_cents(1);
    variant.set_weight_grams(1);
    for (const auto& set :
         {&models::v1::Dimensions::set_length_cm, &models::v1::Dimensions::set_width_cm,
          &models::v1::Dimensions::set_height_cm})
      (variant.mutable_dimensions()->*set)(0.5);
  }
  item.mutable_product()->mutable_variants(2)->mutable_dimensions()->set_width_cm(0);
  models::v1::Order order;
  for (int i = 0; i < 4; ++i) *order.add_items() = item;
  std::string found;
  for (const std::string& rule : broken_rules(order)) {
    if (rule.find("items[3].product.variants") == 0) found += rule;
  }
  EXPECT_EQ(found, "items[3].product.variants[2].dimensions.width_cm above");
}

TEST(ValidateContainers, StopsWhenTheListIsFull) {
  Containers containers = valid_containers();
  for (int i = 0; i < 1000; ++i) containers.add_list();
  Violations violations;
  EXPECT_FALSE(validate(containers, violations));
  EXPECT_TRUE(violations.full());
  ASSERT_EQ(violations.list().size(), Violations::kMost);
  EXPECT_EQ(violations.list().back().path,
            "list[63].name");  // max_items is the first, list[0] valid_containers
  const std::vector<Violation> before(violations.list().begin(), violations.list().end());
  EXPECT_FALSE(validate(containers, violations));  // adds nothing
  EXPECT_TRUE(
      std::equal(before.begin(), before.end(), violations.list().begin(), violations.list().end()));
  EXPECT_FALSE(validate(valid_containers(), violations)) << "nobody can tell";
  violations.clear();
  EXPECT_TRUE(validate(valid_containers(), violations));
}

TEST(ValidateContainers, AFullListTakesNoMore) {
  Violations violations;
  for (std::size_t i = 0; i < 2 * Violations::kMost; ++i)
    violations.add({nullptr, "f", static_cast<std::int64_t>(i)}, "required", "is missing");
  ASSERT_EQ(violations.list().size(), Violations::kMost);
  EXPECT_EQ(violations.list().back().path, "f[63]");
}

TEST(ValidateContainers, AddsToWhatWasThereAndSaysWhatThisMessageIs) {
  Violations violations;
  violations.add({nullptr, "elsewhere"}, "required", "is missing");
  EXPECT_TRUE(validate(valid_containers(), violations));
  EXPECT_FALSE(validate(Containers(), violations));
  EXPECT_EQ(violations.list().size(), 4u);
}

}  // namespace
}  // namespace natsproof
