// The rules that stand beside a field or a message.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "natsproof/rules.pb.h"

namespace natsproof {

// At the numbers that the schema's own natsproof/rules.proto gives the options: a user may have had
// to change them. None, where a file does not import it. An option of another type at these numbers
// is a SchemaError.
FieldRules rules_of(const google::protobuf::FieldDescriptor& field);
std::vector<std::string> checks_of(const google::protobuf::Descriptor& message);

}  // namespace natsproof
