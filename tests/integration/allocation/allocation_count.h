// Counts what each thread of this test program takes from the heap by operator new.
//
// An executable of its own: the sanitizers do not live with a replaced operator new.
#pragma once

#include <cstdint>

namespace natsproof {

// Of the calling thread, since it began.
std::uint64_t thread_allocation_count();

}  // namespace natsproof
