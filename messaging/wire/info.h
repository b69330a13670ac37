// What a server says of itself in INFO, and what it is told in CONNECT: the JSON of the protocol.
// Cold path.
#pragma once

#include <string>
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

// The options of CONNECT, as JSON. `name`: the client's, which the server's lists show. A login
// need not be UTF-8, JSON must be: what cannot be said is refused by the server, not by an
// exception.
std::string connect_options(const std::string& name, const ServerAddress& login);

}  // namespace natsproof
