#include "loadgen/report/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/run_file.h"
#include "tests/effort.h"
#include "tests/golden/report/fixed_judgements.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

// Small, for it is read thousands of times; with a double, text, histograms and blocks in it.
RunRecord small_run() {
  Story story;
  story.planned_repetitions = story.repetitions = 2;
  story.seconds = 1;
  story.rate_per_s = 60;
  story.claims = {"response p50 < 1ms", "success >= 99.5%"};
  story.tell = [](std::uint64_t i, std::uint64_t chance) {
    ToldRequest request{.lag = told_lag(chance), .service = told_service(chance)};
    if (i % 20 == 9) request.request_class = RequestClass::timeout;
    request.served_by = "a";
    return request;
  };
  return told_run(story);
}

std::string sealed_run() {
  const RunRecord record = small_run();
  return write_run_json(record, judge(record));
}

// As versions wrote it that sealed nothing: without what came with the seal.
Json of_earlier_version(Json json) {
  json.erase("seal");
  json.erase("sealed");
  for (Json& claim : json["claims"]) claim.erase("slices");
  std::vector<Json*> open = {&json};
  while (!open.empty()) {
    Json& part = *open.back();
    open.pop_back();
    for (const char* key : {"p50_interval", "p90_interval", "p99_interval", "p99.9_interval"})
      if (part.is_object()) part.erase(key);
    for (Json& inner : part)
      if (inner.is_structured()) open.push_back(&inner);
  }
  return json;
}

RunRecord read(const std::string& text) {
  auto record = read_run_json(text);
  EXPECT_TRUE(record) << record.error().message;
  return record ? std::move(*record) : RunRecord{};
}

std::string report_of(const RunRecord& record) {
  return render_console_report(record, judge(record), {});
}

TEST(Seal, OfAFreshFileIsIntact) {
  const RunRecord record = read(sealed_run());
  EXPECT_EQ(record.file->seal, Seal::intact);
  EXPECT_THAT(report_of(record), StartsWith("Scope: "));
  EXPECT_EQ(write_run_json(record, judge(record)), sealed_run());
}

// Worked out by another program: printf '{"a":[1,0.5,"µ"],"b":{}}' | sha256sum
TEST(Seal, IsTheSumOfTheValueAsCompactJson) {
  const Json document = {{"b", Json::object()}, {"seal", "x"}, {"a", {1.0, 0.5, "µ"}}};
  EXPECT_EQ(seal_of(document), "b9f7e5303a9e06c7344adae886da4300c796a55ee757761ae321e5e08f92947c");
}

TEST(Seal, OutlivesAnotherLayout) {
  const auto document = nlohmann::json::parse(sealed_run());  // its members sorted
  EXPECT_EQ(check_seal(document), Seal::intact);
  EXPECT_EQ(read(document.dump(3)).file->seal, Seal::intact);
  // As jq writes 1.0 and 0.5.
  nlohmann::json numbers = {{"sealed", "sha256"}, {"share", 1.0}, {"half", 0.5}};
  numbers["seal"] = seal_of(Json(numbers));
  EXPECT_EQ(check_seal(numbers), Seal::intact);
  numbers["share"] = 1;
  EXPECT_EQ(check_seal(numbers), Seal::intact);
  numbers["share"] = 2;
  EXPECT_EQ(check_seal(numbers), Seal::broken);
}

TEST(Seal, FindsWhatNoOtherFigureChecks) {
  Json json = Json::parse(sealed_run());
  json["claims"][0]["blocks"][0][0] = 60;  // none over
  json["claims"][0].erase("slices");       // which would say otherwise
  json["provenance"]["git"] = "clean";
  const RunRecord record = read(json.dump());
  EXPECT_EQ(record.file->seal, Seal::broken);
  const Judgement judgement = judge(record);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.why, HasSubstr("changed after the run"));
  for (const Verdict verdict : judgement.repetitions) EXPECT_EQ(verdict, Verdict::invalid);
  const std::string report = report_of(record);
  EXPECT_THAT(report, AllOf(StartsWith("EDITED  this file was changed after the run"),
                            HasSubstr("VERDICT  INVALID")));
  EXPECT_THAT(report, Not(HasSubstr("\n  PROVEN ")));
}

TEST(Seal, NoVerdictOfAChangedFileIsTheRuns) {
  const RunRecord sound = sound_run();
  Json json = Json::parse(write_run_json(sound, judge(sound)));
  ASSERT_EQ(json["verdict"], "PROVEN");
  json["provenance"]["git"] = "clean";
  const Judgement judgement = judge(read(json.dump()));
  EXPECT_EQ(exit_status(judgement.verdict), 4);
  for (const ClaimResult& claim : judgement.claims) EXPECT_EQ(claim.verdict, Verdict::invalid);
}

TEST(Seal, CannotBeTakenOffUnnoticed) {
  Json json = Json::parse(sealed_run());
  json.erase("seal");
  EXPECT_EQ(read(json.dump()).file->seal, Seal::broken);
  json["seal"] = 7;
  EXPECT_EQ(read(json.dump()).file->seal, Seal::broken);
}

TEST(Seal, AFileThatOnlySealingVersionsWriteHasLostIts) {
  Json json = Json::parse(sealed_run());
  json.erase("seal");
  json.erase("sealed");
  EXPECT_EQ(read(json.dump()).file->seal, Seal::broken);
  const Json earlier = of_earlier_version(json);
  ASSERT_EQ(read(earlier.dump()).file->seal, Seal::missing);
  Json with_slices = earlier;
  with_slices["claims"][0]["slices"] = json["claims"][0]["slices"];
  EXPECT_EQ(read(with_slices.dump()).file->seal, Seal::broken);
  const auto with = [&](auto add) {
    RunRecord record = small_run();
    add(record);
    return read(of_earlier_version(Json::parse(write_run_json(record, judge(record)))).dump())
        .file->seal;
  };
  EXPECT_EQ(with([](RunRecord& r) { r.repetitions[1].platform = PlatformRecord{}; }), Seal::broken);
  EXPECT_EQ(with([](RunRecord& r) {
              r.repetitions[1].resources = {{.of = "server", .not_available = "no"}};
            }),
            Seal::broken);
  EXPECT_EQ(with([](RunRecord& r) { r.trace = TraceRecord{}; }), Seal::broken);
}

// The last one is what a parser takes, and the first one what a reader sees.
TEST(Seal, AKeyThatStandsTwiceIsRefused) {
  const std::string text = sealed_run();
  const auto refused = [&](const std::string& before, const std::string& second) {
    std::string twice = text;
    const std::size_t at = twice.find(before);
    EXPECT_NE(at, std::string::npos);
    twice.insert(at, second);
    EXPECT_EQ(Json::parse(twice), Json::parse(text));
    const auto record = read_run_json(twice);
    return record ? "it was read" : record.error().message;
  };
  EXPECT_THAT(refused("\"verdict\"", R"("verdict": "PROVEN", )"),
              StartsWith(R"(the key "verdict" stands twice)"));
  EXPECT_THAT(refused(R"("planned")", R"("pl\u0061nned": 1, )"),
              StartsWith(R"(the key "planned" stands twice)"));
}

// A parser takes it for the end of the text, and what stands behind it for nothing.
TEST(Seal, AZeroByteIsRefused) {
  const std::string text = sealed_run();
  for (const std::string& tail : {std::string(1, '\0'), std::string(1, '\0') + text}) {
    const auto record = read_run_json(text + tail);
    ASSERT_FALSE(record);
    EXPECT_THAT(record.error().message, StartsWith("there is a zero byte at byte"));
  }
}

TEST(Seal, AFileOfAnEarlierVersionHasNone) {
  const Json json = of_earlier_version(Json::parse(sealed_run()));
  const RunRecord record = read(json.dump());
  EXPECT_EQ(record.file->seal, Seal::missing);
  const RunRecord own = small_run();
  EXPECT_EQ(judge(record).verdict, judge(own).verdict);
  EXPECT_THAT(report_of(record), StartsWith("Not sealed: the file is of an earlier version"));
}

TEST(Seal, WritingAgainMakesNothingSound) {
  Json json = Json::parse(sealed_run());
  json["provenance"]["git"] = "clean";
  const RunRecord edited = read(json.dump());
  EXPECT_EQ(read(write_run_json(edited, judge(edited))).file->seal, Seal::broken);
  const RunRecord unsealed = read(of_earlier_version(json).dump());
  const std::string again = write_run_json(unsealed, judge(unsealed));
  EXPECT_EQ(read(again).file->seal, Seal::missing);
  EXPECT_EQ(again.find("_interval\""), std::string::npos);
}

TEST(Seal, VerdictsThatTheFiguresDoNotGiveAreTold) {
  const RunRecord record = small_run();
  Judgement other = judge(record);
  other.verdict = Verdict::proven;
  other.claims[0].verdict = Verdict::proven;
  other.claims[1].over = 0;
  other.claims[1].measured = 1.0;
  const std::string report = report_of(read(write_run_json(record, other)));  // sealed all the same
  EXPECT_THAT(report, AllOf(StartsWith("FILE DIFFERS"), HasSubstr("its verdict is PROVEN and"),
                            HasSubstr("`response p50 < 1ms`: verdict PROVEN where it comes out"),
                            HasSubstr("over 0 where it comes out as 6")));
}

TEST(Seal, WhatDiffersHasItsOwnUnit) {
  RunRecord record = small_run();
  record.claims = {*parse_claim("cpu(server) < 80%", {}),
                   *parse_claim("memory_growth(server) < 1MiB/min", {})};
  for (Repetition& repetition : record.repetitions) {
    repetition.blocks.assign(2, {});
    repetition.slices.clear();
  }
  Judgement other = judge(record);
  other.claims[0].measured = 0.5;
  other.claims[1].measured = 3 * 1024 * 1024;
  const std::string report = report_of(read(write_run_json(record, other)));
  EXPECT_THAT(report, AllOf(HasSubstr("measured 50.0 % of a core where"),
                            HasSubstr("measured 3.00 MiB/min where")));
}

TEST(Seal, DeepNestingIsNotFollowed) {
  std::string deep = "{\"seal\":\"x\",\"a\":";
  constexpr std::size_t kDeep = 100'000;
  deep.append(kDeep, '[').append(kDeep, ']').append("}");
  EXPECT_EQ(check_seal(nlohmann::json::parse(deep)), Seal::broken);
}

// Whatever single byte is changed: the file cannot be read, or it is told as changed, or it still
// says the same.
TEST(Seal, NoSingleByteChangesUnnoticed) {
  const std::string text = sealed_run();
  const auto sound = nlohmann::json::parse(text);
  std::size_t unreadable = 0, broken = 0;
  constexpr std::uint64_t kTries = effort(3000);
  for (std::uint64_t i = 0; i < kTries; ++i) {
    const std::uint64_t chance = mix64(i);
    std::string changed = text;
    char& byte = changed[chance % text.size()];
    const auto flipped = static_cast<char>(byte ^ static_cast<char>(1 + (chance >> 32) % 255));
    byte = flipped;
    const auto record = read_run_json(changed);
    if (!record) {
      EXPECT_FALSE(record.error().message.empty());
      ++unreadable;
    } else if (record->file->seal == Seal::broken) {
      EXPECT_EQ(judge(*record).verdict, Verdict::invalid);
      ++broken;
    } else {
      EXPECT_EQ(record->file->seal, Seal::intact) << "byte " << chance % text.size();
      EXPECT_EQ(nlohmann::json::parse(changed), sound) << "byte " << chance % text.size();
    }
  }
  EXPECT_GT(unreadable, 0u);
  EXPECT_GT(broken, 0u);
}

// The bytes of the members that say that there is a seal are few, and chance seldom takes them.
TEST(Seal, NoByteOfTheSealItselfChangesUnnoticed) {
  const std::string text = sealed_run();
  for (const char* member : {"\"sealed\"", "\"seal\""}) {
    const std::size_t at = text.find(member);
    ASSERT_NE(at, std::string::npos);
    for (std::size_t i = at; i < std::min(at + 70, text.find('\n', at)); ++i) {
      for (const int flip : {1, 2, 32}) {
        std::string changed = text;
        changed[i] = static_cast<char>(changed[i] ^ flip);
        const auto record = read_run_json(changed);
        if (record && record->file->seal != Seal::broken) {
          EXPECT_EQ(record->file->seal, Seal::intact) << changed.substr(at, 80);
          EXPECT_EQ(nlohmann::json::parse(changed), nlohmann::json::parse(text));
        }
      }
    }
  }
}

}  // namespace
}  // namespace natsproof
