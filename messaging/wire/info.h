// What a server says of itself in INFO. Cold path.
#pragma once

#include <string_view>

#include "base/result.h"
#include "messaging/transport.h"

namespace natsproof {

struct WireInfo {
  ServerInfo server;
  bool tls_required = false;
};

// Errors: not a JSON object, or a member of the wrong type, named. Members that are missing keep
// their defaults (max_payload: 1 MiB); unknown ones are left alone. Any bytes may be given.
Result<WireInfo> parse_info(std::string_view json);

}  // namespace natsproof
