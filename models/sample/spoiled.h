// Valid messages made to break exactly one rule, once, somewhere.
//
// Where a message can be spoiled is read from its schema's rules, so that any message with rules
// will do; a field that stands in a check of its message or of one around it is left alone, for
// there a change could break two. Only the totals of an Order are known by name.
#pragma once

#include <optional>
#include <string>

#include <google/protobuf/message.h>

#include "base/random.h"
#include "models/sample/invalid_kind.h"

namespace natsproof {

// What validation must say, and nothing besides.
struct Breach {
  std::string path;  // items[2].product.variants[0].price_cents
  std::string rule;  // as rules.proto names it: required, at_least, pattern, check, …
};

// Spoils `valid` at a place chosen among all that the kind can mean. Nothing, and nothing changed,
// when the message has no such place, among them all kinds that break no rule.
// REQUIRES: the message is valid.
std::optional<Breach> spoil(InvalidKind kind, Random& random, google::protobuf::Message& valid);

}  // namespace natsproof
