#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

std::string cell(const ReportPage& page, const LatencyFigure& figure) {
  constexpr std::size_t kValueWidth = 10, kRangeWidth = 16;
  std::string value, interval, repetitions;
  switch (figure.state) {
    case LatencyFigure::State::value:
      value = (figure.thin ? "~" : "") + format_duration(figure.value);
      interval = format_interval(figure.interval);
      if (figure.lowest && figure.highest)
        repetitions = format_range(*figure.lowest, *figure.highest);
      break;
    case LatencyFigure::State::beyond_timeout:
      value = "> timeout";
      break;
    case LatencyFigure::State::unknown:
      value = "not known";
      break;
    case LatencyFigure::State::needs_more:
      break;
  }
  return page.painted(
      figure.thin ? Paint::grey : Paint::plain,
      right(value, kValueWidth) + right(interval, kRangeWidth) + right(repetitions, kRangeWidth));
}

void add_row(ReportPage& page, const std::string& label, const std::vector<LatencyFigure>& figures,
             const std::string& needs_more) {
  std::string line = left("    " + label, 11);
  if (figures.front().state == LatencyFigure::State::needs_more) {
    line += page.painted(Paint::grey, "    " + needs_more);
  } else {
    for (const LatencyFigure& figure : figures) line += cell(page, figure);
  }
  page.add_line(std::move(line));
}

// How many of the answered requests took how long, roughly; exact counts.
std::string buckets_text(const TaskRecord& task) {
  const auto& counts = task.time_buckets;
  const std::uint64_t answered = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const auto bound = [](std::size_t i) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(kTimeBucketBounds[i]).count();
  };
  if (counts.front() == answered) return fmt::format("all under {} ms", bound(0));
  std::string text =
      fmt::format("under {} ms {}", bound(0), format_share(share_of(counts.front(), answered)));
  for (std::size_t i = 1; i < kTimeBucketBounds.size(); ++i)
    text += fmt::format(" · {}–{} ms {}", bound(i - 1), bound(i), format_count(counts[i]));
  return text + fmt::format(" · ≥ {} ms {}", bound(kTimeBucketBounds.size() - 1),
                            format_count(counts.back()));
}

void add_times(ReportPage& page, const TaskRecord& task) {
  std::vector<LatencyTime> times;
  if (page.conditions.open_loop) times.push_back(LatencyTime::response);
  times.push_back(LatencyTime::service);

  const RequestCounts& counts = task.measured;
  const std::string of =
      fmt::format("{}: {} of {} planned requests answered", name_of(task),
                  format_count(counts.successes()), format_count(counts.planned));
  const bool measured = counts.successes() > 0 && !task.service.empty() &&
                        (!page.conditions.open_loop || !task.response.empty());
  if (!measured) {
    page.add_wrapped("  ", of + ", so there are no times to show");
    return;
  }
  page.add_wrapped("  ", of + (task.timeout > 0ns && task.name != kAllTasks
                                   ? ", timeout " + format_duration(task.timeout)
                                   : ""));
  const auto row = [&](const std::string& label, auto figure_of,
                       const std::string& needs_more = {}) {
    std::vector<LatencyFigure> figures;
    figures.reserve(times.size());
    for (const LatencyTime time : times) figures.push_back(figure_of(time));
    add_row(page, label, figures, needs_more);
  };
  for (std::size_t i = 0; i < page.quantiles.size(); ++i) {
    row(
        format_quantile(page.quantiles[i]),
        [&](LatencyTime time) {
          return quantile_figure(page.record, task, time, page.quantiles[i],
                                 page.design_effects[i]);
        },
        needs_words(page.quantiles[i], counts.planned, page.window));
  }
  row("max", [&](LatencyTime time) { return max_figure(page.record, task, time); });
  row("mean", [&](LatencyTime time) { return mean_figure(page.record, task, time); });
  // Files of earlier versions have no such counts.
  if (task.time_buckets != decltype(task.time_buckets){}) {
    page.add_wrapped(page.conditions.open_loop ? "    response time " : "    service time ",
                     buckets_text(task));
  }
}

}  // namespace

void add_latency_section(ReportPage& page) {
  if (page.all().measured.successes() == 0) {
    page.section("LATENCY", "no request succeeded, so there are no times to show");
    return;
  }
  page.section(
      "LATENCY",
      page.all().measured.successes() < page.all().measured.planned
          ? "quantiles are of all planned requests, a failed one being slower than any; max and "
            "mean are of the answered ones"
          : "");
  const std::string columns =
      right("value", 10) + right("95 % interval", 16) + right("repetitions", 16);
  const std::string blank(11, ' ');
  if (page.conditions.open_loop) {
    page.add(blank + right("response time", 42) + right("service time", 42) + "\n");
    page.add(blank + columns + columns + "\n");
  } else {
    page.add(blank + right("service time", 42) + "\n" + blank + columns + "\n");
  }
  for (const TaskRecord& task : page.pooled) add_times(page, task);

  std::string legend =
      page.conditions.open_loop
          ? "response time: from the intended send; service time: from the actual send"
          : "service time: from the actual send";
  legend +=
      "; repetitions: lowest to highest of them, where each has the figure; ~: fewer than 100 "
      "requests lie beyond it";
  page.add_wrapped("  ", legend);
}

}  // namespace natsproof
