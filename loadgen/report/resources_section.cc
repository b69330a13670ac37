#include "loadgen/report/report_sections.h"

namespace natsproof {

void add_resources_section(ReportPage&) {}

}  // namespace natsproof
