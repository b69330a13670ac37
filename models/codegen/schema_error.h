// A mistake in a .proto file: the plugin stops and protoc prints it.
#pragma once

#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace natsproof {

class SchemaError : public std::runtime_error {
 public:
  // `where` is the full name of the field or message.
  SchemaError(const std::string& where, const std::string& what)
      : std::runtime_error(fmt::format("{}: {}", where, what)) {}
};

}  // namespace natsproof
