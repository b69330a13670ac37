// The `tasks` of a plan.
#pragma once

#include <filesystem>

#include "loadgen/plan/fields.h"
#include "loadgen/plan/plan.h"

namespace natsproof {

struct ReadTask {
  Task task;
  Position name_at;
  Position timeout_at;                // of the task where it does not give one
  std::optional<Position> weight_at;  // nothing: it gives none
};

// Files are relative to `folder`.
std::vector<ReadTask> read_tasks(const YamlNode& node, const std::filesystem::path& folder,
                                 Mistakes& mistakes);

// Names go into folders' names, claims and reports: letters, digits, `_`, `-` and `.`.
void check_name(const std::string& name, Position at, Mistakes& mistakes);

}  // namespace natsproof
