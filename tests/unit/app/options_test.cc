// Which login goes to which server.
#include "loadgen/app/options.h"

#include <gtest/gtest.h>

namespace natsproof {
namespace {

// As the `nats` command line has it.
TEST(ServerOptions, AUserWithoutAPasswordIsAToken) {
  const auto token = ServerOptions{.urls = {"a:1"}, .user = "t0ken", .password = ""}.addresses();
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->front().token, "t0ken");
  EXPECT_EQ(token->front().user, "");
  const auto user = ServerOptions{.urls = {"a:1"}, .user = "u", .password = "p"}.addresses();
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->front().token, "");
  EXPECT_EQ(user->front().user, "u");
  EXPECT_EQ(user->front().password, "p");
}

TEST(ServerOptions, AnAddressKeepsItsOwnLogin) {
  const auto servers =
      ServerOptions{.urls = {"nats://u:p@a:1,b:2", "nats://mine@c:3"}, .user = "t", .password = ""}
          .addresses();
  ASSERT_TRUE(servers.ok());
  ASSERT_EQ(servers->size(), 3u);
  EXPECT_EQ((*servers)[0].user, "u");
  EXPECT_EQ((*servers)[0].token, "");
  EXPECT_EQ((*servers)[1].token, "t");
  EXPECT_EQ((*servers)[2].token, "mine");
}

}  // namespace
}  // namespace natsproof
