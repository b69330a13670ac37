#include "services/serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ServeOptionsTest, UnknownNamesAreRefusedWithTheKnownOnes) {
  EXPECT_TRUE(check_serve_options({.services = {"analytics", "bulk", "echo", "fraud", "health",
                                                "inventory", "orders", "payment", "probe"}}));
  const auto service = check_serve_options({.services = {"echo", "ecko"}});
  ASSERT_FALSE(service);
  EXPECT_THAT(service.error().message,
              AllOf(HasSubstr("\"ecko\""),
                    HasSubstr("are: analytics, bulk, echo, fraud, health, inventory, orders, ")));
  const auto client = check_serve_options({.services = {"echo"}, .client = "natsc"});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().message,
              AllOf(HasSubstr("\"natsc\""), HasSubstr("wire, nats.c, nats.c-default")));
}

}  // namespace
}  // namespace natsproof
