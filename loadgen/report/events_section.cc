#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostEvents = 10;

}  // namespace

void add_events_section(ReportPage& page) {
  std::vector<std::string> lines;
  std::uint64_t reconnects = 0;
  for (std::size_t i = 0; i < page.record.repetitions.size(); ++i) {
    reconnects += page.record.repetitions[i].reconnects;
    for (const std::string& event : page.record.repetitions[i].events)
      lines.push_back(fmt::format("repetition {}, {}", i + 1, event));
  }
  if (lines.empty() && reconnects == 0) return;
  page.section("EVENTS", reconnects > 0 ? counted(reconnects, "reconnect") : "");
  for (std::size_t i = 0; i < std::min(lines.size(), kMostEvents); ++i)
    page.add_wrapped("  ", lines[i]);
  if (lines.size() > kMostEvents)
    page.add(fmt::format("  and {} more in run.json\n", lines.size() - kMostEvents));
}

}  // namespace natsproof
