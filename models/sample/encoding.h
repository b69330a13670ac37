// How a message travels, and what a Content-Type header calls it.
#pragma once

#include <string_view>

namespace natsproof {

enum class Encoding { protobuf, json };

constexpr std::string_view content_type(Encoding encoding) {
  return encoding == Encoding::protobuf ? "application/x-protobuf" : "application/json";
}

}  // namespace natsproof
