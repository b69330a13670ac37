// The benchmarks of a message whose functions are made here, so that they can be wrong.
#include "bench/serialization/benchmarks.h"

#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/duration.pb.h>
#include <gtest/gtest.h>

#include "bench/serialization/allocations.h"
#include "bench/serialization/run_error.h"
#include "models/runtime/decode_error.h"

namespace {

struct Behaviour {
  std::int64_t read_too_much = 0, written_too_much = 0;  // in JSON
  bool valid = true;
  bool allocates = false;
};
Behaviour behaviour;
std::map<std::int64_t, int> validated;  // by their seconds

}  // namespace

namespace google::protobuf {

bool validate(const Duration& message, natsproof::Violations& violations) {
  ++validated[message.seconds()];
  if (behaviour.allocates) {
    auto memory = std::make_unique<int>(1);
    benchmark::DoNotOptimize(memory);
  }
  if (!behaviour.valid) violations.add({.field = "seconds"}, "at_least", "is too small");
  return behaviour.valid;
}

natsproof::Encoded write_json(const Duration& message, natsproof::JsonBuffer& out) {
  constexpr std::size_t kMostDigits = 20;
  char* const begin = out.room(kMostDigits);
  out.append_until(
      std::to_chars(begin, begin + kMostDigits, message.seconds() + behaviour.written_too_much)
          .ptr);
  return {};
}

natsproof::Decoded read_json(std::string_view document, Duration& message) {
  message.set_seconds(std::stoll(std::string(document)) + behaviour.read_too_much);
  return {};
}

}  // namespace google::protobuf

namespace natsproof {
namespace {

using ProtobufDuration = google::protobuf::Duration;
using testing::Each;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class Keeper final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<benchmark::BenchmarkReporter::Run>& reported) override {
    for (const auto& run : reported) runs.emplace(run.run_name.function_name, run);
  }
  std::map<std::string, benchmark::BenchmarkReporter::Run> runs;
};

class SerializationBenchmarks : public testing::Test {
 protected:
  SerializationBenchmarks() {
    behaviour = {};
    validated.clear();
    benchmark::ClearRegisteredBenchmarks();
    std::array<std::string, 2> words{"unit_bench", "--benchmark_min_time=0.0001"};
    std::array<char*, 3> argv{words[0].data(), words[1].data(), nullptr};
    int argc = 2;
    benchmark::Initialize(&argc, argv.data());
  }

  static std::vector<ProtobufDuration> messages(const std::vector<std::int64_t>& seconds) {
    std::vector<ProtobufDuration> made(seconds.size());
    for (std::size_t i = 0; i < seconds.size(); ++i) made[i].set_seconds(seconds[i]);
    return made;
  }

  const std::map<std::string, benchmark::BenchmarkReporter::Run>& run(
      const std::vector<std::int64_t>& seconds, const std::string& filter) {
    register_serialization_benchmarks<ProtobufDuration>("time", messages(seconds));
    behaviour.written_too_much = written_too_much_;
    validated.clear();
    benchmark::RunSpecifiedBenchmarks(&keeper_, filter);
    return keeper_.runs;
  }

  std::int64_t written_too_much_ = 0;  // from then on when the documents to read are made
  Keeper keeper_;
};

TEST_F(SerializationBenchmarks, AreOfEachEncodingAndOperationThatMakeSense) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : run({1}, ".")) names.push_back(name);
  EXPECT_THAT(
      names,
      UnorderedElementsAre(
          "serialization/time/protobuf/encode", "serialization/time/protobuf/decode",
          "serialization/time/protobuf/decode+validate", "serialization/time/protobuf/round-trip",
          "serialization/time/protobuf-arena/decode",
          "serialization/time/protobuf-arena/decode+validate",
          "serialization/time/protobuf-arena/round-trip", "serialization/time/json/encode",
          "serialization/time/json/decode", "serialization/time/json/decode+validate",
          "serialization/time/json/round-trip", "serialization/time/json-protobuf-util/encode",
          "serialization/time/json-protobuf-util/decode",
          "serialization/time/json-protobuf-util/decode+validate",
          "serialization/time/json-protobuf-util/round-trip",
          "serialization/time/message/validate"));
}

TEST_F(SerializationBenchmarks, CountMessagesAndBytesOfThem) {
  // One byte for the field, and one and six for the values.
  const auto& runs = run({1, std::int64_t{1} << 40}, "time/protobuf/decode$");
  ASSERT_EQ(runs.size(), 1U);
  const auto& decode = runs.begin()->second;
  ASSERT_FALSE(has_error(decode)) << error_message(decode);
  EXPECT_EQ(decode.counters.at("bytes").value, (2 + 7) / 2.0);
  const double messages_per_s = decode.counters.at("items_per_second").value;
  EXPECT_GT(messages_per_s, 0);
  // One counter rounds to whole bytes.
  EXPECT_NEAR(decode.counters.at("bytes_per_second").value / messages_per_s, 4.5, 0.1);
}

TEST_F(SerializationBenchmarks, TakeEachSampleEquallyOften) {
  run({1, 2, 3}, "message/validate");
  ASSERT_EQ(validated.size(), 3U);
  EXPECT_GT(validated[1], 0);
  EXPECT_THAT(validated, Each(Pair(testing::_, validated[1])));
}

TEST_F(SerializationBenchmarks, CountAllocations) {
  if (!allocations()) GTEST_SKIP() << "not under a sanitizer";
  behaviour.allocates = true;
  EXPECT_EQ(run({1}, "message/validate").begin()->second.counters.at("allocs").value, 1);
}

TEST_F(SerializationBenchmarks, CountNoAllocationsOfTheirOwn) {
  if (!allocations()) GTEST_SKIP() << "not under a sanitizer";
  for (const auto& [name, result] : run({1, 2, 3}, "message/validate|time/protobuf(-arena)?/")) {
    ASSERT_FALSE(has_error(result)) << name << ": " << error_message(result);
    EXPECT_EQ(result.counters.at("allocs").value, 0) << name;
  }
}

TEST_F(SerializationBenchmarks, WhatDecodesWronglyIsAnErrorAndNoFigure) {
  behaviour.read_too_much = 1;
  for (const auto& [name, result] : run({1}, "time/(json|protobuf)/")) {
    EXPECT_EQ(has_error(result), name.starts_with("serialization/time/json/")) << name;
    const std::string said = has_error(result) ? "what was decoded is not the sample" : "";
    EXPECT_EQ(error_message(result), said) << name;
  }
}

TEST_F(SerializationBenchmarks, WhatEncodesWronglyIsAnErrorAndNoFigure) {
  written_too_much_ = 1;
  for (const auto& [name, result] : run({1}, "time/(json|protobuf)/")) {
    EXPECT_EQ(has_error(result), name.starts_with("serialization/time/json/")) << name;
    const std::string said = has_error(result) ? "what was encoded is not the sample" : "";
    EXPECT_EQ(error_message(result), said) << name;
  }
}

TEST_F(SerializationBenchmarks, WhatCannotBeDecodedIsAnErrorAndNoFigure) {
  for (const auto& [name, result] : run({1}, "time/json-protobuf-util/"))
    EXPECT_TRUE(has_error(result)) << name;  // a number is no duration in JSON
}

TEST_F(SerializationBenchmarks, ASampleThatBreaksRulesIsTimedWithAWarning) {
  behaviour.valid = false;
  testing::internal::CaptureStderr();
  const auto& runs = run({1, 2}, "message/validate");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("sample 2 of time breaks rules of its schema:\n"
                              "  seconds: is too small (at_least)\n"));
  EXPECT_FALSE(has_error(runs.begin()->second));
}

}  // namespace
}  // namespace natsproof
