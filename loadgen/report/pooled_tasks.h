// A run's tasks over all its repetitions.
#pragma once

#include <vector>

#include "loadgen/measure/run_record.h"

namespace natsproof {

// One record per task, counts and histograms added up over the repetitions; [0] is "*", which is
// there even where nothing was measured. Holds histograms, so it is as large as one repetition.
std::vector<TaskRecord> pooled_tasks(const RunRecord& record);

}  // namespace natsproof
