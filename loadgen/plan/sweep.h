// A sweep: one plan run at several points, each with some of its keys changed.
//
//   sweep:
//     load.users: [1, 10, 50]                   # a path as in --set, and its values: three points
//     tasks.*.codec: [protobuf, json]           # two keys multiply, the first varies slowest: six
//     client+service_client: [wire, nats.c]     # two paths that move together: twelve
//   against: {load.users: 1}                    # what changes are told against; the first if left
//   out
//
// A value is any YAML that the path takes. Of `against`, keys that it does not name are those of
// the point itself: {tasks.*.codec: protobuf} tells a point's change against the one that differs
// in the codec alone. `--sweep load.users=1,10,50` adds a key, or takes the place of its list in
// the plan.
//
// Each point is read as a plan of its own, so that every mistake of every point is known, with the
// place of its value, before anything starts.
//
// The rounds of a sweep are the repetitions of its load: in round r every point runs its r-th
// repetition, forward in even rounds and backward in odd ones, so that no point is favoured by a
// machine that grows slower or faster meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/plan/plan_file.h"

namespace natsproof {

struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> set;  // key as written, value; empty: no sweep
  std::string name;         // `users=10, codec=json`; empty without a sweep
  std::string folder;       // the same as a folder's name, unlike any other point's
  std::size_t against = 0;  // index of the point its changes are told against
  Plan plan;
};

struct Sweep {
  std::string name, about;            // of the plan
  std::vector<std::string> labels;    // of the keys, short: `users`; empty: the plan has no sweep
  std::vector<SweepPoint> points;     // one without a sweep
  std::vector<PlanMistake> mistakes;  // the rest means something where there are none

  [[nodiscard]] bool swept() const { return !labels.empty(); }
};

inline constexpr std::size_t kMostPoints = 1000;

// Any bytes may be given. A plan without a sweep is one point.
Sweep read_sweep(const PlanSource& source);

// The indices of the points in the order in which round `round`, from 0, runs them.
std::vector<std::size_t> order_of_round(std::size_t points, std::uint32_t round);

}  // namespace natsproof
