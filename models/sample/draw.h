// Draws from a Random. Integers only, so that the same seed gives the same data on every machine.
//
// The order of draws is the data: never two in one argument list, which compilers evaluate each in
// their own order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace natsproof {

// Uniform, both ends included. REQUIRES: least <= most.
inline std::int64_t between(Random& random, std::int64_t least, std::int64_t most) {
  return least +
         static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least) + 1));
}

inline std::int32_t between_int32(Random& random, std::int32_t least, std::int32_t most) {
  return static_cast<std::int32_t>(between(random, least, most));
}

inline bool chance(Random& random, unsigned percent) {
  return random.below(100) < percent;
}

template <typename T, std::size_t n>
const T& one_of(Random& random, const T (&list)[n]) {
  return list[random.below(n)];
}

}  // namespace natsproof
