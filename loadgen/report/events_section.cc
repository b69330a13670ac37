#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"
#include "loadgen/report/utc_time.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostEvents = 10;

// UTC of an event that says when it was: `+2.315 s: ...`, also before the start.
std::optional<std::string> utc_of(std::string_view event, std::int64_t started_utc_ms) {
  if (event.empty() || (event.front() != '+' && event.front() != '-')) return std::nullopt;
  const std::string_view number = event.substr(event.front() == '+' ? 1 : 0);
  double at_s = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), at_s);
  const std::string_view rest(end, static_cast<std::size_t>(number.data() + number.size() - end));
  // Years are enough, and what a file says may be anything.
  constexpr double kMost = 1e9;
  if (error != std::errc{} || !rest.starts_with(" s") || std::abs(at_s) > kMost)
    return std::nullopt;
  return format_utc(started_utc_ms + std::llround(at_s * 1000));
}

// The same thing said by several repetitions is said once.
struct Event {
  std::string text;
  std::vector<std::size_t> repetitions;  // from 1
};

std::vector<Event> events_of(const RunRecord& record) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < record.repetitions.size(); ++i) {
    const Repetition& repetition = record.repetitions[i];
    for (const std::string& told : repetition.events) {
      const auto utc = utc_of(told, repetition.started_utc_ms);
      const std::string text = utc ? *utc + ", " + told : told;
      const auto known = std::find_if(events.begin(), events.end(),
                                      [&](const Event& event) { return event.text == text; });
      if (known == events.end()) {
        events.push_back({.text = text, .repetitions = {i + 1}});
      } else {
        known->repetitions.push_back(i + 1);
      }
    }
  }
  return events;
}

std::string line_of(const Event& event) {
  std::vector<std::size_t> in = event.repetitions;
  in.erase(std::unique(in.begin(), in.end()), in.end());
  std::string line =
      fmt::format("repetition{} {}, ", in.size() == 1 ? "" : "s", fmt::join(in, ", "));
  if (event.repetitions.size() > in.size())
    line += fmt::format("{} times, ", event.repetitions.size());
  return line + event.text;
}

}  // namespace

void add_events_section(ReportPage& page) {
  std::uint64_t reconnects = 0;
  for (const Repetition& repetition : page.record.repetitions) reconnects += repetition.reconnects;
  const std::vector<Event> events = events_of(page.record);
  if (events.empty() && reconnects == 0) return;
  page.section("EVENTS", reconnects > 0 ? counted(reconnects, "reconnect") : "");
  for (std::size_t i = 0; i < std::min(events.size(), kMostEvents); ++i)
    page.add_wrapped("  ", line_of(events[i]));
  if (events.size() > kMostEvents)
    page.add(fmt::format("  and {} more in run.json\n", events.size() - kMostEvents));
}

}  // namespace natsproof
