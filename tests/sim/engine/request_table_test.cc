// The request table: which slots are held, which are given away, and how large it is.
#include "loadgen/engine/request_table.h"

#include <deque>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

constexpr Instant at(Duration t) {
  return Instant{} + t;
}

Slot& made(RequestTable& table, Sequence& next, std::size_t task, Duration t) {
  Slot* slot = table.claim_next(next, task, at(t));
  if (slot == nullptr) throw std::runtime_error("the table is full");
  slot->actual = at(t);
  return *slot;
}

TEST(RequestTable, StepsOverWhatIsOpenOrLostLessThanTwiceItsOwnTimeoutAgo) {
  RequestTable table(4, {30s, 200ms});
  Sequence next = 0;
  Slot& slow = made(table, next, 0, 0s);
  Slot& lost = made(table, next, 1, 0s);
  table.close(lost, SlotState::lost);
  for (Sequence expected : {2, 3, 6, 7, 10}) {  // 4 and 8, 5 and 9 are the places of those two
    Slot& slot = made(table, next, 1, 100ms);
    EXPECT_EQ(slot.sequence, expected);
    table.close(slot, SlotState::answered);
  }
  EXPECT_EQ(table.find(0), &slow);
  EXPECT_EQ(table.find(1), &lost) << "its late reply is still known";
  EXPECT_EQ(table.find(2), nullptr);
  EXPECT_EQ(made(table, next, 1, 400ms).sequence, 11u);
  EXPECT_EQ(made(table, next, 1, 400ms).sequence, 13u) << "twice 200 ms later, 1's place is free";
  table.close(slow, SlotState::lost);
  EXPECT_EQ(made(table, next, 1, 1s).sequence, 14u);
  EXPECT_EQ(table.claim_next(next, 1, at(59s)), nullptr) << "0 is lost less than 60 s ago";
  EXPECT_EQ(table.find(0), &slow);
  EXPECT_EQ(made(table, next, 1, 60s).sequence % 4, 0u);
}

// Against a plain model: expiry in the order in which requests were made, whatever is decided in
// between.
TEST(RequestTable, ExpiresEachTasksOldestFirst) {
  Random random(7);
  const std::vector<Duration> timeouts{50ms, 7ms, 300ms};
  RequestTable table(256, timeouts);
  std::vector<std::deque<Sequence>> open(3);
  Sequence next = 0;
  for (int step = 0; step < 20'000; ++step) {
    const Duration now = step * 1ms;
    const std::size_t task = random.below(3);
    if (Slot* slot = table.claim_next(next, task, at(now))) {
      slot->actual = at(now);
      if (random.below(20) == 0) {
        table.withdraw(*slot);
      } else {
        open[task].push_back(slot->sequence);
      }
    }
    std::deque<Sequence>& some = open[random.below(3)];
    if (!some.empty()) {
      const auto decided = some.begin() + static_cast<std::ptrdiff_t>(random.below(some.size()));
      Slot* slot = table.find(*decided);
      ASSERT_NE(slot, nullptr);
      table.close(*slot, SlotState::answered);
      some.erase(decided);
    }
    for (std::size_t t = 0; t < 3; ++t) {
      table.expire(t, at(now), [&](Slot& slot) {
        ASSERT_FALSE(open[t].empty());
        EXPECT_EQ(slot.sequence, open[t].front());
        EXPECT_LE(slot.actual + timeouts[t], at(now));
        open[t].pop_front();
        table.close(slot, SlotState::lost);
      });
      const Instant due =
          open[t].empty() ? Instant::max() : table.find(open[t].front())->actual + timeouts[t];
      ASSERT_EQ(table.next_deadline(t), due);
      EXPECT_GT(due, at(now));
    }
    if (::testing::Test::HasFailure()) break;
  }
}

// A request that stays open for 30 s among thousands of quick ones: the ring comes round to it many
// times, and nobody is refused.
TEST(RequestTable, OneSlowRequestTurnsNobodyAway) {
  Plan plan = closed_plan(10, 40s);
  plan.load.think = {1ms, 1ms};
  plan.tasks.push_back(plan.tasks[0]);
  plan.tasks[1].name = plan.tasks[1].endpoint = "slow";
  plan.tasks[1].timeout = 30s;
  plan.tasks[1].weight = 0.0005;
  Simulation simulation(plan);
  simulation.transport.set_responder([](const MemoryRequest& request) {
    std::vector<MemoryReply> replies;
    if (request.subject == "natsproof.echo")
      replies.push_back({1ms, {}, std::string(request.payload)});
    return replies;
  });
  const Repetition run = simulation.run();
  EXPECT_GT(run.tasks[2].measured.of(RequestClass::timeout), 0u);
  EXPECT_GT(run.tasks[1].measured.of(RequestClass::ok), 20'000u);
  EXPECT_EQ(run.tasks[0].measured.of(RequestClass::refused), 0u);
}

}  // namespace
}  // namespace natsproof
