#include <algorithm>
#include <cmath>

#include "loadgen/report/json_text.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/pooled_tasks.h"
#include "loadgen/report/run_file.h"
#include "loadgen/report/run_file_json.h"
#include "loadgen/report/seal.h"
#include "loadgen/report/utc_time.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

struct NamedQuantile {
  const char* name;
  const char* interval;
  double value;
};
constexpr std::array<NamedQuantile, 4> kQuantiles = {{{"p50", "p50_interval", 0.5},
                                                      {"p90", "p90_interval", 0.9},
                                                      {"p99", "p99_interval", 0.99},
                                                      {"p99.9", "p99.9_interval", 0.999}}};
// Of each of them.
using DesignEffects = std::array<double, kQuantiles.size()>;
constexpr DesignEffects kNoBlocks = {1, 1, 1, 1};
// A file of an earlier version has no intervals, and is written again without them: it is not to be
// taken for one whose seal was cut off.
constexpr DesignEffects kNoIntervals = {};

template <std::size_t N>
Json named_counts(const std::array<std::string_view, N>& names,
                  const std::array<std::uint64_t, N>& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < N; ++i) json[std::string(names[i])] = counts[i];
  return json;
}

// Those that are not 0, for the seconds of a long run are many.
Json seen_counts(const std::array<std::uint64_t, kRequestClasses>& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kRequestClasses; ++i) {
    if (counts[i] > 0) json[std::string(kRequestClassNames[i])] = counts[i];
  }
  return json;
}

void add_counts(Json& json, const RequestCounts& counts) {
  json["planned"] = counts.planned;
  json["late"] = counts.late;
  json["duplicate"] = counts.duplicate;
  json["classes"] = named_counts(kRequestClassNames, counts.classes);
  json["refused"] = named_counts(kRefusedReasonNames, counts.refused);
  json["replies"] = counts.replies;
  json["in_window"] = counts.in_window;
  json["bytes_out"] = counts.bytes_out;
  json["bytes_in"] = counts.bytes_in;
  Json codes = Json::object();
  for (const auto& [code, count] : counts.error_codes) codes[std::to_string(code)] = count;
  json["error_codes"] = std::move(codes);
}

Json conditions_json(const Conditions& conditions) {
  return {{"loop", conditions.open_loop ? "open" : "closed"},
          {"users", conditions.users},
          {"schedule", conditions.schedule},
          {"offered_per_s", conditions.offered.per_s},
          {"client", conditions.client},
          {"pacing", conditions.pacing},
          {"workers", conditions.workers},
          {"connections", conditions.connections},
          {"repetitions", conditions.planned_repetitions},
          {"covers_ns", ns(conditions.covers)},
          {"staged", conditions.staged},
          {"loopback", conditions.loopback},
          {"cores", conditions.cores},
          {"time_scale", conditions.time_scale},
          {"clock_source", conditions.clock_source},
          {"clock_resolution_ns", ns(conditions.clock_resolution)},
          {"scope", conditions.scope},
          {"services", conditions.services},
          {"gate_limits", conditions.gate_limits}};
}

// A long run has many of them, and in most nothing happened.
Json block_json(const Block& block) {
  const bool none_over = block.over == 0 && block.over_service == 0 && block.over_granted == 0;
  if (none_over && block.stalled == 0) return block.planned;
  if (none_over) return Json::array({block.planned, block.stalled});
  Json json = Json::array({block.planned, block.over, block.over_service});
  if (block.over_granted == block.over_service && block.stalled == 0) return json;
  json.push_back(block.over_granted);
  json.push_back(block.stalled);
  return json;
}

Json blocks_json(const RunRecord& record, std::size_t claim) {
  Json blocks = Json::array();
  for (const Repetition& repetition : record.repetitions) {
    Json seconds = Json::array();
    if (claim < repetition.blocks.size()) {
      for (const Block& block : repetition.blocks[claim]) {
        seconds.push_back(block_json(block));
      }
    }
    blocks.push_back(std::move(seconds));
  }
  return blocks;
}

// Of each repetition the histogram of slice_values(), in text; null where there are none.
Json slices_json(const RunRecord& record, std::size_t claim) {
  Json slices = Json::array();
  bool has_any = false;
  for (const Repetition& repetition : record.repetitions) {
    Json& own = slices.emplace_back(nullptr);
    if (claim >= repetition.slices.size() || repetition.slices[claim].empty()) continue;
    own = slice_values(repetition.slices[claim]).encode();
    has_any = true;
  }
  return has_any ? slices : Json(nullptr);
}

// Of a mean: the sums of its slices' times; null where there are none.
Json slice_sums_json(const RunRecord& record, std::size_t claim) {
  if (record.claims[claim].statistic != Statistic::mean) return nullptr;
  Json sums = Json::array();
  bool has_any = false;
  for (const Repetition& repetition : record.repetitions) {
    Json& own = sums.emplace_back(Json::array());
    if (claim >= repetition.slices.size()) continue;
    for (const TimeSlice& slice : repetition.slices[claim]) own.push_back(slice.time_ns);
    has_any |= !own.empty();
  }
  return has_any ? sums : Json(nullptr);
}

// null where all are 1.
Json spread_json(const RunRecord& record, std::size_t claim) {
  Json spread = Json::array();
  bool is_even = true;
  for (const Repetition& repetition : record.repetitions) {
    spread.push_back(claim < repetition.spread.size() ? repetition.spread[claim] : 1.0);
    is_even &= spread.back() == 1.0;
  }
  return is_even ? Json(nullptr) : spread;
}

Json claims_json(const RunRecord& record, const Judgement& judgement) {
  Json claims = Json::array();
  for (std::size_t i = 0; i < record.claims.size(); ++i) {
    Json json = claim_json(record.claims[i]);
    if (i < judgement.claims.size()) {
      const ClaimResult& result = judgement.claims[i];
      json["verdict"] = verdict_name(result.verdict);
      json["measured"] = !result.measured      ? Json(nullptr)
                         : result.unit == "ns" ? Json(std::llround(*result.measured))
                                               : Json(*result.measured);
      json["unit"] = result.unit;
      json["beyond_timeout"] = result.beyond_timeout;
      json["over"] = result.over;
      json["planned"] = result.planned;
      json["allowed_share"] = result.allowed_share;
      json["lower"] = result.lower;
      json["upper"] = result.upper;
      json["design_effect"] = result.design_effect;
      json["under"] = result.under;
      json["repetitions"] = result.repetitions;
      json["covers_ns"] = ns(result.covers);
      json["why"] = result.why;
      json["blocked_by"] = result.blocked_by;
    }
    json["blocks"] = blocks_json(record, i);
    if (auto spread = spread_json(record, i); !spread.is_null()) json["spread"] = std::move(spread);
    if (auto slices = slices_json(record, i); !slices.is_null()) json["slices"] = std::move(slices);
    if (auto sums = slice_sums_json(record, i); !sums.is_null())
      json["slice_sums_ns"] = std::move(sums);
    claims.push_back(std::move(json));
  }
  return claims;
}

Json gates_json(const Judgement& judgement) {
  Json gates = Json::array();
  for (const GateResult& gate : judgement.gates) {
    gates.push_back({{"name", gate.name},
                     {"figure", optional_json(gate.figure)},
                     {"limit", gate.limit},
                     {"passed", optional_json(gate.passed)},
                     {"could", could_name(gate.could)},
                     {"advice", gate.advice},
                     {"void", gate.is_void},
                     {"claim", gate.claim},
                     {"shown", gate.shown},
                     {"limit_changed", gate.limit_changed}});
  }
  return gates;
}

// Adds [lower, upper] beside each quantile that the sample supports; null at an end it does not
// reach.
void add_intervals(const Histogram& histogram, const DesignEffects& effects, Json& json) {
  if (effects == kNoIntervals) return;
  const auto end = [](const std::optional<Duration>& value) {
    return value ? Json(ns(*value)) : Json(nullptr);
  };
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) {
    const Quantile q{kQuantiles[i].value};
    if (quantile_support(q, histogram.count()) == QuantileSupport::none) continue;
    const QuantileInterval interval = quantile_interval(histogram, q, effects[i]);
    json[kQuantiles[i].interval] = Json::array({end(interval.lower), end(interval.upper)});
  }
}

// A histogram of the repetition's, whose recordings have no blocks.
Json lone_histogram_json(const Histogram& histogram, bool intervals) {
  Json json = histogram_json(histogram);
  add_intervals(histogram, intervals ? kNoBlocks : kNoIntervals, json);
  return json;
}

Json tasks_json(const std::vector<TaskRecord>& tasks, const DesignEffects& effects) {
  Json json = Json::array();
  for (const TaskRecord& task : tasks) {
    Json& own = json.emplace_back(task_json(task));
    add_intervals(task.response, effects, own["response_ns"]);
    add_intervals(task.service, effects, own["service_ns"]);
    add_intervals(task.send_lag, effects, own["send_lag_ns"]);
    for (std::size_t c = 0; c < kRequestClasses; ++c) {
      const auto failed = own["failed_after_ns"].find(std::string(kRequestClassNames[c]));
      if (failed != own["failed_after_ns"].end())
        add_intervals(task.failed_after[c], effects, *failed);
    }
    for (std::size_t i = 0; i < task.instances.size(); ++i)
      add_intervals(task.instances[i].service, effects, own["instances"][i]["service_ns"]);
  }
  return json;
}

DesignEffects effects_of(const RunRecord& record) {
  std::vector<Quantile> quantiles;
  for (const NamedQuantile& quantile : kQuantiles) quantiles.push_back({quantile.value});
  const std::vector<double> effects = design_effects(record, quantiles);
  DesignEffects all{};
  std::copy(effects.begin(), effects.end(), all.begin());
  return all;
}

Json repetition_json(const Repetition& repetition, const DesignEffects& effects) {
  const bool intervals = effects != kNoIntervals;
  Json connections = Json::array();
  for (const ConnectionRecord& connection : repetition.connections) {
    connections.push_back({{"server_id", connection.server_id},
                           {"client_id", connection.client_id},
                           {"sent", connection.sent},
                           {"received", optional_json(connection.received)},
                           {"faulty", connection.faulty}});
    if (!connection.moved_to.empty()) connections.back()["moved_to"] = connection.moved_to;
  }
  Json servers = Json::array();
  for (const ServerRecord& server : repetition.servers) {
    servers.push_back({{"id", server.id},
                       {"name", server.name},
                       {"version", server.version},
                       {"url", server.url}});
  }
  Json workers = Json::array();
  for (const WorkerRecord& worker : repetition.workers) {
    workers.push_back({{"wall_ns", ns(worker.wall)},
                       {"busy_ns", ns(worker.busy)},
                       {"spinning_ns", ns(worker.spinning)},
                       {"wakeups", worker.wakeups}});
  }
  Json ledger = nullptr;
  if (const auto& counts = repetition.ledger) {
    ledger = {{"never_arrived", counts->never_arrived},
              {"not_replied", counts->not_replied},
              {"reply_lost", counts->reply_lost},
              {"replied_late", counts->replied_late},
              {"unknown", counts->unknown},
              {"executed_again", optional_json(counts->executed_again)}};
    if (counts->answered) ledger["answered"] = *counts->answered;
    if (counts->taken) ledger["taken"] = *counts->taken;
  }
  Json json = {
      {"started", format_utc(repetition.started_utc_ms)},
      {"seed", repetition.seed},
      {"warmup_ns", ns(repetition.warmup)},
      {"window_ns", ns(repetition.window)},
      {"interrupted", repetition.interrupted},
      {"failure", repetition.failure},
      {"aborted", repetition.aborted},
      {"reconnects", repetition.reconnects},
      {"clock_steps_back", repetition.clock_steps_back},
      {"events", repetition.events},
      {"tasks", tasks_json(repetition.tasks, effects)},
      {"floor_ns", lone_histogram_json(repetition.floor, intervals)},
      {"set_up_ns", lone_histogram_json(repetition.set_up, intervals)},
      {"first_request_ns", lone_histogram_json(repetition.first_request, intervals)},
      {"ledger", std::move(ledger)},
      {"injected", Json(repetition.injected)},
      {"platform", repetition.platform ? platform_json(*repetition.platform) : Json(nullptr)},
      {"resources", resources_json(repetition.resources)},
      {"connections", std::move(connections)},
      {"workers", std::move(workers)}};
  if (!servers.empty()) json["servers"] = std::move(servers);
  return json;
}

Json repetitions_json(const RunRecord& record, const Judgement& judgement,
                      const DesignEffects& effects) {
  Json repetitions = Json::array();
  for (std::size_t i = 0; i < record.repetitions.size(); ++i) {
    Json json = Json::object();
    const bool judged = i < judgement.repetitions.size();
    json["verdict"] = judged ? Json(verdict_name(judgement.repetitions[i])) : Json(nullptr);
    json.update(repetition_json(record.repetitions[i], effects));
    repetitions.push_back(std::move(json));
  }
  return repetitions;
}

// The seconds of a long run are many: their times are kept as they came, in text.
Json interval_latency_json(const Interval& interval) {
  const auto figure = [&](Duration value, Quantile q) {
    const bool supported = quantile_support(q, interval.count) != QuantileSupport::none;
    return supported ? Json(ns(value)) : Json(nullptr);
  };
  Json json = {{"count", interval.count},
               {"p50", figure(interval.p50, Quantile{0.5})},
               {"p99", figure(interval.p99, Quantile{0.99})},
               {"max", interval.count > 0 ? Json(ns(interval.max)) : Json(nullptr)}};
  if (interval.count > 0) json["hdr"] = interval.hdr;
  return json;
}

Json intervals_json(const RunRecord& record) {
  Json intervals = Json::array();
  for (std::size_t i = 0; i < record.repetitions.size(); ++i) {
    for (const Interval& interval : record.repetitions[i].intervals) {
      Json& json = intervals.emplace_back(Json{{"utc", format_utc(interval.utc_ms)},
                                               {"repetition", i + 1},
                                               {"start_ns", ns(interval.start)}});
      if (interval.length != kUsualInterval) json["length_ns"] = ns(interval.length);
      if (interval.warmup) json["warmup"] = true;
      json["classes"] = seen_counts(interval.classes);
      json["latency_ns"] = interval_latency_json(interval);
    }
  }
  return intervals;
}

}  // namespace

Json claim_json(const Claim& claim) {
  Json json = {{"text", claim.text},
               {"task", claim.task},
               {"metric", kMetricNames[static_cast<std::size_t>(claim.metric)]},
               {"statistic", kStatisticNames[static_cast<std::size_t>(claim.statistic)]}};
  if (claim.statistic == Statistic::quantile) json["quantile"] = claim.quantile.value;
  json["comparison"] = kComparisonNames[static_cast<std::size_t>(claim.comparison)];
  if (claim.is_latency()) {
    json["limit_ns"] = ns(claim.limit);
  } else if (claim.metric == Metric::throughput) {
    json["limit_per_s"] = claim.rate.per_s;
  } else if (claim.metric == Metric::cpu) {
    json["of"] = claim.of;
    json["limit_cores"] = claim.share;
  } else if (claim.metric == Metric::memory_growth) {
    json["of"] = claim.of;
    json["limit_bytes_per_min"] = claim.bytes_per_min;
  } else {
    json["limit_share"] = claim.share;
  }
  return json;
}

Json histogram_json(const Histogram& histogram) {
  const std::uint64_t count = histogram.count();
  const auto whole = [](double value) { return Json(std::llround(value)); };
  Json json = {{"count", count}, {"out_of_range", histogram.out_of_range()}};
  json["min"] = count > 0 ? Json(ns(histogram.min())) : Json(nullptr);
  json["mean"] = count > 0 ? whole(histogram.mean_ns()) : Json(nullptr);
  json["stddev"] = count > 0 ? whole(histogram.stddev_ns()) : Json(nullptr);
  for (const auto& [name, interval, value] : kQuantiles) {
    const bool supported = quantile_support(Quantile{value}, count) != QuantileSupport::none;
    json[name] = supported ? Json(ns(histogram.value_at(Quantile{value}))) : Json(nullptr);
  }
  json["max"] =
      count > 0 && histogram.out_of_range() == 0 ? Json(ns(histogram.max())) : Json(nullptr);
  if (count > 0) json["hdr"] = histogram.encode();
  return json;
}

Json time_buckets_json(const TaskRecord& task) {
  const bool is_known =
      task.time_buckets != decltype(task.time_buckets){} || task.measured.successes() == 0;
  if (!is_known) return nullptr;
  Json json = Json::array();
  for (std::size_t i = 0; i < kTimeBuckets; ++i) {
    json.push_back({{"below_ns",
                     i < kTimeBucketBounds.size() ? Json(ns(kTimeBucketBounds[i])) : Json(nullptr)},
                    {"count", task.time_buckets[i]}});
  }
  return json;
}

Json instances_json(const TaskRecord& task) {
  // Where one instance answered everything, its times are the task's, and are not written twice.
  const bool is_alone =
      task.instances.size() == 1 && task.instances.front().service == task.service;
  std::uint64_t all = 0;
  for (const InstanceRecord& instance : task.instances) all += instance.service.count();
  Json json = Json::array();
  for (const InstanceRecord& instance : task.instances) {
    const std::uint64_t count = instance.service.count();
    Json service = histogram_json(instance.service);
    if (is_alone) service.erase("hdr");
    json.push_back(
        {{"id", instance.id},
         {"count", count},
         {"share", all > 0 ? static_cast<double>(count) / static_cast<double>(all) : 0.0},
         {"service_ns", std::move(service)}});
  }
  return json;
}

Json task_json(const TaskRecord& task) {
  Json json = {{"name", task.name}};
  add_counts(json, task.measured);
  json["stray"] = task.stray;
  json["timeout_ns"] = ns(task.timeout);
  json["content_verified"] = task.content_verified;
  if (!task.tells_apart) json["tells_requests_apart"] = false;
  json["response_ns"] = histogram_json(task.response);
  json["service_ns"] = histogram_json(task.service);
  json["send_lag_ns"] = histogram_json(task.send_lag);
  Json failed_after = Json::object();
  for (std::size_t i = 0; i < kRequestClasses; ++i) {
    const Histogram& histogram = task.failed_after[i];
    if (histogram.empty() && histogram.out_of_range() == 0) continue;
    failed_after[std::string(kRequestClassNames[i])] = histogram_json(histogram);
  }
  json["failed_after_ns"] = std::move(failed_after);
  json["time_buckets"] = time_buckets_json(task);
  json["instances"] = instances_json(task);
  Json warmup = Json::object();
  add_counts(warmup, task.warmup);
  json["warmup"] = std::move(warmup);
  return json;
}

std::string write_run_json(const RunRecord& record, const Judgement& judgement) {
  const Seal seal = record.file ? record.file->seal : Seal::intact;
  Json json = {{"schema", RunRecord::kSchema}};
  if (seal != Seal::missing) json[kSealedBy] = kSealKind;
  json.update({{"verdict", verdict_name(judgement.verdict)},
               {"why", judgement.why},
               {"interrupted", record.interrupted},
               {"failure", record.failure},
               {"plan",
                {{"name", record.conditions.plan_name},
                 {"about", record.conditions.about},
                 {"conditions", conditions_json(record.conditions)},
                 {"yaml", record.plan_yaml}}},
               {"provenance", record.provenance},
               {"platform", record.platform}});
  json["claims"] = claims_json(record, judgement);
  json["gates"] = gates_json(judgement);
  const DesignEffects effects = seal == Seal::missing ? kNoIntervals : effects_of(record);
  json["tasks"] = tasks_json(pooled_tasks(record), effects);
  json["repetitions"] = repetitions_json(record, judgement, effects);
  json["trace"] = record.trace ? trace_json(*record.trace) : Json(nullptr);
  json["intervals"] = intervals_json(record);
  // What was read as edited or unsealed does not become sound by being written again.
  if (seal == Seal::intact) json[kSeal] = seal_of(json);
  if (seal == Seal::broken) json[kSeal] = "broken";
  return json_text(json);
}

}  // namespace natsproof
