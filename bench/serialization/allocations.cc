#include "bench/serialization/allocations.h"

#if !NATSPROOF_COUNT_ALLOCATIONS

namespace natsproof {

std::optional<std::uint64_t> allocations() {
  return std::nullopt;
}

}  // namespace natsproof

#else

#include <cstdlib>
#include <new>

namespace {

thread_local constinit std::uint64_t calls = 0;

void* allocate(std::size_t size) {
  ++calls;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

void* allocate(std::size_t size, std::align_val_t alignment) {
  ++calls;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
  throw std::bad_alloc();
}

}  // namespace

namespace natsproof {

std::optional<std::uint64_t> allocations() {
  return calls;
}

}  // namespace natsproof

// The forms for arrays and without exceptions call these two.
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
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

#endif
