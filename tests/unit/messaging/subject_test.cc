#include "messaging/subject.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(Subject, AcceptsTokensAndWildcardsWhereSubscribing) {
  for (const char* subject :
       {"a", "a.b.c", "$SRV.PING", "_INBOX.x.y", "a*b.c>", "gr\xc3\xb6\xc3\x9f.e"}) {
    EXPECT_TRUE(check_subject(subject, false).ok()) << subject;
  }
  for (const char* subject : {"*", ">", "a.*.c", "a.>", "*.*.>"}) {
    EXPECT_TRUE(check_subject(subject, true).ok()) << subject;
    EXPECT_THAT(check_subject(subject, false).error().message, HasSubstr("wildcard")) << subject;
  }
}

TEST(Subject, RefusesNamingSubjectAndFault) {
  for (const char* subject : {".a", "a.", "a..b", "."}) {
    const auto checked = check_subject(subject, true);
    ASSERT_FALSE(checked.ok()) << subject;
    EXPECT_THAT(checked.error().message, HasSubstr(subject));
    EXPECT_THAT(checked.error().message, HasSubstr("empty token"));
  }
  for (const char* subject : {"a b", "a\tb", "a\r\nPUB x 0", "a\x7f"}) {
    EXPECT_THAT(check_subject(subject, true).error().message, HasSubstr("blank or a control"))
        << subject;
  }
  EXPECT_THAT(check_subject("", true).error().message, HasSubstr("is empty"));
  EXPECT_THAT(check_subject("a.>.b", true).error().message, HasSubstr("before its end"));
  EXPECT_TRUE(check_subject(std::string(2000, 'a'), true).ok());
  EXPECT_THAT(check_subject(std::string(2001, 'a'), true).error().message, HasSubstr("2001 bytes"));
}

TEST(Subject, InboxPrefixesAreUniqueEvenForOneSeed) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto prefix = make_inbox_prefix(7);
    ASSERT_THAT(prefix, MatchesRegex("_INBOX\\.[A-Za-z]{22}\\."));
    ASSERT_TRUE(seen.insert(prefix).second);
  }
}

TEST(Subject, SequencesSurviveTheirDigits) {
  for (const Sequence sequence :
       {Sequence{0}, Sequence{1}, Sequence{0xdeadbeef}, (Sequence{1} << 48) - 1}) {
    std::string subject = "_INBOX.x.0001.????????????";
    write_hex(subject.data() + subject.size() - kSequenceDigits, sequence, kSequenceDigits);
    EXPECT_EQ(sequence_of_reply(subject), sequence) << subject;
  }
  std::string digits = "......";
  write_hex(digits.data() + 1, 0x1abc, kConnectionDigits);
  EXPECT_EQ(digits, ".1abc.");
}

TEST(Subject, OnlyTwelveLowerCaseDigitsAreASequence) {
  EXPECT_EQ(sequence_of_reply("00000000000a"), 10u);
  for (const char* subject :
       {"", "a", "x.0000000000a", "x.00000000000A", "x.0000000000000", "x000000000000",
        "x.00000000000g", "x.000000000000.y", "x.00000 000000"}) {
    EXPECT_EQ(sequence_of_reply(subject), kNoSequence) << subject;
  }
}

}  // namespace
}  // namespace natsproof
