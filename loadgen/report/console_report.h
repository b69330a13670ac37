// The report a person reads: scope, verdict, claims with their evidence, latency tables, gates. Plain text, 100 columns.
#pragma once

#include <string>

#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

struct ConsoleStyle {
  bool colour = false;  // ANSI; only for a terminal
};

std::string render_console_report(const RunRecord& record, const Judgement& judgement, ConsoleStyle style);

}  // namespace natsproof
