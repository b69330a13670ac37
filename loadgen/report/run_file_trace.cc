#include <cmath>

#include "loadgen/report/run_file_json.h"

namespace natsproof {
namespace {

using Json = nlohmann::ordered_json;

// More than any plan or any report has.
constexpr std::size_t kMostTasks = 1000, kMostGroups = 10, kMostParts = 100;
constexpr std::uint32_t kMostDepth = 1;

Json group_json(const TraceGroup& group) {
  Json parts = Json::array();
  for (const TracePart& part : group.parts)
    parts.push_back({{"name", part.name}, {"depth", part.depth}, {"mean_ns", part.mean_ns}});
  return {{"name", group.name},
          {"from_quantile", group.from_quantile},
          {"to_quantile", group.to_quantile},
          {"requests", group.requests},
          {"total_ns", group.total_ns},
          {"parts", std::move(parts)}};
}

Json task_json_of(const TracedTask& task) {
  Json groups = Json::array();
  for (const TraceGroup& group : task.groups) groups.push_back(group_json(group));
  return {{"name", task.name},
          {"ok", task.ok},
          {"traced", task.traced},
          {"untraced", task.untraced},
          {"other_host", task.other_host},
          {"unreadable", task.unreadable},
          {"groups", std::move(groups)}};
}

double time_ns(const JsonNode& node) {
  const double value = node.number();
  if (value >= 0 && value <= static_cast<double>(JsonNode::kMostCounted)) return value;
  node.fail("is no time in ns");
  return 0;
}

double share(const JsonNode& node) {
  const double value = node.number();
  if (value >= 0 && value <= 1) return value;
  node.fail("is no quantile from 0 to 1");
  return 0;
}

TraceGroup read_group(const JsonNode& node) {
  TraceGroup group;
  group.name = node.at("name").text();
  group.from_quantile = share(node.at("from_quantile"));
  group.to_quantile = share(node.at("to_quantile"));
  if (node.ok() && group.to_quantile <= group.from_quantile)
    node.at("to_quantile").fail("is not above from_quantile");
  group.requests = node.at("requests").whole();
  group.total_ns = time_ns(node.at("total_ns"));
  const JsonNode parts = node.at("parts");
  const std::size_t count = parts.items(kMostParts);
  for (std::size_t i = 0; i < count && node.ok(); ++i) {
    const JsonNode part = parts.item(i);
    group.parts.push_back({.name = part.at("name").text(),
                           .depth = part.at("depth").small(),
                           .mean_ns = time_ns(part.at("mean_ns"))});
    if (group.parts.back().depth > kMostDepth) part.at("depth").fail("is more than 1");
  }
  return group;
}

TracedTask read_task(const JsonNode& node) {
  TracedTask task;
  task.name = node.at("name").text();
  task.ok = node.at("ok").whole();
  task.traced = node.at("traced").whole();
  task.untraced = node.at("untraced").whole();
  task.other_host = node.at("other_host").whole();
  task.unreadable = node.at("unreadable").whole();
  const JsonNode groups = node.at("groups");
  const std::size_t count = groups.items(kMostGroups);
  for (std::size_t i = 0; i < count && node.ok(); ++i)
    task.groups.push_back(read_group(groups.item(i)));
  return task;
}

}  // namespace

Json trace_json(const TraceRecord& trace) {
  Json tasks = Json::array();
  for (const TracedTask& task : trace.tasks) tasks.push_back(task_json_of(task));
  return {{"not_available", trace.not_available},
          {"p50_service_traced_ns", ns(trace.p50_traced)},
          {"p50_service_untraced_ns", ns(trace.p50_untraced)},
          {"least_p50_service_untraced_ns", ns(trace.least_p50_untraced)},
          {"most_p50_service_untraced_ns", ns(trace.most_p50_untraced)},
          {"tasks", std::move(tasks)}};
}

TraceRecord read_trace(const JsonNode& node) {
  TraceRecord trace;
  trace.not_available = node.at("not_available").text();
  trace.p50_traced = node.at("p50_service_traced_ns").duration();
  trace.p50_untraced = node.at("p50_service_untraced_ns").duration();
  trace.least_p50_untraced = node.at("least_p50_service_untraced_ns").duration();
  trace.most_p50_untraced = node.at("most_p50_service_untraced_ns").duration();
  const JsonNode tasks = node.at("tasks");
  const std::size_t count = tasks.items(kMostTasks);
  for (std::size_t i = 0; i < count && node.ok(); ++i)
    trace.tasks.push_back(read_task(tasks.item(i)));
  return trace;
}

}  // namespace natsproof
