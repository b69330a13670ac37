#include "loadgen/engine/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace natsproof {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr Instant kUptime{Duration{3606s}};  // no clock of ours begins at 0

std::vector<std::string> told(const EventLog& log) {
  std::vector<std::string> events;
  log.tell(kUptime, events);
  return events;
}

// What happens before the start is set lies before it, and not at the machine's uptime.
TEST(EventLog, TellsOffsetsFromTheStart) {
  EventLog log(2);
  log.note("server error", {.connection = 1}, "Permissions Violation", kUptime - 464ms);
  log.note("connection lost", {.connection = 0, .is_floor = true}, "EOF", kUptime + 2315ms);
  EXPECT_THAT(told(log),
              ElementsAre("-0.464 s: worker 2, connection 1: server error: Permissions Violation",
                          "+2.315 s: worker 2, connection 0 (floor): connection lost: EOF"));
}

TEST(EventLog, TheSameOnManyConnectionsIsOneEvent) {
  EventLog log(0);
  for (int i = 0; i < 1000; ++i) {
    log.note("connection lost", {.connection = static_cast<ConnectionId>(i % 20)}, "EOF",
             kUptime + 1s + i * 1ms);
  }
  log.note("connection lost", {.connection = 3}, "reset by peer", kUptime + 5s);
  EXPECT_THAT(told(log),
              ElementsAre("+1.000 s to +1.999 s, 1000 times: worker 0, 20 connections: connection "
                          "lost: EOF",
                          "+5.000 s: worker 0, connection 3: connection lost: reset by peer"));
}

TEST(EventLog, KeepsABoundedNumber) {
  EventLog log(0);
  for (int i = 0; i < 1000; ++i) log.note("server error", {}, std::to_string(i), kUptime);
  EXPECT_THAT(told(log), SizeIs(EventLog::kMost));
}

}  // namespace
}  // namespace natsproof
