#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

void add_scope(ReportPage& page) {
  page.add_wrapped("Scope: ", page.conditions.scope);
  if (page.record.interrupted) {
    const auto whole =
        std::count_if(page.record.repetitions.begin(), page.record.repetitions.end(),
                      [](const Repetition& r) { return !r.interrupted && r.failure.empty(); });
    page.alarm("INTERRUPTED",
               fmt::format("whole: {} of {}; what follows is what was measured until then", whole,
                           counted(page.conditions.planned_repetitions, "repetition")));
  }
  // A limit of the plan's own ended the run: its failure begins with that word, and says it all.
  constexpr std::string_view kAborted = "aborted ";
  const std::string& run_failure = page.record.failure;
  const bool run_aborted = run_failure.starts_with(kAborted);
  if (run_aborted) {
    page.alarm("ABORTED", run_failure.substr(kAborted.size()));
  } else if (!run_failure.empty()) {
    page.alarm("FAILED", run_failure);
  }
  for (std::size_t i = 0; i < page.record.repetitions.size(); ++i) {
    const std::string& failure = page.record.repetitions[i].failure;
    if (!failure.empty() && !page.record.failure.ends_with(failure))
      page.alarm(fmt::format("FAILED in repetition {}", i + 1), failure);
    const std::string& aborted = page.record.repetitions[i].aborted;
    if (!aborted.empty() && !run_aborted)
      page.alarm(fmt::format("ABORTED in repetition {}", i + 1), aborted);
  }
}

void add_load(ReportPage& page) {
  page.section(printable(page.conditions.plan_name), page.conditions.about);
  std::string loop;
  if (page.conditions.open_loop) {
    loop = fmt::format("open loop, {}", printable(page.conditions.schedule));
  } else {
    loop = fmt::format("closed loop, {}: what a waiting user did not send is not seen",
                       page.conditions.schedule.empty() ? counted(page.conditions.users, "user")
                                                        : printable(page.conditions.schedule));
  }
  page.add_wrapped("  ",
                   fmt::format("{}; client {}, {}, {}, pacing {}", loop, page.conditions.client,
                               counted(page.conditions.connections, "connection"),
                               counted(page.conditions.workers, "worker"), page.conditions.pacing));
  if (!page.conditions.services.empty())
    page.add_wrapped("  ", printable(page.conditions.services));
  if (page.record.repetitions.empty()) {
    page.add("  no repetition was run\n");
    return;
  }
  const Repetition& first = page.record.repetitions.front();
  std::string repetitions = counted(page.record.repetitions.size(), "repetition");
  if (page.record.repetitions.size() != page.conditions.planned_repetitions) {
    repetitions = fmt::format("{} of {}", page.record.repetitions.size(),
                              counted(page.conditions.planned_repetitions, "planned repetition"));
  }
  std::string scaled;
  if (page.conditions.time_scale != 1)
    scaled = fmt::format("; times of the plan scaled by {:.3g}", page.conditions.time_scale);
  page.add_wrapped("  ",
                   fmt::format("{}, each {} after {} of warm-up; {} measured in all{}", repetitions,
                               format_duration(first.window), format_duration(first.warmup),
                               format_duration(page.window), scaled));
}

}  // namespace

void add_scope_section(ReportPage& page) {
  add_scope(page);
  add_load(page);
}

}  // namespace natsproof
