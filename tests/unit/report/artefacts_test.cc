#include "loadgen/report/artefacts.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/measure/histogram_log.h"
#include "loadgen/measure/percentile_distribution.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/run_file.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class Artefacts : public testing::Test {
 protected:
  Artefacts() {
    std::string name = (fs::temp_directory_path() / "natsproof-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Artefacts() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::vector<std::string> names(const fs::path& folder) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder))
      found.push_back(entry.path().filename());
    return found;
  }

  fs::path folder_;
};

TEST_F(Artefacts, WritesTheRecordAndItsReportsAndNothingElse) {
  const RunRecord record = short_run();
  const Judgement judgement = judge(record);
  const fs::path results = folder_ / "a" / "b";
  const auto written = write_results(results, record, judgement);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(names(results), UnorderedElementsAre("run.json", "report.txt", "intervals.hlog",
                                                   "response.hgrm", "service.hgrm"));
  EXPECT_EQ(content(results / "run.json"), write_run_json(record, judgement));
  EXPECT_EQ(content(results / "report.txt"), render_console_report(record, judgement, {}));
}

TEST_F(Artefacts, HistogramFilesHoldWhatTheRecordHolds) {
  const RunRecord record = short_run();
  ASSERT_TRUE(write_results(folder_, record, judge(record)));
  std::uint64_t logged = 0, held = 0;
  const std::string log = content(folder_ / "intervals.hlog");
  HistogramLogReader reader(log);
  for (auto entry = reader.next(); entry && *entry; entry = reader.next())
    logged += (*entry)->histogram.count();
  for (const Repetition& repetition : record.repetitions) {
    for (const Interval& interval : repetition.intervals)
      held += interval.warmup ? 0 : interval.count;
  }
  EXPECT_GT(held, 0u);
  EXPECT_EQ(logged, held);
  const auto response = read_percentile_distribution(content(folder_ / "response.hgrm"));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->count, pooled_tasks(record).front().response.count());
}

TEST_F(Artefacts, TakesThePlaceOfAnOlderRun) {
  ASSERT_TRUE(write_results(folder_, sound_run(), judge(sound_run())));
  const RunRecord record = short_run();
  ASSERT_TRUE(write_results(folder_, record, judge(record)));
  EXPECT_THAT(names(folder_), UnorderedElementsAre("run.json", "report.txt", "intervals.hlog",
                                                   "response.hgrm", "service.hgrm"));
  EXPECT_EQ(content(folder_ / "run.json"), write_run_json(record, judge(record)));
}

// Who looks first and makes it then is found out by one of the rounds.
TEST_F(Artefacts, ANewFolderIsNobodyElses) {
  constexpr int kRuns = 4, kRounds = 50;
  std::atomic<int> arrived{0};
  std::vector<std::vector<std::string>> made(kRounds, std::vector<std::string>(kRuns));
  const auto asked = [&](int round) {
    return (folder_ / "results" / ("20260301T120000Z-" + std::to_string(round))).string();
  };
  std::vector<std::thread> runs;
  for (int run = 0; run < kRuns; ++run) {
    runs.emplace_back([&, run] {
      for (int round = 0; round < kRounds; ++round) {
        ++arrived;
        while (arrived < kRuns * (round + 1)) std::this_thread::yield();
        if (auto folder = make_new_folder(asked(round))) made[round][run] = *folder;
      }
    });
  }
  for (std::thread& run : runs) run.join();
  for (int round = 0; round < kRounds; ++round) {
    const std::string name = asked(round);
    EXPECT_THAT(made[round], UnorderedElementsAre(name, name + "-2", name + "-3", name + "-4"));
    EXPECT_TRUE(fs::is_directory(name + "-4"));
  }
}

TEST_F(Artefacts, ANewFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder_ / "file") << "in the way";
  const auto made = make_new_folder(folder_ / "file" / "a");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("cannot make the folder"));
  const auto proc = make_new_folder("/proc/nowhere");
  ASSERT_FALSE(proc);
  EXPECT_THAT(proc.error().message, HasSubstr("cannot make the folder /proc/nowhere: "));
}

TEST_F(Artefacts, TellsWhatAFolderHolds) {
  EXPECT_EQ(results_in(folder_), "");
  EXPECT_EQ(results_in(folder_ / "nowhere"), "");
  const RunRecord record = short_run();
  ASSERT_TRUE(write_results(folder_, record, judge(record)));
  EXPECT_THAT(results_in(folder_), testing::StartsWith("the run of quick, begun 20"));
  std::ofstream(folder_ / "run.json", std::ios::trunc) << "{";
  EXPECT_EQ(results_in(folder_), "a run");
  std::ofstream(folder_ / "series.json") << "{";
  EXPECT_EQ(results_in(folder_), "a series");
  ASSERT_TRUE(write_series(
      folder_,
      {.kind = SeriesKind::sweep,
       .name = "steps",
       .keys = {"load.rate"},
       .labels = {"rate"},
       .rows = {{.set = {{"load.rate", "5/s"}}, .folder = "rate=5_s", .not_run = "interrupted"}}}));
  EXPECT_EQ(results_in(folder_), "the series steps");
}

TEST_F(Artefacts, TheNewestRunsOfAFolderAreThoseWrittenLast) {
  EXPECT_THAT(newest_results_in(folder_, 3), testing::IsEmpty());
  const auto now = fs::file_time_type::clock::now();
  for (const int age : {3, 1, 4, 2}) {
    const fs::path run = folder_ / std::to_string(age);
    fs::create_directory(run);
    const fs::path file = run / (age == 2 ? "series.json" : "run.json");
    std::ofstream(file) << "{}";
    fs::last_write_time(file, now - std::chrono::minutes(age));
  }
  fs::create_directory(folder_ / "empty");
  EXPECT_THAT(newest_results_in(folder_, 3),
              testing::ElementsAre(folder_ / "1", folder_ / "2", folder_ / "3"));
}

TEST_F(Artefacts, ReadsAFolderOrItsFile) {
  const RunRecord record = short_run();
  ASSERT_TRUE(write_results(folder_, record, judge(record)));
  for (const fs::path& path : {folder_, folder_ / "run.json"}) {
    const auto read = read_results(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(write_run_json(*read, judge(*read)), content(folder_ / "run.json"));
  }
}

TEST_F(Artefacts, AChangedRunFileIsLeftAsItWasFound) {
  const RunRecord record = short_run();
  ASSERT_TRUE(write_results(folder_, record, judge(record)));
  std::string text = content(folder_ / "run.json");
  const std::string git = "\"git\":\"0123abc\"";
  ASSERT_NE(text.find(git), std::string::npos);
  text.replace(text.find(git), git.size(), "\"git\":\"fffffff\"");
  std::ofstream(folder_ / "run.json", std::ios::trunc) << text;
  const auto read = read_results(folder_);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(write_results(folder_, *read, judge(*read)));
  EXPECT_EQ(content(folder_ / "run.json"), text);
  EXPECT_THAT(content(folder_ / "report.txt"), testing::StartsWith("EDITED  "));
}

TEST_F(Artefacts, SaysWhichFileCannotBeReadAndWhy) {
  EXPECT_EQ(read_results(folder_).error().message,
            "cannot read " + (folder_ / "run.json").string() + ": No such file or directory");
  EXPECT_THAT(read_results("/dev/zero").error().message,
              testing::StartsWith("cannot read /dev/zero: "));
  std::ofstream(folder_ / "run.json") << "{";
  EXPECT_THAT(read_results(folder_).error().message,
              testing::AllOf(HasSubstr((folder_ / "run.json").string() + ": "), HasSubstr("cut")));
}

TEST_F(Artefacts, SaysWhereItCannotWriteAndWhy) {
  const RunRecord record;
  std::ofstream(folder_ / "file") << "in the way";
  const auto no_folder = write_results(folder_ / "file" / "results", record, judge(record));
  ASSERT_FALSE(no_folder);
  EXPECT_THAT(no_folder.error().message,
              testing::AllOf(HasSubstr("cannot make the folder"), HasSubstr("Not a directory")));

  fs::create_directories(folder_ / "taken" / "run.json");  // a folder where the file should be
  const auto no_file = write_results(folder_ / "taken", record, judge(record));
  ASSERT_FALSE(no_file);
  EXPECT_THAT(no_file.error().message,
              HasSubstr("cannot write " + (folder_ / "taken" / "run.json").string()));
  EXPECT_THAT(names(folder_ / "taken"),
              UnorderedElementsAre("run.json"));  // no temporary file stays
}

TEST(ResultsFolder, IsNamedAfterTimeAndPlan) {
  EXPECT_EQ(results_folder(1'772'366'400'250, "baseline"), "results/20260301T120000Z-baseline");
  EXPECT_EQ(results_folder(0, "../my plan/µ"), "results/19700101T000000Z-.._my_plan___");
}

}  // namespace
}  // namespace natsproof
