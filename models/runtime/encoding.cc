#include "models/runtime/encoding.h"

#include <algorithm>

namespace natsproof {
namespace {

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::optional<Encoding> encoding_of(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  while (type.starts_with(' ') || type.starts_with('\t')) type.remove_prefix(1);
  if (type.empty()) return Encoding::protobuf;
  if (same_but_for_case(type, "application/protobuf")) return Encoding::protobuf;
  for (const Encoding encoding : {Encoding::protobuf, Encoding::json}) {
    if (same_but_for_case(type, content_type(encoding))) return encoding;
  }
  return std::nullopt;
}

}  // namespace natsproof
