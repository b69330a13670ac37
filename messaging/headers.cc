#include "messaging/headers.h"

#include <algorithm>

#include <fmt/format.h>

namespace natsproof {
namespace {

constexpr std::string_view kVersion = "NATS/1.0";

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

int header_status(std::string_view block) {
  if (!block.starts_with(kVersion)) return 0;
  block.remove_prefix(kVersion.size());
  if (block.empty() || block[0] != ' ') return 0;
  block = without_blanks(block.substr(0, block.find('\r')));
  // A status has three digits, as in HTTP; anything else is a description without one.
  if (block.size() < 3 || (block.size() > 3 && block[3] != ' ')) return 0;
  int status = 0;
  for (const char c : block.substr(0, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

std::optional<std::string_view> find_header(std::string_view block, std::string_view key) {
  auto line_end = block.find("\r\n");
  while (line_end != std::string_view::npos) {
    block.remove_prefix(line_end + 2);
    line_end = block.find("\r\n");
    const auto line = block.substr(0, line_end);
    if (line.size() > key.size() && line[key.size()] == ':' && line.starts_with(key)) {
      return without_blanks(line.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

Result<std::string> make_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  if (headers.empty()) return std::string{};
  std::string block{kVersion};
  block += "\r\n";
  for (const auto& [key, value] : headers) {
    const bool key_ok = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
      return c > ' ' && c < 127 && c != ':';
    });
    if (!key_ok) {
      return Error{
          fmt::format("header key \"{}\": a key is one or more printable ASCII characters, without "
                      "blanks and colons",
                      key)};
    }
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return Error{fmt::format(
          "header \"{}\": its value has a line break or a zero byte, which no header can carry",
          key)};
    }
    block += key;
    block += ": ";
    block += value;
    block += "\r\n";
  }
  block += "\r\n";
  return block;
}

}  // namespace natsproof
