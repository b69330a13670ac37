// How a message travels, and what a Content-Type header calls it.
#pragma once

#include <optional>
#include <string_view>

namespace natsproof {

enum class Encoding { protobuf, json };

constexpr std::string_view content_type(Encoding encoding) {
  return encoding == Encoding::protobuf ? "application/x-protobuf" : "application/json";
}

// Each that encoding_of() knows, as a text.
inline constexpr std::string_view kContentTypes =
    "application/x-protobuf, application/protobuf, application/json";

// Of a header's value, in any case and with parameters such as `; charset=utf-8`; empty is
// Protobuf, and so is the name that was registered for it later, application/protobuf. Nothing: one
// nobody knows.
std::optional<Encoding> encoding_of(std::string_view content_type);

}  // namespace natsproof
