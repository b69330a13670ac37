#include "loadgen/report/pooled_tasks.h"

#include <algorithm>

namespace natsproof {

std::vector<TaskRecord> pooled_tasks(const RunRecord& record) {
  std::vector<TaskRecord> pooled(1);
  pooled.front().name = kAllTasks;
  bool first = true;
  for (const Repetition& repetition : record.repetitions) {
    for (const TaskRecord& task : repetition.tasks) {
      if (first) {
        pooled.front().timeout = task.timeout;
        pooled.front().content_verified = task.content_verified;
        pooled.front().tells_apart = task.tells_apart;
        first = false;
      }
      auto known = std::find_if(pooled.begin(), pooled.end(),
                                [&](const TaskRecord& other) { return other.name == task.name; });
      if (known == pooled.end()) {
        pooled.push_back(task);
      } else {
        known->merge(task);
      }
    }
  }
  return pooled;
}

}  // namespace natsproof
