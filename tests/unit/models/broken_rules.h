// What a message breaks, as tests compare it: "items[0].quantity at_least".
#pragma once

#include <string>
#include <vector>

#include "models/runtime/violations.h"

namespace natsproof {

template <class Message>
std::vector<std::string> broken_rules(const Message& message) {
  Violations violations;
  const bool is_valid = validate(message, violations);
  std::vector<std::string> broken;
  for (const Violation& violation : violations.list())
    broken.push_back(violation.path + " " + violation.rule);
  if (is_valid != broken.empty()) broken.push_back("validate() says otherwise");
  return broken;
}

// The sentence of the only violation.
template <class Message>
std::string only_sentence(const Message& message) {
  Violations violations;
  validate(message, violations);
  return violations.list().size() == 1 ? violations.list()[0].message : "not one violation";
}

}  // namespace natsproof
