// How often memory was asked for.
#pragma once

#include <cstdint>
#include <optional>

namespace natsproof {

// Calls of operator new by this thread since it began; a program that calls this has operator new
// replaced. Nothing under a sanitizer, which does not live with that.
std::optional<std::uint64_t> allocations();

}  // namespace natsproof
