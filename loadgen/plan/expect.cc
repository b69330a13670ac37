#include "loadgen/plan/expect.h"

#include <algorithm>

#include <fmt/format.h>

#include "loadgen/plan/mistakes.h"

namespace natsproof {

Result<Expectation> parse_expectation(std::string_view text) {
  if (text == "same") return Expectation{.expect = Expect::same};
  if (text == "no_error") return Expectation{.expect = Expect::no_error};
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view word = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    rest = rest.substr(0, rest.find_last_not_of(' ') + 1);
    if (word == "contains" || word == "equals_file") {
      if (rest.empty()) return Error{fmt::format("{} has nothing after it", in_ticks(text))};
      return Expectation{.expect = word == "contains" ? Expect::contains : Expect::equals,
                         .argument = std::string(rest)};
    }
  }
  return Error{
      fmt::format("{} is not known: same, no_error, `contains: text` and `equals_file: path` are",
                  in_ticks(text))};
}

}  // namespace natsproof
