// Requests that got no reply in time, and what the services say became of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace natsproof {

// One worker's, in one repetition, warm-up included.
struct UnansweredRequests {
  // More than these are only counted.
  static constexpr std::size_t kMost = 1 << 20;

  std::string inbox;                    // what their reply subjects begin with
  std::vector<std::uint64_t> requests;  // the sequence numbers of timeouts and disconnections
  std::vector<std::uint64_t> late;      // of these, the ones that a reply came to after all
  std::uint64_t more = 0;
  std::uint64_t numbers = 0;  // all sequence numbers that were given out are below
};

// What the services' ledgers say of the requests that stayed unanswered (timeout, disconnected),
// and of all requests to staged services; warm-up included.
struct LedgerCounts {
  std::uint64_t never_arrived = 0;  // no service took it
  std::uint64_t not_replied = 0;    // taken, and no reply was sent until the run was over
  std::uint64_t reply_lost = 0;     // taken, a reply was sent, and none came
  std::uint64_t replied_late = 0;   // a reply came after the class was decided
  std::uint64_t unknown = 0;        // no ledger can tell
  std::optional<std::uint64_t> executed_again;  // of all requests: taken a second time
  // Of all requests to staged services: those that a reply came to, in time or late and whoever
  // sent it, and those that a staged service took, answered or not.
  std::optional<std::uint64_t> answered, taken;
};

}  // namespace natsproof
