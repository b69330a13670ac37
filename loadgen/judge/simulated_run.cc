#include "loadgen/judge/simulated_run.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <boost/math/distributions/normal.hpp>

#include "loadgen/judge/claim_test.h"

namespace natsproof::simulation {
namespace {

std::uint64_t binomial(std::uint64_t n, double p, Generator& generator) {
  return std::binomial_distribution<std::uint64_t>(n, std::min(p, 1.0))(generator);
}

// The same from one uniform number, by inversion: much faster where n is small. n up to 1,000,
// above which 2^-n underflows.
std::uint64_t small_binomial(std::uint64_t n, double p, double uniform) {
  assert(n <= 1000);
  const double rarer = std::min(p, 1 - p);
  const double odds = rarer / (1 - rarer);
  double probability = 1;  // of exactly k
  for (std::uint64_t i = 0; i < n; ++i) probability *= 1 - rarer;
  std::uint64_t k = 0;
  for (double upto = probability; uniform > upto && k < n; upto += probability) {
    probability *= odds * static_cast<double>(n - k) / static_cast<double>(k + 1);
    ++k;
  }
  return p > 0.5 ? n - k : k;
}

double probability_below(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

}  // namespace

SimulatedRun independent(Shape shape, double share, Generator& generator) {
  return between_repetitions(shape, share, 0, generator);
}

SimulatedRun stalls(Shape shape, double share, Duration length, Generator& generator) {
  const double length_s = static_cast<double>(length.count()) * 1e-9;
  // An instant is outside every disturbance with probability exp(-frequency * length).
  std::exponential_distribution<double> gap(-std::log1p(-share) / length_s);
  SimulatedRun run;
  for (std::uint32_t r = 0; r < shape.repetitions; ++r) {
    Blocks blocks(shape.seconds, ShareCount{.planned = shape.per_s});
    const double requests = static_cast<double>(shape.seconds) * shape.per_s;
    double begin_s = -length_s;  // one may be under way at the start
    double counted = 0;          // requests up to this index are done with
    for (begin_s += gap(generator); begin_s < shape.seconds; begin_s += gap(generator)) {
      const double first = std::max(std::ceil(begin_s * shape.per_s), counted);
      const double end = std::min(std::ceil((begin_s + length_s) * shape.per_s), requests);
      for (double index = first; index < end;) {
        const auto block = static_cast<std::size_t>(index / shape.per_s);
        const double upto = std::min(end, static_cast<double>(block + 1) * shape.per_s);
        blocks[block].over += static_cast<std::uint64_t>(upto - index);
        index = upto;
      }
      counted = std::max(counted, end);
    }
    run.push_back(std::move(blocks));
  }
  return run;
}

SimulatedRun wandering(Shape shape, double share, Wandering how, Generator& generator) {
  // Fine enough against the memory, and whole steps in a second.
  const double steps_in_memory = 4;
  const double memory_s = static_cast<double>(how.memory.count()) * 1e-9;
  const auto steps = static_cast<std::uint32_t>(
      std::clamp(std::round(steps_in_memory / memory_s), 4.0, shape.per_s / 2.0));
  const double keep = std::exp(-1 / (memory_s * steps));
  const double renew = std::sqrt(1 - keep * keep);
  const boost::math::normal_distribution<> standard;
  // E[Phi(m sqrt(1+s^2) + s z)] = Phi(m)
  const double middle =
      boost::math::quantile(standard, share) * std::sqrt(1 + how.spread * how.spread);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  double z = 0;
  SimulatedRun run;
  for (std::uint32_t r = 0; r < shape.repetitions; ++r) {
    if (r == 0 || !how.runs_on) z = normal(generator);
    Blocks blocks(shape.seconds, ShareCount{.planned = 0});
    for (ShareCount& block : blocks) {
      for (std::uint32_t step = 0; step < steps; ++step) {
        const double p = probability_below(middle + how.spread * z);
        // The same number in every step but for rounding.
        const std::uint64_t upto = std::uint64_t{shape.per_s} * (step + 1) / steps;
        block.over += small_binomial(upto - block.planned, p, uniform(generator));
        block.planned = upto;
        z = keep * z + renew * normal(generator);
      }
    }
    run.push_back(std::move(blocks));
  }
  return run;
}

SimulatedRun between_repetitions(Shape shape, double median_share, double sigma,
                                 Generator& generator) {
  std::normal_distribution<double> normal;
  SimulatedRun run;
  for (std::uint32_t r = 0; r < shape.repetitions; ++r) {
    const double share = median_share * std::exp(sigma * normal(generator));
    Blocks blocks(shape.seconds, ShareCount{.planned = shape.per_s});
    for (ShareCount& block : blocks) block.over = binomial(shape.per_s, share, generator);
    run.push_back(std::move(blocks));
  }
  return run;
}

SimulatedRun stalls_between_repetitions(Shape shape, double median_share, double sigma,
                                        Duration length, Generator& generator) {
  constexpr double kMost = 0.999;
  std::normal_distribution<double> normal;
  Shape one = shape;
  one.repetitions = 1;
  SimulatedRun run;
  for (std::uint32_t r = 0; r < shape.repetitions; ++r) {
    const double share = std::min(kMost, median_share * std::exp(sigma * normal(generator)));
    run.push_back(std::move(stalls(one, share, length, generator).front()));
  }
  return run;
}

std::vector<ShareCount> sums_of(const SimulatedRun& run) {
  std::vector<ShareCount> sums;
  for (const Blocks& blocks : run) {
    ShareCount& sum = sums.emplace_back();
    for (const ShareCount& block : blocks) {
      sum.planned += block.planned;
      sum.over += block.over;
    }
  }
  return sums;
}

Verdict verdict_on(const SimulatedRun& run, double allowed, Duration measured, Duration covers) {
  const Duration covered = covered_disturbance(measured, allowed);
  const Verdict verdict = test_share(sums_of(run), design_effect(run, covered), allowed).verdict();
  return verdict == Verdict::proven && covered < covers ? Verdict::inconclusive : verdict;
}

}  // namespace natsproof::simulation
