#include "loadgen/report/report_sections.h"

namespace natsproof {

void add_platform_section(ReportPage&) {}

}  // namespace natsproof
