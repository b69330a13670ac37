// One row of the selftest's table: what was expected, what was found, and what follows.
//
// Plain data. A check's measurement makes records of runs; its evaluation, a pure function, makes
// rows of them, so that both of its outcomes can be tested without a measurement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace natsproof {

enum class Outcome {
  holds,
  fails,      // the instrument is wrong
  not_shown,  // this machine, at this moment, could have made the difference
};
std::string_view outcome_name(Outcome outcome);  // holds, FAILS, not shown

struct CheckRow {
  std::string check, expected, found;
  Outcome outcome = Outcome::not_shown;
  std::string why{};   // where it does not hold: what stands against it
  std::string note{};  // what it teaches
};

// Of a check that could not be made, its one row.
CheckRow not_made(std::string check, std::string why);

// The worst of them: fails, then not_shown. REQUIRES: there is one.
Outcome outcome_of(const std::vector<CheckRow>& rows);

// 0 all hold, 1 one fails, 3 none fails and one could not be shown.
int exit_status(const std::vector<CheckRow>& rows);

}  // namespace natsproof
