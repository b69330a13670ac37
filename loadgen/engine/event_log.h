// What a worker's connections went through in a repetition, for people: losses, reconnects, what
// servers complained of.
//
// The same on any of the connections is one event, with how often it happened and how long that
// went on. For the worker's thread. Notes may come before the repetition's start is set; they are
// told relative to it all the same, with a minus.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "messaging/transport.h"

namespace natsproof {

class EventLog {
 public:
  static constexpr std::size_t kMost = 50;  // different ones; of those after them nothing is kept

  explicit EventLog(std::uint32_t worker) : worker_(worker) { events_.reserve(kMost); }

  // `is_floor`: on the connection for PINGs.
  struct Place {
    ConnectionId connection = 0;
    bool is_floor = false;
  };
  void note(std::string_view what, Place place, std::string_view why, Instant at);

  // `+2.315 s: worker 0, connection 3: connection lost: ...`, or
  // `+2.315 s to +2.874 s, 40 times: worker 0, 20 connections: ...`; by their first instants.
  void tell(Instant start, std::vector<std::string>& to) const;

 private:
  struct Event {
    std::string what, why;
    bool is_floor = false;
    std::set<ConnectionId> connections;
    Instant first{}, last{};
    std::uint64_t times = 0;
  };
  std::uint32_t worker_;
  std::vector<Event> events_;
};

}  // namespace natsproof
