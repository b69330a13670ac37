// Which user of a closed loop is of which kind. Pure; the same for every worker.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "loadgen/plan/plan.h"

namespace natsproof {

// The kind of each user 0 .. users-1, as near to the weights as can be among the first n users for
// every n: a profile has just these. No kind is ever a whole user away from its share, so after as
// many users as whole weights add up to it has exactly that. Takes users x kinds steps.
// REQUIRES: weights are positive.
std::vector<std::uint16_t> kinds_of_users(std::span<const UserKind> kinds, std::uint32_t users);

// How many of the users are of each kind.
std::vector<std::uint32_t> users_of_kinds(std::span<const UserKind> kinds, std::uint32_t users);

// The mean of a think time.
Duration mean_think(const ThinkTime& think);

}  // namespace natsproof
