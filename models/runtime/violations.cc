#include "models/runtime/violations.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace natsproof {

namespace {

// As in JSON's strings, and not all of it where that is long.
void append_key(std::string& text, std::string_view key) {
  constexpr std::size_t kMostBytes = 100;
  std::size_t end = std::min(key.size(), kMostBytes);
  while (end < key.size() && end > 0 && (key[end] & 0xc0) == 0x80) --end;  // whole characters
  for (const char c : key.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') text += '\\';
    if (byte < 0x20 || byte == 0x7f) {
      text += fmt::format("\\u{:04x}", byte);
    } else {
      text += c;
    }
  }
  if (end < key.size()) text += "…";
}

}  // namespace

std::string Path::text() const {
  std::string whole = parent ? parent->text() : "";
  if (!whole.empty()) whole += '.';
  whole += field;
  if (index >= 0) whole += fmt::format("[{}]", index);
  if (key) {
    whole += "[\"";
    append_key(whole, *key);
    whole += "\"]";
  }
  if (!bare_key.empty()) whole += fmt::format("[{}]", bare_key);
  return whole;
}

void Violations::add(const Path& at, std::string_view rule, std::string message) {
  if (full()) return;
  list_.push_back({.path = at.text(), .rule = std::string(rule), .message = std::move(message)});
}

}  // namespace natsproof
