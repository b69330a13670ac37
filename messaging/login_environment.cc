#include "messaging/login_environment.h"

#include <cstdlib>
#include <string>

#include <fmt/format.h>

namespace natsproof {
namespace {

constexpr UnsupportedLogin kUnsupported[] = {
    {"NATS_CREDS", "a credentials file"},
    {"NATS_NKEY", "an nkey"},
    {"NATS_JWT", "a user JWT"},
    {"NATS_SEED", "a seed"},
    {"NATS_TOKEN", "a token"},
    {"NATS_CERT", "a TLS certificate"},
    {"NATS_KEY", "a TLS key"},
    {"NATS_CA", "a TLS authority"},
    {"NATS_CONTEXT", "a context"},
    {"NATS_SOCKS_PROXY", "a SOCKS proxy"},
};

}  // namespace

std::span<const UnsupportedLogin> unsupported_logins() {
  return kUnsupported;
}

Result<void> check_login_environment() {
  std::string set, unset;
  for (const auto& [variable, what] : kUnsupported) {
    const char* const value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    set += fmt::format("{}{} ({})", set.empty() ? "" : ", ", variable, what);
    unset += fmt::format(" -u {}", variable);
  }
  if (set.empty()) return {};
  return Error{
      fmt::format("the environment sets {}, which natsproof does not support yet: log in with "
                  "--user TOKEN, with --user and --password, or with NATS_USER and NATS_PASSWORD, "
                  "and start it as `env{} natsproof ...`",
                  set, unset)};
}

}  // namespace natsproof
