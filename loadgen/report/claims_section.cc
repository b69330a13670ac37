#include <cmath>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/latency_table.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

std::string measured_text(const ReportPage& page, const Claim& claim, const ClaimResult& result) {
  const TaskRecord* task = page.task_of(claim);
  if (result.beyond_timeout) {
    if (task == nullptr) return "measured > timeout";
    const double answered = share_of(task->measured.successes(), task->measured.planned);
    return fmt::format("measured > timeout: {} of the planned requests were answered",
                       format_share(answered));
  }
  if (!result.measured) {
    if (claim.statistic == Statistic::quantile && result.planned > 0) {
      // Without seconds: how long to measure for a verdict stands below, and is longer.
      return fmt::format("{} {}", format_quantile(claim.quantile),
                         needs_words(claim.quantile, result.planned));
    }
    return "nothing was measured";
  }
  if (result.unit == "per_s") return "measured " + format_rate(Rate{*result.measured});
  if (result.unit == "cores") return "measured " + format_cores(*result.measured) + " of a core";
  if (result.unit == "bytes_per_min") return "measured " + format_growth(*result.measured);
  if (result.unit != "ns") return "measured " + format_share(*result.measured);
  std::string text = "measured " + format_duration(Duration{std::llround(*result.measured)});
  if (claim.statistic == Statistic::quantile && task != nullptr) {
    const LatencyFigure figure = quantile_figure(
        page.record, *task,
        claim.metric == Metric::response ? LatencyTime::response : LatencyTime::service,
        claim.quantile, page.design_effect_of(claim.quantile));
    if (const std::string interval = format_interval(figure.interval); !interval.empty())
      text += ", 95 % interval " + interval;
  }
  return text;
}

void add_claim(ReportPage& page, const Claim& claim, const ClaimResult& result) {
  page.add(
      "  " +
      page.painted(paint_of(result.verdict), left(verdict_name(result.verdict), kVerdictWidth)) +
      printable(claim.text) + "\n");
  page.detail(measured_text(page, claim, result));
  if (!result.why.empty()) page.detail(result.why);
}

}  // namespace

void add_claims_section(ReportPage& page) {
  if (page.record.claims.empty()) {
    page.section("CLAIMS", "none: nothing was to be proven");
    return;
  }
  page.section("CLAIMS", "");
  for (std::size_t i = 0; i < page.record.claims.size() && i < page.judgement.claims.size(); ++i)
    add_claim(page, page.record.claims[i], page.judgement.claims[i]);
}

}  // namespace natsproof
