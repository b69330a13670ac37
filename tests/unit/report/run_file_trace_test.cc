#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/report/run_file_json.h"

namespace natsproof {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

TraceRecord full_trace() {
  TraceRecord trace{.not_available = "µ and \"why\"",
                    .p50_traced = 5us,
                    .p50_untraced = 4us,
                    .least_p50_untraced = 3us,
                    .most_p50_untraced = 6us};
  trace.tasks = {{.name = "a",
                  .ok = 9,
                  .traced = 4,
                  .untraced = 3,
                  .other_host = 2,
                  .unreadable = 1,
                  .groups = {{.name = "typical",
                              .from_quantile = 0.45,
                              .to_quantile = 0.55,
                              .requests = 7,
                              .total_ns = 1234.5678901234567,
                              .parts = {{"work", 0, 1234.5678901234567}, {"fraud", 1, 0.25}}},
                             {.name = "slow", .from_quantile = 0.985, .to_quantile = 0.995}}},
                 {.name = "b"}};
  return trace;
}

struct Reading {
  TraceRecord trace;
  std::string mistake;
};
Reading read(const std::function<void(Json&)>& edit) {
  Json json = trace_json(full_trace());
  edit(json);
  const nlohmann::json plain = nlohmann::json::parse(json.dump());
  JsonReading reading;
  TraceRecord trace = read_trace(JsonNode(plain, "trace", reading));
  return {std::move(trace), reading.ok() ? "" : reading.mistake().message};
}

TEST(RunFileTrace, GivesEveryFieldBack) {
  const auto [trace, mistake] = read([](Json&) {});
  ASSERT_EQ(mistake, "");
  EXPECT_EQ(trace_json(trace), trace_json(full_trace()));
  EXPECT_EQ(trace.not_available, "µ and \"why\"");
  EXPECT_EQ(trace.p50_traced, 5us);
  EXPECT_EQ(trace.p50_untraced, 4us);
  EXPECT_EQ(trace.least_p50_untraced, 3us);
  EXPECT_EQ(trace.most_p50_untraced, 6us);
  ASSERT_EQ(trace.tasks.size(), 2U);
  const TracedTask& task = trace.tasks[0];
  EXPECT_EQ(task.name, "a");
  EXPECT_EQ(task.ok, 9U);
  EXPECT_EQ(task.traced, 4U);
  EXPECT_EQ(task.untraced, 3U);
  EXPECT_EQ(task.other_host, 2U);
  EXPECT_EQ(task.unreadable, 1U);
  ASSERT_EQ(task.groups.size(), 2U);
  EXPECT_EQ(task.groups[0].name, "typical");
  EXPECT_EQ(task.groups[0].from_quantile, 0.45);
  EXPECT_EQ(task.groups[0].to_quantile, 0.55);
  EXPECT_EQ(task.groups[0].requests, 7U);
  EXPECT_EQ(task.groups[0].total_ns, 1234.5678901234567);
  ASSERT_EQ(task.groups[0].parts.size(), 2U);
  EXPECT_EQ(task.groups[0].parts[1].name, "fraud");
  EXPECT_EQ(task.groups[0].parts[1].depth, 1U);
  EXPECT_EQ(task.groups[0].parts[1].mean_ns, 0.25);
}

TEST(RunFileTrace, NamesWhatIsWrongAndWhere) {
  const auto mistake = [](const std::function<void(Json&)>& edit) { return read(edit).mistake; };
  const auto group = [](Json& json) -> Json& { return json["tasks"][0]["groups"][0]; };
  EXPECT_THAT(mistake([](Json& j) { j = 5; }), HasSubstr("trace"));
  EXPECT_THAT(mistake([](Json& j) { j.erase("tasks"); }), HasSubstr("trace.tasks"));
  EXPECT_THAT(mistake([](Json& j) { j["p50_service_traced_ns"] = -1; }),
              HasSubstr("trace.p50_service_traced_ns"));
  EXPECT_THAT(mistake([](Json& j) { j["tasks"] = Json(std::vector<int>(1001)); }),
              HasSubstr("at most 1,000"));
  EXPECT_THAT(mistake([](Json& j) { j["tasks"][1]["ok"] = 1.5; }), HasSubstr("tasks[1].ok"));
  EXPECT_THAT(mistake([&](Json& j) { group(j)["from_quantile"] = 1.1; }),
              HasSubstr("groups[0].from_quantile: is no quantile"));
  EXPECT_THAT(mistake([&](Json& j) { group(j)["to_quantile"] = 0.45; }),
              HasSubstr("groups[0].to_quantile: is not above"));
  EXPECT_THAT(mistake([&](Json& j) { group(j)["total_ns"] = -1; }),
              HasSubstr("groups[0].total_ns: is no time"));
  EXPECT_THAT(mistake([&](Json& j) { group(j)["parts"][0]["mean_ns"] = 1e300; }),
              HasSubstr("parts[0].mean_ns: is no time"));
  EXPECT_THAT(mistake([&](Json& j) { group(j)["parts"][0]["depth"] = 2; }),
              HasSubstr("parts[0].depth: is more than 1"));
  EXPECT_THAT(mistake([&](Json& j) { group(j)["parts"] = Json(std::vector<int>(101)); }),
              HasSubstr("at most 100"));
}

}  // namespace
}  // namespace natsproof
