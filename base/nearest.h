// The known word nearest to a mistyped one, to suggest in an error.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace natsproof {

// The known word that takes the fewest single-character edits (insertion, deletion, change, swap of
// neighbours), the first of equals; empty when even that one differs in more than a third of the
// longer word (one edit is always near enough for words of two or more characters).
std::string nearest_word(std::string_view word, std::span<const std::string> known);

// ` (did you mean `x`?)`, or nothing when no known word is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace natsproof
