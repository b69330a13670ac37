#include "loadgen/measure/load_spread.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "loadgen/measure/recorder.h"

namespace natsproof {
namespace {

constexpr Instant kFrom{1h};
constexpr Duration kTenSeconds = 10s;

std::vector<Block> recorded(const std::vector<Duration>& intended, Duration window = kTenSeconds) {
  const std::vector<RecordedTask> tasks = {{.name = "echo"}};
  const std::vector<std::string> names = {"echo"};
  const std::vector<Claim> claims = {*parse_claim("response p99 < 10ms", names)};
  Recorder recorder(tasks, claims, true, {kFrom - 1s, kFrom, kFrom + window});
  for (const Duration at : intended)
    recorder.decided({.intended = kFrom + at, .actual = kFrom + at, .at = kFrom + at + 1ms});
  return recorder.take_blocks().at(0);
}

double spread(const std::vector<Duration>& intended, Duration window = kTenSeconds) {
  return spread_of(recorded(intended, window), window);
}

std::vector<Duration> constant(double per_s, Duration window = kTenSeconds) {
  std::vector<Duration> times;
  const auto all = static_cast<int>(per_s * static_cast<double>(window.count()) * 1e-9);
  for (int i = 0; i < all; ++i) times.emplace_back(static_cast<std::int64_t>(i * 1e9 / per_s));
  return times;
}

std::vector<Duration> poisson(double per_s, std::uint64_t seed) {
  std::vector<Duration> times;
  Random random(seed);
  for (double at_s = random.exponential() / per_s; at_s < 10; at_s += random.exponential() / per_s)
    times.emplace_back(static_cast<std::int64_t>(at_s * 1e9));
  return times;
}

// `requests` together, every `period`.
std::vector<Duration> bursts(int requests, Duration period, Duration first = 0ns) {
  std::vector<Duration> times;
  for (Duration at = first; at < kTenSeconds; at += period) times.insert(times.end(), requests, at);
  return times;
}

TEST(LoadSpread, ABlockKeepsTheSlotsOfItsOwnRequests) {
  const auto blocks =
      recorded({0ns, 1ns, 1s - 1ns, 1s, Duration{1s} + 15'625'000ns, 2500ms, -1ns, 10s});
  EXPECT_EQ(blocks[0].slots, 1u | std::uint64_t{1} << 63);
  EXPECT_EQ(blocks[1].slots, 3u);
  EXPECT_EQ(blocks[2].slots, std::uint64_t{1} << 32);
  for (std::size_t second = 3; second < 10; ++second) EXPECT_EQ(blocks[second].slots, 0u);
}

TEST(LoadSpread, OfAConstantRateIsWhole) {
  for (const double per_s : {1., 3., 5., 10., 20., 32., 60., 64., 65., 100., 128., 1000., 3000.})
    EXPECT_EQ(spread(constant(per_s)), 1) << per_s;
  // A window that ends within a second, or is shorter than one.
  for (const Duration window : {Duration{300ms}, Duration{999ms}, Duration{2100ms}})
    EXPECT_EQ(spread(constant(1000, window), window), 1);
}

TEST(LoadSpread, IsNotLessenedByChance) {
  int lessened = 0;
  for (const double per_s : {3., 5., 10., 20., 64., 100., 500., 2000.}) {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) lessened += spread(poisson(per_s, seed)) < 1;
  }
  EXPECT_LE(lessened, 1);
}

TEST(LoadSpread, OfBurstsIsWhatTheyFill) {
  EXPECT_NEAR(spread(bursts(20, 1s)), 1 / 17.3, 1e-3);
  EXPECT_NEAR(spread(bursts(20, 1s, 999ms)), 1 / 17.3, 1e-3);
  EXPECT_NEAR(spread(bursts(2000, 1s)), 1 / 64., 1e-3);
  EXPECT_NEAR(spread(bursts(10, 100ms)), 10 / 50.7, 1e-3);
  // Bursts amid a steady load that is large enough to fill the slots: the block is full.
  auto mixed = bursts(1000, 1s);
  const auto steady = constant(1000);
  mixed.insert(mixed.end(), steady.begin(), steady.end());
  EXPECT_EQ(spread(mixed), 1);
  // Half a second that is full and half of one that is empty.
  auto half = constant(2000);
  std::erase_if(half, [](Duration at) { return at % 1s >= 500ms; });
  EXPECT_NEAR(spread(half), 0.5, 1e-3);
}

TEST(LoadSpread, OfTooFewIsNotTold) {
  EXPECT_EQ(spread(bursts(29, 10s)), 1);
  EXPECT_LT(spread(bursts(30, 10s)), 0.1);
  EXPECT_EQ(spread({}), 1);
  EXPECT_EQ(spread_of({}, 0s), 1);
}

// A file of an earlier version has no slots.
TEST(LoadSpread, OfBlocksWithoutSlotsIsNotTold) {
  const std::vector<Block> blocks(10, Block{.planned = 1000});
  EXPECT_EQ(spread_of(blocks, kTenSeconds), 1);
}

}  // namespace
}  // namespace natsproof
