#include "loadgen/report/progress.h"

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

using testing::StartsWith;

class ProgressTest : public testing::Test {
 protected:
  ~ProgressTest() override {
    std::fclose(out_);
    std::free(text_);
  }
  // What was printed since the last call.
  std::string printed() {
    std::fflush(out_);
    std::string fresh(text_ + seen_, size_ - seen_);
    seen_ = size_;
    return fresh;
  }

  char* text_ = nullptr;
  std::size_t size_ = 0, seen_ = 0;
  std::FILE* out_ = open_memstream(&text_, &size_);
  ManualClock clock_;
  ProgressState state_{.repetition = 2,
                       .repetitions = 5,
                       .elapsed = 3s,
                       .total = 30s,
                       .sent_per_s = 1998,
                       .sent = 6000,
                       .failures = 3,
                       .in_flight = 4,
                       .p50 = 312us,
                       .p99 = 1200us};
};

TEST_F(ProgressTest, RewritesOneLineOnATerminal) {
  Progress progress(out_, true, false, clock_);
  progress.update(state_);
  EXPECT_EQ(printed(),
            "\r\x1b[K[#.............]  10 %  in 2/5: 1,998/s p50 312 µs p99 1.20 ms 3 failed");
  progress.finish();
  EXPECT_EQ(printed(), "\r\x1b[K");
  progress.finish();
  EXPECT_EQ(printed(), "");
}

TEST_F(ProgressTest, SaysThatItTraces) {
  state_.tracing = true;
  {
    Progress progress(out_, true, false, clock_);
    progress.update(state_);
    EXPECT_EQ(printed(),
              "\r\x1b[K[#.............]  10 %  tracing: 1,998/s p50 312 µs p99 1.20 ms 3 failed");
  }
  printed();
  Progress progress(out_, false, false, clock_);
  progress.update(state_);
  progress.finish();
  EXPECT_THAT(printed(), StartsWith("tracing, 3.00 s of 30.0 s: 6,000 sent"));
}

TEST_F(ProgressTest, PrintsTenTimesASecondAtMost) {
  Progress progress(out_, true, false, clock_);
  progress.update(state_);
  printed();
  clock_.advance(99ms);
  progress.update(state_);
  EXPECT_EQ(printed(), "");
  clock_.advance(1ms);
  progress.update(state_);
  EXPECT_NE(printed(), "");
}

TEST_F(ProgressTest, ALiveLineKeepsWithin80Columns) {
  Progress progress(out_, true, false, clock_);
  progress.update({.repetition = 4'000'000'000,
                   .repetitions = 4'000'000'000,
                   .elapsed = 99s,
                   .total = 1s,
                   .sent_per_s = 1e14,
                   .failures = 18'000'000'000'000'000'000u,
                   .p50 = 1111ms,
                   .p99 = 59s});
  const std::string line = printed();
  EXPECT_LT(display_width(line.substr(4)), 80u) << line;
}

TEST_F(ProgressTest, PrintsALineAtTheEndOfEachRepetitionInAPipe) {
  Progress progress(out_, false, false, clock_);
  state_.warmup = true;
  state_.sent = 20;
  progress.update(state_);
  clock_.advance(6s);
  state_.warmup = false;
  state_.sent = 6000;
  progress.update(state_);
  EXPECT_EQ(printed(), "");
  ProgressState next{
      .repetition = 3, .repetitions = 5, .warmup = true, .elapsed = 6s, .total = 30s};
  progress.update(next);
  EXPECT_EQ(
      printed(),
      "repetition 2/5, 3.00 s of 30.0 s: 6,000 sent, p50 312 µs p99 1.20 ms in this repetition, 3 "
      "failed, 4 in flight\n");
  next.sent = 7;
  progress.update(next);
  EXPECT_EQ(printed(), "");
  progress.finish();
  EXPECT_EQ(printed(), "repetition 3/5, 6.00 s of 30.0 s: 7 sent, 0 failed, 0 in flight\n");
  progress.finish();
  EXPECT_EQ(printed(), "");
}

TEST_F(ProgressTest, PrintsALineEveryTenSecondsInAPipe) {
  Progress progress(out_, false, false, clock_);
  progress.update(state_);
  clock_.advance(9s);
  progress.update(state_);
  EXPECT_EQ(printed(), "");
  clock_.advance(1s);
  progress.update(state_);
  EXPECT_THAT(printed(), StartsWith("repetition 2/5, "));
  clock_.advance(9s);
  progress.update(state_);
  EXPECT_EQ(printed(), "");
  clock_.advance(1s);
  progress.update(state_);
  EXPECT_THAT(printed(), StartsWith("repetition 2/5, "));
  progress.finish();
  EXPECT_EQ(printed(), "");  // nothing new since
}

TEST_F(ProgressTest, ANoteClearsTheLiveLine) {
  Progress progress(out_, true, false, clock_);
  progress.update(state_);
  printed();
  progress.note("echo died\x1b[2J");
  EXPECT_EQ(printed(), "\r\x1b[Kecho died?[2J\n");
}

TEST_F(ProgressTest, QuietStillPrintsNotes) {
  Progress progress(out_, true, true, clock_);
  progress.update(state_);
  EXPECT_EQ(printed(), "");
  progress.note("echo died");
  EXPECT_EQ(printed(), "echo died\n");
}

TEST_F(ProgressTest, TheLiveLineEndsWithIt) {
  {
    Progress progress(out_, true, false, clock_), other(out_, false, false, clock_);
    progress.update(state_);
    printed();
  }
  EXPECT_EQ(printed(), "\r\x1b[K");
}

}  // namespace
}  // namespace natsproof
