// Ways to log in that the `nats` command line takes from the environment and this program has not.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace natsproof {

struct UnsupportedLogin {
  const char* variable;
  std::string_view what;  // `a credentials file`
};
std::span<const UnsupportedLogin> unsupported_logins();

// For whoever is about to log in. Errors: such a variable is set, and would be ignored; the message
// names all that are, and what to do.
Result<void> check_login_environment();

}  // namespace natsproof
