#include "bench/serialization/matrix.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/report/text_layout.h"
#include "tests/unit/bench/made_costs.h"

namespace natsproof {
namespace {

using testing::HasSubstr;

// What stands behind the legend.
std::string tables(const std::vector<Cost>& costs) {
  const std::string text = render_matrix(costs);
  const std::size_t end_of_legend = text.find("\n\n");
  return end_of_legend == std::string::npos ? text : text.substr(end_of_legend + 2);
}

std::vector<Cost> whole_matrix() {
  std::vector<Cost> costs =
      made_costs("order-10", {{kProtobuf, kEncode, 4'200},
                              {kProtobuf, kDecode, 12'300},
                              {kProtobuf, kDecodeAndValidate, 13'500},
                              {kProtobuf, kRoundTrip, 16'600},
                              {kProtobufArena, kDecode, 9'840},
                              {kProtobufArena, kDecodeAndValidate, 11'000},
                              {kProtobufArena, kRoundTrip, 14'100},
                              {kJson, kEncode, 8'400},
                              {kJson, kDecode, 24'600},
                              {kJson, kDecodeAndValidate, 26'000},
                              {kJson, kRoundTrip, 33'100},
                              {kJsonByProtobuf, kEncode, 420'000},
                              {kJsonByProtobuf, kDecode, 1'230'000},
                              {kJsonByProtobuf, kDecodeAndValidate, 1'235'000},
                              {kJsonByProtobuf, kRoundTrip, 1'660'000}});
  for (Cost& cost : costs) {
    const bool json = cost.encoding == kJson || cost.encoding == kJsonByProtobuf;
    cost.bytes = json ? 24'812.4 : 9'311.6;
    cost.allocations = cost.operation == kEncode ? 0 : json ? 12'040.25 : 12.5;
  }
  Cost validation = made_costs("order-10", {{kMessage, kValidate, 1'107}}).front();
  validation.allocations = 0;
  costs.push_back(validation);
  return costs;
}

TEST(Matrix, OfAModelIsATable) {
  EXPECT_EQ(tables(whole_matrix()), R"(order-10
                       protobuf        protobuf-arena                  json    json-protobuf-util
                    time allocs     time     x allocs     time     x allocs     time     x allocs
encode           4.20 µs      0        -     -      -  8.40 µs  2.00      0   420 µs   100      0
decode           12.3 µs   12.5  9.84 µs  0.80   12.5  24.6 µs  2.00  12.0k  1.23 ms   100  12.0k
decode+validate  13.5 µs   12.5  11.0 µs  0.81   12.5  26.0 µs  1.93  12.0k  1.24 ms  91.5  12.0k
round-trip       16.6 µs   12.5  14.1 µs  0.85   12.5  33.1 µs  1.99  12.0k  1.66 ms   100  12.0k
bytes              9,312           9,312                24,812                24,812
validate         1.11 µs      0   9.0 % of protobuf's decode
)");
}

TEST(Matrix, KeepsWithinAHundredColumns) {
  std::istringstream lines(render_matrix(whole_matrix()));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), 100U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Matrix, HoldsOnlyWhatWasMeasured) {
  EXPECT_EQ(tables(made_costs("probe", {{kJson, kDecode, 300}, {kJson, kEncode, 150}})),
            R"(probe
                                 json
                    time     x allocs
encode            150 ns     -      -
decode            300 ns     -      -
)");
}

TEST(Matrix, ValidationAloneStandsAlone) {
  EXPECT_EQ(tables(made_costs("probe", {{kMessage, kValidate, 91.26}})), R"(probe
validate         91.3 ns      -
)");
}

TEST(Matrix, ModelsComeInTheOrderTheyWereMeasuredIn) {
  std::vector<Cost> costs = made_costs("order-10", {{kJson, kDecode, 300}});
  costs.push_back(made_costs("events-10", {{kJson, kDecode, 150}}).front());
  costs.push_back(made_costs("order-10", {{kJson, kEncode, 70}}).front());
  const std::string text = tables(costs);
  EXPECT_LT(text.find("order-10"), text.find("events-10"));
  EXPECT_EQ(text.find("order-10"), text.rfind("order-10"));
  EXPECT_THAT(text, HasSubstr("70.0 ns"));
}

TEST(Matrix, OfNothingIsNothing) {
  EXPECT_EQ(render_matrix({}), "");
}

}  // namespace
}  // namespace natsproof
