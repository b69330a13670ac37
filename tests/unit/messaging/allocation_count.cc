#include "tests/unit/messaging/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace natsproof {
namespace {
std::atomic<std::uint64_t> allocations{0};
}
std::uint64_t allocation_count() {
  return allocations;
}
}  // namespace natsproof

void* operator new(std::size_t size) {
  ++natsproof::allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
