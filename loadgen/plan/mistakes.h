// Collects every mistake of a plan with its place, so that one reading tells them all.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/plan/plan_file.h"

namespace natsproof {

// Where something stands: in the plan's file, or in what `--set`, `--sweep` or `--time` said.
struct Position {
  static constexpr int kFile = 0, kTime = -1;
  int source = kFile;        // i > 0: the i-th `--set`, and after the last of them each `--sweep`
  int line = 0, column = 0;  // from 1, of the file
  bool operator==(const Position&) const = default;
};

class Mistakes {
 public:
  // `source` outlives this.
  explicit Mistakes(const PlanSource& source) : source_(source) {}

  struct Placed {
    Position at;
    std::string message;
    bool operator==(const Placed&) const = default;
  };

  void add(Position at, std::string message);
  [[nodiscard]] const std::vector<Placed>& placed() const { return placed_; }
  // In the order of the text, those of flags first.
  [[nodiscard]] std::vector<PlanMistake> take();

 private:
  const PlanSource& source_;
  std::vector<Placed> placed_;
};

// The text in backticks, cut where it is long: for messages.
std::string in_ticks(std::string_view text);
// ` (did you mean `load`?)` where a known word is near, else `; known: a, b, c`, or that none is.
std::string suggestion(std::string_view unknown, std::span<const std::string> known);
std::string joined(std::span<const std::string> words);

}  // namespace natsproof
