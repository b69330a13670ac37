// series.json.
#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "loadgen/report/json_reading.h"
#include "loadgen/report/json_text.h"
#include "loadgen/report/seal.h"
#include "loadgen/report/series_table.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 1'000'000;
constexpr std::size_t kMostKeys = 1'000;

Json latency_json(const LatencyFigure& figure) {
  return figure.state == LatencyFigure::State::value ? Json(figure.value.count()) : Json(nullptr);
}

// [lower, upper] of the 95 % interval; null at an end that the sample does not reach, and all of it
// where there is no figure.
Json interval_json(const LatencyFigure& figure) {
  if (figure.state != LatencyFigure::State::value) return nullptr;
  const auto end = [](const std::optional<Duration>& value) {
    return value ? Json(value->count()) : Json(nullptr);
  };
  return Json::array({end(figure.interval.lower), end(figure.interval.upper)});
}

Json against_json(const SeriesTable& table, const SeriesRow& row) {
  if (!row.against) return nullptr;
  Json json = {{"folder", table.rows[*row.against].folder}};
  const Changes changes = changes_of(table, row);
  for (const auto& [name, change] :
       {std::pair{"throughput", &changes.throughput}, std::pair{"p50", &changes.p50},
        std::pair{"p99", &changes.p99}}) {
    if (!*change) continue;
    json[name] = (*change)->ratio;
    json[std::string(name) + "_apart"] = (*change)->apart;
  }
  return json;
}

Json row_json(const SeriesTable& table, const SeriesRow& row) {
  // Of an earlier version, and stays one: it is not to be taken for one whose seal was cut off.
  const bool intervals = table.seal != Seal::missing;
  Json json = Json::object();
  if (!row.plan.empty()) json["plan"] = row.plan;
  json["set"] = Json::object();
  for (const auto& [key, value] : row.set) json["set"][key] = value;
  json["folder"] = row.folder;
  json["load"] = row.load;
  json["exit_status"] = row.exit_status;
  const bool has_run = row.not_run.empty();
  if (!has_run) json["not_run"] = row.not_run;
  json["verdict"] = has_run ? Json(verdict_name(row.verdict)) : Json(nullptr);
  if (has_run) {
    json["loop"] = row.open_loop ? "open" : "closed";
    json["throughput_per_s"] = row.throughput.per_s;
    json["p50_ns"] = latency_json(row.p50);
    if (intervals) json["p50_interval_ns"] = interval_json(row.p50);
    json["p99_ns"] = latency_json(row.p99);
    if (intervals) json["p99_interval_ns"] = interval_json(row.p99);
    json["errors"] = row.errors;
    json["claims"] = Json::array();
    for (const SeriesClaim& claim : row.claims) {
      json["claims"].push_back({{"text", claim.text},
                                {"verdict", verdict_name(claim.verdict)},
                                {"measured", claim.measured}});
    }
  }
  json["against"] = against_json(table, row);
  return json;
}

// Its reports are written there: it must lie within the series' own folder.
std::string read_folder(const JsonNode& node) {
  std::string folder = node.text();
  const std::filesystem::path path(folder);
  const bool inside = !folder.empty() && path.is_relative() &&
                      std::none_of(path.begin(), path.end(),
                                   [](const auto& part) { return part.string().starts_with('.'); });
  if (!inside) node.fail("not a folder within the series' own");
  return folder;
}

int read_status(const JsonNode& node) {
  const std::uint64_t status = node.whole(5);
  if (status == 2) node.fail("not the status of a run");
  return static_cast<int>(status);
}

// `set` in the order of the keys, which an object of JSON does not keep.
std::vector<std::pair<std::string, std::string>> read_set(const JsonNode& node,
                                                          const std::vector<std::string>& keys) {
  std::vector<std::pair<std::string, std::string>> set;
  for (const auto& [key, value] : node.members())
    set.emplace_back(key, node.member(key, value).text());
  const auto place = [&](const auto& entry) {
    return std::find(keys.begin(), keys.end(), entry.first) - keys.begin();
  };
  std::stable_sort(set.begin(), set.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return set;
}

SeriesRow read_row(const JsonNode& node, const std::vector<std::string>& keys) {
  SeriesRow row;
  if (const auto plan = node.find("plan")) row.plan = plan->text();
  row.set = read_set(node.at("set"), keys);
  row.folder = read_folder(node.at("folder"));
  row.load = node.at("load").text();
  row.exit_status = read_status(node.at("exit_status"));
  if (const auto not_run = node.find("not_run")) row.not_run = not_run->text();
  return row;
}

std::vector<std::string> read_words(const JsonNode& node) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < node.items(kMostKeys) && node.ok(); ++i)
    words.push_back(node.item(i).text());
  return words;
}

void read_rows(const JsonNode& points, SeriesTable& table) {
  const std::size_t count = points.items(kMostRows);
  if (count == 0) points.fail("empty");
  std::map<std::string, std::size_t> by_folder;
  for (std::size_t i = 0; i < count && points.ok(); ++i) {
    table.rows.push_back(read_row(points.item(i), table.keys));
    if (!by_folder.emplace(table.rows.back().folder, i).second)
      points.item(i).at("folder").fail("the folder of two points");
  }
  for (std::size_t i = 0; i < count && points.ok(); ++i) {
    const auto against = points.item(i).find("against");
    if (!against) continue;
    const JsonNode folder = against->at("folder");
    const auto found = by_folder.find(folder.text());
    if (found == by_folder.end()) {
      folder.fail("no point has that folder");
    } else {
      table.rows[i].against = found->second;
    }
  }
}

}  // namespace

std::string write_series_json(const SeriesTable& table) {
  const bool is_sweep = table.kind == SeriesKind::sweep;
  Json json = {{"schema", SeriesTable::kSchema}};
  if (table.seal != Seal::missing) json[kSealedBy] = kSealKind;
  json.update({{"kind", is_sweep ? "sweep" : "pack"},
               {"plan", table.name},
               {"about", table.about},
               {"scope", table.scope},
               {"interrupted", table.interrupted},
               {"exit_status", series_exit_status(table)},
               {"keys", table.keys},
               {"labels", table.labels},
               {"rounds", table.rounds},
               {"fresh_stages", table.fresh_stages},
               {"points", Json::array()}});
  for (const SeriesRow& row : table.rows) json["points"].push_back(row_json(table, row));
  // What was read as edited or unsealed does not become sound by being written again.
  if (table.seal == Seal::intact) json[kSeal] = seal_of(json);
  if (table.seal == Seal::broken) json[kSeal] = "broken";
  return json_text(json);
}

namespace {

SeriesTable read_table(const JsonNode& root) {
  SeriesTable table;
  if (const std::string schema = root.at("schema").text();
      root.ok() && schema != SeriesTable::kSchema)
    root.at("schema").fail(fmt::format("{}, and {} is read here", schema, SeriesTable::kSchema));
  const std::string kind = root.at("kind").text();
  if (root.ok() && kind != "sweep" && kind != "pack")
    root.at("kind").fail("neither sweep nor pack");
  table.kind = kind == "pack" ? SeriesKind::pack : SeriesKind::sweep;
  table.name = root.at("plan").text();
  table.about = root.at("about").text();
  table.scope = root.at("scope").text();
  table.interrupted = root.at("interrupted").flag();
  table.keys = read_words(root.at("keys"));
  table.labels = read_words(root.at("labels"));
  if (root.ok() && table.keys.size() != table.labels.size())
    root.at("labels").fail("not as many as keys");
  table.rounds = root.at("rounds").small();
  table.fresh_stages = root.at("fresh_stages").flag();
  read_rows(root.at("points"), table);
  return table;
}

// Earlier versions, which sealed nothing, wrote no intervals.
bool has_intervals(const nlohmann::json& document) {
  const nlohmann::json& points = document["points"];
  return std::any_of(points.begin(), points.end(),
                     [](const nlohmann::json& point) { return point.contains("p50_interval_ns"); });
}

}  // namespace

Result<SeriesTable> read_series_json(std::string_view text) {
  if (const auto at = text.find('\0'); at != text.npos) return zero_byte_error(at);
  try {
    const auto json = nlohmann::json::parse(text);
    JsonReading reading;
    SeriesTable table = read_table(JsonNode(json, "", reading));
    if (!reading.ok()) return reading.mistake();
    if (const auto key = repeated_key(text)) return repeated_key_error(*key);
    table.seal = check_seal(json, has_intervals(json));
    return table;
  } catch (const nlohmann::json::parse_error& error) {
    return Error{
        fmt::format("not JSON at byte {}: the file is cut or damaged, or is no series.json",
                    format_count(error.byte))};
  } catch (const nlohmann::json::exception& error) {
    return Error{fmt::format("not readable as JSON: {}", error.what())};
  }
}

}  // namespace natsproof
