#include "models/codegen/rules_of.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include "models/codegen/schema_error.h"

namespace natsproof {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::UnknownField;

// 0: the files of the schema do not have the option.
int number_of(const FileDescriptor& file, const char* option) {
  const FieldDescriptor* extension = file.pool()->FindExtensionByName(option);
  return extension ? extension->number() : 0;
}

// The bytes at a number that this program knows no option for.
template <typename Options>
std::vector<std::string> unknown_values(const Options& options, int number) {
  std::vector<std::string> values;
  const auto& unknown = options.GetReflection()->GetUnknownFields(options);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    if (field.number() == number && field.type() == UnknownField::TYPE_LENGTH_DELIMITED)
      values.push_back(field.length_delimited());
  }
  return values;
}

}  // namespace

FieldRules rules_of(const FieldDescriptor& field) {
  const int number = number_of(*field.file(), "natsproof.rules");
  if (number == kRulesFieldNumber) return field.options().GetExtension(rules);
  FieldRules merged;
  for (const std::string& bytes : unknown_values(field.options(), number)) {
    if (!merged.MergeFromString(bytes))
      throw SchemaError(field.full_name(), "the option (natsproof.rules) is not a FieldRules");
  }
  return merged;
}

std::vector<std::string> checks_of(const Descriptor& message) {
  const int number = number_of(*message.file(), "natsproof.check");
  if (number != kCheckFieldNumber) return unknown_values(message.options(), number);
  const auto& known = message.options();
  std::vector<std::string> checks;
  for (int i = 0; i < known.ExtensionSize(check); ++i)
    checks.push_back(known.GetExtension(check, i));
  return checks;
}

}  // namespace natsproof
