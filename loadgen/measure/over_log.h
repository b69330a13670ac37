// Requests that broke a latency claim by service time, until it is known what the machine did
// meanwhile.
//
// Whoever notices a stall does so when it is over, later than the request that met it. So each such
// request is kept, and settled when the log has kMostOpen later ones or the run is over: if stalls
// explain it, it is taken from its block's over_granted. One worker's thread; allocated by the
// constructor. A request that is not over never comes here; one that is costs a search among the
// stalls once the log is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "loadgen/measure/claim.h"
#include "loadgen/measure/run_record.h"
#include "loadgen/measure/stall_list.h"

namespace natsproof {

class OverLog {
 public:
  static constexpr std::size_t kMostOpen = 32'768;

  // Borrows all three; `blocks` is [claim][second].
  OverLog(std::span<const Claim> claims, const StallList& stalls,
          std::vector<std::vector<Block>>& blocks)
      : claims_(claims), stalls_(stalls), blocks_(blocks), open_(kMostOpen) {}

  // REQUIRES: the claim is about latency; the request is counted in its block's over_granted.
  void add(std::size_t claim, std::size_t second, Instant sent, Instant received) {
    Entry& entry = open_[added_ % kMostOpen];
    if (added_++ >= kMostOpen) settle(entry);
    entry = {static_cast<std::uint32_t>(claim), static_cast<std::uint32_t>(second), sent, received};
  }
  // All that is left, when all stalls are known. Nothing may be added afterwards.
  void settle_all() {
    const std::size_t left = added_ < kMostOpen ? added_ : kMostOpen;
    for (std::size_t i = 0; i < left; ++i) settle(open_[i]);
    added_ = 0;
  }

 private:
  struct Entry {
    std::uint32_t claim = 0, second = 0;
    Instant sent, received;
  };
  void settle(const Entry& entry);

  std::span<const Claim> claims_;
  const StallList& stalls_;
  std::vector<std::vector<Block>>& blocks_;
  std::vector<Entry> open_;  // a ring
  std::size_t added_ = 0;
};

}  // namespace natsproof
