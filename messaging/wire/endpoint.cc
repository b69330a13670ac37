#include "messaging/wire/endpoint.h"

#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>

namespace natsproof {

Result<std::vector<Endpoint>> resolve(const ServerAddress& server) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(server.host.c_str(), fmt::format("{}", server.port).c_str(), &hints, &found);
  if (failed != 0) return Error{fmt::format("host \"{}\": {}", server.host, gai_strerror(failed))};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* item = found; item; item = item->ai_next) {
    Endpoint& endpoint = endpoints.emplace_back();
    std::memcpy(&endpoint.address, item->ai_addr, item->ai_addrlen);
    endpoint.size = item->ai_addrlen;
  }
  return endpoints;
}

}  // namespace natsproof
