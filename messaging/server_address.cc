#include "messaging/server_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace natsproof {
namespace {

constexpr std::string_view kAllowed =
    "allowed are host:port, nats://host:port, nats://user:password@host:port and "
    "nats://token@host:port";

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The text with its password or token left out, for error messages.
std::string without_login(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const auto scheme = url.find("://");
  const auto start = scheme == std::string_view::npos || scheme > at ? 0 : scheme + 3;
  return fmt::format("{}...{}", url.substr(0, start), url.substr(at));
}

Error bad_address(std::string_view url, std::string_view what) {
  return Error{fmt::format("server address \"{}\": {}; {}", without_login(url), what, kAllowed)};
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    unsigned value = 0;
    const char* const end = text.data() + i + 3;
    if (std::from_chars(text.data() + i + 1, end, value, 16).ptr != end) return std::nullopt;
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

bool is_ipv6(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  // A zone (`fe80::1%eth0`) is for the resolver; the address before it must still be one.
  return inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), address.data()) == 1;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

}  // namespace

std::string ServerAddress::display() const {
  return host.find(':') == std::string::npos ? fmt::format("nats://{}:{}", host, port)
                                             : fmt::format("nats://[{}]:{}", host, port);
}

bool ServerAddress::is_loopback() const {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

Result<ServerAddress> parse_server_address(std::string_view url) {
  url = trim(url);
  std::string_view rest = url;
  if (const auto scheme_end = rest.find("://"); scheme_end != std::string_view::npos) {
    const auto scheme = rest.substr(0, scheme_end);
    if (scheme == "tls") return bad_address(url, "TLS is not supported yet");
    if (scheme == "ws" || scheme == "wss") return bad_address(url, "WebSocket is not supported");
    if (scheme != "nats") return bad_address(url, fmt::format("unknown scheme \"{}\"", scheme));
    rest.remove_prefix(scheme_end + 3);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);

  ServerAddress address;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const auto login = rest.substr(0, at);
    const auto colon = login.find(':');
    const auto first = percent_decode(login.substr(0, colon));
    const auto second =
        percent_decode(colon == std::string_view::npos ? "" : login.substr(colon + 1));
    if (!first || !second)
      return bad_address(url, "a % in the login is not followed by two hexadecimal digits");
    if (first->empty()) return bad_address(url, "there is no user or token before the @");
    (colon == std::string_view::npos ? address.token : address.user) = *first;
    address.password = *second;
    rest.remove_prefix(at + 1);
  }

  std::string_view port;
  bool has_port = false;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return bad_address(url, "a [ without its ]");
    address.host = rest.substr(1, end - 1);
    if (!is_ipv6(address.host))
      return bad_address(url, fmt::format("\"{}\" is not an IPv6 address", address.host));
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest[0] != ':')
      return bad_address(url, "something other than a port follows the ]");
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else {
    const auto colon = rest.find(':');
    has_port = colon != std::string_view::npos;
    address.host = rest.substr(0, colon);
    port = has_port ? rest.substr(colon + 1) : std::string_view{};
    if (port.find(':') != std::string_view::npos) {
      return bad_address(url, "more than one colon after the host; an IPv6 address stands in [ ]");
    }
    if (address.host.empty()) return bad_address(url, "there is no host");
    if (!is_host_name(address.host))
      return bad_address(url, fmt::format("\"{}\" is not a host name", address.host));
  }
  if (has_port) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc{} || end != port.data() + port.size() || address.port == 0) {
      return bad_address(url, fmt::format("port \"{}\" is not a number from 1 to 65535", port));
    }
  }
  return address;
}

Result<std::vector<ServerAddress>> parse_server_addresses(std::string_view urls) {
  std::vector<ServerAddress> addresses;
  for (std::size_t start = 0; start <= urls.size();) {
    const auto comma = std::min(urls.find(',', start), urls.size());
    auto address = parse_server_address(urls.substr(start, comma - start));
    if (!address) return address.error();
    addresses.push_back(std::move(*address));
    start = comma + 1;
  }
  return addresses;
}

}  // namespace natsproof
