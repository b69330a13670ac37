#include "loadgen/app/options.h"

namespace natsproof {

Result<std::vector<ServerAddress>> ServerOptions::addresses() const {
  std::vector<ServerAddress> all;
  for (const std::string& url : urls) {
    auto some = parse_server_addresses(url);
    if (!some) return some.error();
    for (ServerAddress& address : *some) {
      if (address.user.empty() && address.token.empty()) {
        (password.empty() ? address.token : address.user) = user;
        address.password = password;
      }
      all.push_back(std::move(address));
    }
  }
  return all;
}

}  // namespace natsproof
