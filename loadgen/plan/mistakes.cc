#include "loadgen/plan/mistakes.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"

namespace natsproof {

namespace {

constexpr std::size_t kLongestQuote = 60;

}  // namespace

void Mistakes::add(Position at, std::string message) {
  // A message is one line, whatever bytes of the plan it repeats.
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  placed_.push_back({at, std::move(message)});
}

std::vector<PlanMistake> Mistakes::take() {
  std::stable_sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
    const bool a_in_file = a.at.source == Position::kFile;
    const bool b_in_file = b.at.source == Position::kFile;
    return std::tie(a_in_file, a.at.source, a.at.line, a.at.column) <
           std::tie(b_in_file, b.at.source, b.at.line, b.at.column);
  });
  std::vector<PlanMistake> mistakes;
  for (Placed& placed : placed_) {
    const Position at = placed.at;
    PlanMistake mistake{.file = source_.file, .message = std::move(placed.message)};
    if (at.source == Position::kFile) {
      mistake.line = at.line;
      mistake.column = at.column;
    } else if (at.source == Position::kTime) {
      mistake.file = "--time";
    } else {
      const auto flag = static_cast<std::size_t>(at.source - 1), sets = source_.set.size();
      mistake.file = flag < sets ? "--set " + source_.set[flag].first
                                 : "--sweep " + source_.sweep[flag - sets].first;
    }
    mistakes.push_back(std::move(mistake));
  }
  placed_.clear();
  return mistakes;
}

std::string PlanMistake::text() const {
  if (line == 0) return fmt::format("{}: {}", file, message);
  return fmt::format("{}:{}:{}: {}", file, line, column, message);
}

std::string in_ticks(std::string_view text) {
  if (text.size() <= kLongestQuote) return fmt::format("`{}`", text);
  // Not in the middle of a UTF-8 sequence.
  std::size_t end = kLongestQuote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return fmt::format("`{}...`", text.substr(0, end));
}

std::string suggestion(std::string_view unknown, std::span<const std::string> known) {
  if (known.empty()) return "; none is known";
  const std::string near = did_you_mean(unknown, known);
  return near.empty() ? fmt::format("; known: {}", joined(known)) : near;
}

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace natsproof
