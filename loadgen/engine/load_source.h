// What is due next: an open loop's schedule, or a closed loop's users who wait for their reply and
// then think.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "loadgen/engine/user_profile.h"
#include "loadgen/plan/plan.h"
#include "loadgen/schedule/schedule.h"

namespace natsproof {

struct DueRequest {
  Instant intended;
  std::uint64_t index = 0;  // decides task, payload and connection
  std::uint32_t user = 0;   // closed loop
  std::uint16_t kind = 0;   // of the user, of plan.users; 0 where there are none
};

// One worker's part of the load. One thread.
class LoadSource {
 public:
  virtual ~LoadSource() = default;
  // The next request and its intended send; Instant::max() when nothing is known to come (yet).
  [[nodiscard]] virtual Instant next_due() const = 0;
  // REQUIRES: next_due() is not Instant::max().
  virtual DueRequest take() = 0;
  // A request was decided at that instant: its user goes on.
  virtual void decided(std::uint32_t user, Instant at, bool refused) = 0;
  // Nothing more will come, whatever happens.
  virtual void stop() = 0;
  // Nothing more will come once the requests under way are decided.
  [[nodiscard]] virtual bool exhausted() const = 0;
};

class OpenLoop final : public LoadSource {
 public:
  // Warm-up at the profile's first rate, then the profile.
  OpenLoop(const Load& load, std::uint64_t seed, std::uint32_t worker, Instant start);

  [[nodiscard]] Instant next_due() const override {
    return next_ ? start_ + next_->intended : Instant::max();
  }
  DueRequest take() override;
  void decided(std::uint32_t, Instant, bool) override {}
  void stop() override { next_.reset(); }
  [[nodiscard]] bool exhausted() const override { return !next_; }

 private:
  Schedule schedule_;
  Instant start_;
  std::optional<Arrival> next_;
};

// This worker's users: every W-th of all, from its number on. Each is of its kind, comes as the
// load says (all at once, at a rate, or as a profile has it), and thinks between a reply and its
// next request. A user whose next request falls into a time in which a profile does not have it
// waits for the instant at which it is there again. All memory is taken by the constructor; a
// request costs steps in the logarithm of the users.
class ClosedLoop final : public LoadSource {
 public:
  // A user whose request could not even be handed over tries again after this long, or its think
  // time if that is longer.
  static constexpr Duration kRetryPause = 10ms;

  ClosedLoop(const Plan& plan, std::uint64_t seed, std::uint32_t worker, Instant start,
             Instant end);

  [[nodiscard]] Instant next_due() const override {
    return ready_.empty() ? Instant::max() : ready_.front().when;
  }
  DueRequest take() override;
  void decided(std::uint32_t user, Instant at, bool refused) override;
  void stop() override;
  [[nodiscard]] bool exhausted() const override { return ready_.empty(); }

 private:
  struct Ready {
    Instant when;
    std::uint32_t user = 0;
  };
  [[nodiscard]] std::uint16_t kind_of(std::uint32_t user) const { return kinds_[user / workers_]; }
  // The user's next request is due then, or when it is there again.
  void ready(std::uint32_t user, Instant when);

  std::vector<ThinkTime> think_;      // by kind
  std::vector<std::uint16_t> kinds_;  // of this worker's users
  std::optional<UserProfile> profile_;
  Random random_;
  Instant start_, end_;
  std::uint32_t worker_, workers_;
  std::uint64_t issued_ = 0;
  std::vector<Ready> ready_;  // a heap by `when`, as large as there are users
  bool stopped_ = false;
};

// The whole repetition's time before the measurement: the warm-up, after a closed loop's users have
// all come.
Duration warmup_with_spawning(const Load& load);

}  // namespace natsproof
