// Counts what this test program takes from the heap by operator new. Any thread.
#pragma once

#include <cstdint>

namespace natsproof {

std::uint64_t allocation_count();

}  // namespace natsproof
