// Patterns: against RE2 over random expressions and texts, and what is refused.
#include "models/codegen/pattern.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "tests/effort.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  template <std::size_t kSize>
  std::string of(const char* const (&choices)[kSize]) {
    return choices[below(kSize)];
  }

 private:
  std::mt19937 engine_;
};

std::string random_class(Random& random) {
  std::string text = random.below(3) == 0 ? "[^" : "[";
  for (std::size_t i = 1 + random.below(3); i > 0; --i) {
    text +=
        random.of({"a", "b-d", "\\d", "\\w", "\\s", "\\S", "A-Z", "é", "ä-ü", "\\x{3b1}-\\x{3c9}",
                   "😀-😎", "\\-", "\\]", ".", "\\n", "0-9", "\\D", "x-\\x7a"});
  }
  return text + (random.below(8) == 0 ? "-]" : "]");
}

std::string random_expression(Random& random, int depth) {
  std::string text;
  for (std::size_t parts = random.below(4) + (depth == 0 ? 1 : 0); parts > 0; --parts) {
    std::string part;
    const std::size_t kind = random.below(10);
    if (kind < 4 || depth > 2) {
      part = random.of({"a", "b",         "c",   "-",   "\\.", "@",   "é",     "😀",
                        "€", ".",         "\\d", "\\w", "\\W", "\\s", "\\x41", "\\t",
                        "0", "\\x{20ac}", "]",   "}",   "\\n", "/",   "\\\\"});
    } else if (kind < 7) {
      part = random_class(random);
    } else {
      part = random.of({"(", "(?:"}) + random_expression(random, depth + 1);
      while (random.below(2) == 0) part += "|" + random_expression(random, depth + 1);
      part += ")";
    }
    if (random.below(3) == 0)
      part += random.of({"*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}", "{0}"});
    text += part;
  }
  return text;
}

std::string random_text(Random& random) {
  std::string text;
  for (std::size_t length = random.below(9); length > 0; --length) {
    text += random.of({"a",
                       "b",
                       "c",
                       "d",
                       "A",
                       "Z",
                       "0",
                       "7",
                       "-",
                       ".",
                       "@",
                       "_",
                       " ",
                       "\t",
                       "\n",
                       "é",
                       "ä",
                       "ü",
                       "α",
                       "ω",
                       "€",
                       "😀",
                       "😎",
                       "\x7f",
                       "]",
                       "}",
                       "/",
                       "\\",
                       "\xf4\x8f\xbf\xbf",
                       "\xed\x9f\xbf",
                       "\xee\x80\x80",
                       "x",
                       "z"});
  }
  return text;
}

// Walks the automaton to make a text that is likely to be one of its own.
std::string likely_text(const Automaton& automaton, Random& random) {
  std::string text;
  std::size_t state = automaton.start;
  for (int i = 0; i < 40; ++i) {
    if (state >= automaton.first_accepting && random.below(4) == 0) break;
    const auto byte = static_cast<unsigned char>(random.below(256));
    const std::size_t to = automaton.next[state * automaton.classes + automaton.class_of[byte]];
    if (to == 0) continue;
    text += static_cast<char>(byte);
    state = to;
  }
  return text;
}

// RE2 takes some encodings of what is no code point.
bool is_utf8(const std::string& text) {
  static const RE2 any(
      "(?:[\\x00-\\x7f]|[\\xc2-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]"
      "|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}|\\xed[\\x80-\\x9f][\\x80-\\xbf]"
      "|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}"
      "|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2})*",
      RE2::Latin1);
  return RE2::FullMatch(text, any);
}

// In parts, so that each fits the time of a test under the thread sanitizer.
class RandomPatterns : public ::testing::TestWithParam<std::uint32_t> {};
constexpr std::uint32_t kParts = 8;

TEST_P(RandomPatterns, AgreeWithRe2) {
  constexpr int kExpressions = effort(400);
  Random random(GetParam());
  int matched = 0, compared = 0, expressions = 0;
  while (expressions < kExpressions) {
    const std::string pattern = "^" + random_expression(random, 0) + "$";
    if (pattern.find('|') != std::string::npos && pattern.find('(') == std::string::npos) continue;
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 oracle(pattern, options);
    ASSERT_TRUE(oracle.ok()) << pattern << ": " << oracle.error();
    Automaton automaton;
    try {
      automaton = compile_pattern(pattern);
    } catch (const PatternError& error) {  // the only things of RE2's here that are refused
      const std::string_view why = error.what();
      const bool is_limit = why.find("nothing is in this class") != why.npos ||
                            why.find("it needs more than 4096 states") != why.npos;
      ASSERT_TRUE(is_limit) << pattern << ": " << why;
      continue;
    }
    ++expressions;
    for (int i = 0; i < 60; ++i) {
      const std::string text = i % 2 == 0 ? likely_text(automaton, random) : random_text(random);
      if (!is_utf8(text)) continue;
      const bool expected = RE2::FullMatch(text, oracle);
      ASSERT_EQ(automaton.accepts(text), expected)
          << pattern << " over " << ::testing::PrintToString(text);
      matched += expected ? 1 : 0;
      ++compared;
    }
  }
  EXPECT_GT(compared, effort(10'000));  // the texts are worth something
  EXPECT_GT(matched, effort(2'500));
  EXPECT_GT(compared - matched, effort(2'500));
}

INSTANTIATE_TEST_SUITE_P(Part, RandomPatterns, ::testing::Range<std::uint32_t>(1, kParts + 1));

TEST(Pattern, TakesNoBytesThatAreNotUtf8) {
  for (const char* pattern : {"^.$", "^[^a]$", "^\\D$", "^[\\x{80}-\\x{10ffff}]$", "^.+$"}) {
    const Automaton automaton = compile_pattern(pattern);
    EXPECT_TRUE(automaton.accepts("\xed\x9f\xbf")) << pattern;
    for (const char* text :
         {"\xff", "\x80", "\xc3", "\xe2\x82", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
          "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xc3\xa9\xa9"})
      EXPECT_FALSE(automaton.accepts(text)) << pattern << " " << ::testing::PrintToString(text);
  }
}

TEST(Pattern, IsMinimal) {
  EXPECT_EQ(compile_pattern("^ab$").states(), 4u);  // dead, before a, before b, accepting
  EXPECT_EQ(compile_pattern("^(?:a|b|c)*$").states(), 2u);
  EXPECT_EQ(compile_pattern("^(?:ax|bx|cx|dx)$").states(), 4u);
  EXPECT_EQ(compile_pattern("^(?:a|b|c)*$").classes, 2u);
  EXPECT_EQ(compile_pattern("^\\d{4}$").classes, 2u);
  EXPECT_EQ(compile_pattern("^(?:a?){100}$").states(), 102u);
}

TEST(Pattern, IsBounded) {
  EXPECT_EQ(compile_pattern("^[ab]*a[ab]{10}$").states(), 2049u);
  EXPECT_THROW(compile_pattern("^[ab]*a[ab]{12}$"), PatternError);
  EXPECT_THROW(compile_pattern("^.{1000}$"), PatternError);
  EXPECT_THROW(compile_pattern("^(((a{1000}){1000}){1000}){1000}$"), PatternError);
  EXPECT_THROW(compile_pattern("^" + std::string(100'000, '(') + "$"), PatternError);
}

struct Refused {
  const char* pattern;
  const char* why;
};

class PatternRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(PatternRefuses, WithPositionAndReason) {
  try {
    compile_pattern(GetParam().pattern);
    FAIL() << "accepted";
  } catch (const PatternError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().why));
    EXPECT_THAT(error.what(), HasSubstr("Supported are literals"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, PatternRefuses,
    ::testing::Values(
        Refused{"", "at byte 0: a pattern begins with ^"},
        Refused{"a$", "at byte 0: a pattern begins"},
        Refused{"^a", "at byte 2: a pattern ends with $"},
        Refused{"^a\\$", "a pattern ends with $"},
        Refused{"^a|b$", "at byte 2: alternatives of the whole"},
        Refused{"^a$b$", "at byte 2: $ stands"}, Refused{"^a^$", "at byte 2: ^ stands"},
        Refused{"^(a$)$", "at byte 3: $ stands"}, Refused{"^(a$", "at byte 3: $ stands"},
        Refused{"^(a", "at byte 1: this ( is not closed"},
        Refused{"^a)$", "at byte 2: this ) closes nothing"},
        Refused{"^[a$", "at byte 1: this [ is not closed"}, Refused{"^[]$", "this [ is not closed"},
        Refused{"^*$", "nothing to repeat before *"},
        Refused{"^a**$", "a repetition of a repetition"}, Refused{"^a{2}{3}$", "a repetition of"},
        Refused{"^a+?$", "at byte 3: lazy"}, Refused{"^a{$", "write \\{"},
        Refused{"^a{,2}$", "write \\{"}, Refused{"^a{2,1}$", "reversed"},
        Refused{"^a{1001}$", "more than 1000"}, Refused{"^{2}$", "at byte 1: { begins"},
        Refused{"^(?=a)$", "no look-around"}, Refused{"^(?i)a$", "flags"},
        Refused{"^(?P<n>a)$", "names"}, Refused{"^\\ba$", "\\b is not supported"},
        Refused{"^(a)\\1$", "\\1 is not supported"}, Refused{"^\\pL$", "\\p is not supported"},
        Refused{"^\\Qa\\E$", "\\Q is not supported"}, Refused{"^a\\", "\\ at the end"},
        Refused{"^[b-a]$", "at byte 2: the range is reversed"},
        Refused{"^[a-\\d]$", "a range ends with"}, Refused{"^[\\d-z]$", "a range ends with"},
        Refused{"^[[:alpha:]]$", "classes such as"}, Refused{"^\\x4$", "\\x takes two"},
        Refused{"^\\x{}$", "\\x takes two"}, Refused{"^\\x{110000}$", "no such code point"},
        Refused{"^\\x{d800}$", "no such code point"},
        Refused{"^[^\\d\\D]$", "nothing is in this class"}));

}  // namespace
}  // namespace natsproof
