// `option (natsproof.check)`: rules between the fields of a message; rules.proto has the language.
#pragma once

#include <string>

#include <google/protobuf/descriptor.h>

namespace natsproof {

// The definition of a C++ function
//   static void name(const M& message, const ::natsproof::Path* at, ::natsproof::Violations&)
// which adds a violation where the expression does not hold. A mistake in it is a SchemaError that
// points to it.
std::string check_function(const google::protobuf::Descriptor& message,
                           const std::string& expression, const std::string& name);

}  // namespace natsproof
