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

TEST(ServeOptionsTest, FaultsAndWorkAreReadBeforeAnythingIsStarted) {
  EXPECT_TRUE(check_serve_options({.services = {"echo"},
                                   .faults = "drop=10:before crash@30s",
                                   .ledger = "/dev/shm/ledger",
                                   .work = "cliffracer"}));
  const auto faults = check_serve_options({.services = {"echo"}, .faults = "dorp=10:before"});
  ASSERT_FALSE(faults);
  EXPECT_THAT(faults.error().message, HasSubstr("did you mean `drop`?"));
  const auto work = check_serve_options({.services = {"echo"}, .work = "cpu=much"});
  ASSERT_FALSE(work);
  EXPECT_THAT(work.error().message, HasSubstr("`cpu=much`"));
  const auto ledger = check_serve_options({.services = {"echo"}, .ledger = "/dev/shm/ledger"});
  ASSERT_FALSE(ledger);
  EXPECT_THAT(ledger.error().message, HasSubstr("--allow-faults"));
}

}  // namespace
}  // namespace natsproof
