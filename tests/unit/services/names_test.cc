#include "services/runtime/names.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

TEST(NamesTest, ServiceNames) {
  for (const char* good : {"a", "A-b_9", "-"}) EXPECT_TRUE(is_service_name(good)) << good;
  for (const char* bad : {"", "a.b", "a b", "a*", "ä"}) EXPECT_FALSE(is_service_name(bad)) << bad;
}

// From semver.org's own lists.
TEST(NamesTest, SemanticVersions) {
  for (const char* good :
       {"0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid",
        "1.0.0-alpha.0valid", "1.0.0-alpha-a.b-c-x.y", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
        "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
        "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal"}) {
    EXPECT_TRUE(is_semver(good)) << good;
  }
  for (const char* bad :
       {"",         "1",        "1.2",    "1.2.3-0123", "1.2.3-0123.0123",  "1.1.2+.123",
        "+invalid", "-invalid", "alpha",  "1.2.3.DEV",  "1.2-SNAPSHOT",     "01.1.1",
        "1.01.1",   "1.1.01",   "1.2.3-", "1.2.3+",     "1.0.0-alpha_beta", "1.0.0-alpha..",
        "v1.2.3",   "1.2.3 "}) {
    EXPECT_FALSE(is_semver(bad)) << bad;
  }
}

}  // namespace
}  // namespace natsproof
