#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "messaging/natsc/event_ring.h"

namespace natsproof {
namespace {

TEST(EventRingTest, GivesInOrderAndRefusesWhenFull) {
  EventRing<int> ring(4);
  EXPECT_TRUE(ring.empty());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(ring.try_push(i));
    int refused = 9;
    EXPECT_FALSE(ring.try_push(refused));
    for (int i = 0; i < 4; ++i) {
      int got = -1;
      ASSERT_TRUE(ring.try_pop(got));
      EXPECT_EQ(got, i);
    }
    int none = -1;
    EXPECT_FALSE(ring.try_pop(none));
    EXPECT_TRUE(ring.empty());
  }
}

TEST(EventRingTest, ARefusedItemStaysWithItsOwner) {
  EventRing<std::unique_ptr<int>> ring(2);
  for (int i = 0; i < 2; ++i) {
    auto first = std::make_unique<int>(i);
    ASSERT_TRUE(ring.try_push(first));
    EXPECT_EQ(first, nullptr);
  }
  auto second = std::make_unique<int>(2);
  ASSERT_FALSE(ring.try_push(second));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second, 2);
}

TEST(EventRingTest, ManyProducersLoseNothingAndKeepTheirOrder) {
  constexpr int kProducers = 4, kEach = 20'000;
  struct Item {
    int producer = 0, number = 0;
  };
  EventRing<Item> ring(64);
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&ring, p] {
      for (int i = 0; i < kEach; ++i) {
        for (Item item{p, i}; !ring.try_push(item);) std::this_thread::yield();
      }
    });
  }
  std::vector<int> next(kProducers, 0);
  for (int left = kProducers * kEach; left > 0;) {
    Item item;
    if (!ring.try_pop(item)) {
      std::this_thread::yield();
      continue;
    }
    EXPECT_EQ(item.number, next[static_cast<std::size_t>(item.producer)]++);
    --left;
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace natsproof
