#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "loadgen/measure/waterfall.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kLabelColumns = 30, kTimeColumns = 10, kShareColumns = 7, kBarColumns = 16;
constexpr std::size_t kGroupColumns = kTimeColumns + kShareColumns + 2 + kBarColumns;

Duration whole_ns(double ns) {
  return Duration{std::llround(ns)};
}

// Of a group's total, and where in it a part begins.
struct Place {
  double begin = 0, share = 0;
};

// A bar that begins where the part does. What takes a noticeable share is at least one column.
std::string bar(Place place) {
  constexpr double kNoticeable = 0.005;
  if (place.share < kNoticeable) return {};
  const auto column = [](double share) {
    return static_cast<std::size_t>(
        std::clamp(std::lround(share * kBarColumns), 0L, static_cast<long>(kBarColumns)));
  };
  const std::size_t begin = std::min(column(place.begin), kBarColumns - 1);
  const std::size_t end = std::max(column(place.begin + place.share), begin + 1);
  return std::string(begin, ' ') + std::string(end - begin, '#');
}

std::string share_text(double share) {
  if (share > 0 && share < 0.005) return "<1 %";
  return fmt::format("{:.0f} %", 100 * share);
}

std::vector<Place> places_of(const TraceGroup& group) {
  std::vector<Place> places;
  double of_way = 0, in_part = 0;
  for (const TracePart& part : group.parts) {
    const double share = group.total_ns > 0 ? part.mean_ns / group.total_ns : 0;
    double& begin = part.depth == 0 ? of_way : in_part;
    if (part.depth == 0) in_part = of_way;
    places.push_back({begin, share});
    begin += share;
  }
  return places;
}

bool is_same(const TracePart& a, const TracePart& b) {
  return a.name == b.name && a.depth == b.depth;
}

// The parts of all groups, each once: those of the first one, and what others have besides after
// the part that it follows there.
std::vector<TracePart> rows_of(const std::vector<const TraceGroup*>& groups) {
  std::vector<TracePart> rows;
  for (const TraceGroup* group : groups) {
    std::size_t next = 0;
    for (const TracePart& part : group->parts) {
      const auto known = std::find_if(rows.begin(), rows.end(),
                                      [&](const TracePart& row) { return is_same(row, part); });
      if (known != rows.end()) {
        next = static_cast<std::size_t>(known - rows.begin()) + 1;
      } else {
        rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(next++), part);
      }
    }
  }
  return rows;
}

std::string cell(const TracePart& part, Place place) {
  return left(right(format_duration(whole_ns(part.mean_ns)), kTimeColumns) +
                  right(share_text(place.share), kShareColumns) + "  " + bar(place),
              kGroupColumns);
}

std::string percentile(double quantile) {
  return fmt::format("p{:g}", 100 * quantile);
}

void add_table(ReportPage& page, const TracedTask& task) {
  std::vector<const TraceGroup*> groups;
  for (const TraceGroup& group : task.groups)
    if (group.requests > 0) groups.push_back(&group);
  if (groups.empty()) return;
  std::string head(kLabelColumns, ' '), sum = left("    sum", kLabelColumns);
  std::vector<std::vector<Place>> places;
  for (const TraceGroup* group : groups) {
    head +=
        left("   " + fmt::format("{} ({} to {})", printable(group->name),
                                 percentile(group->from_quantile), percentile(group->to_quantile)),
             kGroupColumns);
    sum += left(right(format_duration(whole_ns(group->total_ns)), kTimeColumns) +
                    right("100 %", kShareColumns) + "  " +
                    fmt::format("mean of {}", format_count(group->requests)),
                kGroupColumns);
    places.push_back(places_of(*group));
  }
  page.add_line(std::move(head));
  for (const TracePart& row : rows_of(groups)) {
    std::string line =
        left(std::string(row.depth == 0 ? 4 : 6, ' ') + printable(row.name), kLabelColumns);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const std::vector<TracePart>& parts = groups[g]->parts;
      const auto part = std::find_if(parts.begin(), parts.end(),
                                     [&](const TracePart& own) { return is_same(own, row); });
      // A call that none of a group's requests made has a place there, but no time.
      const bool has_none = part == parts.end() || (part->depth > 0 && part->mean_ns == 0);
      line += has_none ? left(right("-", kTimeColumns), kGroupColumns)
                       : cell(*part, places[g][static_cast<std::size_t>(part - parts.begin())]);
    }
    page.add_line(std::move(line));
  }
  page.add_line(std::move(sum));
}

// What the table does not show, and why.
void add_limits(ReportPage& page, const TracedTask& task) {
  for (const TraceGroup& group : task.groups) {
    if (group.requests > 0) continue;
    page.add_wrapped(
        "    ", fmt::format("the {} ones ({} to {}) need {} requests, this task has {}",
                            printable(group.name), percentile(group.from_quantile),
                            percentile(group.to_quantile), format_count(requests_needed(group)),
                            format_count(task.traced > 0 ? task.traced : task.untraced)));
  }
  if (task.untraced == 0) return;
  std::vector<std::string> why;
  const std::uint64_t bare =
      task.untraced - std::min(task.untraced, task.other_host + task.unreadable);
  if (bare > 0) why.push_back(fmt::format("{} without stamps", format_count(bare)));
  if (task.other_host > 0) {
    why.push_back(
        fmt::format("{} stamped by a clock of another host, which is not compared with ours",
                    format_count(task.other_host)));
  }
  if (task.unreadable > 0) {
    why.push_back(fmt::format("{} with stamps that cannot be read", format_count(task.unreadable)));
  }
  page.add_wrapped(
      "    ",
      fmt::format("replies: {}: {}", fmt::join(why, ", "),
                  task.traced > 0 ? "left out"
                                  : "what happens between client out and client in is not known"));
}

// Stamps do not tell a client library from server and network: when it writes, and when it has
// read, it says to nobody.
void add_way(ReportPage& page, const TraceRecord& trace) {
  const bool has_way = std::any_of(trace.tasks.begin(), trace.tasks.end(),
                                   [](const TracedTask& task) { return task.traced > 0; });
  if (!has_way) return;
  page.add("\n");
  page.add_wrapped(
      "    on the way: ",
      fmt::format("server and network, and what client libraries hold back or hand from thread to "
                  "thread, which no stamp tells apart{}",
                  page.conditions.client == "nats.c-default"
                      ? "; the generator's own, nats.c-default, gathers writes for up to 1 ms"
                      : ""));
}

void add_cost(ReportPage& page, const TraceRecord& trace) {
  if (trace.p50_traced <= 0ns || trace.p50_untraced <= 0ns) return;
  const Duration more = trace.p50_traced - trace.p50_untraced;
  const double share =
      static_cast<double>(more.count()) / static_cast<double>(trace.p50_untraced.count());
  const std::string difference =
      more == 0ns ? "no longer"
                  : fmt::format("{} ({}) {}", format_duration(more < 0ns ? -more : more),
                                share_text(std::abs(share)), more > 0ns ? "longer" : "less");
  const bool within =
      trace.p50_traced >= trace.least_p50_untraced && trace.p50_traced <= trace.most_p50_untraced;
  page.add("\n");
  page.add_wrapped(
      "    cost of tracing: ",
      fmt::format("the typical request took {}: median service time {}, {} in the judged "
                  "repetitions (each {}){}",
                  difference, format_duration(trace.p50_traced),
                  format_duration(trace.p50_untraced),
                  format_range(trace.least_p50_untraced, trace.most_p50_untraced),
                  within ? ": within what they differ by themselves" : ""));
}

}  // namespace

void add_trace_section(ReportPage& page) {
  if (!page.record.trace) return;
  const TraceRecord& trace = *page.record.trace;
  if (!trace.not_available.empty()) {
    page.section("WHERE THE TIME WENT", "not known: " + printable(trace.not_available));
    return;
  }
  page.section("WHERE THE TIME WENT",
               fmt::format("in one more repetition, traced and not judged; from the {} send until "
                           "the reply was verified",
                           page.conditions.open_loop ? "intended" : "actual"));
  for (const TracedTask& task : trace.tasks) {
    if (&task != &trace.tasks.front()) page.add("\n");
    const std::uint64_t shown = task.traced > 0 ? task.traced : task.untraced;
    page.add_wrapped(fmt::format("    {}: ", printable(task.name)),
                     task.ok == 0      ? "no request was answered as it should be"
                     : shown < task.ok ? fmt::format("{} of {} ok requests", format_count(shown),
                                                     format_count(task.ok))
                                       : counted(task.ok, "ok request"));
    add_table(page, task);
    if (task.ok > 0) add_limits(page, task);
  }
  add_way(page, trace);
  add_cost(page, trace);
}

}  // namespace natsproof
