// at_least, at_most, above, below; enums.
#include <cmath>
#include <cstdint>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/models/broken_rules.h"
#include "unit/models/every_rule.natsproof.h"

namespace natsproof {
namespace {

using test::rule::Enums;
using test::rule::Numbers;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kMostExact = 9007199254740991;

Numbers valid_numbers() {
  Numbers numbers;
  numbers.set_uint32_field(1);
  numbers.set_uint64_field(4294967296);
  return numbers;
}

template <class Set>
std::vector<std::string> numbers_broken_by(Set set) {
  Numbers numbers = valid_numbers();
  set(numbers);
  return broken_rules(numbers);
}

TEST(ValidateNumbers, AtAndBeyondEachLimit) {
  EXPECT_THAT(broken_rules(valid_numbers()), IsEmpty());
  const auto int32 = [](std::int32_t value) {
    return numbers_broken_by([=](Numbers& numbers) { numbers.set_int32_field(value); });
  };
  EXPECT_THAT(int32(-5), IsEmpty());
  EXPECT_THAT(int32(5), IsEmpty());
  EXPECT_THAT(int32(-6), ElementsAre("int32_field at_least"));
  EXPECT_THAT(int32(6), ElementsAre("int32_field at_most"));
  const auto int64 = [](std::int64_t value) {
    return numbers_broken_by([=](Numbers& numbers) { numbers.set_int64_field(value); });
  };
  EXPECT_THAT(int64(kMostExact - 1), IsEmpty());
  EXPECT_THAT(int64(kMostExact), ElementsAre("int64_field below"));
  EXPECT_THAT(int64(1 - kMostExact), IsEmpty());
  EXPECT_THAT(int64(-kMostExact), ElementsAre("int64_field above"));
  const auto uint32 = [](std::uint32_t value) {
    return numbers_broken_by([=](Numbers& numbers) { numbers.set_uint32_field(value); });
  };
  EXPECT_THAT(uint32(0), ElementsAre("uint32_field above"));
  EXPECT_THAT(uint32(4294967295), IsEmpty());
  const auto uint64 = [](std::uint64_t value) {
    return numbers_broken_by([=](Numbers& numbers) { numbers.set_uint64_field(value); });
  };
  EXPECT_THAT(uint64(4294967295), ElementsAre("uint64_field at_least"));
  EXPECT_THAT(uint64(std::numeric_limits<std::uint64_t>::max()), IsEmpty());
}

TEST(ValidateNumbers, FloatingPointAtAndBeyondEachLimit) {
  const auto of_float = [](float value) {
    return numbers_broken_by([=](Numbers& numbers) { numbers.set_float_field(value); });
  };
  EXPECT_THAT(of_float(-0.5f), IsEmpty());
  EXPECT_THAT(of_float(std::nextafter(-0.5f, -1.0f)), ElementsAre("float_field at_least"));
  EXPECT_THAT(of_float(std::nextafter(2.5f, 0.0f)), IsEmpty());
  EXPECT_THAT(of_float(2.5f), ElementsAre("float_field below"));
  const auto of_double = [](double value) {
    return numbers_broken_by([=](Numbers& numbers) { numbers.set_double_field(value); });
  };
  EXPECT_THAT(of_double(0.1), IsEmpty());
  EXPECT_THAT(of_double(std::nextafter(0.1, 1)), ElementsAre("double_field at_most"));
  EXPECT_THAT(of_double(std::nextafter(-0.1, 1)), IsEmpty());
  EXPECT_THAT(of_double(-0.1), ElementsAre("double_field above"));
  EXPECT_THAT(of_double(-0.0), IsEmpty());
}

TEST(ValidateNumbers, NanAndInfinityAreInNoRange) {
  Numbers numbers = valid_numbers();
  numbers.set_float_field(std::numeric_limits<float>::quiet_NaN());
  numbers.set_double_field(std::numeric_limits<double>::quiet_NaN());
  numbers.add_doubles(std::numeric_limits<double>::quiet_NaN());
  numbers.add_doubles(std::numeric_limits<double>::infinity());
  numbers.add_doubles(-std::numeric_limits<double>::infinity());
  EXPECT_THAT(broken_rules(numbers), ElementsAre("float_field at_least", "double_field above",
                                                 "doubles[0] at_most", "doubles[1] at_most"));
}

TEST(ValidateNumbers, AnAbsentOptionalNumberIsRightAZeroIsLookedAt) {
  EXPECT_THAT(numbers_broken_by([](Numbers& numbers) { numbers.set_optional_field(0); }),
              ElementsAre("optional_field at_least"));
  EXPECT_THAT(numbers_broken_by([](Numbers& numbers) { numbers.set_optional_field(1); }),
              IsEmpty());
}

TEST(ValidateNumbers, ElementsAreLookedAtOneByOne) {
  Numbers numbers = valid_numbers();
  for (const int number : {0, -1, 5}) numbers.add_several(number);
  EXPECT_THAT(broken_rules(numbers), ElementsAre("several[1] at_least"));
  numbers.add_several(-2);
  EXPECT_THAT(broken_rules(numbers),
              ElementsAre("several max_items", "several[1] at_least", "several[3] at_least"));
}

TEST(ValidateNumbers, SentencesNameTheValueAndWhatIsAllowed) {
  Numbers numbers = valid_numbers();
  numbers.set_int32_field(-6);
  EXPECT_EQ(only_sentence(numbers), "is -6; it must be at least -5 and at most 5");
  numbers = valid_numbers();
  numbers.set_uint32_field(0);
  EXPECT_EQ(only_sentence(numbers), "is 0; it must be above 0 and at most 4294967295");
  numbers = valid_numbers();
  numbers.set_float_field(2.6f);
  EXPECT_EQ(only_sentence(numbers), "is 2.6; it must be at least -0.5 and below 2.5");
  numbers.set_float_field(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(only_sentence(numbers), "is nan; it must be at least -0.5 and below 2.5");
}

TEST(ValidateEnums, KnownAndRequired) {
  Enums enums;
  EXPECT_THAT(broken_rules(enums), ElementsAre("required required", "both required"));
  enums.set_required(static_cast<test::rule::Size>(99));
  enums.set_both(test::rule::NEGATIVE);
  EXPECT_THAT(broken_rules(enums), IsEmpty());
  enums.set_known(static_cast<test::rule::Size>(2));
  enums.set_both(static_cast<test::rule::Size>(-1));
  enums.set_optional_known(static_cast<test::rule::Size>(8));
  EXPECT_THAT(broken_rules(enums),
              ElementsAre("known known", "both known", "optional_known known"));
  enums.set_known(test::rule::LARGE);
  enums.set_both(test::rule::SMALL);
  enums.set_optional_known(test::rule::SIZE_UNSPECIFIED);
  for (const int value : {7, 0, 6}) enums.add_several(static_cast<test::rule::Size>(value));
  EXPECT_THAT(broken_rules(enums), ElementsAre("several[1] required", "several[2] known"));
}

TEST(ValidateEnums, SentencesNameTheValueAndWhatIsAllowed) {
  Enums enums;
  enums.set_required(test::rule::SMALL);
  EXPECT_EQ(only_sentence(enums), "is missing; it must be one of SMALL, LARGE, NEGATIVE");
  enums.set_both(test::rule::SMALL);
  enums.set_known(static_cast<test::rule::Size>(2));
  EXPECT_EQ(only_sentence(enums),
            "is 2; it must be one of SIZE_UNSPECIFIED, SMALL, LARGE, NEGATIVE");
}

}  // namespace
}  // namespace natsproof
