// min_chars, max_chars, pattern, format, without; and what is missing.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/runtime/rule_checks.h"
#include "tests/unit/models/broken_rules.h"
#include "unit/models/every_rule.natsproof.h"

namespace natsproof {
namespace {

using test::rule::Texts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Texts valid_texts() {
  Texts texts;
  texts.set_chars("abc");
  texts.set_pattern("abc");
  texts.set_email("ann@example.com");
  texts.set_uuid("123e4567-e89b-12d3-a456-426614174000");
  texts.set_uri("https://example.com");
  texts.set_semver("1.2.3");
  return texts;
}

// What is broken when `set` has changed a valid message.
template <class Set>
std::vector<std::string> texts_broken_by(Set set) {
  Texts texts = valid_texts();
  set(texts);
  return broken_rules(texts);
}

TEST(ValidateTexts, AValidOneBreaksNothing) {
  EXPECT_THAT(broken_rules(valid_texts()), IsEmpty());
}

TEST(ValidateTexts, EachMissingTextIsOneViolation) {
  EXPECT_THAT(broken_rules(Texts()),
              ElementsAre("chars required", "pattern required", "email required", "uuid required",
                          "uri required", "semver required"));
}

TEST(ValidateTexts, CharactersAreCodePoints) {
  const auto broken = [](const std::string& text) {
    return texts_broken_by([&](Texts& texts) { texts.set_chars(text); });
  };
  EXPECT_THAT(broken("ab"), IsEmpty());
  EXPECT_THAT(broken("abcd"), IsEmpty());
  EXPECT_THAT(broken("a"), ElementsAre("chars min_chars"));
  EXPECT_THAT(broken("abcde"), ElementsAre("chars max_chars"));
  EXPECT_THAT(broken("é"), ElementsAre("chars min_chars"));
  EXPECT_THAT(broken("😀"), ElementsAre("chars min_chars"));
  EXPECT_THAT(broken("😀é"), IsEmpty());
  EXPECT_THAT(broken("😀😀😀😀"), IsEmpty());
  EXPECT_THAT(broken("😀😀😀😀a"), ElementsAre("chars max_chars"));
  EXPECT_THAT(broken("ééééé"), ElementsAre("chars max_chars"));
  EXPECT_THAT(broken(std::string(1'000'000, 'a')), ElementsAre("chars max_chars"));
  EXPECT_THAT(broken(std::string("\0\0", 2)), IsEmpty());
}

TEST(ValidateTexts, CharactersAreCountedRightWhereverBytesDoNotTell) {
  for (const char* unit : {"a", "é", "€", "😀"}) {
    std::string text;
    for (std::size_t count = 0; count < 40; ++count) {
      EXPECT_EQ(count_chars(text), count);
      EXPECT_EQ(count_chars("x" + text + "yz"), count + 3);
      for (std::size_t least = 0; least < 45; ++least) {
        EXPECT_EQ(has_chars(text, least, std::string::npos), count >= least) << text << least;
        EXPECT_EQ(has_chars(text, 0, least), count <= least) << text << least;
        EXPECT_EQ(has_chars(text, least, least + 2), count >= least && count <= least + 2) << text;
      }
      text += unit;
    }
  }
}

TEST(ValidateTexts, AnAbsentOptionalTextIsRightAnEmptyOneIsLookedAt) {
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_optional_chars(""); }),
              ElementsAre("optional_chars min_chars"));
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_optional_chars("abcde"); }),
              ElementsAre("optional_chars max_chars"));
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_optional_pattern(""); }),
              ElementsAre("optional_pattern pattern"));
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_optional_pattern("x"); }), IsEmpty());
}

TEST(ValidateTexts, AtMost) {
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_at_most("😀😀😀😀"); }), IsEmpty());
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_at_most("abcde"); }),
              ElementsAre("at_most max_chars"));
}

TEST(ValidateTexts, Without) {
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_without("xxFAI LFAIfail"); }),
              IsEmpty());
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_without("xxFAFAILxx"); }),
              ElementsAre("without without"));
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_without("FAIL"); }),
              ElementsAre("without without"));
}

TEST(ValidateTexts, Pattern) {
  const auto broken = [](const std::string& text) {
    return texts_broken_by([&](Texts& texts) { texts.set_pattern(text); });
  };
  EXPECT_THAT(broken("a"), IsEmpty());
  EXPECT_THAT(broken("xyz"), IsEmpty());
  for (const char* wrong : {"abcd", "A", "ab\n", "aé", " a"})
    EXPECT_THAT(broken(wrong), ElementsAre("pattern pattern")) << wrong;
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_may_be_empty("xxx"); }), IsEmpty());
  EXPECT_THAT(texts_broken_by([](Texts& texts) { texts.set_may_be_empty("y"); }),
              ElementsAre("may_be_empty pattern"));
}

TEST(ValidateTexts, Email) {
  const auto broken = [](const std::string& text) {
    return texts_broken_by([&](Texts& texts) { texts.set_email(text); });
  };
  for (const char* right : {"a@b.c", "first.last+tag@sub.example.co.uk",
                            "!#$%&'*+/=?^_`{|}~-@a-b.de", "1@1.1", ".a.@x.y"})
    EXPECT_THAT(broken(right), IsEmpty()) << right;
  const std::string label(63, 'a');
  EXPECT_THAT(broken("x@" + label + "." + label), IsEmpty());
  EXPECT_THAT(broken("x@" + label + "a.com"), ElementsAre("email format"));
  EXPECT_THAT(broken("x@com." + label + "a"), ElementsAre("email format"));
  for (const char* wrong : {"a", "a@b", "@b.c", "a@", "a@b.", "a@.c", "a@-b.c", "a@b-.c", "a@b.c-",
                            "a@b..c", "a b@c.d", "a@b@c.d", "ann@exämple.com", "\\@a.b", "a@b.c\n"})
    EXPECT_THAT(broken(wrong), ElementsAre("email format")) << wrong;
}

TEST(ValidateTexts, Uuid) {
  const auto broken = [](const std::string& text) {
    return texts_broken_by([&](Texts& texts) { texts.set_uuid(text); });
  };
  EXPECT_THAT(broken("ABCDEF00-0000-0000-0000-abcdefABCDEF"), IsEmpty());
  for (const char* wrong :
       {"123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400",
        "123e4567-e89b-12d3-a456-4266141740000", "g23e4567-e89b-12d3-a456-426614174000",
        "{123e4567-e89b-12d3-a456-426614174000}"})
    EXPECT_THAT(broken(wrong), ElementsAre("uuid format")) << wrong;
}

TEST(ValidateTexts, Uri) {
  const auto broken = [](const std::string& text) {
    return texts_broken_by([&](Texts& texts) { texts.set_uri(text); });
  };
  for (const char* right : {"a:b", "https://ann@example.com:8080/a/b%20c?d=e&f#g",
                            "urn:isbn:0451450523", "mailto:a@b.c", "h2+x-y.z://[::1]/"})
    EXPECT_THAT(broken(right), IsEmpty()) << right;
  for (const char* wrong :
       {"a", "a:", ":b", "//b", "1a:b", "a:b c", "a:%2", "a:%g0", "a:\"", "a:é", "a_b:c"})
    EXPECT_THAT(broken(wrong), ElementsAre("uri format")) << wrong;
}

TEST(ValidateTexts, Semver) {
  const auto broken = [](const std::string& text) {
    return texts_broken_by([&](Texts& texts) { texts.set_semver(text); });
  };
  for (const char* right : {"0.0.0", "10.20.30", "1.0.0-alpha.1", "1.0.0-0A.is.legal",
                            "1.0.0+build.001", "1.0.0--x+y", "99999999999999999999.0.0"})
    EXPECT_THAT(broken(right), IsEmpty()) << right;
  for (const char* wrong : {"1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+",
                            "v1.2.3", "1.2.3-a..b", "-1.2.3"})
    EXPECT_THAT(broken(wrong), ElementsAre("semver format")) << wrong;
}

TEST(ValidateTexts, ElementsAreLookedAtOneByOne) {
  Texts texts = valid_texts();
  for (const char* text : {"a", "", "abc", "abcd"}) texts.add_several(text);
  texts.add_emails("a@b.c");
  texts.add_emails("");
  EXPECT_THAT(broken_rules(texts),
              ElementsAre("several[1] min_chars", "several[3] max_chars", "emails[1] format"));
  texts.add_several("a");
  EXPECT_THAT(broken_rules(texts), ElementsAre("several max_items", "several[1] min_chars",
                                               "several[3] max_chars", "emails[1] format"));
}

TEST(ValidateTexts, SentencesNameTheValueAndWhatIsAllowed) {
  Texts texts = valid_texts();
  texts.set_chars("");
  EXPECT_EQ(only_sentence(texts), "is missing; it must have 2 to 4 characters");
  texts.set_chars("é");
  EXPECT_EQ(only_sentence(texts), "is \"é\", 1 character; it must have 2 to 4 characters");
  texts.set_chars(std::string(59, 'a') + "é€");
  EXPECT_EQ(only_sentence(texts), "is \"" + std::string(59, 'a') +
                                      "…\" (64 bytes), 61 characters; it must have 2 to 4 "
                                      "characters");
  texts.set_chars("abcde");
  EXPECT_EQ(only_sentence(texts), "is \"abcde\", 5 characters; it must have 2 to 4 characters");
  texts = valid_texts();
  texts.set_pattern("a\"\\\n\x1b[2J\x7f\u0085é");
  EXPECT_EQ(only_sentence(texts),
            R"(is "a\"\\\x0a\x1b[2J\x7f\u0085é"; it must match ^[a-z]{1,3}$)");
  texts = valid_texts();
  texts.set_email("x");
  EXPECT_EQ(only_sentence(texts), "is \"x\"; it must be an e-mail address such as ann@example.com");
  texts = valid_texts();
  texts.set_without("FAIL");
  EXPECT_EQ(only_sentence(texts), "is \"FAIL\"; it must not contain \"FAIL\"");
  texts = valid_texts();
  for (int i = 0; i < 5; ++i) texts.add_several("a");
  EXPECT_EQ(only_sentence(texts), "has 5 elements; it must have at most 4 elements");
}

}  // namespace
}  // namespace natsproof
