// Packs: what is in them, in which order, and what is wrong with them.
#include "loadgen/plan/pack.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/sweep.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> plans(const Pack& pack) {
  std::vector<std::string> found;
  for (const PackPlan& plan : pack.plans) found.push_back(plan.name);
  return found;
}
std::vector<std::string> mistakes(const Pack& pack) {
  std::vector<std::string> found;
  for (const PlanMistake& mistake : pack.mistakes) found.push_back(mistake.text());
  return found;
}

class PackFolder : public ::testing::Test {
 protected:
  PackFolder() {
    std::filesystem::create_directories(folder_.path("mine/open"));
    folder_.write("mine/slow.yaml", "name: slow\n");
    folder_.write("mine/fast.yaml", "name: fast\n");
    folder_.write("mine/open/slow.yaml", "name: open_slow\n");
    folder_.write("mine/other.yaml", "name: not_of_the_pack\n");
  }
  Pack read(const std::string& text) {
    folder_.write("mine/pack.yaml", text);
    return find_pack(folder_.path("mine")).value_or(Pack{});
  }
  TemporaryFolder folder_;
};

TEST_F(PackFolder, HasItsPlansInTheOrderOfPackYaml) {
  const Pack pack = read("about: Mine.\nplans: [slow, open/slow, fast]\n");
  ASSERT_THAT(mistakes(pack), IsEmpty());
  EXPECT_EQ(pack.name, "mine");
  EXPECT_EQ(pack.about, "Mine.");
  EXPECT_THAT(plans(pack), ElementsAre("slow", "open/slow", "fast"));
  EXPECT_EQ(pack.plans[1].source.text, "name: open_slow\n");
  EXPECT_EQ(pack.plans[1].source.file, folder_.path("mine/open/slow.yaml"));
}

TEST_F(PackFolder, APartIsNamedByItsFolder) {
  read("about: Mine.\nplans: [slow, open/slow, fast]\n");
  const auto part = find_pack(folder_.path("mine/open"));
  ASSERT_TRUE(part);
  EXPECT_EQ(part->name, "mine/open");
  EXPECT_EQ(part->about, "Mine.");
  EXPECT_THAT(plans(*part), ElementsAre("slow"));
  EXPECT_EQ(part->plans[0].source.text, "name: open_slow\n");
  EXPECT_EQ(find_pack(folder_.path("mine/"))->name, "mine") << "with or without the slash";
}

TEST_F(PackFolder, OtherFoldersAndFilesAreNone) {
  EXPECT_FALSE(find_pack(folder_.path("mine"))) << "it has no pack.yaml";
  EXPECT_FALSE(find_pack(folder_.path("mine/slow.yaml")));
  EXPECT_FALSE(find_pack("no/such/folder"));
  EXPECT_FALSE(find_pack("baseline"));
  read("about: Mine.\nplans: [slow]\n");
  EXPECT_FALSE(find_pack(folder_.path("mine/open"))) << "no plan of the pack lies there";
}

TEST_F(PackFolder, EveryMistakeHasItsPlace) {
  const std::string file = folder_.path("mine/pack.yaml");
  EXPECT_THAT(mistakes(read("plans: [slow, fats, slow, ../mine/fast, /fast, '']\nabot: x\n")),
              ElementsAre(StartsWith(file + ":1:1: a pack needs `about`"),
                          AllOf(StartsWith(file + ":1:15: "), HasSubstr("fats.yaml")),
                          StartsWith(file + ":1:21: the plan `slow` is given twice"),
                          StartsWith(file + ":1:27: `../mine/fast` is no plan beside pack.yaml"),
                          StartsWith(file + ":1:41: `/fast` is no plan"),
                          StartsWith(file + ":1:48: `` is no plan"),
                          StartsWith(file + ":2:1: unknown key `abot` in a pack (did you mean "
                                            "`about`?)")));
  EXPECT_THAT(mistakes(read("about: x\nplans: []\n")),
              ElementsAre(StartsWith(file + ":2:8: a pack must have 1 to 1000 plans, not 0")));
  EXPECT_THAT(mistakes(read("about: x\n")), ElementsAre(HasSubstr("a pack needs `plans`")));
  EXPECT_THAT(mistakes(read("[")), ElementsAre(HasSubstr("not YAML")));
}

TEST(packs, the_built_in_ones_are_whole) {
  for (const Pack& pack : packs()) {
    SCOPED_TRACE(pack.name);
    EXPECT_THAT(mistakes(pack), IsEmpty());
    EXPECT_GT(pack.about.size(), 40U);
    EXPECT_EQ(plans(*find_pack(pack.name)), plans(pack));
    if (!pack.packs.empty()) continue;
    std::size_t embedded = 0;
    for (const Scenario& scenario : scenarios())
      embedded += scenario.name.starts_with(pack.name + "/") ? 1 : 0;
    EXPECT_EQ(pack.plans.size(), embedded) << "a plan that its pack.yaml does not name";
  }
}

TEST_F(PackFolder, MayHoldAllPlansOfBuiltInPacks) {
  const Pack pack = read("about: Two suites.\npacks: [ruststrom, truststram]\nplans: [slow]\n");
  EXPECT_THAT(mistakes(pack), IsEmpty());
  std::vector<std::string> expected;
  for (const std::string name : {"ruststrom", "truststram"}) {
    for (const std::string& plan : plans(*find_pack(name))) expected.push_back(name + "/" + plan);
  }
  expected.push_back("slow");
  EXPECT_EQ(plans(pack), expected);

  EXPECT_THAT(mistakes(read("about: x\npacks: [rustrom, complete, ruststrom, ruststrom]\n")),
              ElementsAre(HasSubstr(":2:9: `rustrom` is no built-in pack"),
                          HasSubstr("`complete` is no built-in pack of plans of its own"),
                          HasSubstr("the pack `ruststrom` is given twice")));
}

TEST(packs, the_complete_one_holds_all_others) {
  std::size_t sum = 0;
  for (const Pack& pack : packs()) sum += pack.packs.empty() ? pack.plans.size() : 0;
  EXPECT_EQ(find_pack("complete")->plans.size(), sum);
}

TEST(packs, every_built_in_folder_is_a_pack) {
  for (const Scenario& scenario : scenarios()) {
    const std::size_t slash = scenario.name.find('/');
    if (slash != std::string::npos) {
      EXPECT_TRUE(find_pack(scenario.name.substr(0, slash))) << scenario.name;
    }
  }
}

}  // namespace
}  // namespace natsproof
