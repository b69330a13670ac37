#include "models/faults/work_spec.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;

WorkSpec work(std::string_view text) {
  auto parsed = parse_work(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : WorkSpec{};
}

TEST(WorkSpec, NothingIsNoWork) {
  EXPECT_TRUE(work("").none());
  EXPECT_EQ(work_text({}), "");
}

TEST(WorkSpec, EveryKnobIsRead) {
  EXPECT_EQ(work("delay=150us:10,2ms:5;cpu=50us alloc=64KiB delay_per_item=500us"),
            (WorkSpec{.delay = {{150us, 10}, {2ms, 5}},
                      .delay_per_item = 500us,
                      .cpu = 50us,
                      .alloc_bytes = 65536}));
  EXPECT_EQ(work("delay=1ms"), (WorkSpec{.delay = {{1ms, 100}}}));
}

TEST(WorkSpec, AnOrderInCliffracerIsElevenMillisecondsAndHalfAMillisecondAnItem) {
  EXPECT_EQ(work("cliffracer"), (WorkSpec{.delay = {{11ms, 100}}, .delay_per_item = 500us}));
  EXPECT_EQ(work("cliffracer cpu=1ms"),
            (WorkSpec{.delay = {{11ms, 100}}, .delay_per_item = 500us, .cpu = 1ms}));
}

TEST(WorkSpec, WrittenAsItIsRead) {
  for (const std::string text : {"delay=150us:10,2ms:5", "delay_per_item=500us", "cpu=50us",
                                 "alloc=64KiB", "delay=1ms delay_per_item=2us cpu=3s alloc=5B"}) {
    EXPECT_EQ(work_text(work(text)), text);
  }
  EXPECT_EQ(work_text(work("cliffracer")), "delay=11ms delay_per_item=500us");
}

TEST(WorkSpec, MistakesNameKnobValueAndWhatIsAllowed) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> mistakes = {
      {"dely=1ms", {"`dely=1ms`", "did you mean `delay`?"}},
      {"cliffracr", {"did you mean `cliffracer`?"}},
      {"frob", {"there are: delay, delay_per_item, cpu, alloc, cliffracer"}},
      {"cliffracer=1", {"`cliffracer` stands alone"}},
      {"cpu", {"no value", "write it as in cpu=1ms"}},
      {"cpu@1", {"after cpu stands =", "write it as in cpu=1ms"}},
      {"cpu=50", {"`cpu=50`", "`50` is not a duration"}},
      {"alloc=2GiB", {"out of range", "1GiB"}},
      {"delay=1ms:60,2ms:60", {"more than 100 percent together"}},
      {"cliffracer delay=1ms", {"`delay` is given twice"}},
  };
  for (const auto& [text, parts] : mistakes) {
    const auto parsed = parse_work(text);
    ASSERT_FALSE(parsed) << text;
    for (const std::string& part : parts) {
      EXPECT_THAT(parsed.error().message, HasSubstr(part)) << text;
    }
  }
}

}  // namespace
}  // namespace natsproof
