#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <new>
#include <type_traits>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/measure/recorder.h"
#include "loadgen/report/json_reading.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/run_file.h"
#include "loadgen/report/run_file_json.h"
#include "loadgen/report/seal.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostRepetitions = 1'000;
// How deep below the repetitions a histogram can lie: repetition, `tasks`, task, `instances`,
// instance, its histogram.
constexpr int kDeepestHistogram = 6;

std::size_t histograms_in(const nlohmann::json& value, int levels) {
  if (value.is_object() && value.contains("hdr")) return 1;
  std::size_t histograms = 0;
  if (levels > 0 && value.is_structured()) {
    for (const nlohmann::json& part : value) histograms += histograms_in(part, levels - 1);
  }
  return histograms;
}

// A histogram that is not empty takes 216 KiB however little is in it, so their number is what
// bounds memory. Before the first of them is made.
void expect_few_histograms(const JsonNode& repetitions) {
  if (repetitions.items(kMostRepetitions) == 0) return;
  const std::size_t histograms = histograms_in(repetitions.value(), kDeepestHistogram);
  if (histograms > kMostHistograms) {
    repetitions.fail(fmt::format("{} histograms, at most {} are read", format_count(histograms),
                                 format_count(kMostHistograms)));
  }
}

// Figures in the file against the same figures worked out again. `inexact`: rounded from a
// floating-point sum, which may come out one apart on another machine.
void expect_same(const JsonNode& found, const nlohmann::ordered_json& expected,
                 bool inexact = false) {
  if (!found.ok()) return;
  if (expected.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (key == "hdr") continue;  // its bytes depend on zlib's version
      const bool added =
          std::find(kAddedToTasks.begin(), kAddedToTasks.end(), key) != kAddedToTasks.end();
      if (added && !found.find(key)) continue;
      expect_same(found.at(key), value, key == "mean" || key == "stddev");
    }
    return;
  }
  if (expected.is_array()) {
    if (found.items() != expected.size()) {
      return found.fail(fmt::format("{} entries, but the rest of the file gives {}: it was edited",
                                    found.items(), expected.size()));
    }
    for (std::size_t i = 0; i < expected.size(); ++i) expect_same(found.item(i), expected[i]);
    return;
  }
  const nlohmann::json& value = found.value();
  // 1 is 1.0, for other tools that lay a file out anew write the one for the other.
  if (!value.is_structured() && canonical_scalar(value) == canonical_scalar(expected)) return;
  if (inexact && value.is_number() && expected.is_number() &&
      std::abs(value.get<double>() - expected.get<double>()) <= 1) {
    return;
  }
  found.fail(fmt::format("{} in the file, but the rest of the file gives {}: it was edited",
                         value.dump(), expected.dump()));
}

template <std::size_t N>
void read_named_counts(const JsonNode& node, const std::array<std::string_view, N>& names,
                       std::array<std::uint64_t, N>& counts) {
  for (std::size_t i = 0; i < N; ++i) counts[i] = node.at(std::string(names[i])).whole();
}

std::map<std::string, std::string> read_texts(const JsonNode& node) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : node.members()) texts[key] = node.member(key, value).text();
  return texts;
}

template <std::size_t N>
std::size_t read_name(const JsonNode& node, const std::array<std::string_view, N>& names) {
  const std::string name = node.text();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  node.fail(fmt::format("\"{}\" is not one of {}", name, fmt::join(names, ", ")));
  return 0;
}

void expect_count(const JsonNode& node, const Histogram& histogram, std::uint64_t count) {
  if (histogram.count() == count) return;
  node.fail(fmt::format("count says {}, but its histogram holds {}: the file is cut or was edited",
                        format_count(count), format_count(histogram.count())));
}

void read_counts(const JsonNode& node, RequestCounts& counts) {
  counts.planned = node.at("planned").whole();
  counts.late = node.at("late").whole();
  counts.duplicate = node.at("duplicate").whole();
  read_named_counts(node.at("classes"), kRequestClassNames, counts.classes);
  read_named_counts(node.at("refused"), kRefusedReasonNames, counts.refused);
  counts.replies = node.at("replies").whole();
  counts.in_window = node.at("in_window").whole();
  counts.bytes_out = node.at("bytes_out").whole();
  counts.bytes_in = node.at("bytes_in").whole();
  const JsonNode codes = node.at("error_codes");
  for (const auto& [key, value] : codes.members()) {
    const JsonNode code_node = codes.member(key, value);
    int code = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), code);
    if (error != std::errc() || end != key.data() + key.size())
      code_node.fail("an error code is a whole number");
    counts.error_codes[code] = code_node.whole();
  }
}

void read_time_buckets(const JsonNode& node, TaskRecord& task) {
  if (node.items() != kTimeBuckets)
    return node.fail(fmt::format("{} entries, {} expected", node.items(), kTimeBuckets));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kTimeBuckets; ++i)
    sum += task.time_buckets[i] = node.item(i).at("count").whole();
  expect_same(node, time_buckets_json(task));
  if (sum != task.measured.successes()) {
    node.fail(fmt::format("{} requests in all, but {} were ok or rejected: the file was edited",
                          format_count(sum), format_count(task.measured.successes())));
  }
}

void read_instances(const JsonNode& node, TaskRecord& task) {
  for (std::size_t i = 0; i < node.items() && node.ok(); ++i) {
    const JsonNode item = node.item(i);
    InstanceRecord instance{.id = item.at("id").text(), .service = {}};
    if (!task.instances.empty() && instance.id <= task.instances.back().id)
      return item.at("id").fail("not in the order of the ids, or a second time");
    const JsonNode service = item.at("service_ns");
    // Left out where it is the task's own.
    const bool is_task = node.items() == 1 && service.value().is_object() && !service.find("hdr") &&
                         !task.service.empty() &&
                         service.at("count").value() == task.service.count();
    if (is_task) {
      instance.service = task.service;
      expect_same(service, histogram_json(instance.service));
    } else {
      read_histogram(service, instance.service);
    }
    task.instances.push_back(std::move(instance));
  }
  expect_same(node, instances_json(task));
}

void read_task(const JsonNode& node, TaskRecord& task) {
  task.name = node.at("name").text();
  read_counts(node, task.measured);
  task.stray = node.at("stray").whole();
  task.timeout = node.at("timeout_ns").duration();
  task.content_verified = node.at("content_verified").flag();
  if (const auto tells = node.find("tells_requests_apart")) task.tells_apart = tells->flag();
  read_histogram(node.at("response_ns"), task.response);
  read_histogram(node.at("service_ns"), task.service);
  read_histogram(node.at("send_lag_ns"), task.send_lag);
  const JsonNode failed_after = node.at("failed_after_ns");
  for (std::size_t i = 0; i < kRequestClasses; ++i) {
    if (const auto histogram = failed_after.find(std::string(kRequestClassNames[i])))
      read_histogram(*histogram, task.failed_after[i]);
  }
  if (const auto buckets = node.find("time_buckets")) read_time_buckets(*buckets, task);
  if (const auto instances = node.find("instances")) read_instances(*instances, task);
  read_counts(node.at("warmup"), task.warmup);
}

ServerRecord read_server(const JsonNode& node) {
  return {.id = node.at("id").text(),
          .name = node.at("name").text(),
          .version = node.at("version").text(),
          .url = node.at("url").text()};
}

ConnectionRecord read_connection(const JsonNode& node) {
  ConnectionRecord connection;
  connection.server_id = node.at("server_id").text();
  connection.client_id = node.at("client_id").whole(std::numeric_limits<std::uint64_t>::max());
  connection.sent = node.at("sent").whole();
  if (const auto received = node.find("received")) connection.received = received->whole();
  connection.faulty = node.at("faulty").flag();
  if (const auto moved = node.find("moved_to")) {
    for (std::size_t i = 0; i < moved->items() && node.ok(); ++i)
      connection.moved_to.push_back(moved->item(i).text());
  }
  return connection;
}

WorkerRecord read_worker(const JsonNode& node) {
  return {.wall = node.at("wall_ns").duration(),
          .busy = node.at("busy_ns").duration(),
          .spinning = node.at("spinning_ns").duration(),
          .wakeups = node.at("wakeups").whole()};
}

LedgerCounts read_ledger(const JsonNode& node) {
  LedgerCounts counts{.never_arrived = node.at("never_arrived").whole(),
                      .not_replied = node.at("not_replied").whole(),
                      .reply_lost = node.at("reply_lost").whole(),
                      .replied_late = node.at("replied_late").whole(),
                      .unknown = node.at("unknown").whole()};
  if (const auto again = node.find("executed_again")) counts.executed_again = again->whole();
  if (const auto answered = node.find("answered")) counts.answered = answered->whole();
  if (const auto taken = node.find("taken")) counts.taken = taken->whole();
  return counts;
}

void read_repetition(const JsonNode& node, Repetition& repetition) {
  repetition.started_utc_ms = node.at("started").utc_ms();
  repetition.seed = node.at("seed").whole(std::numeric_limits<std::uint64_t>::max());
  repetition.warmup = node.at("warmup_ns").duration();
  repetition.window = node.at("window_ns").duration();
  repetition.interrupted = node.at("interrupted").flag();
  repetition.failure = node.at("failure").text();
  repetition.reconnects = node.at("reconnects").whole();
  repetition.clock_steps_back = node.at("clock_steps_back").whole();
  const JsonNode events = node.at("events");
  for (std::size_t i = 0; i < events.items() && node.ok(); ++i)
    repetition.events.push_back(events.item(i).text());

  const JsonNode tasks = node.at("tasks");
  for (std::size_t i = 0; i < tasks.items() && node.ok(); ++i)
    read_task(tasks.item(i), repetition.tasks.emplace_back());
  if (!repetition.tasks.empty() && repetition.tasks.front().name != kAllTasks)
    tasks.fail("the first task must be \"*\", all tasks together");
  read_histogram(node.at("floor_ns"), repetition.floor);
  if (const auto set_up = node.find("set_up_ns")) read_histogram(*set_up, repetition.set_up);
  if (const auto first = node.find("first_request_ns"))
    read_histogram(*first, repetition.first_request);
  if (const auto ledger = node.find("ledger")) repetition.ledger = read_ledger(*ledger);
  if (const auto injected = node.find("injected")) {
    for (const auto& [name, count] : injected->members())
      repetition.injected[name] = injected->member(name, count).whole();
  }
  if (const auto aborted = node.find("aborted")) repetition.aborted = aborted->text();
  if (const auto platform = node.find("platform")) repetition.platform = read_platform(*platform);
  if (const auto resources = node.find("resources"))
    repetition.resources = read_resources(*resources);

  if (const auto servers = node.find("servers")) {
    for (std::size_t i = 0; i < servers->items() && node.ok(); ++i)
      repetition.servers.push_back(read_server(servers->item(i)));
  }
  const JsonNode connections = node.at("connections");
  for (std::size_t i = 0; i < connections.items() && node.ok(); ++i)
    repetition.connections.push_back(read_connection(connections.item(i)));
  const JsonNode workers = node.at("workers");
  for (std::size_t i = 0; i < workers.items() && node.ok(); ++i)
    repetition.workers.push_back(read_worker(workers.item(i)));
}

// The figures are those of the histogram, whatever stands beside it.
void read_interval_latency(const JsonNode& node, Interval& interval) {
  interval.count = node.at("count").whole();
  Histogram histogram;
  if (const auto hdr = node.find("hdr")) {
    interval.hdr = hdr->text();
    auto decoded = Histogram::decode(interval.hdr);
    if (!decoded) return hdr->fail(decoded.error().message);
    histogram = std::move(*decoded);
  }
  expect_count(node, histogram, interval.count);
  if (!node.ok() || histogram.empty()) return;
  interval.p50 = histogram.value_at(Quantile{0.5});
  interval.p99 = histogram.value_at(Quantile{0.99});
  interval.max = histogram.max();
}

void read_interval(const JsonNode& node, std::vector<Repetition>& repetitions) {
  const JsonNode number = node.at("repetition");
  const std::uint64_t repetition = number.whole();
  if (repetition < 1 || repetition > repetitions.size()) {
    return number.fail(
        fmt::format("there is no repetition {}, the file has {}", repetition, repetitions.size()));
  }
  Interval& interval = repetitions[repetition - 1].intervals.emplace_back();
  interval.utc_ms = node.at("utc").utc_ms();
  interval.start = node.at("start_ns").duration();
  const auto length = node.find("length_ns"), warmup = node.find("warmup");
  interval.length = length ? length->duration() : kUsualInterval;
  interval.warmup = warmup && warmup->flag();
  const JsonNode classes = node.at("classes");
  for (std::size_t i = 0; i < kRequestClasses; ++i) {
    if (const auto count = classes.find(std::string(kRequestClassNames[i])))
      interval.classes[i] = count->whole();
  }
  read_interval_latency(node.at("latency_ns"), interval);
}

// The text alone says what is claimed; the fields beside it must say the same.
Claim read_claim(const JsonNode& node) {
  const std::string text = node.at("text").text();
  const std::string task = node.at("task").text();
  std::vector<std::string> tasks;
  if (task != kAllTasks) tasks.push_back(task);
  if (!node.ok()) return {};
  auto claim = parse_claim(text, tasks);
  if (!claim) {
    node.at("text").fail(claim.error().message);
    return {};
  }
  expect_same(node, claim_json(*claim));
  return std::move(*claim);
}

Block read_block(const JsonNode& node) {
  if (!node.value().is_array()) return {.planned = node.whole()};
  const auto at = [&](std::size_t i) { return node.item(i).whole(); };
  switch (node.items()) {
    case 2:
      return {.planned = at(0), .stalled = at(1)};
    case 3:  // all that earlier versions have, which recorded no stalls
      return {.planned = at(0), .over = at(1), .over_service = at(2), .over_granted = at(2)};
    case 5:
      return {.planned = at(0),
              .over = at(1),
              .over_service = at(2),
              .over_granted = at(3),
              .stalled = at(4)};
    default:
      node.fail(
          "[planned, over, over by service time, over and explained by no stall, stalled] "
          "expected");
      return {};
  }
}

void read_blocks(const JsonNode& node, std::vector<Repetition>& repetitions) {
  if (node.items() != repetitions.size()) {
    return node.fail(
        fmt::format("{} entries, but the file has {} repetitions: it is cut or was edited",
                    node.items(), repetitions.size()));
  }
  for (std::size_t r = 0; r < repetitions.size(); ++r) {
    const JsonNode seconds = node.item(r);
    std::vector<Block>& blocks = repetitions[r].blocks.emplace_back();
    for (std::size_t i = 0; i < seconds.items() && node.ok(); ++i) {
      const JsonNode block = seconds.item(i);
      blocks.push_back(read_block(block));
      const Block& last = blocks.back();
      if (std::max({last.over, last.over_service, last.stalled}) > last.planned ||
          last.over_granted > last.over_service)
        return block.fail("more requests over than planned: the file was edited");
    }
  }
}

// Blocks and slices hold the same requests.
void expect_same_requests(const JsonNode& node, const Claim& claim, const Repetition& repetition) {
  const TimeSlices& slices = repetition.slices.back();
  if (slices.empty() || !has_blocks(claim)) return;
  Block in_blocks;
  TimeSlice in_slices;
  for (const Block& block : repetition.blocks.back()) {
    in_blocks.planned += block.planned;
    in_blocks.over += block.over;
  }
  for (const TimeSlice& slice : slices) {
    in_slices.planned += slice.planned;
    in_slices.over += slice.over;
  }
  const bool is_exact = claim.metric != Metric::achieved;
  if (in_slices.planned != in_blocks.planned ||
      (is_exact ? in_slices.over != in_blocks.over : in_slices.over > in_blocks.over))
    node.fail("not the requests that `blocks` has: the file was edited");
}

// Of a mean: the times of each slice, added up.
void read_slice_sums(const std::optional<JsonNode>& node, std::size_t repetition,
                     TimeSlices& slices) {
  if (!node) return;
  const JsonNode own = node->item(repetition);
  if (own.items() != slices.size())
    return own.fail(fmt::format("{} sums, {} expected", own.items(), slices.size()));
  for (std::size_t s = 0; s < slices.size() && own.ok(); ++s)
    slices[s].time_ns = own.item(s).whole(std::numeric_limits<std::int64_t>::max());
}

void expect_one_each(const std::optional<JsonNode>& node,
                     const std::vector<Repetition>& repetitions) {
  if (!node || node->items() == repetitions.size()) return;
  node->fail(fmt::format("{} entries, but the file has {} repetitions: it is cut or was edited",
                         node->items(), repetitions.size()));
}

// Missing in files of earlier versions, and of a claim that has none.
void read_slices(const JsonNode& node, const Claim& claim, std::vector<Repetition>& repetitions) {
  const auto texts = node.find("slices"), sums = node.find("slice_sums_ns");
  if (texts && !has_slices(claim)) return texts->fail("a claim of this kind has none");
  if (sums && (claim.statistic != Statistic::mean || !texts))
    return sums->fail("only the slices of a mean have sums");
  expect_one_each(texts, repetitions);
  expect_one_each(sums, repetitions);
  for (std::size_t r = 0; r < repetitions.size() && node.ok(); ++r) {
    TimeSlices& slices = repetitions[r].slices.emplace_back();
    if (!texts || texts->item(r).value().is_null()) continue;
    const JsonNode own = texts->item(r);
    const auto values = Histogram::decode(own.text());
    if (!own.ok()) return;
    if (!values) return own.fail(values.error().message);
    auto read = slices_of(*values, claim);
    if (!read) return own.fail(read.error().message);
    slices = std::move(*read);
    read_slice_sums(sums, r, slices);
    if (own.ok()) expect_same_requests(own, claim, repetitions[r]);
  }
}

// One number per repetition; `node` is missing where all of them are 1.
void read_spread(const std::optional<JsonNode>& node, std::vector<Repetition>& repetitions) {
  if (node && node->items() != repetitions.size()) {
    return node->fail(
        fmt::format("{} entries, but the file has {} repetitions: it is cut or was edited",
                    node->items(), repetitions.size()));
  }
  for (std::size_t r = 0; r < repetitions.size(); ++r) {
    const double spread = node ? node->item(r).number() : 1;
    if (!(spread > 0 && spread <= 1) && node->ok())
      return node->item(r).fail("not in (0..1]: the file was edited");
    repetitions[r].spread.push_back(spread);
  }
}

Conditions read_conditions(const JsonNode& plan) {
  Conditions conditions;
  conditions.plan_name = plan.at("name").text();
  conditions.about = plan.at("about").text();
  const JsonNode node = plan.at("conditions");
  constexpr std::array<std::string_view, 2> kLoops = {"closed", "open"};
  conditions.open_loop = read_name(node.at("loop"), kLoops) == 1;
  conditions.users = node.at("users").small();
  conditions.schedule = node.at("schedule").text();
  conditions.offered.per_s = node.at("offered_per_s").number();
  conditions.client = node.at("client").text();
  conditions.pacing = node.at("pacing").text();
  conditions.workers = node.at("workers").small();
  conditions.connections = node.at("connections").small();
  conditions.planned_repetitions = node.at("repetitions").small();
  conditions.covers = node.at("covers_ns").duration();
  conditions.staged = node.at("staged").flag();
  conditions.loopback = node.at("loopback").flag();
  conditions.cores = node.at("cores").small();
  conditions.time_scale = node.at("time_scale").number();
  conditions.clock_source = node.at("clock_source").text();
  conditions.clock_resolution = node.at("clock_resolution_ns").duration();
  conditions.scope = node.at("scope").text();
  if (const auto services = node.find("services")) conditions.services = services->text();
  const JsonNode limits = node.at("gate_limits");
  for (const auto& [key, value] : limits.members())
    conditions.gate_limits[key] = limits.member(key, value).number();
  return conditions;
}

void read_claims(const JsonNode& claims, RunRecord& record) {
  for (std::size_t i = 0; i < claims.items() && claims.ok(); ++i) {
    const JsonNode node = claims.item(i);
    const Claim& claim = record.claims.emplace_back(read_claim(node));
    for (const Repetition& repetition : record.repetitions) {
      const auto is_its_task = [&](const TaskRecord& task) { return task.name == claim.task; };
      if (!repetition.tasks.empty() &&
          std::none_of(repetition.tasks.begin(), repetition.tasks.end(), is_its_task))
        node.at("task").fail(fmt::format("no task \"{}\" in every repetition", claim.task));
    }
    read_blocks(node.at("blocks"), record.repetitions);
    read_spread(node.find("spread"), record.repetitions);
    if (node.ok()) read_slices(node, claim, record.repetitions);
  }
}

void check_pooled(const JsonNode& tasks, const RunRecord& record) {
  const std::vector<TaskRecord> pooled = pooled_tasks(record);
  if (tasks.items() != pooled.size()) {
    return tasks.fail(
        fmt::format("{} tasks, but the repetitions have {}: the file is cut or was edited",
                    tasks.items(), pooled.size()));
  }
  for (std::size_t i = 0; i < pooled.size(); ++i) expect_same(tasks.item(i), task_json(pooled[i]));
}

template <typename Value>
std::optional<Value> stored(const nlohmann::json& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end()) return std::nullopt;
  if constexpr (std::is_same_v<Value, std::string>) {
    if (!member->is_string()) return std::nullopt;
  } else if constexpr (std::is_same_v<Value, double>) {
    if (!member->is_number()) return std::nullopt;
  } else {
    if (!member->is_number_unsigned()) return std::nullopt;
  }
  return member->get<Value>();
}

// Whether it holds what only versions write that seal their files: intervals beside quantiles, what
// the machine did, what the processes took, slices of a claim's requests, a trace.
bool is_of_sealed_version(const nlohmann::json& document) {
  const auto is_object = [](const nlohmann::json& of, const char* key) {
    const auto member = of.find(key);
    return member != of.end() && member->is_object();
  };
  const auto has_intervals = [&](const nlohmann::json& tasks) {
    return std::any_of(tasks.begin(), tasks.end(), [&](const nlohmann::json& task) {
      return is_object(task, "service_ns") && task["service_ns"].contains("p50_interval");
    });
  };
  const auto is_newer = [&](const nlohmann::json& repetition) {
    const auto resources = repetition.find("resources");
    return is_object(repetition, "platform") || has_intervals(repetition["tasks"]) ||
           (resources != repetition.end() && !resources->empty());
  };
  const nlohmann::json& repetitions = document["repetitions"];
  const nlohmann::json& claims = document["claims"];
  const bool has_slices =
      std::any_of(claims.begin(), claims.end(),
                  [](const nlohmann::json& claim) { return claim.contains("slices"); });
  return is_object(document, "trace") || has_slices || has_intervals(document["tasks"]) ||
         std::any_of(repetitions.begin(), repetitions.end(), is_newer);
}

// What the file says of the verdicts, as far as it does. REQUIRES: it was read without a mistake.
SavedFile read_saved_file(const nlohmann::json& document) {
  SavedFile file{
      .seal = check_seal(document, is_of_sealed_version(document)), .verdict = {}, .claims = {}};
  file.verdict = stored<std::string>(document, "verdict").value_or("");
  for (const nlohmann::json& claim : document.at("claims")) {
    file.claims.push_back({.text = stored<std::string>(claim, "text").value_or(""),
                           .verdict = stored<std::string>(claim, "verdict").value_or(""),
                           .measured = stored<double>(claim, "measured"),
                           .lower = stored<double>(claim, "lower"),
                           .upper = stored<double>(claim, "upper"),
                           .over = stored<std::uint64_t>(claim, "over"),
                           .planned = stored<std::uint64_t>(claim, "planned")});
  }
  return file;
}

RunRecord read_record(const JsonNode& root) {
  RunRecord record;
  const std::string schema = root.at("schema").text();
  if (schema != RunRecord::kSchema) {
    root.at("schema").fail(fmt::format("\"{}\" is not {}, the only one this version reads", schema,
                                       RunRecord::kSchema));
    return record;
  }
  record.interrupted = root.at("interrupted").flag();
  record.failure = root.at("failure").text();
  record.conditions = read_conditions(root.at("plan"));
  record.plan_yaml = root.at("plan").at("yaml").text();
  record.provenance = read_texts(root.at("provenance"));
  record.platform = read_texts(root.at("platform"));

  const JsonNode repetitions = root.at("repetitions");
  expect_few_histograms(repetitions);
  for (std::size_t i = 0; i < repetitions.items() && root.ok(); ++i)
    read_repetition(repetitions.item(i), record.repetitions.emplace_back());
  const JsonNode intervals = root.at("intervals");
  for (std::size_t i = 0; i < intervals.items() && root.ok(); ++i)
    read_interval(intervals.item(i), record.repetitions);
  if (const auto trace = root.find("trace")) record.trace = read_trace(*trace);
  if (root.ok()) read_claims(root.at("claims"), record);
  if (root.ok()) check_pooled(root.at("tasks"), record);
  return record;
}

}  // namespace

void read_histogram(const JsonNode& node, Histogram& histogram) {
  const std::uint64_t count = node.at("count").whole();
  const std::uint64_t out_of_range = node.at("out_of_range").whole();
  if (const auto hdr = node.find("hdr")) {
    auto decoded = Histogram::decode(hdr->text());
    if (!node.ok()) return;
    if (!decoded) return hdr->fail(decoded.error().message);
    histogram = std::move(*decoded);
  }
  expect_count(node, histogram, count);
  if (out_of_range > 0) histogram.record(Histogram::kOutOfRange, out_of_range);
  expect_same(node, histogram_json(histogram));
}

Result<RunRecord> read_run_json(std::string_view text) {
  if (text.size() > kMostRunFileBytes) {
    return Error{fmt::format("the file has {}, at most {} are read", format_bytes(text.size()),
                             format_bytes(kMostRunFileBytes))};
  }
  if (const auto at = text.find('\0'); at != text.npos) return zero_byte_error(at);
  try {
    const nlohmann::json document = nlohmann::json::parse(text);
    JsonReading reading;
    RunRecord record = read_record(JsonNode(document, "", reading));
    if (!reading.ok()) return reading.mistake();
    if (const auto key = repeated_key(text)) return repeated_key_error(*key);
    record.file = read_saved_file(document);
    return record;
  } catch (const nlohmann::json::parse_error& error) {
    const bool cut = error.byte > text.size();
    return Error{cut ? fmt::format("the text ends in the middle, after {} bytes: the file is cut",
                                   format_count(text.size()))
                     : fmt::format("not JSON at byte {}: the file is damaged, or is no run.json",
                                   format_count(error.byte))};
  } catch (const nlohmann::json::exception& error) {
    return Error{fmt::format("not readable as JSON: {}", error.what())};
  } catch (const std::bad_alloc&) {
    return Error{"there is not enough memory to read the file"};
  }
}

}  // namespace natsproof
