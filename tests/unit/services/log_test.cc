#include "services/runtime/log.h"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace natsproof {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { EXPECT_TRUE(set_up_service_log("info", false)); }
};

TEST_F(LogTest, JsonIsOneObjectALineWellEscaped) {
  ASSERT_TRUE(set_up_service_log("info", true));
  testing::internal::CaptureStderr();
  service_log().warn("a \"word\",\na line\\, a b\xffte and {}", "ünï");
  service_log().debug("not this");
  service_log().info("second");
  std::istringstream lines(testing::internal::GetCapturedStderr());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const json first = json::parse(line);
  EXPECT_EQ(first["message"], "a \"word\",\na line\\, a b\xef\xbf\xbdte and ünï");
  EXPECT_EQ(first["level"], "warn");
  EXPECT_EQ(first["logger"], "serve");
  EXPECT_THAT(first["time"].get<std::string>(), MatchesRegex("20..-..-..T..:..:..\\.......Z"));
  EXPECT_EQ(first.size(), 4);
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(json::parse(line)["message"], "second");
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(LogTest, LevelsAreThoseOfTheCommandLine) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(set_up_service_log("off", false));
  service_log().error("one");
  ASSERT_TRUE(set_up_service_log("error", false));
  service_log().warn("two");
  service_log().error("three");
  ASSERT_TRUE(set_up_service_log("debug", false));
  service_log().debug("four");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              MatchesRegex("\\[.*\\] \\[serve\\] \\[error\\] three\n.*\\[debug\\] four\n"));
  const auto unknown = set_up_service_log("loud", false);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("\"loud\""));
  EXPECT_THAT(unknown.error().message, HasSubstr("trace, debug, info, warn, error, off"));
}

TEST_F(LogTest, ErrorsOfRequestsAreAtMostOneLineASecond) {
  ManualClock clock;
  RequestErrorLog errors(clock);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) errors.warn("orders", "ID1", "nobody serves fraud");
  clock.advance(1s);
  errors.warn("orders", "ID1", "still nobody");
  clock.advance(1s);
  errors.warn("orders", "ID1", "alone");
  std::istringstream lines(testing::internal::GetCapturedStderr());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, HasSubstr("[warning] orders ID1 answered 500: nobody serves fraud"));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, HasSubstr("still nobody (and 999 more since the last line)"));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, testing::EndsWith("alone"));
  EXPECT_FALSE(std::getline(lines, line));
}

}  // namespace
}  // namespace natsproof
