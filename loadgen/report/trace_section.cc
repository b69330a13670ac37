#include "loadgen/report/report_sections.h"

namespace natsproof {

void add_trace_section(ReportPage&) {}

}  // namespace natsproof
