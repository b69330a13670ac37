// The patterns with a name, of rules.proto's Format.
#pragma once

#include <string>

#include "natsproof/rules.pb.h"

namespace natsproof {

struct NamedPattern {
  std::string rule;     // what a violation of it is called
  std::string pattern;  // empty: none
  std::string allowed;  // "it must be an e-mail address, …"
};

NamedPattern pattern_of(Format format);

}  // namespace natsproof
