// Counts what each thread of this test program takes from the heap by operator new.
//
// An executable of its own: the sanitizers do not live with a replaced operator new.
#pragma once

#include <cstdint>

namespace natsproof {

// Of the calling thread, since it began.
std::uint64_t thread_allocation_count();
std::uint64_t thread_allocated_bytes();  // what was given back is not taken off

}  // namespace natsproof
