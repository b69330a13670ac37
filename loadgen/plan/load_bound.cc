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

// Users in the measurement.
struct Presence {
  double on_average = 0;
  double arrivals = 0;    // during it, each time one comes
  double beforehand = 0;  // there before it began
};

Presence presence_of(const Load& load) {
  const bool warm = load.warmup > Duration::zero();
  if (load.user_profile.empty()) {
    const double users = load.users;
    if (warm || load.spawn) return {.on_average = users, .arrivals = 0, .beforehand = users};
    return {.on_average = users, .arrivals = users, .beforehand = 0};
  }
  Presence presence;
  presence.beforehand = warm ? load.user_profile.front().from : 0;
  double user_seconds = 0;
  double before = presence.beforehand;
  for (const UserStretch& stretch : load.user_profile) {
    user_seconds += to_seconds(stretch.length) * (stretch.from + stretch.to) / 2;
    presence.arrivals += std::max(0.0, stretch.from - before);
    presence.arrivals += std::max(0.0, stretch.to - stretch.from);
    before = stretch.to;
  }
  presence.on_average = user_seconds / to_seconds(load.duration);
  return presence;
}

// Users who think and choose alike.
struct Group {
  double part = 1;  // of all users
  Duration think{};
  std::vector<double> shares;  // of each task; their sum is 1
};

Group group_of(double part, const ThinkTime& think, std::vector<double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= total;
  return {.part = part, .think = mean_think(think), .shares = std::move(weights)};
}

std::vector<Group> groups_of(const Plan& plan) {
  if (plan.users.empty()) {
    std::vector<double> weights;
    for (const Task& task : plan.tasks) weights.push_back(task.weight);
    return {group_of(1, plan.load.think, weights)};
  }
  // Of any number of users that there are in a profile, the kinds have the same shares, to less
  // than a user each.
  const auto counts = users_of_kinds(plan.users, plan.load.users);
  std::vector<Group> groups;
  for (std::size_t kind = 0; kind < plan.users.size(); ++kind) {
    groups.push_back(group_of(static_cast<double>(counts[kind]) / plan.load.users,
                              plan.users[kind].think, plan.users[kind].tasks));
  }
  return groups;
}

// Infinite where they do not think.
double thinking_rate(const Group& group, double users) {
  return group.think > Duration::zero() ? users * group.part / to_seconds(group.think) : kInfinite;
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
  const Presence presence = presence_of(plan.load);
  const double measured_s = to_seconds(plan.load.duration);
  LoadBound bound{.users = presence.on_average, .arrivals = presence.arrivals};
  bound.tasks.resize(plan.tasks.size());
  double thinking = 0;
  for (const Group& group : groups_of(plan)) {
    const double steady = thinking_rate(group, presence.on_average);
    const double rate = steady + presence.arrivals * group.part / measured_s;
    const double more = presence.beforehand * group.part / measured_s;
    thinking += steady;
    bound.all.per_s += rate;
    bound.all.more_per_s += more;
    for (std::size_t task = 0; task < bound.tasks.size(); ++task) {
      if (group.shares[task] == 0) continue;  // infinity times nothing
      bound.tasks[task].per_s += rate * group.shares[task];
      bound.tasks[task].more_per_s += more * group.shares[task];
    }
  }
  bound.think = Duration{std::llround(bound.users / thinking * 1e9)};
  return bound;
}

std::vector<double> task_rates(const Plan& plan, double most_per_s) {
  std::vector<double> rates(plan.tasks.size());
  double all = 0;
  for (const Group& group : groups_of(plan)) {
    const double rate = std::min(most_per_s, thinking_rate(group, plan.load.users));
    all += rate;
    for (std::size_t task = 0; task < rates.size(); ++task)
      rates[task] += rate * group.shares[task];
  }
  for (double& rate : rates) rate *= std::min(1.0, most_per_s / all);
  return rates;
}

std::string contradiction(const Plan& plan, const Claim& claim) {
  if (plan.load.model != LoadModel::closed || claim.metric != Metric::throughput) return {};
  const LoadBound bound = load_bound(plan);
  RateBound most = bound.all;
  std::string of_task;
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    if (claim.task != plan.tasks[task].name) continue;
    most = bound.tasks[task];
    of_task = fmt::format(" of `{}`", claim.task);
  }
  const double asked = claim.rate.per_s;
  if (claim.comparison == Comparison::greater ? asked < most.per_s : asked <= most.per_s) return {};
  const bool one = plan.load.users == 1 && plan.load.user_profile.empty();
  return fmt::format(
      "contradicts its own load: {} who think{} {} on average{} make{} at most {}{}, so `{}` {}; "
      "ask it with an open loop{}",
      counted_users(plan, bound), one ? "s" : "", format_duration(bound.think),
      bound.arrivals == 0 ? ""
      : one               ? " and asks as it comes"
                          : " and ask as they come",
      one ? "s" : "", format_rate(Rate{most.per_s}), of_task, claim.text,
      asked > most.per_s + most.more_per_s ? "cannot hold" : "will hardly hold, and not for long",
      of_task.empty() ? fmt::format(" (`rate: {}/s`)", asked) : "");
}

}  // namespace natsproof
