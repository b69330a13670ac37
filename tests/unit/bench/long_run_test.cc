#include "bench/report/long_run.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/judge/judgement.h"
#include "loadgen/report/run_file.h"

namespace natsproof {
namespace {

std::size_t file_size(const RunRecord& record) {
  return write_run_json(record, judge(record)).size();
}

// A run of an hour with 20 tasks fits 5 MB. Of its parts two grow with the run: the seconds, by so
// many bytes each, and the histograms, until every bucket has its recordings.
TEST(LongRun, ItsFileStaysSmall) {
  constexpr LongRun kTwelve{.repetitions = 1, .seconds = 12};
  const RunRecord record = long_run(kTwelve);
  RunRecord no_seconds = record;
  for (Repetition& repetition : no_seconds.repetitions) {
    repetition.intervals.clear();
    for (auto& blocks : repetition.blocks) blocks.clear();
  }
  const std::size_t all = file_size(record), rest = file_size(no_seconds);
  constexpr std::size_t kHour = 3600, kMost = 5'000'000;
  const std::size_t a_second = (all - rest) / (kTwelve.seconds + 1);
  EXPECT_LT(a_second, 920u) << "an interval, and a block for each of 22 claims";
  EXPECT_LT(a_second * kHour, kMost * 2 / 3);
  RecordProperty("bytes_per_second", static_cast<int>(a_second));
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
