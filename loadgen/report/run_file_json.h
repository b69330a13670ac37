// The parts of run.json that its writer and its reader must see alike. Inside this folder only.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "loadgen/measure/run_record.h"
#include "loadgen/report/json_reading.h"

namespace natsproof {

inline constexpr std::array<std::string_view, 8> kMetricNames = {
    "response", "service", "success", "errors", "achieved", "throughput", "cpu", "memory_growth"};
inline constexpr std::array<std::string_view, 4> kStatisticNames = {"none", "quantile", "max",
                                                                    "mean"};
inline constexpr std::array<std::string_view, 4> kComparisonNames = {"<", "<=", ">", ">="};

// An interval of this length does not tell its own.
inline constexpr Duration kUsualInterval = 1s;

// The claim itself, without its result.
nlohmann::ordered_json claim_json(const Claim& claim);
nlohmann::ordered_json histogram_json(const Histogram& histogram);
nlohmann::ordered_json task_json(const TaskRecord& task);
// null: not known, for the record came from a file of an earlier version.
nlohmann::ordered_json time_buckets_json(const TaskRecord& task);
nlohmann::ordered_json instances_json(const TaskRecord& task);
// Keys of a task that files of earlier versions do not have.
inline constexpr std::array<std::string_view, 2> kAddedToTasks = {"time_buckets", "instances"};
// Each with the reader of what it writes, in a file of its name.
nlohmann::ordered_json platform_json(const PlatformRecord& platform);
PlatformRecord read_platform(const JsonNode& node);
nlohmann::ordered_json resources_json(const std::vector<ResourceRecord>& resources);
std::vector<ResourceRecord> read_resources(const JsonNode& node);
nlohmann::ordered_json trace_json(const TraceRecord& trace);
TraceRecord read_trace(const JsonNode& node);
void read_histogram(const JsonNode& node, Histogram& histogram);
// A time as claims, histograms and JSON readers want it: whole ns.
inline std::int64_t ns(Duration duration) {
  return duration.count();
}

inline nlohmann::ordered_json json_of(const auto& value) {
  return value;
}
inline nlohmann::ordered_json json_of(Duration duration) {
  return ns(duration);
}
// null where there is none.
template <typename Value>
nlohmann::ordered_json optional_json(const std::optional<Value>& value) {
  return value ? json_of(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace natsproof
