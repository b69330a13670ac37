#include "loadgen/measure/over_log.h"

#include "loadgen/measure/stall_blocks.h"

namespace natsproof {

void OverLog::settle(const Entry& entry) {
  if (is_explained(claims_[entry.claim], entry.sent, entry.received, stalls_))
    --blocks_[entry.claim][entry.second].over_granted;
}

}  // namespace natsproof
