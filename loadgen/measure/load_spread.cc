#include "loadgen/measure/load_spread.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace natsproof {

void LoadSpread::add(double requests, double taken, double slots) {
  if (requests <= 0 || slots < 1) return;
  // Each slot stays empty with chance `one`, two given ones with chance `two`.
  const double one = std::pow(1 - 1 / slots, requests);
  const double two = std::pow(std::max(0.0, 1 - 2 / slots), requests);
  requests_ += requests;
  taken_ += taken;
  expected_ += slots * (1 - one);
  variance_ += std::max(0.0, slots * (one - one * one) + slots * (slots - 1) * (two - one * one));
}

double LoadSpread::value() const {
  constexpr double kFewest = 30, kNegligible = 0.1, kDeviations = 3;
  if (requests_ < kFewest) return 1;
  const double by_chance = kDeviations * std::sqrt(variance_) / expected_;
  const double share = taken_ / expected_;
  // Blocks of earlier versions have no slots.
  if (taken_ <= 0 || share >= 1 - std::max(kNegligible, by_chance)) return 1;
  return share;
}

double spread_of(std::span<const Block> blocks, Duration window) {
  LoadSpread spread;
  for (const Block& block : blocks) {
    const Duration length = std::min<Duration>(window, 1s);
    const double slots = static_cast<double>(length.count()) * 1e-9 * kSlots;
    spread.add(static_cast<double>(block.planned), std::popcount(block.slots), slots);
    window -= length;
  }
  return spread.value();
}

}  // namespace natsproof
