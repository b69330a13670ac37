#include "messaging/login_environment.h"

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LoginEnvironment : public ::testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }
  static void clear() {
    for (const UnsupportedLogin& login : unsupported_logins()) unsetenv(login.variable);
  }
};

TEST_F(LoginEnvironment, OfNothingIsFine) {
  EXPECT_TRUE(check_login_environment().ok());
  setenv("NATS_CREDS", "", 1);
  EXPECT_TRUE(check_login_environment().ok()) << "empty is as good as not set";
}

TEST_F(LoginEnvironment, EachThatWouldBeIgnoredIsNamed) {
  for (const UnsupportedLogin& login : unsupported_logins()) {
    clear();
    setenv(login.variable, "s3cret", 1);
    const auto checked = check_login_environment();
    ASSERT_FALSE(checked.ok()) << login.variable;
    EXPECT_THAT(
        checked.error().message,
        AllOf(HasSubstr(std::string(login.variable) + " ("), HasSubstr(std::string(login.what)),
              HasSubstr("env -u " + std::string(login.variable) + " natsproof"),
              Not(HasSubstr("s3cret"))));
  }
}

TEST_F(LoginEnvironment, AllAreNamedAtOnce) {
  setenv("NATS_CERT", "a", 1);
  setenv("NATS_KEY", "b", 1);
  EXPECT_THAT(check_login_environment().error().message,
              AllOf(HasSubstr("NATS_CERT (a TLS certificate), NATS_KEY (a TLS key), which"),
                    HasSubstr("`env -u NATS_CERT -u NATS_KEY natsproof ...`")));
}

}  // namespace
}  // namespace natsproof
