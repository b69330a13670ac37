// Where a NATS server is and how to log in, as in `nats://user:password@127.0.0.1:4222`,
// `nats://token@host`, `host:port`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace natsproof {

struct ServerAddress {
  std::string host = "127.0.0.1";  // IPv6 without brackets
  std::uint16_t port = 4222;
  std::string user{}, password{};  // percent-decoded; empty: none
  std::string token{};

  // Without credentials, fit for a log or a report: `nats://host:port`.
  [[nodiscard]] std::string display() const;
  [[nodiscard]] bool is_loopback() const;
};

// One address. Errors name the text and what is allowed; `tls://` and `ws://` are refused, saying
// so.
Result<ServerAddress> parse_server_address(std::string_view url);
// A comma-separated list, as in NATS_URL.
Result<std::vector<ServerAddress>> parse_server_addresses(std::string_view urls);

}  // namespace natsproof
