// Rows, changes and what a series exits with; series.json; and making a series' reports again.
#include "loadgen/report/series_table.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/report/artefacts.h"
#include "loadgen/report/text_layout.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// Everything answered, `times` slower than usual; of `per_s` requests in each of the repetitions.
RunRecord run(int times, std::uint32_t repetitions = 4, std::uint64_t per_s = 1000) {
  Story story;
  story.name = "sweep";
  story.planned_repetitions = story.repetitions = repetitions;
  story.seconds = 1;
  story.rate_per_s = per_s;
  story.claims = {"success >= 50%"};
  story.tell = [times](std::uint64_t, std::uint64_t chance) {
    return ToldRequest{.service = told_service(chance) * times};
  };
  return told_run(story);
}

// Points of a sweep, each told against the first.
SeriesTable table_of(const std::vector<RunRecord>& records) {
  SeriesTable table{.name = "sweep",
                    .about = "About it.",
                    .keys = {"load.users"},
                    .labels = {"users"},
                    .rounds = 4};
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string value = std::to_string(i + 1);
    table.rows.push_back(
        {.set = {{"load.users", value}}, .folder = "users=" + value, .against = 0});
  }
  for (std::size_t i = 0; i < records.size(); ++i) add_run(table, i, records[i], judge(records[i]));
  return table;
}

SeriesTable table_with(const std::vector<int>& statuses) {
  SeriesTable table;
  for (const int status : statuses) table.rows.push_back({.exit_status = status});
  return table;
}

TEST(SeriesExitStatus, IsTheWorstOfThem) {
  EXPECT_EQ(series_exit_status(table_with({})), 0);
  EXPECT_EQ(series_exit_status(table_with({0, 0})), 0);
  EXPECT_EQ(series_exit_status(table_with({0, 3})), 3);
  EXPECT_EQ(series_exit_status(table_with({1, 3, 0})), 1);
  EXPECT_EQ(series_exit_status(table_with({3, 1, 4})), 4);
  EXPECT_EQ(series_exit_status(table_with({4, 5, 1})), 5);
}

TEST(SeriesExitStatus, AnInterruptedSeriesIsNotSound) {
  SeriesTable table = table_with({0, 1});
  table.interrupted = true;
  EXPECT_EQ(series_exit_status(table), 4);
  table.rows.push_back({.exit_status = 5});
  EXPECT_EQ(series_exit_status(table), 5);
}

TEST(SeriesChanges, AreTheRowAsAShareOfWhatItIsToldAgainst) {
  const SeriesTable table = table_of({run(1), run(3)});
  const Changes changes = changes_of(table, table.rows[1]);
  ASSERT_TRUE(changes.p50 && changes.p99 && changes.throughput);
  EXPECT_NEAR(changes.p50->ratio, 3, 0.02);
  EXPECT_NEAR(changes.p99->ratio, 3, 0.02);
  EXPECT_TRUE(changes.p50->apart);
  EXPECT_DOUBLE_EQ(changes.throughput->ratio, 1);
  EXPECT_FALSE(changes.throughput->apart) << "the same in every repetition of both";
  EXPECT_THAT(render_series_table(table, {}), HasSubstr(" x3.0"));
}

TEST(SeriesChanges, TheRowItselfHasNone) {
  const SeriesTable table = table_of({run(1), run(2)});
  const Changes changes = changes_of(table, table.rows[0]);
  EXPECT_FALSE(changes.p50 || changes.p99 || changes.throughput);
}

TEST(SeriesChanges, MayBeNoiseWhereRangesTouch) {
  SeriesTable table = table_of({run(1), run(2)});
  EXPECT_TRUE(changes_of(table, table.rows[1]).p50->apart);
  table.rows[1].p50.lowest = table.rows[0].p50.highest;
  EXPECT_FALSE(changes_of(table, table.rows[1]).p50->apart);
  table.rows[1].p50.lowest = *table.rows[0].p50.highest + 1ns;
  EXPECT_TRUE(changes_of(table, table.rows[1]).p50->apart);
  table.rows[0].p50.lowest = *table.rows[1].p50.highest + 1ns;
  table.rows[0].p50.highest = *table.rows[0].p50.lowest;
  EXPECT_TRUE(changes_of(table, table.rows[1]).p50->apart) << "apart on the other side";
  table.rows[1].p50.lowest.reset();
  EXPECT_FALSE(changes_of(table, table.rows[1]).p50->apart) << "not known";
}

TEST(SeriesChanges, OfFewRepetitionsMayBeNoise) {
  const SeriesTable table = table_of({run(1), run(3, 3)});
  EXPECT_FALSE(changes_of(table, table.rows[1]).p50->apart);
  EXPECT_THAT(render_series_table(table, {}), HasSubstr("~x3.0"));
}

TEST(SeriesChanges, AreNotToldOfDifferentTimesNorOfWhatWasNotRun) {
  SeriesTable table = table_of({run(1), run(3)});
  table.rows[1].open_loop = false;
  EXPECT_FALSE(changes_of(table, table.rows[1]).p50);
  table.rows[1].open_loop = true;
  table.rows[0].not_run = "no server";
  EXPECT_FALSE(changes_of(table, table.rows[1]).p50);
}

TEST(SeriesTable, AQuantileThatTheSampleDoesNotCarryIsNotPrinted) {
  const SeriesTable table = table_of({run(1, 2, 400), run(1)});
  EXPECT_EQ(table.rows[0].p99.state, LatencyFigure::State::needs_more) << "800 requests";
  EXPECT_FALSE(changes_of(table, table.rows[1]).p99);
  const std::string text = render_series_table(table, {});
  EXPECT_THAT(text, HasSubstr("-: too few requests for this quantile"));
}

TEST(SeriesTable, ARowIsNamedByWhatWasSet) {
  const SeriesTable table{.keys = {"a.b", "c"}, .labels = {"b", "c"}};
  EXPECT_EQ(row_name(table, {.set = {{"a.b", "1"}, {"c", "x"}}}), "b=1, c=x");
  EXPECT_EQ(row_name(table, {.plan = "open/slow"}), "open/slow");
  EXPECT_EQ(row_name(table, {.plan = "slow", .set = {{"a.b", "1"}}}), "slow b=1");
}

TEST(SeriesTable, WideValuesAreShortenedToTheColumnsThereAre) {
  SeriesTable table = table_of({run(1), run(3)});
  for (SeriesRow& row : table.rows) row.set[0].second = std::string(200, 'x');
  const std::string text = render_series_table(table, {});
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    EXPECT_LE(display_width(text.substr(from, end - from)), kReportColumns);
    from = end + 1;
  }
}

// ---- series.json

TEST(SeriesJson, HasTheNamesOtherProgramsRelyOn) {
  const auto json = nlohmann::json::parse(write_series_json(table_of({run(1), run(3)})));
  EXPECT_EQ(json["schema"], "natsproof.series/1");
  EXPECT_EQ(json["plan"], "sweep");
  ASSERT_EQ(json["points"].size(), 2U);
  const auto& point = json["points"][1];
  EXPECT_EQ(point["set"]["load.users"], "2");
  EXPECT_EQ(point["folder"], "users=2");
  EXPECT_EQ(point["verdict"], "INCONCLUSIVE");
  EXPECT_EQ(point["throughput_per_s"], 1000 - 2);
  EXPECT_GT(point["p50_ns"], 500'000);
  EXPECT_GT(point["p99_ns"], point["p50_ns"]);
  EXPECT_EQ(point["errors"], 0);
  EXPECT_EQ(point["against"]["folder"], "users=1");
  EXPECT_NEAR(point["against"]["p50"].get<double>(), 3, 0.02);
  EXPECT_EQ(point["against"]["p50_apart"], true);
}

TEST(SeriesJson, WhatTheSampleDoesNotCarryIsNull) {
  const auto json = nlohmann::json::parse(write_series_json(table_of({run(1, 2, 400)})));
  EXPECT_TRUE(json["points"][0]["p99_ns"].is_null());
  EXPECT_FALSE(json["points"][0]["p50_ns"].is_null());
}

TEST(SeriesJson, IsReadBackWithoutTheFigures) {
  SeriesTable table = table_of({run(1), run(3)});
  table.keys = {"z", "a"};
  table.labels = {"z", "a"};
  table.fresh_stages = true;
  table.rows[0].set = {{"z", "1"}, {"a", "2"}};
  table.rows[1].not_run = "no server";
  table.rows[1].exit_status = 5;
  const auto read = read_series_json(write_series_json(table));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->rows[0].set, table.rows[0].set) << "in the order of the keys";
  EXPECT_EQ(read->rows[0].against, 0U);
  EXPECT_EQ(read->rows[1].not_run, "no server");
  EXPECT_EQ(read->rows[1].exit_status, 5);
  EXPECT_EQ(read->about, table.about);
  EXPECT_EQ(read->rounds, 4U);
  EXPECT_TRUE(read->fresh_stages);
}

TEST(SeriesJson, WhatIsNoneSaysSo) {
  const std::string good = write_series_json(table_of({run(1), run(1)}));
  const auto error_of = [&](const char* key, const nlohmann::json& value) {
    auto json = nlohmann::json::parse(good);
    json[nlohmann::json::json_pointer(key)] = value;
    const auto read = read_series_json(json.dump());
    return read ? std::string("none") : read.error().message;
  };
  EXPECT_EQ(error_of("/plan", "x"), "none");
  EXPECT_THAT(error_of("/schema", "natsproof.run/1"), HasSubstr("natsproof.series/1 is read"));
  EXPECT_THAT(error_of("/kind", "x"), HasSubstr("kind: neither sweep nor pack"));
  EXPECT_THAT(error_of("/points/0/folder", "../elsewhere"), HasSubstr("points[0].folder: not a"));
  EXPECT_THAT(error_of("/points/0/folder", "/etc"), HasSubstr("not a folder within"));
  EXPECT_THAT(error_of("/points/0/folder", ""), HasSubstr("not a folder within"));
  EXPECT_THAT(error_of("/points/1/folder", "users=1"), HasSubstr("the folder of two points"));
  EXPECT_THAT(error_of("/points/1/against/folder", "users=9"), HasSubstr("no point has that"));
  EXPECT_THAT(error_of("/points/1/exit_status", 2), HasSubstr("not the status of a run"));
  EXPECT_THAT(error_of("/points", nlohmann::json::array()), HasSubstr("points: empty"));
  EXPECT_THAT(error_of("/labels", nlohmann::json::array()), HasSubstr("not as many as keys"));
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() / 2), std::string("[]")})
    EXPECT_FALSE(read_series_json(text)) << text;
}

// ---- The folder.

class SeriesFolder : public testing::Test {
 protected:
  SeriesFolder() {
    std::string name = (fs::temp_directory_path() / "natsproof-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~SeriesFolder() override { fs::remove_all(folder_); }
  static std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  fs::path folder_;
};

TEST_F(SeriesFolder, IsMadeAgainFromItsRuns) {
  const std::vector<RunRecord> records = {run(1), run(3)};
  SeriesTable table = table_of(records);
  table.rows.push_back({.set = {{"load.users", "3"}},
                        .folder = "users=3",
                        .against = 0,
                        .not_run = "no server",
                        .exit_status = 5});
  for (std::size_t i = 0; i < records.size(); ++i)
    ASSERT_TRUE(write_results(folder_ / table.rows[i].folder, records[i], judge(records[i])));
  ASSERT_TRUE(write_series(folder_, table));
  EXPECT_TRUE(is_series(folder_));
  EXPECT_FALSE(is_series(folder_ / "users=1"));
  const std::string text = content(folder_ / "series.txt"), json = content(folder_ / "series.json");
  EXPECT_EQ(text, render_series_table(table, {}));
  const std::string report = content(folder_ / "users=2" / "report.txt");
  for (const char* name : {"series.txt", "users=2/report.txt"}) fs::remove(folder_ / name);

  const auto remade = remake_series(folder_);
  ASSERT_TRUE(remade) << remade.error().message;
  EXPECT_EQ(series_exit_status(*remade), 5);
  EXPECT_EQ(content(folder_ / "series.txt"), text);
  EXPECT_EQ(content(folder_ / "series.json"), json);
  EXPECT_EQ(content(folder_ / "users=2" / "report.txt"), report);
}

TEST_F(SeriesFolder, APlansOwnSweepIsMadeAgainWithItsPack) {
  const std::vector<RunRecord> records = {run(1), run(3)};
  const SeriesTable sweep = table_of(records);
  SeriesTable pack = sweep;
  pack.kind = SeriesKind::pack;
  for (SeriesRow& row : pack.rows) {
    row.plan = "users";
    row.folder = "users/" + row.folder;
    row.against.reset();
  }
  for (std::size_t i = 0; i < records.size(); ++i)
    ASSERT_TRUE(write_results(folder_ / pack.rows[i].folder, records[i], judge(records[i])));
  ASSERT_TRUE(write_series(folder_, pack));
  ASSERT_TRUE(write_series(folder_ / "users", sweep));
  const std::string text = content(folder_ / "users" / "series.txt");
  fs::remove(folder_ / "users" / "series.txt");
  const auto remade = remake_series(folder_);
  ASSERT_TRUE(remade) << remade.error().message;
  EXPECT_EQ(content(folder_ / "users" / "series.txt"), text);
  EXPECT_EQ(content(folder_ / "series.txt"), render_series_table(pack, {}));
}

TEST_F(SeriesFolder, ARunInItsPlaceIsNoSeriesAnyMore) {
  ASSERT_TRUE(write_series(folder_, table_of({run(1)})));
  ASSERT_TRUE(write_results(folder_, run(1), judge(run(1))));
  EXPECT_FALSE(is_series(folder_));
  EXPECT_FALSE(fs::exists(folder_ / "series.txt"));
}

TEST_F(SeriesFolder, AMissingRunIsNamed) {
  ASSERT_TRUE(write_series(folder_, table_of({run(1)})));
  const auto remade = remake_series(folder_);
  ASSERT_FALSE(remade);
  EXPECT_THAT(remade.error().message, HasSubstr((folder_ / "users=1").string()));
}

TEST(SeriesFile, IsSealed) {
  const SeriesTable table = table_of({run(1), run(3)});
  auto json = nlohmann::ordered_json::parse(write_series_json(table));
  EXPECT_EQ(read_series_json(json.dump())->seal, Seal::intact);
  json["points"].erase(1);
  json["points"][0]["against"] = nullptr;
  auto edited = read_series_json(json.dump());
  ASSERT_TRUE(edited) << edited.error().message;
  EXPECT_EQ(edited->seal, Seal::broken);
  EXPECT_EQ(series_exit_status(*edited), 4);
  EXPECT_NE(render_series_table(*edited, {}).find("EDITED  series.json was changed"),
            std::string::npos);
  EXPECT_EQ(read_series_json(write_series_json(*edited))->seal, Seal::broken);
  json.erase("seal");
  json.erase("sealed");
  EXPECT_EQ(read_series_json(json.dump())->seal, Seal::broken);
  // Versions that sealed nothing wrote no intervals.
  for (auto& point : json["points"])
    for (const char* key : {"p50_interval_ns", "p99_interval_ns"}) point.erase(key);
  const auto unsealed = read_series_json(json.dump());
  EXPECT_EQ(unsealed->seal, Seal::missing);
  EXPECT_EQ(read_series_json(write_series_json(*unsealed))->seal, Seal::missing);
  const std::string text = write_series_json(table);
  const auto twice = read_series_json("{\"exit_status\": 0, " + text.substr(1));
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message, HasSubstr("\"exit_status\" stands twice"));
}

TEST(SeriesFile, HasTheIntervalBesideEachQuantile) {
  const auto json = nlohmann::json::parse(write_series_json(table_of({run(1)})));
  const auto& point = json["points"][0];
  ASSERT_EQ(point["p50_interval_ns"].size(), 2u);
  EXPECT_LE(point["p50_interval_ns"][0], point["p50_ns"]);
  EXPECT_GE(point["p50_interval_ns"][1], point["p50_ns"]);
}

}  // namespace
}  // namespace natsproof
