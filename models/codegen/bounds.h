// at_least, at_most, above and below of a number's rules, as C++ conditions.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "natsproof/rules.pb.h"

namespace natsproof {

struct Bound {
  std::string rule;       // at_least
  std::string condition;  // value >= 1
};

struct Bounds {
  std::vector<Bound> each;  // those that not every value of the field's type keeps
  std::string allowed;      // it must be at least 1 and at most 5
};

// A bound that is not exactly a value of the field's type, and bounds that leave nothing, are
// SchemaErrors.
Bounds bounds_of(const google::protobuf::FieldDescriptor& field, const FieldRules& wanted);

}  // namespace natsproof
