// The bytes a JSON document is written to: grows, is never zeroed, and is used again and again.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace natsproof {

class JsonBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
  void clear() { size_ = 0; }  // keeps its memory

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace natsproof
