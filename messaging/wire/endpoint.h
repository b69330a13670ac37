// A server's address as the kernel takes it.
#pragma once

#include <vector>

#include <sys/socket.h>

#include "base/result.h"
#include "messaging/server_address.h"

namespace natsproof {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

// All addresses of a host, at least one; blocks while a name is looked up (a numeric address is
// not).
Result<std::vector<Endpoint>> resolve(const ServerAddress& server);

}  // namespace natsproof
