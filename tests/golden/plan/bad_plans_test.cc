// What a user reads about a bad plan: bad/<name>.yaml against bad/<name>.expected, whole and exact.
// After a change that is meant, NATSPROOF_UPDATE_GOLDEN=1 writes the files anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "loadgen/plan/plan_file.h"

namespace natsproof {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(bad_plans, say_exactly_this) {
  const auto folder = std::filesystem::path(__FILE__).parent_path() / "bad";
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    ++plans;
    const PlanReading reading = read_plan(
        {.file = entry.path().filename().string(), .text = content(entry.path()), .set = {}});
    std::string said;
    for (const PlanMistake& mistake : reading.mistakes) said += mistake.text() + "\n";
    auto expected = entry.path();
    expected.replace_extension(".expected");
    if (std::getenv("NATSPROOF_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << said;
    EXPECT_EQ(said, content(expected)) << entry.path();
    EXPECT_FALSE(said.empty()) << entry.path() << " is meant to be bad";
  }
  EXPECT_GE(plans, 8);
}

}  // namespace
}  // namespace natsproof
