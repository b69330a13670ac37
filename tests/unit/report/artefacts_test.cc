#include "loadgen/report/artefacts.h"

#include <filesystem>
#include <fstream>
#include <iterator>

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
