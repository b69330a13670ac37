#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/judge/resource_evidence.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kRoleColumn = 12, kFigureColumn = 12, kGrowthColumn = 16, kNarrow = 10;
constexpr std::size_t kMostReasons = 3;

// One role over all repetitions.
struct RoleFigures {
  double cpu_mean = 0, cpu_most = 0;
  Duration cpu_time{};  // of the repetitions that the mean is of
  bool has_memory = false;
  std::uint64_t first = 0, last = 0;  // bytes at the first and the last sample of measurements
  std::optional<double> growth;       // bytes a minute, as a claim on it would be measured
  std::uint64_t threads = 0;
  double switches = 0;
  Duration switches_time{};
  bool by_varz = false;
  bool has_samples = false;
  std::set<std::string> why;  // not available, or not to the end
};

void add(const ResourceRecord& record, const Repetition& repetition, RoleFigures& figures) {
  for (const std::string& why : {record.not_available, record.ended}) {
    if (!why.empty()) figures.why.insert(why);
  }
  figures.by_varz |= record.by_varz;
  const Duration begin = repetition.warmup - 200ms;
  const Duration end = repetition.warmup + repetition.window + 200ms;
  const ResourceSample* first = nullptr;
  const ResourceSample* last = nullptr;
  for (const ResourceSample& sample : record.samples) {
    if (sample.at < begin || sample.at > end) continue;
    if (first == nullptr) first = &sample;
    last = &sample;
    figures.threads = std::max(figures.threads, sample.threads);
  }
  if (first == nullptr) return;
  figures.has_samples = true;
  if (!figures.has_memory) figures.first = first->resident_bytes;
  figures.has_memory = true;
  figures.last = last->resident_bytes;
  if (const auto use = cpu_use(record, repetition)) {
    figures.cpu_mean += use->mean * to_seconds(repetition.window);
    figures.cpu_most = std::max(figures.cpu_most, use->most);
    figures.cpu_time += repetition.window;
  }
  // Threads that end take their counts with them.
  const auto switches = [](const ResourceSample& sample) {
    return static_cast<double>(sample.voluntary_switches + sample.involuntary_switches);
  };
  figures.switches += std::max(0.0, switches(*last) - switches(*first));
  figures.switches_time += last->at - first->at;
}

void add_role(ReportPage& page, const std::string& role, const RoleFigures& figures) {
  const std::string name = printable(role);
  if (figures.has_samples) {
    const bool has_cpu = figures.cpu_time > 0ns;
    const bool has_threads = !figures.by_varz && figures.switches_time > 0ns;
    const auto cpu = [&](double share) { return has_cpu ? format_cores(share) : "-"; };
    page.add_line(
        "  " + left(shortened(name, kRoleColumn - 1), kRoleColumn) +
        right(cpu(has_cpu ? figures.cpu_mean / to_seconds(figures.cpu_time) : 0), kNarrow) +
        right(cpu(figures.cpu_most), kNarrow) + right(format_bytes(figures.first), kFigureColumn) +
        right(format_bytes(figures.last), kFigureColumn) +
        right(figures.growth ? format_growth(*figures.growth) : "-", kGrowthColumn) +
        right(figures.by_varz ? "-" : format_count(figures.threads), kNarrow) +
        right(has_threads ? format_count(static_cast<std::uint64_t>(
                                std::llround(figures.switches / to_seconds(figures.switches_time))))
                          : "-",
              kFigureColumn));
  }
  if (figures.by_varz)
    page.add_wrapped("    ", fmt::format("{}: as it says itself (/varz), for this host's /proc "
                                         "does not tell of it",
                                         name));
  std::size_t told = 0;
  for (const std::string& why : figures.why) {
    if (++told > kMostReasons) break;
    page.add_wrapped(
        "  ", fmt::format("{}: {}: {}", name,
                          figures.has_samples ? "not all of it" : "not available", printable(why)));
  }
}

}  // namespace

void add_resources_section(ReportPage& page) {
  std::vector<std::pair<std::string, RoleFigures>> roles;
  for (const Repetition& repetition : page.record.repetitions) {
    for (const ResourceRecord& record : repetition.resources) {
      auto role = std::find_if(roles.begin(), roles.end(),
                               [&](const auto& known) { return known.first == record.of; });
      if (role == roles.end()) role = roles.insert(roles.end(), {record.of, {}});
      add(record, repetition, role->second);
    }
  }
  if (roles.empty()) return;
  for (auto& [role, figures] : roles) {
    Claim claim;
    claim.metric = Metric::memory_growth;
    claim.of = role;
    figures.growth =
        test_resource(page.record.repetitions, claim, page.record.conditions.cores).measured;
  }
  page.section("RESOURCES",
               "while it was measured; CPU as a share of one core, growth in the "
               "median repetition");
  const bool has_figures = std::any_of(roles.begin(), roles.end(),
                                       [](const auto& role) { return role.second.has_samples; });
  if (has_figures) {
    page.add_line(std::string(2 + kRoleColumn, ' ') + right("CPU mean", kNarrow) +
                  right("max", kNarrow) + right("memory", kFigureColumn) +
                  right("at the end", kFigureColumn) + right("growth", kGrowthColumn) +
                  right("threads", kNarrow) + right("switches/s", kFigureColumn));
  }
  for (const auto& [role, figures] : roles) add_role(page, role, figures);
}

}  // namespace natsproof
