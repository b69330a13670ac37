#include "loadgen/plan/users_reader.h"

#include <algorithm>
#include <map>

#include "base/nearest.h"
#include "loadgen/plan/payload_reader.h"
#include "loadgen/plan/user_kinds.h"

namespace natsproof {

namespace {

constexpr std::size_t kMostKinds = 100;

class KindReader {
 public:
  KindReader(const YamlNode& node, const std::vector<std::string>& tasks, Mistakes& mistakes)
      : fields_(node, "a kind of user", mistakes), tasks_(tasks), mistakes_(mistakes) {
    name_at = node.at;
    kind_.tasks.resize(tasks.size());
  }

  UserKind read() {
    if (const YamlNode* name = fields_.require("name")) {
      fields_.text("name", kind_.name);
      name_at = name->at;
      if (name->kind == YamlNode::Kind::text) check_name(kind_.name, name->at, mistakes_);
    }
    fields_.number("weight", kind_.weight, kPayloadWeight);
    if (const YamlNode* think = fields_.find("think")) {
      if (const auto time = duration_range_of(*think, "think", kThink, mistakes_)) {
        kind_.think = {.min = time->min, .max = time->max};
      }
    }
    if (const YamlNode* tasks = fields_.require("tasks")) read_tasks(*tasks);
    fields_.finish();
    return std::move(kind_);
  }

  Position name_at;

 private:
  void read_tasks(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::list) {
      for (const YamlNode& item : node.items) read_name(item);
    } else if (node.kind == YamlNode::Kind::map) {
      Fields weights(node, "`tasks` of a kind of user", mistakes_);
      for (const YamlEntry& entry : node.entries) {
        double* weight = weight_of(entry.key, entry.at);
        double unknown = 1;
        weights.number(entry.key, weight == nullptr ? unknown : *weight, kPayloadWeight);
        if (weight != nullptr && *weight == 0) *weight = 1;  // that was a mistake of its own
      }
      weights.finish();
    } else {
      mistakes_.add(node.at,
                    "`tasks` of a kind of user must be a map of tasks and weights, as in "
                    "{place: 10, batch: 3}, or a list of tasks, as in [place, batch]");
      return;
    }
    if (node.items.empty() && node.entries.empty()) {
      mistakes_.add(node.at, "a kind of user must do at least one of the tasks");
    }
  }

  void read_name(const YamlNode& item) {
    const std::string* name = text_of(item, "tasks", mistakes_);
    if (name == nullptr) return;
    double* weight = weight_of(*name, item.at);
    if (weight == nullptr) return;
    if (*weight != 0) {
      mistakes_.add(item.at,
                    fmt::format("the task {} is given twice; to do it more often, give weights, as "
                                "in {{{}: 2}}",
                                in_ticks(*name), *name));
    }
    *weight = 1;
  }

  // Of an unknown task: the nearest one's, so that it is not missed besides.
  double* weight_of(const std::string& name, Position at) {
    auto task = std::find(tasks_.begin(), tasks_.end(), name);
    if (task == tasks_.end()) {
      mistakes_.add(at, fmt::format("unknown task {}{}", in_ticks(name), suggestion(name, tasks_)));
      task = std::find(tasks_.begin(), tasks_.end(), nearest_word(name, tasks_));
      if (task == tasks_.end()) return nullptr;
    }
    return &kind_.tasks[static_cast<std::size_t>(task - tasks_.begin())];
  }

  Fields fields_;
  const std::vector<std::string>& tasks_;
  Mistakes& mistakes_;
  UserKind kind_;
};

// What says the same thing a second time, for all users.
void check_beside(const YamlNode* load_node, const std::vector<ReadTask>& tasks,
                  Mistakes& mistakes) {
  if (load_node != nullptr) {
    for (const YamlEntry& entry : load_node->entries) {
      if (entry.key != "think") continue;
      mistakes.add(entry.value.at,
                   "`load.think` does not go with `users`: each kind of user has its own `think`");
    }
  }
  for (const ReadTask& task : tasks) {
    if (!task.weight_at) continue;
    mistakes.add(*task.weight_at,
                 fmt::format("`weight` of a task does not go with `users`: how often {} is done "
                             "stands in the `tasks` of each kind",
                             in_ticks(task.task.name)));
  }
}

// Every kind has a user, every task a kind: else something in the plan would never happen.
void check_all_used(const std::vector<UserKind>& kinds, const std::vector<Position>& at,
                    const Load& load, const std::vector<ReadTask>& tasks, Mistakes& mistakes) {
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    const auto does = [&](const UserKind& kind) { return kind.tasks[task] > 0; };
    if (std::any_of(kinds.begin(), kinds.end(), does)) continue;
    mistakes.add(tasks[task].name_at,
                 fmt::format("no kind of user does the task {}: name it in the `tasks` of one, or "
                             "leave it out",
                             in_ticks(tasks[task].task.name)));
  }
  if (load.users == 0) return;  // a mistake of its own
  const auto counts = users_of_kinds(kinds, load.users);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    if (counts[kind] > 0 || kinds[kind].name.empty()) continue;
    mistakes.add(
        at[kind],
        fmt::format("the kind {} gets no user: `load.users` is {}, too few for the weights",
                    in_ticks(kinds[kind].name), format_count(load.users)));
  }
}

}  // namespace

std::vector<UserKind> read_users(const YamlNode& node, const YamlNode* load_node, const Load& load,
                                 const std::vector<ReadTask>& tasks, Mistakes& mistakes) {
  std::vector<UserKind> kinds;
  if (load_node != nullptr && load.model == LoadModel::open) {
    mistakes.add(node.at,
                 "`users` are kinds of users of a closed loop, and this load is open: give "
                 "`load.users` in the place of `load.rate`");
    return kinds;
  }
  const std::vector<YamlNode>& items = items_of(node, "users", mistakes);
  if (node.kind != YamlNode::Kind::list) return kinds;
  if (items.empty() || items.size() > kMostKinds) {
    mistakes.add(node.at, fmt::format("`users` must be 1 to {} kinds of users, not {}", kMostKinds,
                                      items.size()));
    return kinds;
  }
  check_beside(load_node, tasks, mistakes);
  std::vector<std::string> names;
  for (const ReadTask& task : tasks) names.push_back(task.task.name);
  std::vector<Position> at;
  std::map<std::string, Position> first;
  for (const YamlNode& item : items) {
    KindReader reader(item, names, mistakes);
    kinds.push_back(reader.read());
    at.push_back(reader.name_at);
    if (kinds.back().name.empty()) continue;
    const auto [before, is_first] = first.emplace(kinds.back().name, at.back());
    if (is_first) continue;
    mistakes.add(at.back(), fmt::format("{} is the name of two kinds of users, first in line {}",
                                        in_ticks(kinds.back().name), before->second.line));
  }
  check_all_used(kinds, at, load, tasks, mistakes);
  return kinds;
}

}  // namespace natsproof
