#include "loadgen/engine/load_source.h"

#include <algorithm>

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

ClosedLoop::ClosedLoop(const Load& load, std::uint64_t seed, std::uint32_t worker, Instant start,
                       Instant end)
    : think_(load.think),
      random_(mix64(seed) ^ worker),
      end_(end),
      worker_(worker),
      workers_(load.workers) {
  ready_.reserve(load.users);
  for (std::uint32_t user = worker; user < load.users; user += load.workers)
    push({spawn_of(user, load, start), user});
}

DueRequest ClosedLoop::take() {
  std::pop_heap(ready_.begin(), ready_.end(), later<Ready, Ready>);
  const Ready ready = ready_.back();
  ready_.pop_back();
  return {.intended = ready.when, .index = worker_ + workers_ * issued_++, .user = ready.user};
}

void ClosedLoop::decided(std::uint32_t user, Instant at, bool refused) {
  Duration pause = think_.min;
  if (think_.max > think_.min)
    pause +=
        Duration(random_.below(static_cast<std::uint64_t>((think_.max - think_.min).count()) + 1));
  if (refused) pause = std::max(pause, kRetryPause);
  if (!stopped_ && at + pause < end_) push({at + pause, user});
}

void ClosedLoop::stop() {
  stopped_ = true;
  ready_.clear();
}

void ClosedLoop::push(Ready ready) {
  ready_.push_back(ready);
  std::push_heap(ready_.begin(), ready_.end(), later<Ready, Ready>);
}

Duration warmup_with_spawning(const Load& load) {
  if (load.model == LoadModel::open || !load.spawn) return load.warmup;
  return load.warmup + Duration(static_cast<Duration::rep>(load.users / load.spawn->per_s * 1e9));
}

}  // namespace natsproof
