#include "bench/report/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bench/made_costs.h"

namespace natsproof {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Cost> figures(double json_decode_ns, double validate_ns, double probe_ns) {
  std::vector<Cost> costs = made_costs("order-10", {{kProtobuf, kDecode, 10'000},
                                                    {kJson, kEncode, 5'000},
                                                    {kJson, kDecode, json_decode_ns},
                                                    {kJsonByProtobuf, kEncode, 49'000},
                                                    {kJsonByProtobuf, kDecode, 250'000},
                                                    {kMessage, kValidate, validate_ns}});
  costs.push_back(made_costs("probe", {{kMessage, kValidate, probe_ns}}).front());
  return costs;
}

TEST(Targets, SayWhatWasAskedAndWhetherItIsMet) {
  EXPECT_EQ(render_targets(figures(20'000, 1'500, 91.3)),
            R"(speed                                                            asked    measured
order-10: JSON decode, times as fast as protobuf's utility      >= 10x       12.5x  met
order-10: JSON encode, times as fast as protobuf's utility      >= 10x       9.80x  NOT MET
order-10: JSON decode, times as long as protobuf decode        <= 2.5x       2.00x  met
order-10: validate, share of protobuf decode                    < 20 %      15.0 %  met
probe: validate                                               < 200 ns     91.3 ns  met
)");
}

TEST(Targets, ABoundThatMayBeReachedIsMetOnIt) {
  const std::string text = render_targets(figures(25'000, 1'500, 91.3));
  EXPECT_THAT(text, HasSubstr("<= 2.5x       2.50x  met"));
  EXPECT_THAT(text, HasSubstr(">= 10x       10.0x  met"));
}

TEST(Targets, ABoundThatMustNotBeReachedIsNotMetOnIt) {
  const std::string text = render_targets(figures(20'000, 2'000, 200));
  EXPECT_THAT(text, HasSubstr("< 20 %      20.0 %  NOT MET"));
  EXPECT_THAT(text, HasSubstr("< 200 ns      200 ns  NOT MET"));
}

TEST(Targets, WithoutBothFiguresThereIsNoTarget) {
  const std::string text = render_targets(
      made_costs("order-10", {{kJson, kDecode, 20'000}, {kProtobuf, kDecode, 10'000}}));
  EXPECT_THAT(text, HasSubstr("times as long as protobuf decode"));
  EXPECT_THAT(text, Not(HasSubstr("utility")));
  EXPECT_THAT(text, Not(HasSubstr("validate")));
}

TEST(Targets, AreOfTheModelsTheyName) {
  EXPECT_EQ(render_targets(
                made_costs("order-100", {{kJson, kDecode, 20'000}, {kProtobuf, kDecode, 10'000}})),
            "");
}

}  // namespace
}  // namespace natsproof
