// When a recording starts.
#pragma once

#include "base/time.h"

namespace natsproof {

inline constexpr Instant kStart{std::chrono::hours(1)};

}  // namespace natsproof
