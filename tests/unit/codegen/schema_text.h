// Descriptors from .proto text in memory.
#pragma once

#include <memory>
#include <string>

#include <google/protobuf/descriptor.h>

#include "natsproof/rules.pb.h"

namespace natsproof {

class SchemaText {
 public:
  // `text` follows the syntax, the package `shop` and the imports. Throws std::runtime_error with
  // protoc's words where it is not a schema. `extension`: the number of (natsproof.rules); that of
  // (natsproof.check) is behind it.
  explicit SchemaText(const std::string& text, int extension = kRulesFieldNumber);
  // With another file, "other.proto", that is imported, too: `other` is all of its text.
  SchemaText(const std::string& text, const std::string& other);
  ~SchemaText();

  [[nodiscard]] const google::protobuf::FileDescriptor& file() const;
  [[nodiscard]] const google::protobuf::Descriptor& message(const std::string& name) const;
  // What print_validator() makes of it.
  [[nodiscard]] std::string validator(const std::string& name) const;

 private:
  struct Import;
  std::unique_ptr<Import> import_;
};

}  // namespace natsproof
