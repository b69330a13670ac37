// The sections of a console report, each in a file of its name, in the order of the report. Inside
// this folder only.
#pragma once

#include "loadgen/report/report_page.h"

namespace natsproof {

// What is wrong with the file that the record was read from; nothing where it is as the run wrote
// it.
void add_file_section(ReportPage& page);
// What everything below is true of; and first of all, whether the run was whole. Then the load.
void add_scope_section(ReportPage& page);
void add_claims_section(ReportPage& page);
void add_latency_section(ReportPage& page);
// Nothing where no task was answered by more than one.
void add_instances_section(ReportPage& page);
void add_requests_section(ReportPage& page);
void add_rate_section(ReportPage& page);
// Nothing where no connection's times are known.
void add_set_up_section(ReportPage& page);
// What the machine did meanwhile; nothing where nobody looked.
void add_platform_section(ReportPage& page);
// What server, services and generator took; nothing where nobody looked.
void add_resources_section(ReportPage& page);
// Where the time went; nothing where it was not asked for.
void add_trace_section(ReportPage& page);
void add_gates_section(ReportPage& page);
void add_events_section(ReportPage& page);
void add_verdict_section(ReportPage& page);

}  // namespace natsproof
