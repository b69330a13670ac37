#include "models/codegen/usable.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>

#include "models/codegen/names.h"
#include "models/codegen/schema_error.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

void require_no_keyword(const std::string& where, const std::string& name, const char* remedy) {
  if (!is_keyword(name)) return;
  throw SchemaError(
      where,
      fmt::format("`{}` is a keyword of C++, and protoc writes it unchanged; {}", name, remedy));
}

void refuse_function_name(const std::string& where, const std::string& name, const char* what) {
  if (!is_function_name(name)) return;
  throw SchemaError(where, fmt::format("{} is called `{}` in C++, as a function that is generated "
                                       "in the same namespace; give it another name",
                                       what, name));
}

// google.protobuf's messages that models/runtime/well_known_reader.h and _writer.h have.
bool is_well_known(const Descriptor& message) {
  constexpr std::array<std::string_view, 16> kWellKnown{
      "BoolValue",  "BytesValue",  "DoubleValue", "Duration",  "Empty",       "FieldMask",
      "FloatValue", "Int32Value",  "Int64Value",  "ListValue", "StringValue", "Struct",
      "Timestamp",  "UInt32Value", "UInt64Value", "Value",
  };
  return std::find(kWellKnown.begin(), kWellKnown.end(), message.name()) != kWellKnown.end();
}

void require_form_in_json(const FieldDescriptor& field) {
  const Descriptor* type = field.message_type();
  if (!type || field.is_map()) return;  // a map's value is a field of its entry
  if (type->full_name() == "google.protobuf.Any") {
    throw SchemaError(
        field.full_name(),
        "google.protobuf.Any needs a registry of types to be read as JSON, and there is none; "
        "name the message, or carry its bytes");
  }
  if ((type->file()->package() == "google.protobuf" && !is_well_known(*type)) ||
      type->file()->name() == "natsproof/rules.proto") {
    throw SchemaError(field.full_name(),
                      fmt::format("{} is not supported, no JSON is written or read of it; carry "
                                  "its bytes",
                                  type->full_name()));
  }
}

// Types of another file, whose header may be included before: its functions hide the class there,
// and protoc's header of this file names the class alone.
void require_visible(const FieldDescriptor& field) {
  const auto require = [&](const auto* type) {
    if (!type || type->file() == field.file() || !is_function_name(class_name(*type))) return;
    throw SchemaError(
        field.full_name(),
        fmt::format("{} of {} is called as a function that is generated beside it, and can be used "
                    "in its own file only; give it another name",
                    type->full_name(), type->file()->name()));
  };
  require(field.message_type());
  require(field.enum_type());
}

void require_usable(const FieldDescriptor& field) {
  require_no_keyword(field.full_name(), field_name(field),
                     "call the field otherwise (json_name keeps its name in JSON)");
  if (field_name(field) == class_name(*field.containing_type())) {
    throw SchemaError(field.full_name(),
                      "a field that is called as its message would be its constructor in C++; call "
                      "one of them otherwise (json_name keeps the field's name in JSON)");
  }
  const auto is_escaped = [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  };
  if (std::any_of(field.json_name().begin(), field.json_name().end(), is_escaped)) {
    throw SchemaError(field.full_name(),
                      "its json_name has a quote, a backslash or a control character in it, which "
                      "have more than one form in JSON; leave it out");
  }
  require_form_in_json(field);
  require_visible(field);
}

// `scope`: what stands before the values' names in the namespace.
void require_usable(const EnumDescriptor& type, const std::string& scope) {
  require_no_keyword(type.full_name(), class_name(type), "call the enum otherwise");
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    require_no_keyword(value.full_name(), value_name(value), "call the value otherwise");
    refuse_function_name(value.full_name(), scope + value.name(), "the value");
  }
}

void require_usable(const Descriptor& message) {
  if (message.options().map_entry()) {
    require_form_in_json(*message.map_value());
    return require_visible(*message.map_value());
  }
  require_no_keyword(message.full_name(), class_name(message), "call the message otherwise");
  for (int i = 0; i < message.nested_type_count(); ++i) require_usable(*message.nested_type(i));
  for (int i = 0; i < message.enum_type_count(); ++i)
    require_usable(*message.enum_type(i), class_name(message) + "_");
  for (int i = 0; i < message.field_count(); ++i) require_usable(*message.field(i));
}

void require_usable_package(const FileDescriptor& file) {
  std::string_view rest = file.package();
  while (!rest.empty()) {
    const std::string part(rest.substr(0, rest.find('.')));
    require_no_keyword(file.name() + ": package " + file.package(), part,
                       "call the package otherwise");
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
}

// Whether `inner` is in `outer`, in a package that is called as a function there: shop.validate.v1.
bool hides(const std::string& outer, const std::string& inner) {
  const std::string start = outer.empty() ? "" : outer + ".";
  if (!std::string_view(inner).starts_with(start)) return false;
  const std::string_view rest = std::string_view(inner).substr(start.size());
  return is_function_name(rest.substr(0, rest.find('.')));
}

// Names of another file that end up in the namespace of our functions.
void require_no_clash(const FileDescriptor& file, const FileDescriptor& imported) {
  for (const auto& [outer, inner] : {std::pair{&file, &imported}, std::pair{&imported, &file}}) {
    if (outer->message_type_count() > 0 && hides(outer->package(), inner->package())) {
      throw SchemaError(file.name(),
                        fmt::format("the package {} of {} is called as a function that is "
                                    "generated for {}; give it another name",
                                    inner->package(), inner->name(), outer->name()));
    }
  }
  if (imported.package() != file.package() || file.message_type_count() == 0) return;
  for (int i = 0; i < imported.extension_count(); ++i) {
    const FieldDescriptor& extension = *imported.extension(i);
    refuse_function_name(extension.full_name(), field_name(extension), "the extension");
  }
  for (int i = 0; i < imported.enum_type_count(); ++i) {
    const EnumDescriptor& type = *imported.enum_type(i);
    for (int j = 0; j < type.value_count(); ++j)
      refuse_function_name(type.value(j)->full_name(), type.value(j)->name(), "the value");
  }
}

void add_imports(const FileDescriptor& file, std::set<const FileDescriptor*>& files) {
  if (!files.insert(&file).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) add_imports(*file.dependency(i), files);
}

}  // namespace

void require_usable(const FileDescriptor& file) {
  if (file.syntax() != FileDescriptor::SYNTAX_PROTO3)
    throw SchemaError(file.name(), "only `syntax = \"proto3\"` is supported");
  require_usable_package(file);
  for (int i = 0; i < file.message_type_count(); ++i) require_usable(*file.message_type(i));
  for (int i = 0; i < file.enum_type_count(); ++i) require_usable(*file.enum_type(i), "");
  std::set<const FileDescriptor*> files;
  add_imports(file, files);
  for (const FileDescriptor* other : files) require_no_clash(file, *other);
}

}  // namespace natsproof
