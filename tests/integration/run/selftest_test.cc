// `natsproof selftest` as a program: it ends as it says, takes its children down, and does not fail
// on a busy machine, where it may only say that it could not show something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/effort.h"
#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

#ifdef NATSPROOF_SANITIZED
constexpr bool kSanitized = true;  // slower than the machine: what is expected is not what it does
#else
constexpr bool kSanitized = false;
#endif

TEST(Selftest, FindsWhatIsThereOrSaysThatItCouldNotTell) {
  Program selftest({"selftest", "--only", "delays", "--only", "coverage"});
  const int status = selftest.wait();
  EXPECT_THAT(status, AnyOf(0, 3, kSanitized ? 1 : 0)) << selftest.out() << selftest.err();
  for (const char* text :
       {"delay of 200 µs", "delay of 5.00 ms", "PROVEN although false", "Left out: 3 groups."})
    EXPECT_THAT(selftest.out(), HasSubstr(text));
  EXPECT_THAT(selftest.err(), HasSubstr("[ 1/2] known delays"));
}

TEST(Selftest, EndsWithItsChildrenWhenInterrupted) {
  Program selftest({"selftest", "--only", "stops"});
  ASSERT_TRUE(selftest.await_text("known stops"));
  std::vector<pid_t> children;
  while (children.empty()) children = selftest.children("serve");
  for (const pid_t pid : selftest.children("nats-server")) children.push_back(pid);
  selftest.signal(SIGINT);
  EXPECT_EQ(selftest.wait(), 4) << selftest.out() << selftest.err();
  EXPECT_TRUE(await_gone(children));
  EXPECT_EQ(selftest.out(), "");
}

TEST(Selftest, NeedsANatsServer) {
  Program selftest({"selftest", "--only", "delays", "--quiet"},
                   {"NATSPROOF_NATS_SERVER=/nonexistent"});
  EXPECT_EQ(selftest.wait(), 5);
  EXPECT_THAT(selftest.err(), HasSubstr("NATSPROOF_NATS_SERVER"));
  EXPECT_THAT(selftest.err(), Not(HasSubstr("--server"))) << "it has no such option";
}

// A server that never comes up, as on a machine that is too busy: each check says so in one line,
// the table comes all the same, and what needs no server is shown.
TEST(Selftest, ACheckThatCannotBeMadeIsOneLine) {
  const TemporaryFolder folder;
  const std::string server =
      folder.write("nats-server", "#!/bin/sh\necho out of memory >&2\nexit 1\n");
  ASSERT_EQ(chmod(server.c_str(), 0755), 0);
  Program selftest({"selftest", "--only", "delays", "--only", "coverage"},
                   {"NATSPROOF_NATS_SERVER=" + server});
  EXPECT_EQ(selftest.wait(), 3) << selftest.out() << selftest.err();
  EXPECT_THAT(selftest.out(), AllOf(HasSubstr("it could not be made"), HasSubstr("out of memory"),
                                    HasSubstr("PROVEN although false"), HasSubstr("not shown")));
}

TEST(Selftest, KnowsItsGroups) {
  Program selftest({"selftest", "--only", "delay"});
  EXPECT_EQ(selftest.wait(), 2);
  EXPECT_THAT(selftest.err(), HasSubstr("delays"));
}

}  // namespace
}  // namespace natsproof
