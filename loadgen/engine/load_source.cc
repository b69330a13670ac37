#include "loadgen/engine/load_source.h"

#include <algorithm>

#include "loadgen/plan/user_kinds.h"

namespace natsproof {
namespace {

Profile with_warmup(const Load& load) {
  std::vector<Stretch> stretches;
  if (load.warmup > Duration::zero())
    stretches.push_back({load.warmup, load.profile.front().from, load.profile.front().from});
  stretches.insert(stretches.end(), load.profile.begin(), load.profile.end());
  return Profile(stretches);
}

bool later(const auto& a, const auto& b) {
  return a.when > b.when;
}

Instant spawn_of(std::uint32_t user, const Load& load, Instant start) {
  if (!load.spawn) return start;
  return start + Duration(static_cast<Duration::rep>(user / load.spawn->per_s * 1e9));
}

}  // namespace

OpenLoop::OpenLoop(const Load& load, std::uint64_t seed, std::uint32_t worker, Instant start)
    : schedule_(with_warmup(load), load.arrivals, seed, worker, load.workers),
      start_(start),
      next_(schedule_.next()) {}

DueRequest OpenLoop::take() {
  const DueRequest due{.intended = start_ + next_->intended, .index = next_->index};
  next_ = schedule_.next();
  return due;
}

ClosedLoop::ClosedLoop(const Plan& plan, std::uint64_t seed, std::uint32_t worker, Instant start,
                       Instant end)
    : random_(mix64(seed) ^ worker),
      start_(start),
      end_(end),
      worker_(worker),
      workers_(plan.load.workers) {
  const Load& load = plan.load;
  for (const UserKind& kind : plan.users) think_.push_back(kind.think);
  if (plan.users.empty()) think_.push_back(load.think);
  if (!load.user_profile.empty()) profile_.emplace(load);
  const auto kinds = kinds_of_users(plan.users, load.users);
  const std::uint32_t users = load.users / workers_ + 1;  // at most
  kinds_.reserve(users);
  ready_.reserve(users);
  for (std::uint32_t user = worker; user < load.users; user += workers_) {
    kinds_.push_back(kinds.empty() ? std::uint16_t{0} : kinds[user]);
    ready(user, spawn_of(user, load, start));
  }
}

DueRequest ClosedLoop::take() {
  std::pop_heap(ready_.begin(), ready_.end(), later<Ready, Ready>);
  const Ready ready = ready_.back();
  ready_.pop_back();
  return {.intended = ready.when,
          .index = worker_ + workers_ * issued_++,
          .user = ready.user,
          .kind = kind_of(ready.user)};
}

void ClosedLoop::decided(std::uint32_t user, Instant at, bool refused) {
  if (stopped_) return;
  const ThinkTime& think = think_[kind_of(user)];
  Duration pause = think.min;
  if (think.max > think.min)
    pause +=
        Duration(random_.below(static_cast<std::uint64_t>((think.max - think.min).count()) + 1));
  if (refused) pause = std::max(pause, kRetryPause);
  ready(user, at + pause);
}

void ClosedLoop::stop() {
  stopped_ = true;
  ready_.clear();
}

void ClosedLoop::ready(std::uint32_t user, Instant when) {
  if (profile_) {
    const auto there = profile_->next_there(user, when - start_);
    if (!there) return;
    when = start_ + *there;
  }
  if (when >= end_) return;
  ready_.push_back({when, user});
  std::push_heap(ready_.begin(), ready_.end(), later<Ready, Ready>);
}

Duration warmup_with_spawning(const Load& load) {
  if (load.model == LoadModel::open || !load.spawn) return load.warmup;
  return load.warmup + Duration(static_cast<Duration::rep>(load.users / load.spawn->per_s * 1e9));
}

}  // namespace natsproof
