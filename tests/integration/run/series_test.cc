// Sweeps and packs as a user runs them, short ones.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/integration/run/program.h"

namespace natsproof {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPlanToSweep = R"(
name: short
services: [echo]
load: {arrivals: constant, rate: 200/s, warmup: 50ms, duration: 400ms, repetitions: 2}
tasks:
  - {name: echo, endpoint: echo, payload: {bytes: 128}, timeout: 1s}
)";
constexpr const char* kSweep = "sweep: {load.rate: [200/s, 400/s]}\n";

const std::string kPack = NATSPROOF_TEST_PACK;

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The report is made again, word for word, and exits with the same status.
void expect_made_again(const std::string& folder, const Program& run, int status) {
  const std::string saved = content(folder + "/series.json");
  std::filesystem::remove(folder + "/series.txt");
  Program report({"report", folder});
  EXPECT_EQ(report.wait(), status) << report.err();
  EXPECT_EQ(report.out(), run.out());
  EXPECT_EQ(content(folder + "/series.txt"), run.out());
  EXPECT_EQ(content(folder + "/series.json"), saved);
}

std::string started(const json& run, std::size_t repetition) {
  return run["repetitions"][repetition]["started"];
}

// The nats-server that a repetition ran on.
std::string server_of(const json& run, std::size_t repetition) {
  return run["repetitions"][repetition]["connections"][0]["server_id"];
}

TEST(Sweep, PointsAreInterleavedInRoundsAndSavedEachInItsFolder) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", std::string(kPlanToSweep) + kSweep), "--out",
               folder.file("r")});
  ASSERT_EQ(run.wait(), 0) << run.out() << run.err();
  EXPECT_THAT(run.out(), AllOf(HasSubstr("2 rounds"), HasSubstr("all on one stage"),
                               HasSubstr("against rate=200/s"), HasSubstr("VERDICTS  2 NONE")));
  const json slow = read_json(folder.file("r/rate=200_s/run.json"));
  const json fast = read_json(folder.file("r/rate=400_s/run.json"));
  ASSERT_EQ(slow["repetitions"].size(), 2U);
  ASSERT_EQ(fast["repetitions"].size(), 2U);
  EXPECT_EQ(slow["tasks"][0]["planned"], 160);
  EXPECT_EQ(fast["tasks"][0]["planned"], 320);
  // Forward, then backward.
  EXPECT_LT(started(slow, 0), started(fast, 0));
  EXPECT_LT(started(fast, 0), started(fast, 1));
  EXPECT_LT(started(fast, 1), started(slow, 1));
  for (const std::size_t r : {0U, 1U})
    EXPECT_EQ(slow["repetitions"][r]["seed"], fast["repetitions"][r]["seed"]);
  EXPECT_NE(slow["repetitions"][0]["seed"], slow["repetitions"][1]["seed"]);
  EXPECT_EQ(slow["plan"]["name"], "short/rate=200/s");
  EXPECT_EQ(server_of(slow, 0), server_of(fast, 1)) << "one stage";

  const json series = read_json(folder.file("r/series.json"));
  EXPECT_EQ(series["schema"], "natsproof.series/1");
  EXPECT_EQ(series["points"][1]["folder"], "rate=400_s");
  EXPECT_NEAR(series["points"][1]["against"]["throughput"].get<double>(), 2, 0.1);
  expect_made_again(folder.file("r"), run, 0);
}

TEST(Sweep, AStageThatDiffersIsSetAnew) {
  const TemporaryFolder folder;
  Program run({"run", folder.write("short.yaml", kPlanToSweep), "--sweep",
               "client+service_client=wire,nats.c", "--out", folder.file("r"), "--quiet"});
  ASSERT_EQ(run.wait(), 0) << run.out() << run.err();
  EXPECT_THAT(run.err(), testing::StartsWith("Saved in " + folder.file("r") + "; "));
  EXPECT_THAT(run.out(), HasSubstr("each on a stage of its own"));
  std::set<std::string> servers;
  for (const char* client : {"wire", "nats.c"}) {
    const json saved =
        read_json(folder.file(std::string("r/client+service_client=") + client + "/run.json"));
    EXPECT_EQ(saved["tasks"][0]["classes"]["ok"], 160) << client;
    for (const std::size_t r : {0U, 1U}) servers.insert(server_of(saved, r));
    EXPECT_EQ(saved["plan"]["conditions"]["client"], client);
  }
  EXPECT_EQ(servers.size(), 4U) << "a server for each repetition";
}

TEST(Sweep, AMistakeAtOnePointStartsNothing) {
  const TemporaryFolder folder;
  Program run(
      {"run",
       folder.write("short.yaml", std::string(kPlanToSweep) + "sweep: {load.rate: [5/s, 6]}"),
       "--out", folder.file("r")},
      {"NATSPROOF_NATS_SERVER=/nowhere/nats-server"});
  EXPECT_EQ(run.wait(30s), 2);
  EXPECT_THAT(run.err(), AllOf(HasSubstr("short.yaml:7:"), HasSubstr("`6` needs a unit"),
                               HasSubstr("nothing was started")));
}

TEST(Sweep, CheckTellsThePointsAndTheTime) {
  const TemporaryFolder folder;
  Program check({"check", folder.write("short.yaml", std::string(kPlanToSweep) + kSweep)});
  EXPECT_EQ(check.wait(30s), 0);
  EXPECT_THAT(check.out(), AllOf(HasSubstr("2 points in 2 rounds; takes about 1.80 s"),
                                 HasSubstr("rate=200/s: open loop"), HasSubstr("rate=400/s: ")));
}

TEST(Pack, RunsItsPlansInOrderAndExitsWithTheWorst) {
  const TemporaryFolder folder;
  Program run({"run", kPack, "--out", folder.file("r")});
  // REFUTED is worse than INCONCLUSIVE, though its status is lower.
  ASSERT_EQ(run.wait(), 1) << run.out() << run.err();
  const json series = read_json(folder.file("r/series.json"));
  EXPECT_EQ(series["kind"], "pack");
  std::vector<std::string> folders, verdicts;
  for (const json& point : series["points"]) {
    folders.push_back(point["folder"]);
    verdicts.push_back(point["verdict"]);
    EXPECT_EQ(read_json(folder.file("r/" + folders.back() + "/run.json"))["verdict"],
              verdicts.back());
  }
  EXPECT_THAT(folders,
              ::testing::ElementsAre("hasty", "open/hasty", "swept/bytes=16", "swept/bytes=64"));
  EXPECT_THAT(verdicts, ::testing::ElementsAre("REFUTED", "INCONCLUSIVE", "NONE", "NONE"));
  EXPECT_EQ(read_json(folder.file("r/swept/series.json"))["points"][1]["folder"], "bytes=64");
  EXPECT_THAT(run.err(), AllOf(HasSubstr("hasty: REFUTED: "), HasSubstr("2 of 3: open/hasty")));
  EXPECT_THAT(run.out(), AllOf(HasSubstr("  REFUTED       throughput > 100000/s"),
                               HasSubstr("VERDICTS  2 NONE, 1 INCONCLUSIVE, 1 REFUTED")));
  expect_made_again(folder.file("r"), run, 1);
}

TEST(Pack, APartOfItIsRunByItsFolder) {
  const TemporaryFolder folder;
  Program run({"run", kPack + "/open", "--out", folder.file("r"), "--set", "load.rate=100/s",
               "--time", "0.5x"});
  EXPECT_EQ(run.wait(), 3) << run.out() << run.err();
  const json saved = read_json(folder.file("r/hasty/run.json"));
  EXPECT_EQ(saved["tasks"][0]["planned"], 40);
  EXPECT_EQ(read_json(folder.file("r/series.json"))["points"].size(), 1U);
}

TEST(Pack, CtrlCKeepsWhatThereIsAndNamesWhatWasNotRun) {
  const TemporaryFolder folder;
  Program run({"run", kPack, "--out", folder.file("r")});
  ASSERT_TRUE(run.await_text("repetition 2/5")) << run.err();
  const std::vector<pid_t> children = run.children("");
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 4) << run.out() << run.err();
  EXPECT_TRUE(await_gone(children));
  EXPECT_EQ(read_json(folder.file("r/hasty/run.json"))["interrupted"], true);
  EXPECT_FALSE(std::filesystem::exists(folder.file("r/open")));
  EXPECT_THAT(run.out(),
              AllOf(HasSubstr("INTERRUPTED"), HasSubstr("open/hasty"),
                    HasSubstr("not run: interrupted before it began"), HasSubstr("3 not run")));
  expect_made_again(folder.file("r"), run, 4);
}

TEST(Pack, WhatCannotBeStagedIsToldOfEachPlan) {
  const TemporaryFolder folder;
  Program run({"run", kPack, "--out", folder.file("r")},
              {"NATSPROOF_NATS_SERVER=/nowhere/nats-server"});
  EXPECT_EQ(run.wait(10s), 5);
  EXPECT_THAT(run.out(), AllOf(HasSubstr("NATSPROOF_NATS_SERVER"), HasSubstr("4 not run"),
                               HasSubstr("open/hasty  200/s")));
  const json series = read_json(folder.file("r/series.json"));
  EXPECT_EQ(series["exit_status"], 5);
  EXPECT_TRUE(series["points"][0]["verdict"].is_null());
}

TEST(Pack, MistakesOfAllItsPlansAreToldBeforeAnythingStarts) {
  Program run({"run", kPack, "--set", "load.users=3"},
              {"NATSPROOF_NATS_SERVER=/nowhere/nats-server"});
  EXPECT_EQ(run.wait(30s), 2);
  EXPECT_THAT(run.err(), AllOf(HasSubstr("--set load.users"), HasSubstr("2 mistakes in the plans; "
                                                                        "nothing was started")));
  const TemporaryFolder folder;
  const std::filesystem::path pack = folder.write("pack.yaml", "about: x\nplans: [gone]\n");
  Program gone({"run", pack.parent_path().string()});
  EXPECT_EQ(gone.wait(30s), 2);
  EXPECT_THAT(gone.err(), AllOf(HasSubstr("pack.yaml:2:9: "), HasSubstr("gone.yaml")));
}

TEST(Pack, CheckTellsEveryPlan) {
  Program check({"check", kPack});
  EXPECT_EQ(check.wait(30s), 0) << check.err();
  EXPECT_THAT(check.out(),
              AllOf(HasSubstr("pack: 3 plans; takes about 4.05 s"), HasSubstr("  hasty: closed"),
                    HasSubstr("  open/hasty: open loop"), HasSubstr("swept: 2 points in 1 round")));
}

TEST(Pack, ScenariosPrintsItAndItsPlans) {
  Program list({"scenarios", kPack});
  EXPECT_EQ(list.wait(30s), 0) << list.err();
  EXPECT_THAT(list.out(), AllOf(HasSubstr("Three plans for the tests"), HasSubstr("hasty"),
                                HasSubstr("A closed loop that claims")));
  Program unknown({"scenarios", "basline"});
  EXPECT_EQ(unknown.wait(30s), 2);
  EXPECT_THAT(unknown.err(), HasSubstr("did you mean `baseline`?"));
  Program all({"scenarios"});
  EXPECT_EQ(all.wait(30s), 0);
  EXPECT_THAT(all.out(), AllOf(HasSubstr("concurrency"), HasSubstr("clients")));
}

}  // namespace
}  // namespace natsproof
