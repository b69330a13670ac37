#include "models/codegen/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// The keywords that protoc appends an underscore to.
constexpr std::array<std::string_view, 83> kRenamed{
    "NULL",          "alignas",      "alignof",    "and",       "and_eq",
    "asm",           "auto",         "bitand",     "bitor",     "bool",
    "break",         "case",         "catch",      "char",      "class",
    "compl",         "const",        "const_cast", "constexpr", "continue",
    "decltype",      "default",      "delete",     "do",        "double",
    "dynamic_cast",  "else",         "enum",       "explicit",  "export",
    "extern",        "false",        "float",      "for",       "friend",
    "goto",          "if",           "inline",     "int",       "long",
    "mutable",       "namespace",    "new",        "noexcept",  "not",
    "not_eq",        "nullptr",      "operator",   "or",        "or_eq",
    "private",       "protected",    "public",     "register",  "reinterpret_cast",
    "return",        "short",        "signed",     "sizeof",    "static",
    "static_assert", "static_cast",  "struct",     "switch",    "template",
    "this",          "thread_local", "throw",      "true",      "try",
    "typedef",       "typeid",       "typename",   "union",     "unsigned",
    "using",         "virtual",      "void",       "volatile",  "wchar_t",
    "while",         "xor",          "xor_eq",
};

// Those it does not know.
constexpr std::array<std::string_view, 10> kNotRenamed{
    "char8_t",  "char16_t", "char32_t",  "co_await",  "co_return",
    "co_yield", "concept",  "consteval", "constinit", "requires",
};

constexpr std::array<std::string_view, 6> kFunctions{
    "validate", "validate_part", "read_json", "read_json_part", "write_json", "write_json_part",
};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string renamed(const std::string& name) {
  return is_one_of(name, kRenamed) ? name + "_" : name;
}

std::string with_colons(const std::string& dotted) {
  std::string name;
  for (const char c : dotted) name += c == '.' ? std::string("::") : std::string(1, c);
  return name;
}

std::string qualified(const FileDescriptor& file, const std::string& name) {
  return file.package().empty() ? "::" + name : "::" + with_colons(file.package()) + "::" + name;
}

}  // namespace

bool is_function_name(std::string_view name) {
  return is_one_of(name, kFunctions);
}

bool is_keyword(std::string_view name) {
  return is_one_of(name, kRenamed) || is_one_of(name, kNotRenamed);
}

std::string class_name(const Descriptor& message) {
  const Descriptor* outer = message.containing_type();
  return renamed(outer ? class_name(*outer) + "_" + message.name() : message.name());
}

std::string class_name(const EnumDescriptor& type) {
  const Descriptor* outer = type.containing_type();
  return outer ? class_name(*outer) + "_" + type.name() : renamed(type.name());
}

std::string qualified_name(const Descriptor& message) {
  return qualified(*message.file(), class_name(message));
}

std::string qualified_name(const EnumDescriptor& type) {
  return qualified(*type.file(), class_name(type));
}

std::string type_name(const Descriptor& message) {
  return (is_function_name(class_name(message)) ? "class " : "") + qualified_name(message);
}

std::string type_name(const EnumDescriptor& type) {
  return (is_function_name(class_name(type)) ? "enum " : "") + qualified_name(type);
}

std::string namespace_of(const FileDescriptor& file) {
  return with_colons(file.package());
}

std::string field_name(const FieldDescriptor& field) {
  return renamed(field.lowercase_name());
}

std::string value_name(const EnumValueDescriptor& value) {
  return renamed(value.name());
}

std::string value_type(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return "std::int32_t";
    case FieldDescriptor::CPPTYPE_INT64:
      return "std::int64_t";
    case FieldDescriptor::CPPTYPE_UINT32:
      return "std::uint32_t";
    case FieldDescriptor::CPPTYPE_UINT64:
      return "std::uint64_t";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "double";
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "float";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "bool";
    case FieldDescriptor::CPPTYPE_STRING:
      return "std::string";
    case FieldDescriptor::CPPTYPE_ENUM:
      return type_name(*field.enum_type());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return type_name(*field.message_type());
}

std::string literal(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte >= 0x7f || c == '?') {  // `?`: no trigraphs
      quoted += fmt::format("\\{:03o}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace natsproof
