#include "loadgen/app/selftest/check_row.h"

#include <algorithm>
#include <utility>

namespace natsproof {
namespace {

constexpr int kExitFails = 1;
constexpr int kExitNotShown = 3;

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::holds:
      return "holds";
    case Outcome::fails:
      return "FAILS";
    case Outcome::not_shown:
      break;
  }
  return "not shown";
}

CheckRow not_made(std::string check, std::string why) {
  return {.check = std::move(check),
          .expected = "-",
          .found = "it could not be made",
          .outcome = Outcome::not_shown,
          .why = std::move(why)};
}

Outcome outcome_of(const std::vector<CheckRow>& rows) {
  const auto any = [&](Outcome outcome) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const CheckRow& row) { return row.outcome == outcome; });
  };
  if (any(Outcome::fails)) return Outcome::fails;
  return any(Outcome::not_shown) || rows.empty() ? Outcome::not_shown : Outcome::holds;
}

int exit_status(const std::vector<CheckRow>& rows) {
  switch (outcome_of(rows)) {
    case Outcome::holds:
      return 0;
    case Outcome::fails:
      return kExitFails;
    case Outcome::not_shown:
      break;
  }
  return kExitNotShown;
}

}  // namespace natsproof
