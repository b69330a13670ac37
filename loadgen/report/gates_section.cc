#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {

namespace {

std::string heading_of(std::size_t passed, std::size_t failed, std::size_t unchecked) {
  const std::size_t checked = passed + failed;
  if (checked == 0) return unchecked == 0 ? "none was checked" : "none could be checked";
  const std::string rest =
      unchecked == 0 ? "" : fmt::format(", {} could not be checked", unchecked);
  if (failed > 0) return fmt::format("{} of {} failed{}", failed, checked, rest);
  return fmt::format("{}{} passed{}", unchecked == 0 ? "all " : "", checked, rest);
}

// What an unchecked gate is there for.
std::string_view guarded(Could could) {
  switch (could) {
    case Could::flatter:
      return "it guards PROVEN";
    case Could::slander:
      return "it guards REFUTED";
    case Could::both:
      break;
  }
  return "it guards both verdicts";
}

}  // namespace

void add_gates_section(ReportPage& page) {
  std::size_t passed = 0;
  std::vector<const GateResult*> failed, unchecked;
  std::vector<std::string> changed;
  for (const GateResult& gate : page.judgement.gates) {
    if (!gate.passed) {
      // Of several claims often for the same reason.
      const auto is_same = [&](const GateResult* other) {
        return other->name == gate.name && other->shown == gate.shown;
      };
      if (std::none_of(unchecked.begin(), unchecked.end(), is_same)) unchecked.push_back(&gate);
    } else if (*gate.passed) {
      ++passed;
    } else {
      failed.push_back(&gate);
    }
    if (gate.limit_changed) changed.push_back(fmt::format("{} {:.6g}", gate.name, gate.limit));
  }
  page.section("GATES", heading_of(passed, failed.size(), unchecked.size()));
  for (std::size_t i = 0; i < failed.size(); ++i) {
    const GateResult* gate = failed[i];
    const std::string shown =
        !gate->shown.empty()
            ? gate->shown
            : fmt::format("{:.4g}, limit {:.4g}", gate->figure.value_or(0), gate->limit);
    const std::string lines =
        wrapped("  " + left("FAILED", kVerdictWidth), gate->name + ": " + shown);
    page.add("  " + page.painted(Paint::red, "FAILED") +
             lines.substr(2 + std::string_view("FAILED").size()));
    const char* faked = gate->is_void ? "no figure of this run can be trusted: the run is INVALID"
                        : gate->could == Could::flatter
                            ? "the system may look better than it is: no ground for PROVEN"
                        : gate->could == Could::slander
                            ? "the system may look worse than it is: no ground for REFUTED"
                            : "either verdict may be faked: no ground for any";
    page.detail(gate->claim.empty() ? std::string(faked)
                                    : fmt::format("{} of `{}`", faked, gate->claim));
    const bool said_next = i + 1 < failed.size() && failed[i + 1]->advice == gate->advice;
    if (!gate->advice.empty() && !said_next) page.detail(gate->advice);
  }
  for (const GateResult* gate : unchecked) {
    page.add_wrapped("  " + left("not checked", kVerdictWidth),
                     gate->name + (gate->shown.empty() ? "" : ": " + gate->shown));
    page.detail(fmt::format("{}{}: nothing is assumed in its place", guarded(gate->could),
                            gate->claim.empty() ? "" : fmt::format(" of `{}`", gate->claim)));
  }
  if (!changed.empty())
    page.add_wrapped("  limits changed by the plan: ", fmt::format("{}", fmt::join(changed, ", ")));
}

}  // namespace natsproof
