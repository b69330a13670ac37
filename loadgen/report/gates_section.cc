#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {

void add_gates_section(ReportPage& page) {
  std::size_t passed = 0;
  std::vector<const GateResult*> failed;
  std::vector<std::string> unchecked, changed;
  for (const GateResult& gate : page.judgement.gates) {
    if (!gate.passed) {
      // Of several claims often for the same reason.
      std::string text = gate.name + (gate.shown.empty() ? "" : " (" + gate.shown + ")");
      if (std::find(unchecked.begin(), unchecked.end(), text) == unchecked.end()) {
        unchecked.push_back(std::move(text));
      }
    } else if (*gate.passed) {
      ++passed;
    } else {
      failed.push_back(&gate);
    }
    if (gate.limit_changed) changed.push_back(fmt::format("{} {:.6g}", gate.name, gate.limit));
  }
  const std::size_t checked = passed + failed.size();
  if (page.judgement.gates.empty()) {
    page.section("GATES", "none was checked");
  } else if (failed.empty()) {
    page.section("GATES",
                 checked == 0 ? "none could be checked" : fmt::format("all {} passed", checked));
  } else {
    page.section("GATES", fmt::format("{} of {} failed", failed.size(), checked));
  }
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
  if (!unchecked.empty())
    page.add_wrapped("  not checked: ", fmt::format("{}", fmt::join(unchecked, ", ")));
  if (!changed.empty())
    page.add_wrapped("  limits changed by the plan: ", fmt::format("{}", fmt::join(changed, ", ")));
}

}  // namespace natsproof
