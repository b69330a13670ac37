#include <string>

#include <fmt/format.h>

#include "models/codegen/names.h"
#include "models/codegen/parts.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::Printer;

constexpr const char* kValue = "google.protobuf.Value";
constexpr const char* kNullValue = "google.protobuf.NullValue";

// By the field's number: `A.b_c` and `A_b.c` would be one name.
std::string values_name(const FieldDescriptor& field) {
  return fmt::format("k{}_{}_values", class_name(*field.containing_type()), field.number());
}

// The reader's call that gives a number, a bool or an enum.
std::string read_scalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return "in.int32()";
    case FieldDescriptor::CPPTYPE_INT64:
      return "in.int64()";
    case FieldDescriptor::CPPTYPE_UINT32:
      return "in.uint32()";
    case FieldDescriptor::CPPTYPE_UINT64:
      return "in.uint64()";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "in.float64()";
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "in.float32()";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "in.boolean()";
    default:
      break;
  }
  const std::string number = fmt::format("in.enumeration({})", values_name(field));
  const bool null = field.enum_type()->full_name() == kNullValue;
  return fmt::format("static_cast<{}>({})", type_name(*field.enum_type()),
                     null ? "in.null() ? 0 : " + number : number);
}

bool is_scalar(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
         field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
}

// The statement that reads into `place`, an lvalue that is a string or a message.
std::string read_into(const FieldDescriptor& field, const std::string& place) {
  if (field.type() == FieldDescriptor::TYPE_STRING) return "in.string(" + place + ");";
  if (field.type() == FieldDescriptor::TYPE_BYTES) return "in.bytes(" + place + ");";
  return "read_json_part(in, " + place + ");";
}

std::string read_map(const FieldDescriptor& field, const std::string& name) {
  const FieldDescriptor& value = *field.message_type()->map_value();
  const std::string statement =
      is_scalar(value) ? "value = " + read_scalar(value) + ";" : read_into(value, "value");
  return "in.map(*message.mutable_" + name + "(), [&](" + value_type(value) + "& value) { " +
         statement + " });";
}

std::string read_list(const FieldDescriptor& field, const std::string& name) {
  const std::string statement = is_scalar(field)
                                    ? "message.add_" + name + "(" + read_scalar(field) + ");"
                                    : read_into(field, "*message.add_" + name + "()");
  return "in.list([&] { " + statement + " });";
}

std::string read_singular(const FieldDescriptor& field, const std::string& name) {
  return is_scalar(field) ? "message.set_" + name + "(" + read_scalar(field) + ");"
                          : read_into(field, "*message.mutable_" + name + "()");
}

// Whether a null is a value of the field's own.
bool takes_null(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  return (field.message_type() && field.message_type()->full_name() == kValue) ||
         (field.enum_type() && field.enum_type()->full_name() == kNullValue);
}

void print_field(const FieldDescriptor& field, Printer& out) {
  const std::string name = field_name(field);
  const std::string statement = field.is_map()        ? read_map(field, name)
                                : field.is_repeated() ? read_list(field, name)
                                                      : read_singular(field, name);
  out.Print("      case $index$:  // $name$\n", "index", std::to_string(field.index()), "name",
            field.name());
  if (!takes_null(field)) out.Print("        if (in.null()) break;\n");
  if (const auto* one = field.real_containing_oneof()) {
    out.Print(
        "        if (message.$oneof$_case() != 0) return in.fail(\"another field of `$oneof$` is "
        "there\");\n",
        "oneof", one->name());
  }
  out.Print("        $statement$\n        break;\n", "statement", statement);
}

// The names of an enum that a field reads. An alias reads as its number.
void print_enum_values(const FieldDescriptor& field, Printer& out) {
  const FieldDescriptor* value = field.is_map() ? field.message_type()->map_value() : &field;
  if (value->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return;
  const EnumDescriptor& type = *value->enum_type();
  out.Print("constexpr std::array<::natsproof::JsonEnumValue, $count$> $name${{\n", "count",
            std::to_string(type.value_count()), "name", values_name(*value));
  for (int i = 0; i < type.value_count(); ++i) {
    out.Print("    {std::string_view(\"$name$\"), $number$},\n", "name", type.value(i)->name(),
              "number", std::to_string(type.value(i)->number()));
  }
  out.Print("}};\n\n");
}

}  // namespace

void print_json_reader(const Descriptor& message, Printer& source) {
  const std::string name = class_name(message);
  for (int i = 0; i < message.field_count(); ++i) {
    print_enum_values(*message.field(i), source);
  }
  source.Print("constexpr std::array<::natsproof::JsonName, $count$> k$name$_fields{{\n", "name",
               name, "count", std::to_string(message.field_count()));
  for (int i = 0; i < message.field_count(); ++i) {
    source.Print("    {$json$, \"$original$\"},\n", "json", literal(message.field(i)->json_name()),
                 "original", message.field(i)->name());
  }
  source.Print(
      "}};\n"
      "\n"
      "void read_json_part(::natsproof::JsonReader& in, [[maybe_unused]] $type$& message) {\n"
      "  in.object(k$name$_fields, [&](std::size_t field) {\n"
      "    switch (field) {\n",
      "name", name, "type", type_name(message));
  for (int i = 0; i < message.field_count(); ++i) print_field(*message.field(i), source);
  source.Print(
      "      default:\n"
      "        break;\n"
      "    }\n"
      "  });\n"
      "}\n"
      "\n"
      "::natsproof::Decoded read_json(std::string_view document, $type$& message) {\n"
      "  message.Clear();\n"
      "  ::natsproof::JsonReader in(document);\n"
      "  read_json_part(in, message);\n"
      "  return in.finish(*$qualified$::descriptor());\n"
      "}\n"
      "\n",
      "type", type_name(message), "qualified", qualified_name(message));
}

}  // namespace natsproof
