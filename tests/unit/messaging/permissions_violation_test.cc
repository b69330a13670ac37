#include "messaging/permissions_violation.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

using Of = PermissionsViolation::Of;

void expect(std::string_view text, Of of, std::string_view subject) {
  const auto found = parse_permissions_violation(text);
  ASSERT_TRUE(found) << text;
  EXPECT_EQ(found->of, of) << text;
  EXPECT_EQ(found->subject, subject) << text;
}

// As servers from 2.9 to 2.12 write them, and nats.c hands them on.
TEST(PermissionsViolation, NamesWhatWasTriedAndTheSubject) {
  expect("Permissions Violation for Publish to \"orders.place\"", Of::publish, "orders.place");
  expect("Permissions Violation for Subscription to \"_INBOX.x.0000.*\"", Of::subscribe,
         "_INBOX.x.0000.*");
  expect("Permissions Violation for Subscription to \"a\" using queue \"q\"", Of::subscribe, "a");
  expect("Permissions Violation for Subscription to \"a.>\" (sid \"0\")", Of::subscribe, "a.>");
  expect("permissions violation for publish to \"a\"", Of::publish, "a");
}

TEST(PermissionsViolation, OtherWordsAreNone) {
  for (const char* text :
       {"", "Permissions Violation", "Permissions Violation for Publish with Reply of \"_R_.x\"",
        "Permissions Violation for Publish to orders", "Permissions Violation for Publish to \"or",
        "Authorization Violation", "Maximum Subscriptions Exceeded"}) {
    EXPECT_FALSE(parse_permissions_violation(text)) << text;
  }
}

}  // namespace
}  // namespace natsproof
