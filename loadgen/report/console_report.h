// The report a person reads: scope, load, claims with their evidence, latency, requests, gates, and
// the verdict last, where the eye is when a run ends. Plain text, 100 columns.
//
// Pure: the same record and judgement give the same text. Whatever the record holds may be printed:
// text from plans and servers cannot drive the terminal.
#pragma once

#include <string>

#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

struct ConsoleStyle {
  bool colour = false;  // ANSI; only for a terminal
};

std::string render_console_report(const RunRecord& record, const Judgement& judgement,
                                  ConsoleStyle style);

}  // namespace natsproof
