#include "services/runtime/faults.h"

#include <cmath>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;

std::string reply_to(std::uint64_t number, const std::string& inbox = "aaaaaaaaaaaaaaaaaaaaaa") {
  return fmt::format("_INBOX.{}.0000.{:012x}", inbox, number);
}
std::uint64_t hash_of(std::uint64_t number) {
  return *request_hash(reply_to(number));
}

TEST(RequestHash, IsOfInboxAndNumberAlone) {
  EXPECT_EQ(request_hash(reply_to(1)), request_hash(reply_to(1)));
  EXPECT_NE(request_hash(reply_to(1)), request_hash(reply_to(2)));
  EXPECT_NE(request_hash(reply_to(1)), request_hash(reply_to(1, "aaaaaaaaaaaaaaaaaaaaab")));
  EXPECT_FALSE(request_hash("_INBOX.aaaa.bbbb"));
  EXPECT_FALSE(request_hash(""));
  // The same in every build and on every machine, or a repetition could not be repeated.
  EXPECT_EQ(hash_of(1), 1899086855508626076U);
}

TEST(DrawFaults, SharesAreThoseOfTheSpec) {
  const FaultSpec faults = *parse_faults(
      "error=503:10,500:1 drop=5:before,7:after wrong=3 twice=2 late=300ms:4,1s:1 size=64KiB:6");
  constexpr int kRequests = 200'000;
  std::map<std::string, int> drawn;
  for (std::uint64_t n = 0; n < kRequests; ++n) {
    const auto [fate, delay] = draw_faults(faults, hash_of(n));
    EXPECT_EQ(delay, Duration::zero());
    ++drawn[fmt::format("{} {} {} {}", static_cast<int>(fate.outcome), fate.code, fate.late / 1ms,
                        fate.size_bytes)];
  }
  const auto expect_percent = [&](Outcome outcome, int code, int late_ms, int bytes,
                                  double percent) {
    const int count =
        drawn[fmt::format("{} {} {} {}", static_cast<int>(outcome), code, late_ms, bytes)];
    // Within 6 standard deviations, of draws that are the same every time.
    EXPECT_NEAR(count, kRequests * percent / 100, 6 * std::sqrt(kRequests * percent / 100))
        << static_cast<int>(outcome);
  };
  expect_percent(Outcome::error, 503, 0, 0, 10);
  expect_percent(Outcome::error, 500, 0, 0, 1);
  expect_percent(Outcome::drop_before, 0, 0, 0, 5);
  expect_percent(Outcome::drop_after, 0, 0, 0, 7);
  expect_percent(Outcome::wrong, 0, 0, 0, 3);
  expect_percent(Outcome::twice, 0, 0, 0, 2);
  expect_percent(Outcome::late, 0, 300, 0, 4);
  expect_percent(Outcome::late, 0, 1000, 0, 1);
  expect_percent(Outcome::size, 0, 0, 65536, 6);
  expect_percent(Outcome::none, 0, 0, 0, 61);
  EXPECT_EQ(drawn.size(), 10);
}

TEST(DrawFaults, ADelayDoesNotDependOnTheOutcome) {
  const FaultSpec faults = *parse_faults("error=503:50 delay=1ms:50");
  int both = 0;
  constexpr int kRequests = 40'000;
  for (std::uint64_t n = 0; n < kRequests; ++n) {
    const DrawnFaults drawn = draw_faults(faults, hash_of(n));
    if (drawn.fate.outcome == Outcome::error && drawn.delay == 1ms) ++both;
  }
  EXPECT_NEAR(both, kRequests / 4, 600);
}

TEST(DrawFaults, AllIsAllAndNoneIsNone) {
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    EXPECT_EQ(draw_faults(*parse_faults("wrong=100"), hash_of(n)).fate.outcome, Outcome::wrong);
    EXPECT_EQ(draw_faults({}, hash_of(n)).fate.outcome, Outcome::none);
    EXPECT_EQ(draw_work_delay(*parse_work("delay=2ms"), hash_of(n)), 2ms);
    EXPECT_EQ(draw_work_delay(*parse_work("cpu=2ms"), hash_of(n)), Duration::zero());
  }
}

TEST(HeaderFaultsTest, AreReadOnceForEachText) {
  HeaderFaults faults;
  EXPECT_EQ(faults.of("wrong=1")->wrong, 1);
  EXPECT_EQ(&faults.of("wrong=1"), &faults.of("wrong=1"));
  EXPECT_THAT(faults.of("wrnog=1").error().message, HasSubstr("did you mean `wrong`?"));
  EXPECT_THAT(faults.of("crash@1s").error().message, HasSubstr("for an instance"));
  EXPECT_THAT(faults.of("hang=1s@1s").error().message, HasSubstr("for an instance"));
  for (int i = 1; i < 1000; ++i) {
    EXPECT_EQ(faults.of(fmt::format("leak={}B", i))->leak_bytes, i) << "however many there are";
  }
}

}  // namespace
}  // namespace natsproof
