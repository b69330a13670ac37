#include "models/runtime/decode_error.h"

#include <fmt/format.h>

namespace natsproof {

std::string DecodeError::text() const {
  return path.empty() ? fmt::format("byte {}: {}", offset, message)
                      : fmt::format("{} (byte {}): {}", path, offset, message);
}

}  // namespace natsproof
