// The integer that a JSON number is, whatever way it is written: 1000, 1e3, 1000.0.
#pragma once

#include <string_view>

#include "models/runtime/int128.h"

namespace natsproof {

struct ExactInteger {
  bool whole = false;     // it is an integer
  bool overflow = false;  // of more than 20 digits; `value` is not set
  Int128 value = 0;
  bool is_double = false;  // a double can hold it exactly
};

// REQUIRES: `number` has RFC 8259's form of a number.
ExactInteger read_exact_integer(std::string_view number);

}  // namespace natsproof
