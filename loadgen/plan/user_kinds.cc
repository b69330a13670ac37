#include "loadgen/plan/user_kinds.h"

#include <algorithm>

namespace natsproof {

// The chairman assignment of Tijdeman (Discrete Mathematics 32, 1980): of the kinds that are far
// enough behind their share, the one whose next user is due first. The farthest behind alone would
// not do: with many rare kinds beside a frequent one that is off by more than a user.
std::vector<std::uint16_t> kinds_of_users(std::span<const UserKind> kinds, std::uint32_t users) {
  std::vector<std::uint16_t> kind_of(kinds.empty() ? 0 : users);
  if (kinds.size() < 2) return kind_of;
  double total = 0;
  for (const UserKind& kind : kinds) total += kind.weight;
  const double slack = 1 / (2 * static_cast<double>(kinds.size()) - 2);
  std::vector<double> given(kinds.size());
  for (std::uint32_t user = 0; user < users; ++user) {
    std::size_t next = kinds.size();
    std::size_t farthest = 0;  // where rounding leaves none far enough behind
    double earliest = 0;
    double most = -1;
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      const double share = kinds[k].weight / total;
      const double behind = (static_cast<double>(user) + 1) * share - given[k];
      if (behind > most) most = behind, farthest = k;
      const double due = (given[k] + 1 - slack) / share;
      if (behind >= slack && (next == kinds.size() || due < earliest)) next = k, earliest = due;
    }
    if (next == kinds.size()) next = farthest;
    kind_of[user] = static_cast<std::uint16_t>(next);
    ++given[next];
  }
  return kind_of;
}

std::vector<std::uint32_t> users_of_kinds(std::span<const UserKind> kinds, std::uint32_t users) {
  std::vector<std::uint32_t> counts(kinds.size());
  for (const std::uint16_t kind : kinds_of_users(kinds, users)) ++counts[kind];
  return counts;
}

Duration mean_think(const ThinkTime& think) {
  return think.min + (think.max - think.min) / 2;
}

}  // namespace natsproof
