#include "bench/report/long_run.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/judge/judgement.h"
#include "loadgen/report/run_file.h"

namespace natsproof {
namespace {

std::size_t file_size(const RunRecord& record, const Judgement& judgement) {
  return write_run_json(record, judgement).size();
}

// A run of an hour with 20 tasks fits 5 MB, whatever it has beside its requests. What grows with
// the seconds is measured here. The rest are histograms and slices above all, which grow until
// every bucket has its recordings: of the hour that natsproof-bench makes they take so much.
TEST(LongRun, ItsFileStaysSmall) {
  constexpr LongRun kTwelve{.repetitions = 1, .seconds = 12};
  const RunRecord record = long_run(kTwelve);
  RunRecord no_seconds = record;
  for (Repetition& repetition : no_seconds.repetitions) {
    repetition.intervals.clear();
    for (ResourceRecord& role : repetition.resources) {
      role.samples.resize(1);
      role.server_says.resize(std::min<std::size_t>(role.server_says.size(), 1));
    }
    for (auto& blocks : repetition.blocks) blocks.clear();
  }
  const Judgement judgement = judge(record);  // the same words in both
  const std::size_t all = file_size(record, judgement), rest = file_size(no_seconds, judgement);
  constexpr std::size_t kHour = 3600, kMost = 5'000'000, kRestOfAnHour = 1'880'000;
  const std::size_t a_second = (all - rest) / (kTwelve.seconds + 1);
  EXPECT_LT(a_second * kHour + kRestOfAnHour, kMost)
      << a_second << " bytes for an interval, a block for each of 22 claims, and four samples";
  RecordProperty("bytes_per_second", static_cast<int>(a_second));
}

// All that may lie beside the requests.
TEST(LongRun, HasEverything) {
  const RunRecord record = long_run({.repetitions = 2, .seconds = 2, .tasks = 3});
  ASSERT_TRUE(record.trace);
  EXPECT_EQ(record.trace->tasks.size(), 3u);
  for (const Repetition& repetition : record.repetitions) {
    ASSERT_TRUE(repetition.platform);
    EXPECT_EQ(repetition.platform->stalls.size(), PlatformRecord::kMostStalls);
    ASSERT_EQ(repetition.resources.size(), 3u);
    EXPECT_EQ(repetition.resources[0].server_says.size(), 3u);
    for (const ResourceRecord& role : repetition.resources) EXPECT_EQ(role.samples.size(), 3u);
  }
}

TEST(LongRun, IsReadAsWritten) {
  const RunRecord record = long_run({.repetitions = 2, .seconds = 2, .tasks = 3});
  const std::string text = write_run_json(record, judge(record));
  const auto read = read_run_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(write_run_json(*read, judge(*read)), text);
}

}  // namespace
}  // namespace natsproof
