#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "models/codegen/names.h"
#include "models/codegen/parts.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::Printer;

// The writer's call that writes `value` as one value.
std::string write_value(const FieldDescriptor& field, const std::string& value) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return fmt::format("string({})", value);
    case FieldDescriptor::TYPE_BYTES:
      return fmt::format("bytes({})", value);
    case FieldDescriptor::TYPE_BOOL:
      return fmt::format("boolean({})", value);
    case FieldDescriptor::TYPE_MESSAGE:
      return fmt::format("message({})", value);
    case FieldDescriptor::TYPE_ENUM:
      if (field.enum_type()->full_name() == "google.protobuf.NullValue") return "null()";
      return fmt::format("enumeration({}_Name({}), {})", qualified_name(*field.enum_type()), value,
                         value);
    default:
      return fmt::format("number({})", value);
  }
}

// The element of a list or map as a lambda's parameter.
std::string parameter(const FieldDescriptor& field) {
  const bool copied = field.cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
                      field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
  // A repeated field of an enum holds integers.
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return "[[maybe_unused]] int value";
  return copied ? value_type(field) + " value" : "const " + value_type(field) + "& value";
}

// Whether the field is written: it is present, or has no presence and is not its default.
std::string condition(const FieldDescriptor& field, const std::string& name) {
  const std::string value = fmt::format("message.{}()", name);
  if (field.is_repeated()) return fmt::format("!{}.empty()", value);
  if (field.has_presence()) return fmt::format("message.has_{}()", name);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return fmt::format("!{}.empty()", value);
    case FieldDescriptor::CPPTYPE_BOOL:
      return value;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return fmt::format("!::natsproof::is_zero({})", value);
    default:
      return fmt::format("{} != 0", value);
  }
}

std::string write_field(const FieldDescriptor& field, const std::string& name) {
  const std::string value = fmt::format("message.{}()", name);
  if (!field.is_repeated()) return write_value(field, value);
  const FieldDescriptor& element = field.is_map() ? *field.message_type()->map_value() : field;
  std::string call = write_value(element, "value");
  // Enums in maps are enums.
  return fmt::format("{}({}, [&]({}) {{ json.{}; }})", field.is_map() ? "map" : "list", value,
                     parameter(element), call);
}

constexpr int kAnyDepth = 1'000'000;

// How many objects and lists can be within each other in the message's document; kAnyDepth, where a
// message can be in itself. `around`: the messages that it is in.
int depth_of(const Descriptor& message, std::set<const Descriptor*>& around,
             std::map<const Descriptor*, int>& known) {
  if (const auto found = known.find(&message); found != known.end()) return found->second;
  if (!around.insert(&message).second) return kAnyDepth;
  int deepest = 0;
  for (int i = 0; i < message.field_count() && deepest < kAnyDepth; ++i) {
    const FieldDescriptor& field = *message.field(i);
    const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
    const int inner = value.message_type() ? depth_of(*value.message_type(), around, known) : 0;
    deepest = std::max(deepest, inner + (field.is_repeated() ? 1 : 0));
  }
  around.erase(&message);
  return known[&message] = std::min(kAnyDepth, deepest + 1);
}

int depth_of(const Descriptor& message) {
  std::set<const Descriptor*> around;
  std::map<const Descriptor*, int> known;
  return depth_of(message, around, known);
}

}  // namespace

void print_json_writer(const Descriptor& message, Printer& source) {
  const std::string name = type_name(message);
  source.Print(
      "void write_json_part([[maybe_unused]] const $name$& message, ::natsproof::JsonBuffer& out) "
      "{\n"
      "  ::natsproof::JsonWriter json(out);\n"
      "  json.begin();\n",
      "name", name);
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string accessor = field_name(field);
    source.Print("  if ($condition$) json.key($key$).$write$;\n", "condition",
                 condition(field, accessor), "key", literal("\"" + field.json_name() + "\":"),
                 "write", write_field(field, accessor));
  }
  source.Print(
      "  json.end();\n"
      "}\n"
      "\n"
      "::natsproof::Encoded write_json(const $name$& message, ::natsproof::JsonBuffer& out) {\n"
      "  const std::size_t begin = out.begin_document();\n"
      "  write_json_part(message, out);\n"
      "  if constexpr ($depth$ > ::natsproof::JsonBuffer::kMaxDepth) out.check_depth(begin);\n"
      "  if (out.failed()) [[unlikely]] return out.mistake(begin, *$qualified$::descriptor());\n"
      "  return {};\n"
      "}\n"
      "\n",
      "name", name, "qualified", qualified_name(message), "depth",
      std::to_string(depth_of(message)));
}

}  // namespace natsproof
