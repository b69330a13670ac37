// Opaque payloads of an exact size.
//
// Printable ASCII: a person reads it in a trace, and it can stand in a JSON text as it is, at the
// same size. Of 64 characters, each as likely as the next, so that compression takes away a quarter
// and no more.
#pragma once

#include <cstddef>
#include <string>

#include "base/random.h"

namespace natsproof {

std::string sample_payload(Random& random, std::size_t bytes);

}  // namespace natsproof
