// How fast a closed loop can be at most, whatever answers it, and the claims that ask for more.
//
// Little's law: N users who each think Z between a reply and the next request make at most N / Z
// requests a second, with replies that take no time at all. A user asks as it comes, without
// thinking: those who come while it is measured make a request more each. Pure; any thread.
// REQUIRES: a plan of a closed loop, read without mistakes.
#pragma once

#include <string>
#include <vector>

#include "loadgen/plan/plan.h"

namespace natsproof {

// Requests a second over the measurement; infinite: some user does not think.
struct RateBound {
  double per_s = 0;
  // What the users who were there before it may add, if all of them happen to ask as it begins: a
  // request each.
  double more_per_s = 0;
};

struct LoadBound {
  double users = 0;     // on average over the measurement
  double arrivals = 0;  // users who come during it, each time they do
  Duration think{};     // before a request, on average over the requests: users / rate
  RateBound all;
  std::vector<RateBound> tasks;  // of each task, by how often its users do it
};
LoadBound load_bound(const Plan& plan);

// Requests a second of each task while all users are there, with what one generator can do in the
// place of infinity: no kind of user, and not all together, more than `most_per_s`.
std::vector<double> task_rates(const Plan& plan, double most_per_s);

// Why the plan's own users cannot make what a claim on throughput asks for; empty where they can,
// or where the claim is about something else.
std::string contradiction(const Plan& plan, const Claim& claim);

}  // namespace natsproof
