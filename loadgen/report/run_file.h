// run.json: a run's record and its judgement, schema `natsproof.run/1`.
//
// The names that other programs rely on stand in README; everything else a RunRecord holds lies beside them, so that
// reading the file gives the record back whole.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "loadgen/judge/judgement.h"
#include "loadgen/measure/run_record.h"

namespace natsproof {

std::string write_run_json(const RunRecord& record, const Judgement& judgement);
// Errors name the key and what is wrong with it. Any bytes may be given.
Result<RunRecord> read_run_json(std::string_view text);

}  // namespace natsproof
