// What processes took, in run.json: given back whole, refused when it is damaged, and small.
#include <functional>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/report/run_file.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

ResourceRecord sampled(const char* role, int seconds) {
  ResourceRecord record{.of = role, .processes = 2, .names = "echo (pid 5), orders (pid 7)"};
  for (int second = 0; second < seconds; ++second) {
    const auto n = static_cast<std::uint64_t>(second);
    record.samples.push_back({.at = 1001ms * second,
                              .cpu = 870ms * second,
                              .resident_bytes = (30'000 + n % 7 * 4 - n % 3 * 8) * 1024,
                              .threads = 38 + n % 2,
                              .voluntary_switches = 1000 + 12'345 * n,
                              .involuntary_switches = 9999 - n % 10});
  }
  return record;
}

ServerSample says_at(int second) {
  const auto n = static_cast<std::uint64_t>(second);
  return {.at = 1001ms * second,
          .cpu_share = static_cast<double>(n % 1500) / 1000,
          .resident_bytes = (15'000 + n) * 1024,
          .connections = 12,
          .slow_consumers = n / 100,
          .in_messages = 20'000 * n,
          .out_messages = 20'001 * n};
}

RunRecord with(std::vector<ResourceRecord> resources) {
  RunRecord record = slow_orders();
  record.repetitions[0].resources = std::move(resources);
  return record;
}

void expect_same(const ResourceRecord& a, const ResourceRecord& b) {
  EXPECT_EQ(a.of, b.of);
  EXPECT_EQ(a.processes, b.processes);
  EXPECT_EQ(a.names, b.names);
  EXPECT_EQ(a.not_available, b.not_available);
  EXPECT_EQ(a.ended, b.ended);
  EXPECT_EQ(a.fresh, b.fresh);
  EXPECT_EQ(a.by_varz, b.by_varz);
  EXPECT_EQ(a.server_silent, b.server_silent);
  ASSERT_EQ(a.samples.size(), b.samples.size());
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    const ResourceSample &x = a.samples[i], &y = b.samples[i];
    EXPECT_EQ(std::tie(x.at, x.cpu, x.resident_bytes, x.threads, x.voluntary_switches,
                       x.involuntary_switches),
              std::tie(y.at, y.cpu, y.resident_bytes, y.threads, y.voluntary_switches,
                       y.involuntary_switches))
        << i;
  }
  ASSERT_EQ(a.server_says.size(), b.server_says.size());
  for (std::size_t i = 0; i < a.server_says.size(); ++i) {
    const ServerSample &x = a.server_says[i], &y = b.server_says[i];
    EXPECT_EQ(std::tie(x.at, x.cpu_share, x.resident_bytes, x.connections, x.slow_consumers,
                       x.in_messages, x.out_messages),
              std::tie(y.at, y.cpu_share, y.resident_bytes, y.connections, y.slow_consumers,
                       y.in_messages, y.out_messages))
        << i;
  }
}

std::vector<ResourceRecord> every_field() {
  ResourceRecord server = sampled("server", 2000);
  for (int second = 0; second < 2000; ++second) server.server_says.push_back(says_at(second));
  server.server_silent = "it hung";
  server.by_varz = true;
  ResourceRecord services = sampled("services", 3);
  services.fresh = true;
  services.ended = "orders (pid 7) is gone";
  return {server, services, {.of = "generator", .not_available = "because \"of\" it"}};
}

TEST(RunFileResources, GivesEveryFieldBack) {
  const RunRecord record = with(every_field());
  const auto read = read_run_json(write_run_json(record, judge(record)));
  ASSERT_TRUE(read) << read.error().message;
  const auto& resources = read->repetitions[0].resources;
  ASSERT_EQ(resources.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) expect_same(resources[i], every_field()[i]);
  EXPECT_TRUE(read->repetitions[1].resources.empty());
}

TEST(RunFileResources, FilesWithoutThemAreReadAllTheSame) {
  const RunRecord record = with(every_field());
  Json json = Json::parse(write_run_json(record, judge(record)));
  for (Json& repetition : json["repetitions"]) repetition.erase("resources");
  const auto read = read_run_json(json.dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->repetitions[0].resources.empty());
}

TEST(RunFileResources, AnHourTakesLessThanHalfAMegabyte) {
  ResourceRecord server = sampled("server", 3600);
  for (int second = 0; second < 3600; ++second) server.server_says.push_back(says_at(second));
  const RunRecord without = with({});
  const RunRecord record = with({server, sampled("services", 3600), sampled("generator", 3600)});
  const std::size_t more =
      write_run_json(record, judge(record)).size() - write_run_json(without, judge(without)).size();
  EXPECT_LT(more, 500'000U);
}

std::string mistake_after(const std::function<void(Json&)>& damage) {
  const RunRecord record = with(every_field());
  Json json = Json::parse(write_run_json(record, judge(record)));
  damage(json["repetitions"][0]["resources"]);
  const auto read = read_run_json(json.dump());
  return read ? "it was read" : read.error().message;
}

TEST(RunFileResources, DamageIsNamed) {
  const auto column = [](const char* name, const char* text) {
    return mistake_after([&](Json& resources) { resources[1]["samples"][name] = text; });
  };
  const char* const kAt = "repetitions[0].resources[1].samples.";
  for (const char* text :
       {"1 x 3", "1  2 3", " 1 2 3", "1,2,3", "1 2 99999999999999999999", "1.5 2 3", "+1 2 3"}) {
    EXPECT_THAT(column("cpu_ms", text), HasSubstr(std::string(kAt) + "cpu_ms: whole numbers"))
        << text;
  }
  EXPECT_THAT(column("cpu_ms", "1 2"), HasSubstr("not as many entries as `at_ms` has, 3"));
  EXPECT_THAT(column("cpu_ms", ""), HasSubstr("not as many entries"));
  EXPECT_THAT(column("threads", "1 2 3 4"), HasSubstr("not as many entries"));
  EXPECT_THAT(column("resident_kib", "5 -6 7"), HasSubstr("its entry 2 is out of range"));
  EXPECT_THAT(column("voluntary", "1000000000000000 1 0"), HasSubstr("out of range"));
  EXPECT_THAT(column("at_ms", "5 -1 1"), HasSubstr("its times go back"));
  EXPECT_THAT(mistake_after([](Json& resources) { resources[1].erase("samples"); }),
              HasSubstr("samples"));
  EXPECT_THAT(mistake_after([](Json& resources) { resources[0]["server_says"].erase("at_ms"); }),
              HasSubstr("at_ms"));
  EXPECT_THAT(mistake_after([](Json& resources) { resources[0]["fresh"] = 1; }),
              HasSubstr("fresh"));
  EXPECT_THAT(mistake_after([](Json& resources) { resources = "none"; }), HasSubstr("resources"));
  EXPECT_THAT(mistake_after([](Json& resources) {
                for (int i = 0; i < 20; ++i) resources.push_back(resources[0]);
              }),
              HasSubstr("resources"));
}

TEST(RunFileResources, NoColumnFillsTheMemory) {
  std::string many = "0";
  for (std::size_t i = 0; i <= kMostResourceSamples; ++i) many += " 0";
  EXPECT_THAT(mistake_after([&](Json& resources) { resources[1]["samples"]["at_ms"] = many; }),
              HasSubstr("more than 400000 samples"));
}

TEST(RunFileResources, ClaimsOnProcessesAreGivenBack) {
  RunRecord record = with(every_field());
  for (const char* text : {"cpu(server) <= 150%", "memory_growth(services) < 1MiB/min"}) {
    record.claims.push_back(parse_claim(text, {}).value());
    for (Repetition& repetition : record.repetitions) repetition.blocks.emplace_back();
  }
  const auto read = read_run_json(write_run_json(record, judge(record)));
  ASSERT_TRUE(read) << read.error().message;
  const Claim& cpu = read->claims[read->claims.size() - 2];
  EXPECT_EQ(cpu.metric, Metric::cpu);
  EXPECT_EQ(cpu.of, "server");
  EXPECT_EQ(cpu.share, 1.5);
  const Claim& growth = read->claims.back();
  EXPECT_EQ(growth.metric, Metric::memory_growth);
  EXPECT_EQ(growth.bytes_per_min, 1048576);
  const Json json = Json::parse(write_run_json(record, judge(record)));
  const Json& written = json["claims"][record.claims.size() - 2];
  EXPECT_EQ(written["of"], "server");
  EXPECT_EQ(written["limit_cores"], 1.5);
  EXPECT_EQ(written["unit"], "cores");
}

}  // namespace
}  // namespace natsproof
