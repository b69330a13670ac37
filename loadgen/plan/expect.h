// What a reply must be, as plans and `--expect` write it: `same`, `no_error`, `contains: text`,
// `equals_file: path`.
//
// In a plan the last two are a map of one key, `expect: {contains: "text"}`, or the same words as
// one quoted text, `expect: "contains: text"`; there the rest after the colon is taken as it
// stands, without surrounding blanks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

struct Expectation {
  Expect expect = Expect::no_error;
  std::string argument;  // the text of contains, the path of equals
};

Result<Expectation> parse_expectation(std::string_view text);

}  // namespace natsproof
