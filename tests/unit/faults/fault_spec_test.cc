#include "models/faults/fault_spec.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

FaultSpec faults(std::string_view text) {
  auto parsed = parse_faults(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : FaultSpec{};
}
std::string mistake(std::string_view text) {
  auto parsed = parse_faults(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? "" : parsed.error().message;
}

TEST(FaultSpec, NothingIsNoFaults) {
  EXPECT_TRUE(faults("").none());
  EXPECT_TRUE(faults(" ; \n").none());
  EXPECT_EQ(faults_text({}), "");
  EXPECT_FALSE(faults("wrong=1").none());
}

TEST(FaultSpec, EveryKnobIsRead) {
  EXPECT_EQ(faults("delay=150us:10,2ms:5 error=503:10,500:1;drop=0.5:before wrong=1 twice=2.5 "
                   "late=300ms:1 size=64KiB:5 hang=200ms@10s crash@30s leak=1KiB"),
            (FaultSpec{.delay = {{150us, 10}, {2ms, 5}},
                       .error = {{503, 10}, {500, 1}},
                       .drop_before = 0.5,
                       .wrong = 1,
                       .twice = 2.5,
                       .late = {{300ms, 1}},
                       .size = {{65536, 5}},
                       .hang = Hang{200ms, 10s},
                       .crash = 30s,
                       .leak_bytes = 1024}));
}

TEST(FaultSpec, DropsComeBeforeOrAfter) {
  EXPECT_EQ(faults("drop=10:after"), (FaultSpec{.drop_after = 10}));
  EXPECT_EQ(faults("drop=10:after,0.25:before"),
            (FaultSpec{.drop_before = 0.25, .drop_after = 10}));
}

TEST(FaultSpec, WithoutAPercentageAllOfThem) {
  EXPECT_EQ(faults("delay=1ms error=503"),
            (FaultSpec{.delay = {{1ms, 100}}, .error = {{503, 100}}}));
}

TEST(FaultSpec, ASizeMayBeNone) {
  EXPECT_EQ(faults("size=0:5"), (FaultSpec{.size = {{0, 5}}}));
}

TEST(FaultSpec, WrittenAsItIsRead) {
  for (const std::string text :
       {"delay=150us:10,2ms:5", "delay=1500ns", "error=503:10,500:1", "drop=0.5:before",
        "drop=0.5:before,1:after", "drop=100:after", "wrong=0.001 twice=33.3", "late=1m:1,90s:2",
        "size=64KiB:5,0B:1,1000B:1", "hang=200ms@10s", "crash@30s", "leak=1KiB",
        "delay=1h error=400:1 drop=2:after wrong=3 twice=4 late=5s:5 size=1GiB:6 hang=1ns@1ns "
        "crash@1h leak=3MiB"}) {
    EXPECT_EQ(faults_text(faults(text)), text);
  }
  EXPECT_EQ(faults_text(faults("crash@30s;  error=500:1.50")), "error=500:1.5 crash@30s");
  const FaultSpec rare{.wrong = 1e-7};
  EXPECT_EQ(faults(faults_text(rare)), rare);
}

TEST(FaultSpec, MistakesNameKnobValueAndWhatIsAllowed) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> mistakes = {
      {"eror=503:1", {"`eror=503:1`", "there is no `eror`", "did you mean `error`?"}},
      {"frob=1", {"there is no `frob`", "there are: delay, error, drop"}},
      {"crahs@30s", {"did you mean `crash`?"}},
      {"crash=1", {"`crash=1`", "after crash stands @", "write it as in crash@30s"}},
      {"delay@5", {"`delay@5`", "after delay stands =", "write it as in delay=5ms"}},
      {"wrong", {"`wrong`", "no value", "write it as in wrong=1"}},
      {"crash", {"`crash`", "no value", "write it as in crash@30s"}},
      {"wrong=", {"no value"}},
      {"wrong=1 wrong=2", {"`wrong=2`", "twice"}},
      {"wrong=101", {"`wrong=101`", "`101` is not a percentage", "up to 100"}},
      {"wrong=0", {"`0` is not a percentage", "above 0"}},
      {"wrong=-1", {"`-1` is not a percentage"}},
      {"wrong=1%", {"`1%` is not a percentage", "as in 10 or 0.5"}},
      {"wrong=many", {"`many` is not a percentage"}},
      {"error=503:", {"`` is not a percentage"}},
      {"error=200:1", {"`200` is not an error code", "400 to 599"}},
      {"error=600:1", {"`600` is not an error code"}},
      {"error=503x:1", {"`503x` is not an error code"}},
      {"error=503:1,", {"`` is not an error code"}},
      {"delay=5:1", {"`delay=5:1`", "`5` is not a duration"}},
      {"delay=0ms", {"out of range"}},
      {"delay=2h", {"out of range", "up to 1h"}},
      {"drop=5", {"`drop=5`", "`before` or `after`"}},
      {"drop=5:during", {"`5:during`", "`before` or `after`"}},
      {"drop=5:before,5:before", {"`before` is given twice"}},
      {"drop=60:before,60:after", {"more than 100 percent together"}},
      {"size=2GiB:1", {"`2GiB` is out of range", "1GiB"}},
      {"size=1.5:1", {"`1.5`"}},
      {"hang=200ms", {"`200ms` does not say when", "200ms@10s"}},
      {"hang=200@10s", {"`200` is not a duration"}},
      {"hang=200ms@", {"is not a duration"}},
      {"crash@soon", {"`soon` is not a duration"}},
      {"leak=1Kib", {"`1Kib` is not a size"}},
      {"delay=1ms:60,2ms:41", {"`delay=1ms:60,2ms:41`", "more than 100 percent together"}},
      {"error=503:60 wrong=41", {"101 percent together", "exclude each other"}},
      {"drop=50:before,40:after late=1s:5 size=1:5 twice=1", {"101 percent together"}},
  };
  for (const auto& [text, parts] : mistakes) {
    const std::string message = mistake(text);
    for (const std::string& part : parts) EXPECT_THAT(message, HasSubstr(part)) << text;
  }
}

TEST(FaultSpec, SharesMayBeAllOfIt) {
  EXPECT_THAT(
      faults("error=503:33.3,500:33.3,404:33.4 delay=1ms").error,
      ElementsAre(Portion<int>{503, 33.3}, Portion<int>{500, 33.3}, Portion<int>{404, 33.4}));
  faults("drop=99.9:before wrong=0.1");
}

TEST(FaultSpec, ErrorsAreCountedByCode) {
  EXPECT_EQ(error_fault_name(503), "error_503");
}

}  // namespace
}  // namespace natsproof
