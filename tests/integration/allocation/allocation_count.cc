#include "tests/integration/allocation/allocation_count.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace natsproof {
namespace {
thread_local std::uint64_t thread_allocations = 0, thread_bytes = 0;

void* count_and_take(std::size_t size, std::size_t alignment) {
  ++thread_allocations;
  thread_bytes += size;
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, whole);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

std::uint64_t thread_allocation_count() {
  return thread_allocations;
}
std::uint64_t thread_allocated_bytes() {
  return thread_bytes;
}

}  // namespace natsproof

// The array and nothrow forms come to these.
void* operator new(std::size_t size) {
  return natsproof::count_and_take(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return natsproof::count_and_take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
