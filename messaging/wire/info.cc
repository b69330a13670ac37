#include "messaging/wire/info.h"

#include <limits>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace natsproof {
namespace {

using nlohmann::json;

// Reads members of one object; the first that has the wrong type is remembered.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {}

  void read(const char* key, std::string& to) {
    if (const json* const value = find(key, &json::is_string, "a string"))
      to = value->get<std::string>();
  }
  void read(const char* key, bool& to) {
    if (const json* const value = find(key, &json::is_boolean, "true or false"))
      to = value->get<bool>();
  }
  template <typename Number>
  void read(const char* key, Number& to) {
    const json* const value = find(key, &json::is_number_unsigned, "a whole number");
    if (!value) return;
    const auto number = value->get<std::uint64_t>();
    if (number > std::numeric_limits<Number>::max()) {
      wrong(key, "a number in range");
    } else {
      to = static_cast<Number>(number);
    }
  }
  void read(const char* key, std::vector<std::string>& to) {
    const json* const value = find(key, &json::is_array, "an array");
    if (!value) return;
    for (const json& item : *value) {
      if (!item.is_string()) return wrong(key, "an array of strings");
      to.push_back(item.get<std::string>());
    }
  }
  [[nodiscard]] const std::string& mistake() const { return mistake_; }

 private:
  const json* find(const char* key, bool (json::*is_right)() const noexcept, const char* expected) {
    const auto found = object_.find(key);
    if (found == object_.end() || found->is_null()) return nullptr;
    if (((*found).*is_right)()) return &*found;
    wrong(key, expected);
    return nullptr;
  }
  void wrong(const char* key, const char* expected) {
    if (mistake_.empty())
      mistake_ = fmt::format("the server's INFO is not understood: {} is not {}", key, expected);
  }

  const json& object_;
  std::string mistake_;
};

}  // namespace

Result<WireInfo> parse_info(std::string_view text) {
  const json parsed = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object())
    return Error{"the server's INFO is not understood: it is not a JSON object"};
  WireInfo info;
  info.server.max_payload_bytes = 1024 * 1024;
  Members members(parsed);
  members.read("server_name", info.server.name);
  members.read("server_id", info.server.id);
  members.read("version", info.server.version);
  members.read("host", info.server.host);
  members.read("port", info.server.port);
  members.read("client_id", info.server.client_id);
  members.read("max_payload", info.server.max_payload_bytes);
  members.read("headers", info.server.headers);
  members.read("ldm", info.server.lame_duck);
  members.read("connect_urls", info.server.connect_urls);
  members.read("tls_required", info.tls_required);
  if (!members.mistake().empty()) return Error{members.mistake()};
  return info;
}

std::string connect_options(const std::string& name, const ServerAddress& login) {
  json options = {{"verbose", false},      {"pedantic", false},  {"headers", true},
                  {"no_responders", true}, {"echo", true},       {"protocol", 1},
                  {"lang", "natsproof"},   {"version", "0.1.0"}, {"tls_required", false},
                  {"name", name}};
  if (!login.user.empty()) {
    options["user"] = login.user;
    options["pass"] = login.password;
  }
  if (!login.token.empty()) options["auth_token"] = login.token;
  return options.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace natsproof
