// run.json: whatever is read can be judged, reported, written and read again the same.
//
// Bytes that begin with `!` are not a file but edits of a good one, three bytes each (place, place,
// change): mutated text alone is seldom JSON, and more seldom a run.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/judge/judgement.h"
#include "loadgen/report/console_report.h"
#include "loadgen/report/run_file.h"
#include "loadgen/report/seal.h"
#include "tests/golden/report/fixed_records.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

void require(bool holds) {
  if (!holds) std::abort();
}

void try_file(std::string_view text) {
  const Result<RunRecord> read = read_run_json(text);
  if (!read.ok()) {
    require(!read.error().message.empty());
    return;
  }
  const Judgement judgement = judge(*read);
  require(!render_console_report(*read, judgement, {.colour = true}).empty());
  const std::string written = write_run_json(*read, judgement);
  const Result<RunRecord> again = read_run_json(written);
  require(again.ok() && write_run_json(*again, judge(*again)) == written);
}

// Small, and with something of everything in it.
Json good_file() {
  Story story;
  story.tasks = {"pay"};
  story.claims = {"response p50 < 1ms", "pay service p90 <= 2ms", "success >= 99%",
                  "throughput > 1/s", "response mean < 1ms"};
  story.planned_repetitions = story.repetitions = 2;
  story.seconds = 1;
  story.rate_per_s = 60;
  story.tell = [](std::uint64_t i, std::uint64_t chance) {
    ToldRequest request{.lag = told_lag(chance), .service = told_service(chance)};
    if (i % 10 == 9) request.request_class = static_cast<RequestClass>(i / 10 % kRequestClasses);
    if (request.request_class == RequestClass::service_error) request.error_code = 500;
    if (request.request_class == RequestClass::ok) request.served_by = i % 2 == 0 ? "a" : "b";
    return request;
  };
  RunRecord record = told_run(story);
  record.conditions.gate_limits = {{"send lag", 0.2}};
  record.repetitions[0].set_up.record(400us);
  record.repetitions[0].first_request.record(800us);
  record.repetitions[0].ledger = {.never_arrived = 2, .unknown = 1};
  record.repetitions[0].platform = told_platform(false, 0);
  record.repetitions[1].platform = PlatformRecord{};
  record.repetitions[0].injected = {{"drop_before", 2}};
  record.repetitions[1].aborted = "`errors > 50% for 5s`";
  record.repetitions[0].events = {"+1.000 s: lost the connection"};
  return Json::parse(write_run_json(record, judge(record)));
}

// Not into histograms: their figures repeat their text, and a change of one is only refused.
void collect(Json& node, std::vector<Json*>& places) {
  places.push_back(&node);
  if (!node.is_structured() || (node.is_object() && node.contains("hdr"))) return;
  for (Json& child : node) collect(child, places);
}

// Mostly into something of the same kind.
void change(Json& place, std::uint8_t how) {
  constexpr std::uint64_t kNumbers[] = {
      0, 1, 2, 59, 60, 1000, 1'000'000'000, 1'000'000'000'000'000};
  constexpr const char* kTexts[] = {"", "*", "pay", "open", "closed", "\x1b[2J", "success >= 99%"};
  constexpr std::uint8_t kOtherKinds = 240;
  if (how >= kOtherKinds) {
    const Json others[] = {nullptr, true, -1, 1e308, "", Json::array(), Json::object()};
    place = others[how % std::size(others)];
  } else if (place.is_boolean()) {
    place = !place.get<bool>();
  } else if (place.is_number_unsigned()) {
    place =
        how % 2 == 0 ? kNumbers[how / 2 % std::size(kNumbers)] : place.get<std::uint64_t>() + how;
  } else if (place.is_number()) {
    place = place.get<double>() * (how - 100);
  } else if (place.is_string()) {
    place = kTexts[how % std::size(kTexts)];
  } else if (!place.empty() && place.is_array()) {
    if (how % 2 == 0) {
      place.push_back(Json(place.back()));
    } else {
      place.erase(place.size() - 1);
    }
  }
}

// The counts over all repetitions, which would give every edit of a repetition's count away.
void add_up_tasks(Json& json) {
  if (!json.is_object() || !json.contains("tasks") || !json.contains("repetitions")) return;
  for (std::size_t task = 0; task < json["tasks"].size(); ++task) {
    const Json::json_pointer place = Json::json_pointer("/tasks") / task;
    if (!json.contains(place) || !json[place].is_structured()) continue;
    const Json figures = json[place].flatten();
    for (const auto& [key, value] : figures.items()) {
      if (!value.is_number_unsigned() || key.find("_ns") != std::string::npos) continue;
      std::uint64_t sum = 0;
      for (std::size_t r = 0; r < json["repetitions"].size(); ++r) {
        const auto own = Json::json_pointer("/repetitions") / r / place / Json::json_pointer(key);
        if (json.contains(own) && json[own].is_number_unsigned())
          sum += json[own].get<std::uint64_t>();
      }
      json[place / Json::json_pointer(key)] = sum;
    }
  }
}

void try_edits(std::string_view edits) {
  static const Json good = good_file();
  Json json = good;
  constexpr std::size_t kMostEdits = 16;
  for (std::size_t i = 0; i < kMostEdits && edits.size() >= 3; ++i, edits.remove_prefix(3)) {
    std::vector<Json*> places;
    collect(json, places);
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(edits[at]); };
    change(*places[(byte(0) * 256u + byte(1)) % places.size()], byte(2));
  }
  add_up_tasks(json);
  // With a broken seal every edit would have the same verdict.
  if (json.is_object()) json[kSeal] = seal_of(json);
  try_file(json.dump());
}

}  // namespace
}  // namespace natsproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!bytes.empty() && bytes.front() == '!') {
    natsproof::try_edits(bytes.substr(1));
  } else {
    natsproof::try_file(bytes);
  }
  return 0;
}
