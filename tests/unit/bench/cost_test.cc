#include "bench/serialization/cost.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

TEST(Cost, TheNameOfABenchmarkIsReadAsItIsWritten) {
  const auto cost = parse_benchmark_name(benchmark_name("order-10", kJson, kDecodeAndValidate));
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->model, "order-10");
  EXPECT_EQ(cost->encoding, kJson);
  EXPECT_EQ(cost->operation, kDecodeAndValidate);
}

TEST(Cost, OtherBenchmarksAreNone) {
  EXPECT_FALSE(parse_benchmark_name("histogram_record"));
  EXPECT_FALSE(parse_benchmark_name("request_path_closed_loop/16/manual_time"));
  EXPECT_FALSE(parse_benchmark_name("serialization/order-10"));
  EXPECT_FALSE(parse_benchmark_name("serialization/order-10/json"));
}

TEST(Cost, IsFoundByAllItsNames) {
  const std::vector<Cost> costs{
      {.model = "order-1", .encoding = "json", .operation = "decode", .time_ns = 1},
      {.model = "order-10", .encoding = "json", .operation = "encode", .time_ns = 2},
      {.model = "order-10", .encoding = "protobuf", .operation = "decode", .time_ns = 3},
      {.model = "order-10", .encoding = "json", .operation = "decode", .time_ns = 4}};
  EXPECT_EQ(find_cost(costs, "order-10", kJson, kDecode), &costs[3]);
  EXPECT_EQ(find_cost(costs, "order-1", kJson, kDecode), &costs[0]);
  EXPECT_EQ(find_cost(costs, "order-1", kJson, kEncode), nullptr);
}

TEST(Cost, TimesHaveThreeDigits) {
  EXPECT_EQ(format_time(8.26), "8.3 ns");
  EXPECT_EQ(format_time(99.94), "99.9 ns");
  EXPECT_EQ(format_time(99.96), "100 ns");
  EXPECT_EQ(format_time(21'340), "21.3 µs");
}

TEST(Cost, RatiosHaveThreeDigits) {
  EXPECT_EQ(format_ratio(0.091), "0.09");
  EXPECT_EQ(format_ratio(2.499), "2.50");
  EXPECT_EQ(format_ratio(9.996), "10.0");
  EXPECT_EQ(format_ratio(99.96), "100");
  EXPECT_EQ(format_ratio(1234.5), "1,235");
}

}  // namespace
}  // namespace natsproof
