// The real worker on a manual clock with a scripted service: everything is exact to the nanosecond.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "loadgen/engine/worker.h"
#include "messaging/memory/memory_transport.h"

namespace natsproof {

inline Plan open_plan(double per_s, Duration duration) {
  Plan plan;
  plan.name = "simulated";
  plan.load.arrivals = Arrivals::constant;
  plan.load.duration = duration;
  plan.load.warmup = 0s;
  plan.load.profile = {{duration, Rate{per_s}, Rate{per_s}}};
  plan.load.repetitions = 1;
  plan.tasks = {Task{.name = "echo",
                     .endpoint = "echo",
                     .payload_bytes = 64,
                     .timeout = 250ms,
                     .expect = Expect::same}};
  return plan;
}

inline Plan closed_plan(std::uint32_t users, Duration duration) {
  Plan plan = open_plan(1, duration);
  plan.load.model = LoadModel::closed;
  plan.load.profile.clear();
  plan.load.users = users;
  return plan;
}

inline Claim claim_of(const std::string& text) {
  const std::vector<std::string> tasks = {"echo", "other"};
  auto claim = parse_claim(text, tasks);
  EXPECT_TRUE(claim.ok()) << text;
  return *claim;
}

class Simulation {
 public:
  explicit Simulation(Plan plan, Pacing pacing = Pacing::sleep)
      : plan_(std::move(plan)),
        worker_(plan_,
                {.connections = plan_.load.connections, .seed = plan_.load.seed, .pacing = pacing},
                clock, transport) {}

  // Every request is answered with its own payload after `after`.
  void echo(Duration after) {
    transport.set_responder([after](const MemoryRequest& request) {
      return std::vector<MemoryReply>{{after, {}, std::string(request.payload)}};
    });
  }

  Repetition run() {
    EXPECT_TRUE(
        transport.open({.servers = {{}}, .connections = plan_.load.connections + 1}, worker_).ok());
    EXPECT_TRUE(worker_.prepare().ok());
    worker_.run(start());
    Repetition repetition;
    worker_.take_results(repetition);
    check_sums(repetition);
    return repetition;
  }

  [[nodiscard]] static Instant start() { return ManualClock().now() + 10ms; }
  Worker& worker() { return worker_; }

  ManualClock clock;
  MemoryTransport transport{clock};

 private:
  // What holds in every run, whatever was done to it.
  static void check_sums(const Repetition& repetition) {
    const TaskRecord& all = repetition.tasks.front();
    for (const RequestCounts* phase : {&all.measured, &all.warmup}) {
      EXPECT_EQ(phase->planned, phase->decided());
      const std::uint64_t answered = phase->successes() + phase->of(RequestClass::wrong_reply) +
                                     phase->of(RequestClass::service_error) +
                                     phase->of(RequestClass::no_responders);
      EXPECT_EQ(phase->replies, answered + phase->late + phase->duplicate);
    }
    EXPECT_EQ(all.service.count(), all.measured.successes());
  }

  Plan plan_;
  Worker worker_;
};

}  // namespace natsproof
