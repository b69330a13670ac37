// What a user reads about a bad plan, bad/<name>.yaml against bad/<name>.expected, and how a good
// one is written with all that it leaves out, good/<name>.yaml: whole and exact. After a change
// that is meant, NATSPROOF_UPDATE_GOLDEN=1 writes the files anew.
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

// Compares what is said of each plan in a folder; returns how many there are.
template <typename Say>
int expect_as_written(const std::string& folder_name, Say say) {
  const auto folder = std::filesystem::path(__FILE__).parent_path() / folder_name;
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    ++plans;
    const PlanReading reading = read_plan(
        {.file = entry.path().filename().string(), .text = content(entry.path()), .set = {}});
    const std::string said = say(reading);
    auto expected = entry.path();
    expected.replace_extension(".expected");
    if (std::getenv("NATSPROOF_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << said;
    EXPECT_EQ(said, content(expected)) << entry.path();
    EXPECT_FALSE(said.empty()) << entry.path();
  }
  return plans;
}

std::string mistakes_of(const PlanReading& reading) {
  std::string said;
  for (const PlanMistake& mistake : reading.mistakes) said += mistake.text() + "\n";
  return said;
}

TEST(bad_plans, say_exactly_this) {
  EXPECT_GE(expect_as_written("bad", mistakes_of), 9);
}

TEST(good_plans, are_written_exactly_so) {
  EXPECT_GE(expect_as_written("good",
                              [](const PlanReading& reading) {
                                EXPECT_EQ(mistakes_of(reading), "");
                                return write_plan_yaml(reading.plan);
                              }),
            1);
}

}  // namespace
}  // namespace natsproof
