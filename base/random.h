// Seeded randomness for schedules, payloads and jitter: SplitMix64 (Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", 2014). The same seed gives the same run on every
// machine. One thread at a time.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace natsproof {

// A good 64-bit hash of a counter: what SplitMix64 makes of state `x`.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// A hash of a text that is the same on every machine: FNV-1a, then mixed.
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix64(hash);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    const std::uint64_t drawn = mix64(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return drawn;
  }
  // Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // Uniform in [0, bound), with a bias below bound / 2^64. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // Exponential with mean 1.
  double exponential() { return -std::log1p(-uniform()); }

 private:
  std::uint64_t state_;
};

}  // namespace natsproof
