// Why a message could not be written as JSON, and where.
#pragma once

#include <string>

#include "base/result.h"

namespace natsproof {

struct EncodeError {
  // The field in the schema's spelling, as DecodeError has it.
  std::string path;
  std::string message;  // what is there, and what has a form in JSON

  [[nodiscard]] std::string text() const { return path.empty() ? message : path + ": " + message; }
};

using Encoded = Result<void, EncodeError>;

}  // namespace natsproof
