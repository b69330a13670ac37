#include "loadgen/measure/stall_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace natsproof {
namespace {

constexpr Duration kStallWithoutClaims = 1ms;

Duration tenth_of_limit(const Claim& claim) {
  return claim.limit / 10;
}

}  // namespace

Duration shortest_stall(std::span<const Claim> claims, std::span<const RecordedTask> tasks) {
  Duration of_limits = Duration::max(), of_timeouts = Duration::max();
  for (const Claim& claim : claims) {
    if (claim.is_latency()) {
      of_limits = std::min(of_limits, tenth_of_limit(claim));
    } else if (!claim.is_resource()) {
      for (const RecordedTask& task : tasks) {
        if (claim.task != kAllTasks && claim.task != task.name) continue;
        of_timeouts = std::min(of_timeouts, task.timeout / 10);
      }
    }
  }
  if (of_limits == Duration::max()) of_limits = kStallWithoutClaims;
  return std::max(std::min(of_limits, of_timeouts), kLeastStall);
}

bool is_explained(const Claim& claim, Instant sent, Instant received, const StallList& stalls) {
  const Duration service = received - sent;
  const Duration stalled = stalls.within(sent - kQueueOfAStall * service, received);
  return stalled > tenth_of_limit(claim) && !claim.is_over(service - stalled);
}

void count_stalled(const Claim& claim, const StallList& stalls, Instant measured_from,
                   Duration window, Duration typical, std::vector<Block>& blocks) {
  const Duration tenth = tenth_of_limit(claim);
  std::vector<Duration> covered(blocks.size());
  Duration done{0};  // from measured_from
  for (std::size_t i = 0; i < stalls.size(); ++i) {
    if (stalls[i].length() <= tenth) continue;
    Duration from = std::max(done, stalls[i].start - typical - measured_from);
    const Duration until = std::min(window, stalls[i].end - tenth - measured_from);
    while (from < until) {
      const auto second = static_cast<std::size_t>(from / 1s);
      if (second >= covered.size()) break;
      const Duration end = std::min(until, (from / 1s + 1) * Duration{1s});
      covered[second] += end - from;
      from = end;
    }
    done = std::max(done, until);
  }
  for (std::size_t second = 0; second < blocks.size(); ++second) {
    const Duration start = static_cast<Duration::rep>(second) * Duration{1s};
    const Duration length = std::min<Duration>(1s, window - start);
    if (length <= 0ns) continue;
    Block& block = blocks[second];
    const double share =
        static_cast<double>(covered[second].count()) / static_cast<double>(length.count());
    const auto met =
        static_cast<std::uint64_t>(std::llround(share * static_cast<double>(block.planned)));
    block.stalled = std::min(met, block.planned);
  }
}

}  // namespace natsproof
