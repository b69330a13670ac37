#include "base/trace_stamps.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/effort.h"

namespace natsproof {
namespace {

const std::string kBoot = "0f8fad5b-d9cb-469f-a165-70867728950e";

Instant at(Duration::rep ns) {
  return Instant{Duration{ns}};
}

TraceStamps some_stamps() {
  TraceStamps stamps;
  std::copy(kBoot.begin(), kBoot.end(), stamps.boot_id_bytes.begin());
  stamps.set(TraceStage::received, at(812'345'678'901'234));
  stamps.set(TraceStage::begun, at(812'345'678'902'434));
  stamps.set(TraceStage::decoded, at(812'345'678'901'134));
  stamps.set(TraceStage::answered, at(812'345'679'082'234));
  TraceCall& call = stamps.calls[stamps.call_count++];
  call.set_name("fraud");
  call.begun = at(812'345'678'904'534);
  call.ended = at(812'345'679'081'484);
  return stamps;
}

std::string written(const TraceStamps& stamps) {
  std::string text;
  write_trace_stamps(stamps, text);
  return text;
}

TEST(TraceStamps, AreWrittenAsTheFormatSays) {
  EXPECT_EQ(written(some_stamps()),
            kBoot +
                ";received=812345678901234;begun=1200;decoded=-100;call=fraud,3300,180250;"
                "answered=181000");
}

TEST(TraceStamps, AreReadAsTheyWereWritten) {
  const auto read = read_trace_stamps(written(some_stamps()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->boot_id(), kBoot);
  EXPECT_EQ(read->stages, some_stamps().stages);
  ASSERT_EQ(read->call_count, 1);
  EXPECT_EQ(read->calls[0].name(), "fraud");
  EXPECT_EQ(read->calls[0].begun, some_stamps().calls[0].begun);
  EXPECT_EQ(read->calls[0].ended, some_stamps().calls[0].ended);
}

// The longest there are have room, and are read.
TEST(TraceStamps, NoValueIsLongerThanItsBound) {
  TraceStamps stamps = some_stamps();
  stamps.call_count = TraceStamps::kMostCalls;
  const Instant late = at(Duration::rep{1} << 61);
  for (TraceCall& call : stamps.calls) {
    call.set_name(std::string(100, 'n'));
    call.begun = call.ended = late - Duration{Duration::rep{1} << 60};
  }
  for (auto& stage : stamps.stages) stage = late - Duration{Duration::rep{1} << 60};
  stamps.set(TraceStage::received, late);
  EXPECT_LE(written(stamps).size(), kMostTraceBytes);
  EXPECT_TRUE(read_trace_stamps(written(stamps)));
}

TEST(TraceStamps, ANameIsCutAndHarmless) {
  TraceCall call;
  call.set_name("a;b,c=d e\r\n\xc3\xa4-._Z9");
  EXPECT_EQ(call.name(), "a_b_c_d_e____-._Z9");
  call.set_name(std::string(30, 'x'));
  EXPECT_EQ(call.name(), std::string(24, 'x'));
}

TEST(TraceStamps, UnknownStagesArePassedOver) {
  const auto read = read_trace_stamps(kBoot + ";received=5;queued=7;begun=1;gc");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at(TraceStage::begun), at(6));
  EXPECT_FALSE(read->at(TraceStage::answered));
}

TEST(TraceStamps, MoreCallsThanThereIsRoomForAreLeftOut) {
  std::string text = kBoot + ";received=5";
  for (int i = 0; i < 20; ++i) text += ";call=c,1,2";
  const auto read = read_trace_stamps(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->call_count, TraceStamps::kMostCalls);
}

TEST(TraceStamps, NothingElseIsRead) {
  for (const std::string& text : {std::string{},
                                  kBoot,
                                  kBoot + ";",
                                  kBoot + ";begun=1",
                                  kBoot + ";received=",
                                  kBoot + ";received=-1",
                                  kBoot + ";received=1x",
                                  kBoot + ";received=99999999999999999999",
                                  kBoot + ";received=5;begun=",
                                  kBoot + ";received=5;begun=+1",
                                  kBoot + ";received=5;begun=1 ",
                                  kBoot + ";received=5;begun=2305843009213693952",
                                  kBoot + ";received=5;call=",
                                  kBoot + ";received=5;call=a",
                                  kBoot + ";received=5;call=a,1",
                                  kBoot + ";received=5;call=,1,2",
                                  kBoot + ";received=5;call=a,1,2,3",
                                  kBoot + ";received=5;call=a b,1,2",
                                  kBoot + ";received=5;call=" + std::string(25, 'x') + ",1,2",
                                  kBoot.substr(1) + ";received=5",
                                  kBoot + "x;received=5"}) {
    EXPECT_FALSE(read_trace_stamps(text)) << text;
  }
}

// Whatever comes is refused, or read as something that is written and read as the same again.
TEST(TraceStamps, AnyBytesAreReadOrRefused) {
  constexpr std::string_view kPieces[] = {
      "received=",           "begun=", "call=",     ";", ",", "=", "decoded", "-", "17",
      "1152921504606846976", "a",      "answered=1"};
  Random random(20);
  int read_ones = 0;
  for (int i = 0; i < effort(20'000); ++i) {
    std::string text = random.below(8) == 0 ? "" : kBoot;
    if (random.below(4) != 0) text += ";received=" + std::to_string(random.next() >> 3);
    for (std::uint64_t n = random.below(12); n > 0; --n) {
      if (random.below(4) == 0) {
        text += static_cast<char>(random.below(256));
      } else {
        text += kPieces[random.below(std::size(kPieces))];
      }
    }
    const auto read = read_trace_stamps(text);
    if (!read) continue;
    ++read_ones;
    const auto again = read_trace_stamps(written(*read));
    ASSERT_TRUE(again) << text;
    ASSERT_EQ(written(*again), written(*read)) << text;
  }
  EXPECT_GT(read_ones, 200);
}

TEST(BootId, IsThatOfTheKernel) {
  if (boot_id().empty()) GTEST_SKIP() << "this kernel does not tell it";
  EXPECT_EQ(boot_id().size(), TraceStamps::kBootIdBytes);
  EXPECT_EQ(boot_id(), boot_id());
}

}  // namespace
}  // namespace natsproof
