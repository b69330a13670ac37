#include "base/nearest.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace natsproof {
namespace {

// Optimal string alignment distance, in three rows.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

// Nobody mistypes words longer than this; comparing them would only cost time.
constexpr std::size_t kLongestWord = 64;

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kLongestWord) return {};
  const std::string* nearest = nullptr;
  std::size_t fewest = 0;
  for (const std::string& candidate : known) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer > kLongestWord || longer < 2) continue;
    const std::size_t distance = edits(word, candidate);
    if (distance > std::max<std::size_t>(1, longer / 3)) continue;
    if (nearest == nullptr || distance < fewest) {
      nearest = &candidate;
      fewest = distance;
    }
  }
  return nearest == nullptr ? std::string{} : *nearest;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? std::string{} : fmt::format(" (did you mean `{}`?)", nearest);
}

}  // namespace natsproof
