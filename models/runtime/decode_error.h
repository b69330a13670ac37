// Why bytes could not be read as a message, and where.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace natsproof {

struct DecodeError {
  // The field in the schema's spelling, `items[3].product.variants[0].price_cents`,
  // `metadata["colour"]`; empty: the whole.
  std::string path;
  std::size_t offset = 0;  // in bytes from the start of the document, where the mistake was noticed
  std::string message;     // what is wrong there, and what is allowed

  // All three in a sentence.
  [[nodiscard]] std::string text() const;
};

// The message when the second pass disagrees with the first, which fuzzing has not seen.
inline constexpr const char* kUnexplained = "cannot be read, and a second look did not find why";

// After an error the message holds a part of the document.
using Decoded = Result<void, DecodeError>;

}  // namespace natsproof
