#include "loadgen/schedule/schedule.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using ::testing::ElementsAre;

Stretch step(Duration length, double per_s) {
  return {length, Rate{per_s}, Rate{per_s}};
}
Stretch ramp(Duration length, double from, double to) {
  return {length, Rate{from}, Rate{to}};
}

std::vector<Arrival> all(const std::vector<Stretch>& profile, Arrivals arrivals,
                         std::uint64_t seed = 1, std::uint32_t worker = 0,
                         std::uint32_t workers = 1) {
  Schedule schedule(Profile(profile), arrivals, seed, worker, workers);
  std::vector<Arrival> found;
  while (const auto arrival = schedule.next()) found.push_back(*arrival);
  return found;
}

std::vector<Duration> times(const std::vector<Arrival>& arrivals) {
  std::vector<Duration> found;
  for (const Arrival& arrival : arrivals) found.push_back(arrival.intended);
  return found;
}

std::uint64_t in_span(const std::vector<Arrival>& arrivals, Duration from, Duration to) {
  return static_cast<std::uint64_t>(
      std::count_if(arrivals.begin(), arrivals.end(),
                    [&](const Arrival& a) { return a.intended >= from && a.intended < to; }));
}

// index * 10^9 / rate to the nearest nanosecond, in integers.
Duration exactly(std::uint64_t index, std::uint64_t rate) {
  const std::uint64_t remainder = index % rate * 1'000'000'000;
  return Duration{
      static_cast<Duration::rep>(index / rate * 1'000'000'000 + (remainder + rate / 2) / rate)};
}

TEST(constant_schedule, sends_at_index_over_rate_and_stops_before_the_end) {
  EXPECT_THAT(times(all({step(10ms, 400)}, Arrivals::constant)),
              ElementsAre(0ns, 2500us, 5ms, 7500us));
}

TEST(constant_schedule, plans_exactly_rate_times_length) {
  for (const double rate : {1.0, 3.0, 7.0, 333.0, 2000.0, 123456.0}) {
    const auto arrivals = all({step(10s, rate)}, Arrivals::constant);
    ASSERT_EQ(arrivals.size(), static_cast<std::size_t>(rate * 10)) << rate;
    EXPECT_EQ(arrivals.back().index, arrivals.size() - 1);
  }
  // 20 a minute are not a whole binary number a second, yet a minute has 20 of them.
  EXPECT_EQ(all({step(60s, 20.0 / 60)}, Arrivals::constant).size(), 20U);
}

TEST(constant_schedule, every_arrival_is_exact_to_the_nanosecond) {
  for (const std::uint64_t rate : {3U, 7U, 1000U, 2000U, 30011U}) {
    for (const Arrival& arrival : all({step(3s, static_cast<double>(rate))}, Arrivals::constant)) {
      ASSERT_EQ(arrival.intended, exactly(arrival.index, rate)) << rate << ", " << arrival.index;
    }
  }
}

TEST(constant_schedule, does_not_drift_by_the_billionth_arrival) {
  const std::uint64_t billion = 1'000'000'000;
  for (const std::uint64_t rate : {1U, 3U, 7U, 2000U, 99'991U, 1'000'003U}) {
    const Profile profile(
        std::vector{step(std::chrono::hours(400'000), static_cast<double>(rate))});
    for (const std::uint64_t index : {billion - 1, billion, billion + 1}) {
      EXPECT_EQ(profile.time_of_arrival(static_cast<double>(index)), exactly(index, rate)) << rate;
    }
  }
}

TEST(profile, steps_and_pauses_hold_their_counts) {
  const std::vector profile{step(2s, 100), step(3s, 0), step(1s, 50)};
  const auto arrivals = all(profile, Arrivals::constant);
  EXPECT_EQ(arrivals.size(), 250U);
  EXPECT_EQ(in_span(arrivals, 0s, 2s), 200U);
  EXPECT_EQ(in_span(arrivals, 2s, 5s), 0U);
  EXPECT_EQ(in_span(arrivals, 5s, 6s), 50U);
  EXPECT_EQ(arrivals[200].intended, 5s) << "an arrival due at the pause's edge comes at its end";
  EXPECT_EQ(arrivals[201].intended, 5020ms);
}

TEST(profile, may_begin_and_end_with_a_pause) {
  const auto arrivals = all({step(1s, 0), step(1s, 2), step(1s, 0)}, Arrivals::constant);
  EXPECT_THAT(times(arrivals), ElementsAre(1s, 1500ms));
}

TEST(profile, a_ramp_sends_its_mean_rate_times_its_length) {
  const auto up = all({ramp(30s, 500, 5000)}, Arrivals::constant);
  EXPECT_EQ(up.size(), 82'500U);
  // Over the first third the rate goes from 500 to 2,000, over the last from 3,500 to 5,000.
  EXPECT_NEAR(static_cast<double>(in_span(up, 0s, 10s)), 12'500, 1);
  EXPECT_NEAR(static_cast<double>(in_span(up, 20s, 30s)), 42'500, 1);

  const auto down = all({ramp(30s, 5000, 0)}, Arrivals::constant);
  EXPECT_EQ(down.size(), 75'000U);
  EXPECT_NEAR(static_cast<double>(in_span(down, 20s, 30s)), 75'000.0 / 9, 1);
}

TEST(profile, a_ramp_from_nothing_follows_the_square_root) {
  // 0 to 200/s in 10 s: x = 10 t^2.
  const Profile profile(std::vector{ramp(10s, 0, 200)});
  EXPECT_EQ(profile.time_of_arrival(0), 0s);
  EXPECT_EQ(profile.time_of_arrival(10), 1s);
  EXPECT_EQ(profile.time_of_arrival(40), 2s);
  EXPECT_EQ(profile.time_of_arrival(490), 7s);
}

TEST(profile, a_nearly_flat_ramp_is_as_exact_as_a_step) {
  // The textbook root of the quadratic would subtract 5000 from 5000.0000000001 here.
  const Profile flat(std::vector{ramp(1000s, 5000, 5000.0000000001)});
  for (const double x : {1.0, 3333.0, 4'999'999.0}) {
    EXPECT_NEAR(static_cast<double>(flat.time_of_arrival(x).count()), x * 200'000, 1) << x;
  }
}

TEST(profile, counting_and_its_inverse_agree) {
  const Profile profile(std::vector{step(2s, 500), ramp(7s, 500, 5000), step(1s, 0),
                                    ramp(3s, 9000, 10), step(5s, 77)});
  for (double x = 0.25; x < profile.total(); x += 37.7) {
    EXPECT_NEAR(profile.arrivals_until(profile.time_of_arrival(x)), x, 1e-5);  // 10,000/s x 1 ns
  }
  EXPECT_EQ(profile.length(), 18s);
  EXPECT_DOUBLE_EQ(profile.total(), 1000 + 19'250 + 13'515 + 385);
  EXPECT_DOUBLE_EQ(profile.arrivals_until(100s), profile.total());
  EXPECT_DOUBLE_EQ(profile.arrivals_until(-1s), 0);
  EXPECT_EQ(profile.time_of_arrival(profile.total() + 1), profile.length());
  EXPECT_DOUBLE_EQ(profile.peak().per_s, 9000);
}

TEST(profile, times_never_decrease_and_stay_inside) {
  const std::vector profile{ramp(1s, 0, 200'000), ramp(1s, 200'000, 0), step(1ms, 0),
                            ramp(1s, 3, 7)};
  for (const Arrivals kind : {Arrivals::constant, Arrivals::poisson}) {
    const auto arrivals = all(profile, kind, 5);
    ASSERT_GT(arrivals.size(), 190'000U);
    for (std::size_t i = 1; i < arrivals.size(); ++i) {
      ASSERT_LE(arrivals[i - 1].intended, arrivals[i].intended) << i;
      ASSERT_EQ(arrivals[i].index, i);
    }
    EXPECT_LT(arrivals.back().intended, Profile(profile).length());
  }
}

TEST(poisson_schedule, gaps_have_the_mean_and_variance_of_an_exponential) {
  const auto arrivals = all({step(100s, 2000)}, Arrivals::poisson, 42);
  // 200,000 expected, standard deviation 447; the seed is fixed, four deviations bound a mistake,
  // not luck.
  EXPECT_NEAR(static_cast<double>(arrivals.size()), 200'000, 4 * 447);
  double sum = 0, squares = 0, last = 0;
  std::uint64_t above_mean = 0;
  for (const Arrival& arrival : arrivals) {
    const double at = static_cast<double>(arrival.intended.count()) / 1e9 * 2000;
    const double gap = at - last;
    last = at;
    sum += gap;
    squares += gap * gap;
    above_mean += gap > 1 ? 1 : 0;
  }
  const auto n = static_cast<double>(arrivals.size());
  const double mean = sum / n;
  EXPECT_NEAR(mean, 1, 0.01);
  EXPECT_NEAR(squares / n - mean * mean, 1, 0.03);
  EXPECT_NEAR(static_cast<double>(above_mean) / n, std::exp(-1), 0.005);
}

TEST(poisson_schedule, counts_a_second_vary_as_much_as_their_mean) {
  const auto arrivals = all({step(1000s, 100)}, Arrivals::poisson, 7);
  std::vector<double> counts(1000);
  for (const Arrival& a : arrivals) ++counts[static_cast<std::size_t>(a.intended / 1s)];
  double variance = 0;
  for (const double count : counts) variance += (count - 100) * (count - 100) / 1000;
  EXPECT_NEAR(variance, 100, 18);  // standard deviation of the estimate: 4.5
}

TEST(poisson_schedule, the_first_arrival_is_as_random_as_the_others) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    sum += static_cast<double>(all({step(20s, 1)}, Arrivals::poisson, seed).at(0).intended / 1ms);
  }
  EXPECT_NEAR(sum / 1000, 1000, 130);  // ms; standard deviation of the mean: 32
}

TEST(poisson_schedule, a_seed_gives_one_sequence_and_another_seed_another) {
  const std::vector profile{step(1s, 1000)};
  EXPECT_EQ(times(all(profile, Arrivals::poisson, 3)), times(all(profile, Arrivals::poisson, 3)));
  EXPECT_NE(times(all(profile, Arrivals::poisson, 3)), times(all(profile, Arrivals::poisson, 4)));
}

TEST(schedule, workers_together_send_what_one_would) {
  const std::vector profile{step(1s, 1000), ramp(2s, 1000, 9000), step(1s, 0), step(1s, 333)};
  for (const Arrivals kind : {Arrivals::constant, Arrivals::poisson}) {
    const auto single = all(profile, kind, 11);
    for (const std::uint32_t workers : {2U, 3U, 8U}) {
      std::vector<Arrival> together;
      for (std::uint32_t worker = 0; worker < workers; ++worker) {
        for (const Arrival& arrival : all(profile, kind, 11, worker, workers)) {
          EXPECT_EQ(arrival.index % workers, worker);
          together.push_back(arrival);
        }
      }
      std::sort(together.begin(), together.end(),
                [](const Arrival& a, const Arrival& b) { return a.index < b.index; });
      ASSERT_EQ(together.size(), single.size());
      for (std::size_t i = 0; i < single.size(); ++i) {
        ASSERT_EQ(together[i].index, single[i].index);
        ASSERT_EQ(together[i].intended, single[i].intended) << workers << " workers, " << i;
      }
    }
  }
}

TEST(schedule, a_worker_without_arrivals_has_none) {
  EXPECT_TRUE(all({step(1s, 2)}, Arrivals::constant, 1, 5, 8).empty());
}

}  // namespace
}  // namespace natsproof
