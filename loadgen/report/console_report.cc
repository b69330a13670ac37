#include "loadgen/report/console_report.h"

#include "loadgen/report/report_sections.h"

namespace natsproof {

std::string render_console_report(const RunRecord& record, const Judgement& judgement,
                                  ConsoleStyle style) {
  ReportPage page(record, judgement, style);
  add_file_section(page);
  add_scope_section(page);
  add_claims_section(page);
  add_latency_section(page);
  add_instances_section(page);
  add_requests_section(page);
  add_rate_section(page);
  add_set_up_section(page);
  add_trace_section(page);
  add_platform_section(page);
  add_resources_section(page);
  add_gates_section(page);
  add_events_section(page);
  add_verdict_section(page);
  return page.take();
}

}  // namespace natsproof
