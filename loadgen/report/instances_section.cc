#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostInstancesShown = 20;
constexpr std::size_t kIdColumn = 28, kCountColumn = 12, kColumn = 11, kIntervalColumn = 18;

std::string p99_text(const ReportPage& page, const Histogram& times) {
  constexpr Quantile kP99{0.99};
  const QuantileSupport support = quantile_support(kP99, times.count());
  if (support == QuantileSupport::none)
    return "  needs " + format_count(needed_for(kP99)) + " requests";
  const QuantileInterval interval = quantile_interval(times, kP99, page.design_effect_of(kP99));
  return right(
             (support == QuantileSupport::thin ? "~" : "") + format_duration(times.value_at(kP99)),
             kColumn) +
         right(format_interval(interval), kIntervalColumn);
}

void add_instance(ReportPage& page, const InstanceRecord& instance, std::uint64_t all) {
  const Histogram& times = instance.service;
  page.add_line("    " + left(shortened(printable(instance.id), kIdColumn - 1), kIdColumn) +
                right(format_count(times.count()), kCountColumn) +
                right(format_share(share_of(times.count(), all)), kColumn) +
                right(times.empty() ? "" : format_duration(Duration{std::llround(times.mean_ns())}),
                      kColumn) +
                p99_text(page, times));
}

void add_task(ReportPage& page, const TaskRecord& task) {
  std::vector<const InstanceRecord*> instances;
  std::uint64_t all = 0, fewest = ~std::uint64_t{0}, most = 0;
  for (const InstanceRecord& instance : task.instances) {
    const std::uint64_t count = instance.service.count();
    instances.push_back(&instance);
    all += count;
    fewest = std::min(fewest, count);
    most = std::max(most, count);
  }
  // Those that are no instance of their own come last.
  std::stable_partition(instances.begin(), instances.end(), [](const InstanceRecord* instance) {
    return instance->id != kOtherInstances;
  });
  const std::string named = all == task.measured.of(RequestClass::ok)
                                ? ""
                                : fmt::format("; {} of {} ok replies name one", format_count(all),
                                              format_count(task.measured.of(RequestClass::ok)));
  page.add_wrapped(
      "  ",
      fmt::format("{}: {}, shares {} to {}{}", name_of(task), counted(instances.size(), "instance"),
                  format_share(share_of(fewest, all)), format_share(share_of(most, all)), named));
  const std::size_t shown = std::min(instances.size(), kMostInstancesShown);
  for (std::size_t i = 0; i < shown; ++i) add_instance(page, *instances[i], all);
  if (shown < instances.size())
    page.add(fmt::format("    and {} more in run.json\n", instances.size() - shown));
}

}  // namespace

void add_instances_section(ReportPage& page) {
  bool has_heading = false;
  for (const TaskRecord* task : page.own_tasks()) {
    if (task->instances.size() < 2) continue;
    if (!has_heading) {
      page.section("INSTANCES", "by the names in the ok replies; service time");
      page.add_line(std::string(4 + kIdColumn, ' ') + right("requests", kCountColumn) +
                    right("share", kColumn) + right("mean", kColumn) + right("p99", kColumn) +
                    right("95 % interval", kIntervalColumn));
    }
    has_heading = true;
    add_task(page, *task);
  }
}

}  // namespace natsproof
