#include "models/runtime/json_buffer.h"

#include <algorithm>
#include <cstring>

namespace natsproof {

void JsonBuffer::grow(std::size_t bytes) {
  constexpr std::size_t kLeast = 256;
  capacity_ = std::max({kLeast, 2 * capacity_, size_ + bytes});
  std::unique_ptr<char[]> larger{new char[capacity_]};
  if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
}

}  // namespace natsproof
