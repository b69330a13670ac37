// Regular expressions as minimal automata over the bytes of UTF-8, made when code is generated.
//
// RE2's syntax and meaning, without what a rule beside a field has no use for: literals, escapes
// (\d \w \s \D \W \S \t \n \r \f \v \a \x41 \x{20ac} and \ before punctuation), `.` (all but \n),
// classes with ranges and negation, groups (), (?:), alternatives, * + ? {m} {m,} {m,n}, and ^ at
// the start and $ at the end, both of which must be there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace natsproof {

struct Automaton {
  static constexpr std::size_t kMostStates = 4096;
  static constexpr std::size_t kMostEntries = 65536;  // of `next`

  std::array<std::uint8_t, 256> class_of{};  // bytes that no state tells apart
  std::size_t classes = 0;
  std::vector<std::uint16_t> next;  // of [state * classes + class]
  std::size_t start = 0;            // state 0 is the one that no byte leads out of: no match
  std::size_t first_accepting = 0;  // this state and those above it accept

  [[nodiscard]] std::size_t states() const { return next.size() / classes; }
  [[nodiscard]] bool accepts(std::string_view text) const;
};

// What is not supported, where (in bytes from the start of the pattern), and what is.
class PatternError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws PatternError.
Automaton compile_pattern(std::string_view pattern);

}  // namespace natsproof
