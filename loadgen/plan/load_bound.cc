#include "loadgen/plan/load_bound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "loadgen/plan/user_kinds.h"

namespace natsproof {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

double seconds(Duration d) {
  return static_cast<double>(d.count()) * 1e-9;
}

double users_on_average(const Load& load) {
  if (load.user_profile.empty()) return load.users;
  double user_seconds = 0;
  for (const UserStretch& stretch : load.user_profile) {
    user_seconds += seconds(stretch.length) * (stretch.from + stretch.to) / 2;
  }
  return user_seconds / seconds(load.duration);
}

// Users who think and choose alike.
struct Group {
  double users = 0;  // on average
  Duration think{};
  std::vector<double> shares;  // of each task; their sum is 1
};

Group group_of(double users, const ThinkTime& think, std::vector<double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= total;
  return {.users = users, .think = mean_think(think), .shares = std::move(weights)};
}

std::vector<Group> groups_of(const Plan& plan) {
  const double users = users_on_average(plan.load);
  if (plan.users.empty()) {
    std::vector<double> weights;
    for (const Task& task : plan.tasks) weights.push_back(task.weight);
    return {group_of(users, plan.load.think, weights)};
  }
  // Of any number of users that there are in a profile, the kinds have the same shares, to less
  // than a user each.
  const auto counts = users_of_kinds(plan.users, plan.load.users);
  std::vector<Group> groups;
  for (std::size_t kind = 0; kind < plan.users.size(); ++kind) {
    groups.push_back(group_of(users * counts[kind] / plan.load.users, plan.users[kind].think,
                              plan.users[kind].tasks));
  }
  return groups;
}

LoadBound bound_of(const std::vector<Group>& groups, std::size_t tasks, double most_per_s) {
  LoadBound bound;
  bound.tasks.resize(tasks);
  for (const Group& group : groups) {
    const double think_s = seconds(group.think);
    const double rate = think_s > 0 ? std::min(most_per_s, group.users / think_s) : most_per_s;
    bound.users += group.users;
    bound.per_s += rate;
    for (std::size_t task = 0; task < tasks; ++task) {
      if (group.shares[task] > 0) bound.tasks[task] += rate * group.shares[task];
    }
  }
  bound.think = Duration{std::llround(bound.users / bound.per_s * 1e9)};
  return bound;
}

std::string counted_users(const Plan& plan, const LoadBound& bound) {
  const bool profile = !plan.load.user_profile.empty();
  const bool few = bound.users < 10 && bound.users != std::floor(bound.users);
  std::string text = few ? fmt::format("{:.2g}", bound.users)
                         : format_count(static_cast<std::uint64_t>(std::llround(bound.users)));
  text += plan.load.users == 1 && !profile ? " user" : " users";
  if (profile) text += " on average";
  if (plan.users.size() > 1) text += fmt::format(" of {} kinds", plan.users.size());
  return text;
}

}  // namespace

LoadBound load_bound(const Plan& plan) {
  return bound_of(groups_of(plan), plan.tasks.size(), kInfinite);
}

std::vector<double> task_rates(const Plan& plan, double most_per_s) {
  LoadBound bound = bound_of(groups_of(plan), plan.tasks.size(), most_per_s);
  const double kept = std::min(1.0, most_per_s / bound.per_s);
  for (double& rate : bound.tasks) rate *= kept;
  return bound.tasks;
}

std::string contradiction(const Plan& plan, const Claim& claim) {
  if (plan.load.model != LoadModel::closed || claim.metric != Metric::throughput) return {};
  const LoadBound bound = load_bound(plan);
  double most = bound.per_s;
  // A user's first request waits for no thinking: in a short window they count.
  double first = plan.load.users / seconds(plan.load.duration);
  std::string of_task;
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    if (claim.task != plan.tasks[task].name) continue;
    most = bound.tasks[task];
    if (std::isfinite(bound.per_s)) first *= most / bound.per_s;
    of_task = fmt::format(" of `{}`", claim.task);
  }
  const bool can =
      claim.comparison == Comparison::greater ? claim.rate.per_s < most : claim.rate.per_s <= most;
  if (can) return {};
  const char* hopeless =
      claim.rate.per_s > most + first ? "cannot hold" : "will hardly hold, and not for long";
  return fmt::format(
      "contradicts its own load: {} who think{} {} on average make at most {}{}, so `{}` {}; "
      "ask it with an open loop{}",
      counted_users(plan, bound), plan.load.users == 1 && plan.load.user_profile.empty() ? "s" : "",
      format_duration(bound.think), format_rate(Rate{most}), of_task, claim.text, hopeless,
      of_task.empty() ? fmt::format(" (`rate: {}/s`)", claim.rate.per_s) : "");
}

}  // namespace natsproof
