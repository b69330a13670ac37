// What the command line says, as plain data; main.cc reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "messaging/server_address.h"

namespace natsproof {

// --server, --user, --password, or NATS_URL, NATS_USER, NATS_PASSWORD in their place. As of the
// `nats` command line, a user without a password is a token.
struct ServerOptions {
  std::vector<std::string> urls;
  std::string user, password;

  // Empty: none was named. Errors as parse_server_address().
  [[nodiscard]] Result<std::vector<ServerAddress>> addresses() const;
};

struct RunOptions {
  std::string plan;  // a file, a pack's folder or a built-in name; empty with `subject`
  ServerOptions server;
  std::string out;                 // results folder; empty: results/<UTC time>-<plan name>
  std::vector<std::string> set;    // path.to.key=value
  std::vector<std::string> sweep;  // path.to.key=value,value
  std::optional<std::uint32_t> repetitions;
  std::string time = "1x";
  bool trace = false;  // --trace
  bool quiet = false;
  bool yes = false;
  std::vector<std::string> command_line;

  // A plan in one line, for a service of the user's own.
  std::string subject, rate, request_file, expect;
  std::vector<std::string> claims, headers;
};

struct ServeCommandOptions {
  std::vector<std::string> services;
  ServerOptions server;
  std::string prefix = "natsproof.";
  std::string client = "nats.c";
  std::uint32_t instances = 1;
  bool inline_neighbours = false;  // --inline
  bool allow_faults = false;
  std::string faults, work, ledger;  // --fault, --work, --ledger
  std::string log_level = "info";
  bool log_json = false;
};

inline constexpr int kExitUsage = 2;
inline constexpr int kExitStage = 5;

}  // namespace natsproof
