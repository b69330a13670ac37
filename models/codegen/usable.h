// What a .proto file may have and C++ generated from it cannot.
#pragma once

#include <google/protobuf/descriptor.h>

namespace natsproof {

// Throws a SchemaError for what is not proto3; names that protoc's own C++ does not compile with,
// or that our functions in the same namespace would hide; and types of fields that have no form in
// JSON.
void require_usable(const google::protobuf::FileDescriptor& file);

}  // namespace natsproof
