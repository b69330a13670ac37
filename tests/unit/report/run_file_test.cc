#include "loadgen/report/run_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/report/seal.h"
#include "tests/golden/report/fixed_judgements.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [key, value] : object.items()) names.push_back(key);
  return names;
}

// Every field of a record holding something that is not its default.
RunRecord full_record() {
  RunRecord record = slow_orders();
  record.interrupted = true;
  record.failure = "the server \"went\" away\n";
  record.plan_yaml = "name: orders_mix\nload:\n  rate: 2000/s\n";
  Conditions& conditions = record.conditions;
  conditions.users = 7;
  conditions.workers = 3;
  conditions.staged = false;
  conditions.loopback = false;
  conditions.time_scale = 0.1;
  conditions.gate_limits = {{"send lag", 0.2}, {"headroom", 0.123456789012345}};
  Repetition& repetition = record.repetitions[1];
  repetition.seed = 0xFFFF'FFFF'FFFF'FFFF;
  repetition.interrupted = true;
  repetition.failure = "half of it";
  repetition.reconnects = 2;
  repetition.clock_steps_back = 1;
  repetition.events = {"+1.000 s: something", "µ and \x01"};
  repetition.connections.push_back({.server_id = "NB",
                                    .moved_to = {"NA", "NB"},
                                    .client_id = 0xFFFF'FFFF'FFFF'FFFE,
                                    .sent = 3,
                                    .faulty = true});
  repetition.servers = {{.id = "NA", .name = "a", .version = "2.9.10", .url = "nats://a:1"},
                        {.id = "NB", .name = "", .version = "", .url = "nats://b:2"}};
  repetition.tasks[1].response.record(Histogram::kOutOfRange, 4);
  repetition.tasks[1].content_verified = false;
  repetition.tasks[0].tells_apart = false;
  repetition.tasks[1].warmup.planned = 2000;
  repetition.tasks[1].warmup.of(RequestClass::timeout) = 3;
  repetition.tasks[1].warmup.error_codes[-5] = 9;
  repetition.tasks[0].stray = 11;
  for (const std::size_t task : {0u, 1u}) {
    for (const char* id : {"(others)", "a", "b"}) {
      InstanceRecord instance{.id = id, .service = {}};
      instance.service.record(1ms, 3);
      instance.service.record(2ms, task);
      repetition.tasks[task].instances.push_back(std::move(instance));
    }
  }
  repetition.set_up.record(400us, 4);
  repetition.first_request.record(900us, 3);
  repetition.ledger = {.never_arrived = 1,
                       .not_replied = 2,
                       .reply_lost = 3,
                       .replied_late = 6,
                       .unknown = 4,
                       .executed_again = 5,
                       .answered = 700,
                       .taken = 705};
  repetition.injected = {{"drop_before", 6}, {"error_503", 7}};
  repetition.aborted = "`errors > 50% for 5s`: it was \"so\"";
  return record;
}

std::string written(const RunRecord& record) {
  return write_run_json(record, judge(record));
}

// Reads the file of a sound run after an edit.
Result<RunRecord> read_edited(const std::function<void(Json&)>& edit) {
  static const Json sound = Json::parse(written(slow_orders()));
  Json json = sound;
  edit(json);
  return read_run_json(json.dump());
}

std::string mistake(const Result<RunRecord>& result) {
  return result.ok() ? "no mistake" : result.error().message;
}

TEST(RunFile, GivesTheRecordBackWhole) {
  const RunRecord record = full_record();
  const auto read = read_run_json(written(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(written(*read), written(record));
}

TEST(RunFile, GivesEveryFieldBack) {
  const RunRecord record = full_record();
  const auto result = read_run_json(written(record));
  ASSERT_TRUE(result) << result.error().message;
  const RunRecord& read = *result;

  EXPECT_EQ(read.interrupted, record.interrupted);
  EXPECT_EQ(read.failure, record.failure);
  EXPECT_EQ(read.plan_yaml, record.plan_yaml);
  EXPECT_EQ(read.provenance, record.provenance);
  EXPECT_EQ(read.platform, record.platform);

  const Conditions &a = read.conditions, &b = record.conditions;
  EXPECT_EQ(a.plan_name, b.plan_name);
  EXPECT_EQ(a.about, b.about);
  EXPECT_EQ(a.open_loop, b.open_loop);
  EXPECT_EQ(a.users, b.users);
  EXPECT_EQ(a.schedule, b.schedule);
  EXPECT_EQ(a.offered, b.offered);
  EXPECT_EQ(a.client, b.client);
  EXPECT_EQ(a.pacing, b.pacing);
  EXPECT_EQ(a.workers, b.workers);
  EXPECT_EQ(a.connections, b.connections);
  EXPECT_EQ(a.planned_repetitions, b.planned_repetitions);
  EXPECT_EQ(a.covers, b.covers);
  EXPECT_EQ(a.staged, b.staged);
  EXPECT_EQ(a.loopback, b.loopback);
  EXPECT_EQ(a.cores, b.cores);
  EXPECT_EQ(a.time_scale, b.time_scale);
  EXPECT_EQ(a.clock_source, b.clock_source);
  EXPECT_EQ(a.clock_resolution, b.clock_resolution);
  EXPECT_EQ(a.scope, b.scope);
  EXPECT_EQ(a.gate_limits, b.gate_limits);

  ASSERT_EQ(read.claims.size(), record.claims.size());
  for (std::size_t i = 0; i < record.claims.size(); ++i) {
    const Claim &c = read.claims[i], &d = record.claims[i];
    EXPECT_EQ(c.text, d.text);
    EXPECT_EQ(c.task, d.task);
    EXPECT_EQ(c.metric, d.metric);
    EXPECT_EQ(c.statistic, d.statistic);
    EXPECT_EQ(c.quantile, d.quantile);
    EXPECT_EQ(c.comparison, d.comparison);
    EXPECT_EQ(c.limit, d.limit);
    EXPECT_EQ(c.share, d.share);
    EXPECT_EQ(c.rate, d.rate);
  }

  const auto expect_counts = [](const RequestCounts& c, const RequestCounts& d) {
    EXPECT_EQ(c.planned, d.planned);
    EXPECT_EQ(c.classes, d.classes);
    EXPECT_EQ(c.refused, d.refused);
    EXPECT_EQ(c.replies, d.replies);
    EXPECT_EQ(c.late, d.late);
    EXPECT_EQ(c.duplicate, d.duplicate);
    EXPECT_EQ(c.in_window, d.in_window);
    EXPECT_EQ(c.bytes_out, d.bytes_out);
    EXPECT_EQ(c.bytes_in, d.bytes_in);
    EXPECT_EQ(c.error_codes, d.error_codes);
  };
  ASSERT_EQ(read.repetitions.size(), record.repetitions.size());
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    const Repetition &c = read.repetitions[r], &d = record.repetitions[r];
    EXPECT_EQ(c.started_utc_ms, d.started_utc_ms);
    EXPECT_EQ(c.seed, d.seed);
    EXPECT_EQ(c.warmup, d.warmup);
    EXPECT_EQ(c.window, d.window);
    EXPECT_EQ(c.interrupted, d.interrupted);
    EXPECT_EQ(c.failure, d.failure);
    EXPECT_EQ(c.floor, d.floor);
    EXPECT_EQ(c.set_up, d.set_up);
    EXPECT_EQ(c.first_request, d.first_request);
    EXPECT_EQ(c.injected, d.injected);
    EXPECT_EQ(c.aborted, d.aborted);
    ASSERT_EQ(c.ledger.has_value(), d.ledger.has_value());
    if (d.ledger) {
      EXPECT_EQ(c.ledger->never_arrived, d.ledger->never_arrived);
      EXPECT_EQ(c.ledger->not_replied, d.ledger->not_replied);
      EXPECT_EQ(c.ledger->reply_lost, d.ledger->reply_lost);
      EXPECT_EQ(c.ledger->replied_late, d.ledger->replied_late);
      EXPECT_EQ(c.ledger->unknown, d.ledger->unknown);
      EXPECT_EQ(c.ledger->executed_again, d.ledger->executed_again);
      EXPECT_EQ(c.ledger->answered, d.ledger->answered);
      EXPECT_EQ(c.ledger->taken, d.ledger->taken);
    }
    EXPECT_EQ(c.reconnects, d.reconnects);
    EXPECT_EQ(c.clock_steps_back, d.clock_steps_back);
    EXPECT_EQ(c.events, d.events);
    ASSERT_EQ(c.tasks.size(), d.tasks.size());
    for (std::size_t t = 0; t < d.tasks.size(); ++t) {
      EXPECT_EQ(c.tasks[t].name, d.tasks[t].name);
      EXPECT_EQ(c.tasks[t].timeout, d.tasks[t].timeout);
      EXPECT_EQ(c.tasks[t].content_verified, d.tasks[t].content_verified);
      EXPECT_EQ(c.tasks[t].tells_apart, d.tasks[t].tells_apart);
      expect_counts(c.tasks[t].measured, d.tasks[t].measured);
      expect_counts(c.tasks[t].warmup, d.tasks[t].warmup);
      EXPECT_EQ(c.tasks[t].stray, d.tasks[t].stray);
      EXPECT_EQ(c.tasks[t].response, d.tasks[t].response);
      EXPECT_EQ(c.tasks[t].service, d.tasks[t].service);
      EXPECT_EQ(c.tasks[t].send_lag, d.tasks[t].send_lag);
      EXPECT_EQ(c.tasks[t].failed_after, d.tasks[t].failed_after);
      EXPECT_EQ(c.tasks[t].time_buckets, d.tasks[t].time_buckets);
      ASSERT_EQ(c.tasks[t].instances.size(), d.tasks[t].instances.size());
      for (std::size_t i = 0; i < d.tasks[t].instances.size(); ++i) {
        EXPECT_EQ(c.tasks[t].instances[i].id, d.tasks[t].instances[i].id);
        EXPECT_EQ(c.tasks[t].instances[i].service, d.tasks[t].instances[i].service);
      }
    }
    ASSERT_EQ(c.blocks.size(), d.blocks.size());
    for (std::size_t i = 0; i < d.blocks.size(); ++i) {
      ASSERT_EQ(c.blocks[i].size(), d.blocks[i].size());
      for (std::size_t s = 0; s < d.blocks[i].size(); ++s) {
        EXPECT_EQ(c.blocks[i][s].planned, d.blocks[i][s].planned);
        EXPECT_EQ(c.blocks[i][s].over, d.blocks[i][s].over);
        EXPECT_EQ(c.blocks[i][s].over_service, d.blocks[i][s].over_service);
      }
    }
    ASSERT_EQ(c.slices.size(), d.slices.size());
    for (std::size_t i = 0; i < d.slices.size(); ++i) {
      ASSERT_EQ(c.slices[i].size(), d.slices[i].size());
      for (std::size_t s = 0; s < d.slices[i].size(); ++s) {
        EXPECT_EQ(c.slices[i][s].planned, d.slices[i][s].planned);
        EXPECT_EQ(c.slices[i][s].over, d.slices[i][s].over);
        EXPECT_EQ(c.slices[i][s].time_ns, d.slices[i][s].time_ns);
        EXPECT_EQ(c.slices[i][s].times, d.slices[i][s].times);
        if (!d.slices[i][s].times.empty()) {
          EXPECT_EQ(c.slices[i][s].first, d.slices[i][s].first);
        }
      }
    }
    ASSERT_EQ(c.intervals.size(), d.intervals.size());
    for (std::size_t i = 0; i < d.intervals.size(); ++i) {
      EXPECT_EQ(c.intervals[i].utc_ms, d.intervals[i].utc_ms);
      EXPECT_EQ(c.intervals[i].start, d.intervals[i].start);
      EXPECT_EQ(c.intervals[i].length, d.intervals[i].length);
      EXPECT_EQ(c.intervals[i].warmup, d.intervals[i].warmup);
      EXPECT_EQ(c.intervals[i].classes, d.intervals[i].classes);
      EXPECT_EQ(c.intervals[i].count, d.intervals[i].count);
      EXPECT_EQ(c.intervals[i].p50, d.intervals[i].p50);
      EXPECT_EQ(c.intervals[i].p99, d.intervals[i].p99);
      EXPECT_EQ(c.intervals[i].max, d.intervals[i].max);
      EXPECT_EQ(c.intervals[i].hdr, d.intervals[i].hdr);
    }
    ASSERT_EQ(c.servers.size(), d.servers.size());
    for (std::size_t i = 0; i < d.servers.size(); ++i) {
      EXPECT_EQ(c.servers[i].id, d.servers[i].id);
      EXPECT_EQ(c.servers[i].name, d.servers[i].name);
      EXPECT_EQ(c.servers[i].version, d.servers[i].version);
      EXPECT_EQ(c.servers[i].url, d.servers[i].url);
    }
    ASSERT_EQ(c.connections.size(), d.connections.size());
    for (std::size_t i = 0; i < d.connections.size(); ++i) {
      EXPECT_EQ(c.connections[i].server_id, d.connections[i].server_id);
      EXPECT_EQ(c.connections[i].moved_to, d.connections[i].moved_to);
      EXPECT_EQ(c.connections[i].client_id, d.connections[i].client_id);
      EXPECT_EQ(c.connections[i].sent, d.connections[i].sent);
      EXPECT_EQ(c.connections[i].received, d.connections[i].received);
      EXPECT_EQ(c.connections[i].faulty, d.connections[i].faulty);
    }
    ASSERT_EQ(c.workers.size(), d.workers.size());
    for (std::size_t i = 0; i < d.workers.size(); ++i) {
      EXPECT_EQ(c.workers[i].wall, d.workers[i].wall);
      EXPECT_EQ(c.workers[i].busy, d.workers[i].busy);
      EXPECT_EQ(c.workers[i].spinning, d.workers[i].spinning);
      EXPECT_EQ(c.workers[i].wakeups, d.workers[i].wakeups);
    }
  }
}

TEST(RunFile, GivesTheSameJudgementAgain) {
  for (RunRecord (*run)() : {sound_run, late_generator, closed_loop, nobody_home, stopped_run,
                             restarted_server, dead_service}) {
    const RunRecord record = run();
    const auto read = read_run_json(written(record));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(written(*read), written(record)) << record.conditions.plan_name;
  }
}

TEST(RunFile, HasTheNamesThatOtherProgramsRelyOn) {
  const Json json = Json::parse(write_run_json(slow_orders(), refuted_orders()));
  EXPECT_EQ(json["schema"], "natsproof.run/1");
  EXPECT_EQ(json["verdict"], "REFUTED");
  EXPECT_EQ(json["interrupted"], false);
  EXPECT_EQ(json["plan"]["name"], "orders_mix");
  EXPECT_TRUE(json["provenance"].is_object());
  EXPECT_TRUE(json["platform"].is_object());

  const Json& claim = json["claims"][1];
  EXPECT_EQ(claim["text"], "place_order response p99 < 2ms");
  EXPECT_EQ(claim["verdict"], "REFUTED");
  EXPECT_EQ(claim["measured"], 2'818'047);
  EXPECT_TRUE(claim["measured"].is_number_integer());
  EXPECT_EQ(claim["unit"], "ns");
  EXPECT_EQ(claim["over"], 1'842);
  EXPECT_EQ(claim["planned"], 30'000);
  EXPECT_THAT(claim["why"].get<std::string>(), HasSubstr("30,000"));
  ASSERT_EQ(claim["blocks"].size(), 5u);
  ASSERT_EQ(claim["blocks"][0].size(), 5u);
  EXPECT_EQ(claim["blocks"][0][0].size(), 3u) << "no stall";
  EXPECT_EQ(claim["blocks"][0][0][0], 1'200);

  EXPECT_THAT(keys(json["gates"][0]),
              testing::IsSupersetOf({"name", "figure", "limit", "passed", "could", "advice"}));
  EXPECT_EQ(json["gates"][0]["could"], "both");

  ASSERT_EQ(json["tasks"].size(), 3u);
  const Json& all = json["tasks"][0];
  EXPECT_EQ(all["name"], "*");
  EXPECT_EQ(all["planned"], 50'000);
  for (const char* key : {"late", "duplicate", "stray"}) EXPECT_TRUE(all[key].is_number()) << key;
  EXPECT_THAT(keys(all["classes"]),
              ElementsAre("ok", "rejected", "wrong_reply", "service_error", "no_responders",
                          "timeout", "disconnected", "refused"));
  EXPECT_THAT(keys(all["response_ns"]),
              testing::IsSupersetOf(
                  {"count", "min", "mean", "stddev", "p50", "p90", "p99", "p99.9", "max", "hdr"}));
  EXPECT_THAT(all["response_ns"]["hdr"].get<std::string>(), StartsWith("HISTFAAA"));
  EXPECT_EQ(
      all["response_ns"]["count"].get<std::uint64_t>(),
      all["classes"]["ok"].get<std::uint64_t>() + all["classes"]["rejected"].get<std::uint64_t>());
  EXPECT_TRUE(all.contains("service_ns"));
  EXPECT_TRUE(all.contains("send_lag_ns"));

  ASSERT_EQ(json["repetitions"].size(), 5u);
  EXPECT_EQ(json["repetitions"][0]["verdict"], "REFUTED");
  EXPECT_EQ(json["repetitions"][0]["tasks"][0]["name"], "*");
  ASSERT_EQ(json["intervals"].size(), 30u);
  EXPECT_EQ(json["intervals"][1]["utc"], "2026-03-01T12:00:01.250Z");
}

TEST(RunFile, LeavesOutWhatTheSampleDoesNotSupport) {
  const Json times = Json::parse(written(short_run()))["tasks"][0]["response_ns"];
  EXPECT_TRUE(times["p99"].is_number());  // 4,000 requests: 40 beyond it
  EXPECT_TRUE(times["p99.9"].is_null());  // 4 beyond it
  const Json none = Json::parse(written(nobody_home()))["tasks"][0]["response_ns"];
  EXPECT_EQ(none["count"], 0);
  for (const char* key : {"min", "mean", "stddev", "p50", "max"})
    EXPECT_TRUE(none[key].is_null()) << key;
  EXPECT_FALSE(none.contains("hdr"));
}

TEST(RunFile, ValuesOutOfRangeVoidTheMaximum) {
  RunRecord record = sound_run();
  record.repetitions[0].tasks[0].service.record(Histogram::kOutOfRange, 1);
  const Json all = Json::parse(written(record))["tasks"][0];
  EXPECT_EQ(all["service_ns"]["out_of_range"], 1);
  EXPECT_TRUE(all["service_ns"]["max"].is_null());
  EXPECT_TRUE(all["response_ns"]["max"].is_number());
}

TEST(RunFile, StartsWithAllTasksEvenWhereNothingWasRun) {
  RunRecord record;
  record.failure = "no server";
  const std::string text = write_run_json(record, judge(record));
  EXPECT_EQ(Json::parse(text)["tasks"][0]["name"], "*");
  const auto read = read_run_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->failure, "no server");
}

TEST(RunFile, TextThatIsNotUtf8IsReplacedNotRefused) {
  RunRecord record = sound_run();
  record.repetitions[0].events = {"\xff\xfe from a server"};
  const auto read = read_run_json(written(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[0].events[0], "\xef\xbf\xbd\xef\xbf\xbd from a server");
}

TEST(RunFile, HoldsInstancesBucketsSetUpAndLedgersUnderTheirNames) {
  const Json json = Json::parse(written(full_record()));
  const Json& task = json["repetitions"][1]["tasks"][1];
  EXPECT_EQ(task["instances"][1]["id"], "a");
  EXPECT_EQ(task["instances"][1]["count"], 4);
  EXPECT_DOUBLE_EQ(task["instances"][1]["share"].get<double>(), 1.0 / 3);
  EXPECT_EQ(task["instances"][1]["service_ns"]["count"], 4);
  EXPECT_EQ(json["tasks"][0]["instances"].size(), 3u);
  ASSERT_EQ(task["time_buckets"].size(), kTimeBuckets);
  EXPECT_EQ(task["time_buckets"][0]["below_ns"], 25'000'000);
  EXPECT_TRUE(task["time_buckets"][4]["below_ns"].is_null());
  EXPECT_TRUE(json["repetitions"][0]["ledger"].is_null());
  EXPECT_THAT(
      keys(json["repetitions"][1]["ledger"]),
      ::testing::UnorderedElementsAre("never_arrived", "not_replied", "reply_lost", "replied_late",
                                      "unknown", "executed_again", "answered", "taken"));
  EXPECT_EQ(json["repetitions"][1]["injected"]["drop_before"], 6);
  EXPECT_EQ(json["repetitions"][1]["set_up_ns"]["count"], 4);
  EXPECT_EQ(json["repetitions"][1]["first_request_ns"]["count"], 3);
}

// As they were before these were measured.
TEST(RunFile, ReadsFilesOfEarlierVersions) {
  const auto read = read_edited([](Json& json) {
    const auto strip = [](Json& tasks) {
      for (Json& task : tasks) {
        task.erase("time_buckets");
        task.erase("instances");
      }
    };
    strip(json["tasks"]);
    for (Json& repetition : json["repetitions"]) {
      strip(repetition["tasks"]);
      for (const char* key : {"set_up_ns", "first_request_ns", "ledger", "injected", "aborted"})
        repetition.erase(key);
    }
  });
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[0].tasks[0].response, slow_orders().repetitions[0].tasks[0].response);
  // Written anew they do not claim to know.
  const std::string text = written(*read);
  EXPECT_TRUE(Json::parse(text)["tasks"][0]["time_buckets"].is_null());
  const auto again = read_run_json(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(written(*again), text);
}

// As it was before it was told who answered.
TEST(RunFile, ReadsLedgersThatDoNotTellWhatTheyHaveTaken) {
  const auto read = read_edited([](Json& json) {
    for (Json& repetition : json["repetitions"]) {
      repetition["ledger"] = {{"never_arrived", 1}, {"not_replied", 2}, {"reply_lost", 3},
                              {"replied_late", 4},  {"unknown", 5},     {"executed_again", 6}};
    }
  });
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[0].ledger->answered, std::nullopt);
  EXPECT_EQ(read->repetitions[0].ledger->taken, std::nullopt);
  const Json ledger = Json::parse(written(*read))["repetitions"][0]["ledger"];
  EXPECT_FALSE(ledger.contains("answered")) << ledger;
  EXPECT_FALSE(ledger.contains("taken")) << ledger;
}

TEST(RunFile, HasTheIntervalBesideEachSupportedQuantile) {
  const RunRecord record = short_run();
  const Json json = Json::parse(written(record));
  const auto inside = [](const Json& times, const char* quantile, const char* interval) {
    ASSERT_EQ(times[interval].size(), 2u) << interval;
    EXPECT_LE(times[interval][0], times[quantile]);
    EXPECT_GE(times[interval][1], times[quantile]);
  };
  for (const char* times : {"response_ns", "service_ns", "send_lag_ns"}) {
    inside(json["tasks"][0][times], "p99", "p99_interval");
    inside(json["repetitions"][1]["tasks"][1][times], "p50", "p50_interval");
    EXPECT_FALSE(json["tasks"][0][times].contains("p99.9_interval")) << "needs more requests";
  }
  const Json& floor = json["repetitions"][0]["floor_ns"];  // of 50: p50 alone
  inside(floor, "p50", "p50_interval");
  EXPECT_FALSE(floor.contains("p90_interval"));
}

TEST(RunFile, LeavesOutWhatIsTheTasksOwn) {
  Story story;
  story.seconds = 1;
  story.repetitions = story.planned_repetitions = 2;
  story.tell = [](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{
        .lag = told_lag(chance), .service = told_service(chance), .served_by = "one"};
  };
  const RunRecord record = told_run(story);
  const Json json = Json::parse(written(record));
  const Json& task = json["repetitions"][0]["tasks"][1];
  EXPECT_FALSE(task["instances"][0]["service_ns"].contains("hdr"));
  EXPECT_EQ(task["instances"][0]["service_ns"]["p50"], task["service_ns"]["p50"]);
  EXPECT_EQ(json["intervals"][1]["classes"], (Json{{"ok", 2000}}));
  const auto read = read_run_json(json.dump());
  ASSERT_TRUE(read) << read.error().message;
  const auto& instances = read->repetitions[0].tasks[1].instances;
  ASSERT_EQ(instances.size(), 1u);
  EXPECT_EQ(instances[0].service, record.repetitions[0].tasks[1].instances[0].service);
}

TEST(RunFile, BlocksAreAsShortAsWhatHappened) {
  RunRecord record = slow_orders();
  const std::vector<Block> told = {
      {.planned = 90},
      {.planned = 91, .stalled = 7},
      {.planned = 92, .over = 3, .over_service = 2, .over_granted = 2},
      {.planned = 93, .over = 4},
      {.planned = 94, .over = 5, .over_service = 4, .over_granted = 1, .stalled = 6}};
  record.repetitions[1].blocks[0] = told;
  record.repetitions[1].slices[0].clear();  // they would hold the same requests
  Json json = Json::parse(written(record));
  EXPECT_EQ(json["claims"][0]["blocks"][1],
            Json::parse("[90, [91,7], [92,3,2], [93,4,0], [94,5,4,1,6]]"));
  // Earlier versions left nothing out but what stalls had done.
  json["claims"][0]["blocks"][1][0] = {90, 0, 0};
  json["claims"][0]["blocks"][1][1] = {91, 0, 0, 0, 7};
  for (const std::string& text : {written(record), json.dump()}) {
    const auto read = read_run_json(text);
    ASSERT_TRUE(read) << read.error().message;
    const std::vector<Block>& blocks = read->repetitions[1].blocks[0];
    ASSERT_EQ(blocks.size(), told.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
      EXPECT_EQ(blocks[i].planned, told[i].planned);
      EXPECT_EQ(blocks[i].over, told[i].over);
      EXPECT_EQ(blocks[i].over_service, told[i].over_service);
      EXPECT_EQ(blocks[i].over_granted, told[i].over_granted);
      EXPECT_EQ(blocks[i].stalled, told[i].stalled);
    }
  }
}

TEST(RunFile, AnIntervalOfASecondLeavesItsLengthOut) {
  RunRecord record = slow_orders();
  record.repetitions[0].intervals[1].length = 250ms;
  Json json = Json::parse(written(record));
  EXPECT_EQ(json["intervals"][0]["warmup"], true);
  EXPECT_FALSE(json["intervals"][0].contains("length_ns"));
  EXPECT_EQ(json["intervals"][1]["length_ns"], 250'000'000);
  EXPECT_FALSE(json["intervals"][1].contains("warmup"));
  json["intervals"][2]["length_ns"] = 1'000'000'000;  // as earlier versions have them
  json["intervals"][2]["warmup"] = false;
  for (const std::string& text : {written(record), json.dump()}) {
    const auto read = read_run_json(text);
    ASSERT_TRUE(read) << read.error().message;
    const std::vector<Interval>& intervals = read->repetitions[0].intervals;
    EXPECT_TRUE(intervals[0].warmup);
    EXPECT_EQ(intervals[0].length, 1s);
    EXPECT_EQ(intervals[1].length, 250ms);
    EXPECT_FALSE(intervals[2].warmup);
    EXPECT_EQ(intervals[2].length, 1s);
  }
}

TEST(RunFile, KeepsWhatStallsExplainOfABlock) {
  RunRecord record = slow_orders();
  Block& block = record.repetitions[2].blocks[1][3];
  block.stalled = 5;
  block.over_granted = block.over_service - 1;
  const auto read = read_run_json(written(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[2].blocks[1][3].stalled, 5u);
  EXPECT_EQ(read->repetitions[2].blocks[1][3].over_granted, block.over_granted);
  EXPECT_EQ(read->repetitions[2].blocks[1][2].over_granted,
            record.repetitions[2].blocks[1][2].over_service);
}

TEST(RunFile, KeepsHowEvenlyTheLoadLayWhereItDidNot) {
  RunRecord record = slow_orders();
  for (Repetition& repetition : record.repetitions) repetition.spread = {1, 1, 1};
  EXPECT_EQ(written(record), written(slow_orders())) << "left out where all are 1";
  record.repetitions[3].spread[1] = 0.0578;
  const Json json = Json::parse(written(record));
  EXPECT_FALSE(json["claims"][0].contains("spread"));
  EXPECT_EQ(json["claims"][1]["spread"], Json({1.0, 1.0, 1.0, 0.0578, 1.0}));
  const auto read = read_run_json(json.dump());
  ASSERT_TRUE(read) << read.error().message;
  for (std::size_t r = 0; r < record.repetitions.size(); ++r) {
    for (std::size_t claim = 0; claim < 3; ++claim)
      EXPECT_EQ(read->repetitions[r].spread.at(claim), record.repetitions[r].spread[claim]);
  }
  EXPECT_EQ(written(*read_run_json(written(record))), written(record));

  const auto changed = [](const Json& value) {
    return mistake(read_edited([&](Json& edited) { edited["claims"][1]["spread"] = value; }));
  };
  EXPECT_THAT(changed({1, 1, 1, 1}), StartsWith("claims[1].spread: 4 entries"));
  EXPECT_THAT(changed(0.5), StartsWith("claims[1].spread: "));
  for (const Json& none : {Json(0), Json(-0.5), Json(1.01), Json("1"), Json(nullptr)})
    EXPECT_THAT(changed({1, 1, none, 1, 1}), StartsWith("claims[1].spread[2]: "));
}

TEST(RunFile, KeepsHowRequestsLieInTheTimeOfARepetition) {
  const Json json = Json::parse(written(slow_orders()));
  const Json& slices = json["claims"][1]["slices"];
  ASSERT_EQ(slices.size(), 5u);
  EXPECT_THAT(slices[0].get<std::string>(), StartsWith("HISTFAAAA"));
  EXPECT_FALSE(json["claims"][1].contains("slice_sums_ns"));

  const auto changed = [](const char* pointer, const Json& value) {
    return mistake(read_edited([&](Json& edited) { edited[Json::json_pointer(pointer)] = value; }));
  };
  EXPECT_THAT(changed("/claims/1/slices", Json::array({1, 2})),
              StartsWith("claims[1].slices: 2 entries"));
  for (const Json& none : {Json(7), Json::array(), Json(""), Json("HISTFAAAAnonsense")})
    EXPECT_THAT(changed("/claims/1/slices/2", none), StartsWith("claims[1].slices[2]: "));
  EXPECT_THAT(changed("/claims/1/slices/2", slices[1]),
              StartsWith("claims[1].slices[2]: not the requests that `blocks` has"));
  EXPECT_THAT(
      changed("/claims/1/slices/2", json["repetitions"][0]["tasks"][0]["response_ns"]["hdr"]),
      StartsWith("claims[1].slices[2]: not the slices of such a claim"));
  EXPECT_THAT(changed("/claims/1/slice_sums_ns", Json::array({1, 2, 3, 4, 5})),
              StartsWith("claims[1].slice_sums_ns: only the slices of a mean"));
}

TEST(RunFile, ReadsFilesWithoutSlices) {
  const auto read = read_edited([](Json& json) {
    for (Json& claim : json["claims"]) claim.erase("slices");
  });
  ASSERT_TRUE(read) << read.error().message;
  for (const Repetition& repetition : read->repetitions) {
    ASSERT_EQ(repetition.slices.size(), 3u);
    for (const TimeSlices& slices : repetition.slices) EXPECT_TRUE(slices.empty());
  }
  EXPECT_EQ(Json::parse(written(*read))["claims"][0].count("slices"), 0u);
}

TEST(RunFile, KeepsTheSumsOfAMean) {
  RunRecord record = closed_loop();
  record.claims.push_back(parse_claim("service mean < 1ms", {}).value());
  for (Repetition& repetition : record.repetitions) {
    repetition.blocks.emplace_back();
    TimeSlices& slices = repetition.slices.emplace_back(kSlices);
    for (TimeSlice& slice : slices) slice = {.planned = 100, .over = 1, .time_ns = 98'765'432};
  }
  const std::string text = written(record);
  EXPECT_EQ(Json::parse(text)["claims"][2]["slice_sums_ns"][4][11], 98'765'432);
  const auto read = read_run_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[4].slices[2][11].time_ns, 98'765'432u);
  EXPECT_EQ(written(*read), text);
}

TEST(RunFile, DoesNotTrustAVerdict) {
  const auto read = read_edited([](Json& json) {
    json["verdict"] = "PROVEN";
    for (Json& claim : json["claims"]) claim["verdict"] = "PROVEN";
    json[kSeal] = seal_of(json);  // for otherwise it is INVALID
  });
  ASSERT_TRUE(read);
  EXPECT_EQ(judge(*read).verdict, Verdict::refuted);
}

TEST(RunFile, SaysThatAFileIsCut) {
  const std::string text = written(short_run());
  EXPECT_THAT(mistake(read_run_json(text.substr(0, text.size() / 2))),
              HasSubstr("the file is cut"));
  EXPECT_THAT(mistake(read_run_json("")), HasSubstr("the file is cut"));
  EXPECT_THAT(mistake(read_run_json("no JSON")), HasSubstr("not JSON at byte"));
  EXPECT_THAT(mistake(read_run_json("{\"schema\": 1e999}")), HasSubstr("not readable"));
}

TEST(RunFile, NamesTheKeyThatIsWrong) {
  const auto erased = [](const char* pointer, const char* key) {
    return mistake(read_edited([&](Json& json) { json[Json::json_pointer(pointer)].erase(key); }));
  };
  EXPECT_THAT(erased("/repetitions/0/tasks/1", "planned"),
              StartsWith("repetitions[0].tasks[1].planned: missing"));
  EXPECT_THAT(erased("", "plan"), StartsWith("plan: missing"));
  EXPECT_THAT(erased("/claims/2", "blocks"), StartsWith("claims[2].blocks: missing"));

  const auto changed = [](const char* pointer, const Json& value) {
    return mistake(read_edited([&](Json& json) { json[Json::json_pointer(pointer)] = value; }));
  };
  EXPECT_THAT(changed("/schema", "natsproof.run/9"),
              AllOf(StartsWith("schema: "), HasSubstr("/9")));
  EXPECT_THAT(changed("/repetitions/0/seed", "one"),
              StartsWith("repetitions[0].seed: a whole number, 0 or more, expected, found string"));
  EXPECT_THAT(changed("/repetitions/0/warmup_ns", -1), StartsWith("repetitions[0].warmup_ns: "));
  EXPECT_THAT(changed("/repetitions/0/window_ns", 1e30), StartsWith("repetitions[0].window_ns: "));
  EXPECT_THAT(changed("/repetitions/0/window_ns", 1'000'000'000'000'001),
              AllOf(StartsWith("repetitions[0].window_ns: "), HasSubstr("too large")));
  EXPECT_THAT(changed("/repetitions/0/tasks", 5),
              StartsWith("repetitions[0].tasks: an array expected"));
  EXPECT_THAT(changed("/repetitions/0/started", "yesterday"),
              StartsWith("repetitions[0].started: a UTC time"));
  EXPECT_THAT(changed("/plan/conditions/loop", "ajar"),
              StartsWith("plan.conditions.loop: \"ajar\" is not one of closed, open"));
  EXPECT_THAT(changed("/intervals/3/repetition", 6), StartsWith("intervals[3].repetition: "));
  EXPECT_THAT(changed("/repetitions/0/tasks/0/error_codes", {{"many", 1}}),
              StartsWith("repetitions[0].tasks[0].error_codes.many: "));
  EXPECT_THAT(changed("/repetitions/0/tasks/0/response_ns/hdr", "HISTFAAAAnonsense"),
              StartsWith("repetitions[0].tasks[0].response_ns.hdr: "));
  EXPECT_THAT(changed("/repetitions/0/tasks/0/name", "echo"), StartsWith("repetitions[0].tasks: "));
  EXPECT_THAT(changed("/claims/0/blocks/0/0", {1, 2, 0}),
              StartsWith("claims[0].blocks[0][0]: more requests over than planned"));
  EXPECT_THAT(changed("/claims/0/blocks/0/0", {1, 2}),
              StartsWith("claims[0].blocks[0][0]: more requests over than planned"));
  for (const Json& none : {Json::array(), Json({1}), Json({1, 0, 0, 0}), Json("1"), Json(-1)})
    EXPECT_THAT(changed("/claims/0/blocks/0/0", none), StartsWith("claims[0].blocks[0][0]: "));
  EXPECT_THAT(mistake(read_run_json("[]")), HasSubstr("an object expected"));
  EXPECT_THAT(mistake(read_run_json("7")), HasSubstr("an object expected"));
}

TEST(RunFile, SaysThatAFileWasEdited) {
  const auto changed = [](const char* pointer, const Json& value) {
    return mistake(read_edited([&](Json& json) { json[Json::json_pointer(pointer)] = value; }));
  };
  // A figure beside its histogram.
  EXPECT_THAT(
      changed("/repetitions/2/tasks/0/response_ns/count", 5),
      AllOf(StartsWith("repetitions[2].tasks[0].response_ns: "), HasSubstr("count says 5")));
  EXPECT_THAT(
      changed("/repetitions/2/tasks/0/response_ns/p99", 1000),
      AllOf(StartsWith("repetitions[2].tasks[0].response_ns.p99: 1000"), HasSubstr("edited")));
  EXPECT_THAT(changed("/tasks/0/response_ns/p99", 1000),
              StartsWith("tasks[0].response_ns.p99: 1000"));
  EXPECT_THAT(changed("/tasks/0/response_ns/mean", 1000),
              StartsWith("tasks[0].response_ns.mean: 1000"));
  EXPECT_THAT(changed("/intervals/1/latency_ns/count", 1), StartsWith("intervals[1].latency_ns: "));
  // A count in a repetition, or over all of them.
  EXPECT_THAT(changed("/repetitions/2/tasks/1/classes/timeout", 9),
              AllOf(StartsWith("tasks[1].classes.timeout: "), HasSubstr("edited")));
  EXPECT_THAT(changed("/tasks/2/classes/timeout", 0), StartsWith("tasks[2].classes.timeout: 0"));
  EXPECT_THAT(changed("/repetitions/2/tasks/1/time_buckets/1/count", 9),
              AllOf(StartsWith("repetitions[2].tasks[1].time_buckets: "), HasSubstr("edited")));
  EXPECT_THAT(changed("/repetitions/2/tasks/1/time_buckets/0/below_ns", 50'000'000),
              StartsWith("repetitions[2].tasks[1].time_buckets[0].below_ns: 50000000"));
  EXPECT_THAT(changed("/repetitions/2/tasks/1/instances",
                      Json::array({{{"id", "b"}, {"service_ns", nullptr}}})),
              StartsWith("repetitions[2].tasks[1].instances[0].service_ns: "));
  Json none = Json::parse(written(RunRecord{}))["tasks"][0]["service_ns"];
  const auto named = [&](const char* id) {
    return Json{{"id", id}, {"count", 0}, {"share", 0.0}, {"service_ns", none}};
  };
  EXPECT_THAT(changed("/repetitions/2/tasks/1/instances", Json::array({named("b"), named("b")})),
              StartsWith("repetitions[2].tasks[1].instances[1].id: not in the order"));
  EXPECT_THAT(changed("/repetitions/2/tasks/1/instances", Json::array({named("b")})),
              StartsWith("tasks[1].instances: 0 entries"))
      << "of all repetitions";
  // A claim made milder.
  EXPECT_THAT(changed("/claims/1/text", "place_order response p99 < 20ms"),
              AllOf(StartsWith("claims[1].limit_ns: 2000000"), HasSubstr("edited")));
  EXPECT_THAT(changed("/claims/1/task", "pay"), StartsWith("claims[1].text: "));
  // A part taken away.
  EXPECT_THAT(mistake(read_edited([](Json& json) { json["repetitions"].erase(4); })),
              HasSubstr("there is no repetition 5"));
  EXPECT_THAT(mistake(read_edited([](Json& json) { json["claims"][0]["blocks"].erase(4); })),
              StartsWith("claims[0].blocks: 4 entries"));
  EXPECT_THAT(mistake(read_edited([](Json& json) { json["tasks"].erase(2); })),
              StartsWith("tasks: 2 tasks, but the repetitions have 3"));
}

TEST(RunFile, HugeFilesAreRefusedBeforeTheyFillTheMemory) {
  Json json = Json::parse(written(dead_service()));
  Json& instances = json["repetitions"][0]["tasks"][1]["instances"];
  instances = Json::array();
  for (std::size_t i = 0; i <= kMostHistograms; ++i)
    instances.push_back({{"service_ns", {{"hdr", ""}}}});
  EXPECT_THAT(
      mistake(read_run_json(json.dump())),
      AllOf(StartsWith("repetitions: "), HasSubstr("histograms, at most 100,000 are read")));

  json["repetitions"] = Json::array();
  for (int i = 0; i < 1001; ++i) json["repetitions"].push_back(nullptr);
  EXPECT_THAT(mistake(read_run_json(json.dump())),
              StartsWith("repetitions: 1,001 entries, at most 1,000 are read"));
}

// 110,000 histograms, most of them empty.
TEST(RunFile, TheMostRepetitionsThatAPlanCanHaveAreRead) {
  RunRecord record;
  Repetition repetition;
  repetition.tasks.resize(3);
  repetition.tasks[0].name = kAllTasks;
  for (std::size_t i = 1; i < repetition.tasks.size(); ++i)
    repetition.tasks[i].name = "task " + std::to_string(i);
  record.repetitions.resize(1000, repetition);
  record.repetitions[999].tasks[2].service.record(1ms);
  record.repetitions[999].tasks[2].measured.of(RequestClass::ok) = 1;
  const auto read = read_run_json(write_run_json(record, Judgement{}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->repetitions[999].tasks[2].service, record.repetitions[999].tasks[2].service);
}

TEST(RunFile, DeepNestingIsOnlyAMistake) {
  const std::string deep(200'000, '[');
  EXPECT_FALSE(read_run_json(deep));
  EXPECT_FALSE(read_run_json("{\"schema\": " + deep + std::string(200'000, ']') + "}"));
}

}  // namespace
}  // namespace natsproof
