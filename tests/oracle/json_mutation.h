// Documents that are nearly right: well-formed JSON with a value, a key or an element changed for
// another.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"

namespace natsproof {

// One to three changes. A document that is not JSON comes back as it is.
std::string mutate_json(std::string_view document, Random& random);

}  // namespace natsproof
