// The C++ names that protoc's own C++ generator gives (it does not export them).
#pragma once

#include <string>

#include <google/protobuf/descriptor.h>

namespace natsproof {

std::string class_name(const google::protobuf::Descriptor& message);  // Problem_Violation
std::string qualified_name(
    const google::protobuf::Descriptor& message);  // ::natsproof::models::v1::Problem_Violation
std::string qualified_name(
    const google::protobuf::EnumDescriptor& type);  // ::natsproof::models::v1::PaymentMethod
std::string namespace_of(
    const google::protobuf::FileDescriptor& file);  // natsproof::models::v1; empty: none
std::string field_name(
    const google::protobuf::FieldDescriptor& field);  // order_id; class_ for a keyword
// The accessors' C++ type of a scalar, string or enum: std::int64_t, std::string, ::shop::Colour
std::string value_type(const google::protobuf::FieldDescriptor& field);
// A C++ string literal, quotes included.
std::string literal(const std::string& text);

}  // namespace natsproof
