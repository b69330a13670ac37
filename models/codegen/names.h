// The C++ names that protoc's own C++ generator gives (it does not export them).
#pragma once

#include <string>
#include <string_view>

#include <google/protobuf/descriptor.h>

namespace natsproof {

std::string class_name(const google::protobuf::Descriptor& message);  // Problem_Violation
std::string class_name(const google::protobuf::EnumDescriptor& type);
// With the namespace, for what stands before :: or a suffix:
// ::natsproof::models::v1::Problem_Violation
std::string qualified_name(const google::protobuf::Descriptor& message);
std::string qualified_name(const google::protobuf::EnumDescriptor& type);
// The same as a type: `class ::shop::validate` where a function of ours hides the class.
std::string type_name(const google::protobuf::Descriptor& message);
std::string type_name(const google::protobuf::EnumDescriptor& type);
// Whether our functions in the namespace of a file have this name.
bool is_function_name(std::string_view name);
// Whether it is a keyword of C++20; protoc appends an underscore to most of them.
bool is_keyword(std::string_view name);
std::string namespace_of(
    const google::protobuf::FileDescriptor& file);  // natsproof::models::v1; empty: none
std::string field_name(
    const google::protobuf::FieldDescriptor& field);  // order_id; class_ for a keyword
std::string value_name(const google::protobuf::EnumValueDescriptor& value);
// The accessors' C++ type of a scalar, string or enum: std::int64_t, std::string, ::shop::Colour
std::string value_type(const google::protobuf::FieldDescriptor& field);
// A C++ string literal, quotes included.
std::string literal(const std::string& text);

}  // namespace natsproof
