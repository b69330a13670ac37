// The bytes a JSON document is written to: grows, is never zeroed, and is used again and again. One
// thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace natsproof {

class JsonBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
  void clear() { size_ = 0; }  // keeps its memory

  // For what writes: room for `bytes` more behind the written ones. They count from append_until()
  // on.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]] {
      grow(bytes);
    }
    return bytes_.get() + size_;
  }
  void append_until(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }

 private:
  void grow(std::size_t bytes);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace natsproof
