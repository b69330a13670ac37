#include "loadgen/plan/plan_checks.h"

#include <map>

namespace natsproof {

namespace {

// A request over the limit must still be seen, and told from one that never comes.
constexpr int kTimeoutOverLimit = 2;
constexpr Duration kLongestLimit = 30s;  // so that the longest timeout is still twice the limit

void check_timeout(const ReadTask& task, const std::vector<ReadClaim>& claims, Mistakes& mistakes) {
  const ReadClaim* longest = nullptr;
  for (const ReadClaim& read : claims) {
    const Claim& claim = read.claim;
    if (!claim.is_latency() || claim.limit > kLongestLimit) continue;
    if (claim.task != kAllTasks && claim.task != task.task.name) continue;
    if (longest == nullptr || claim.limit > longest->claim.limit) longest = &read;
  }
  if (longest == nullptr) return;
  const Duration least = longest->claim.limit * kTimeoutOverLimit;
  if (task.task.timeout >= least) return;
  mistakes.add(task.timeout_at,
               fmt::format("the timeout of `{}`, {}, is below twice the limit of the claim `{}`: a "
                           "request over the limit must still be seen, so at least {}",
                           task.task.name, format_duration(task.task.timeout), longest->claim.text,
                           format_duration(least)));
}

}  // namespace

void check_claims(const std::vector<ReadClaim>& claims, const std::vector<ReadTask>& tasks,
                  const Load& load, Mistakes& mistakes) {
  std::map<std::string, Position> first;
  for (const ReadClaim& read : claims) {
    const Claim& claim = read.claim;
    const auto [before, is_first] = first.emplace(claim.text, read.at);
    if (!is_first) {
      mistakes.add(read.at, fmt::format("the claim {} is made twice, first in line {}",
                                        in_ticks(claim.text), before->second.line));
    }
    if (claim.metric == Metric::response && load.model == LoadModel::closed) {
      mistakes.add(read.at,
                   "a closed loop has no response time: what a waiting user did not send is not "
                   "seen; claim `service`, or use an open loop (`rate`)");
    }
    if (claim.is_latency() && claim.limit > kLongestLimit) {
      mistakes.add(read.at, fmt::format("the limit of {} is above {}, the longest that can be "
                                        "measured with room to spare",
                                        in_ticks(claim.text), format_duration(kLongestLimit)));
    }
  }
  for (const ReadTask& task : tasks) check_timeout(task, claims, mistakes);
}

void check_services_claims(const std::vector<ReadClaim>& claims, Mistakes& mistakes) {
  for (const ReadClaim& read : claims) {
    if (read.claim.of != "services") continue;
    mistakes.add(read.at,
                 fmt::format("{} is of the services that the plan stages, and it stages none: name "
                             "them under `services`, or leave the claim out",
                             in_ticks(read.claim.text)));
  }
}

}  // namespace natsproof
