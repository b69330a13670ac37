#include "loadgen/app/selftest/claim_coverage.h"

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "base/units.h"

namespace natsproof {
namespace {

constexpr double kMostWrong = 0.05;
constexpr double kDeviations = 3;  // of the simulation's own error, that are granted

CheckRow row_of(const std::string& check, const std::string& what, std::uint32_t wrong,
                std::uint32_t claims) {
  const double error = kDeviations * std::sqrt(kMostWrong * (1 - kMostWrong) / claims);
  const double share = static_cast<double>(wrong) / claims;
  return {.check = check,
          .expected = fmt::format("at most {:.0f} %, and {} more: the simulation's own error",
                                  100 * kMostWrong, format_share(error)),
          .found = fmt::format("{} of {} at the edge {}: {}", format_count(wrong),
                               format_count(claims), what, format_share(share)),
          .outcome = share <= kMostWrong + error ? Outcome::holds : Outcome::fails,
          .why = "the claim test is wrong more often than it says"};
}

}  // namespace

std::vector<CheckRow> find_coverage(const Coverage& coverage) {
  if (coverage.claims == 0) {
    return {{.check = "verdicts at the edge", .expected = "some", .found = "none simulated"}};
  }
  return {row_of("PROVEN although false", "PROVEN", coverage.falsely_proven, coverage.claims),
          row_of("REFUTED although true", "REFUTED", coverage.falsely_refuted, coverage.claims)};
}

}  // namespace natsproof
