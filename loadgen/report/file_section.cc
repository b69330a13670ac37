#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/report_sections.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::size_t kMostDifferences = 10;

bool alike(const std::optional<double>& saved, double found) {
  constexpr double kRounding = 1e-9;
  return saved && std::abs(*saved - found) <= kRounding * std::max(1.0, std::abs(found));
}

// A whole figure of ns, which the file rounds.
bool alike_measured(const std::optional<double>& saved, const ClaimResult& found) {
  if (!saved || !found.measured) return saved.has_value() == found.measured.has_value();
  if (found.unit == "ns") return std::abs(*saved - *found.measured) <= 1;
  return alike(saved, *found.measured);
}

std::string measured_text(const std::optional<double>& value, const std::string& unit) {
  if (!value) return "nothing";
  if (unit == "ns") return format_duration(Duration{std::llround(*value)});
  if (unit == "per_s") return format_rate(Rate{*value});
  if (unit == "cores") return format_cores(*value) + " of a core";
  if (unit == "bytes_per_min") return format_growth(*value);
  return format_share(*value);
}

std::string count_text(const std::optional<std::uint64_t>& count) {
  return count ? format_count(*count) : "nothing";
}

// What the file says of a claim and judging its figures again does not; empty: nothing.
std::string difference(const SavedClaim& saved, const ClaimResult& found) {
  std::vector<std::string> parts;
  const auto differs = [&](const char* what, const std::string& in_file, const std::string& now) {
    parts.push_back(in_file == now
                        ? fmt::format("{} ({}, apart only in further digits)", what, now)
                        : fmt::format("{} {} where it comes out as {}", what,
                                      in_file.empty() ? "nothing" : printable(in_file), now));
  };
  if (saved.verdict != verdict_name(found.verdict))
    differs("verdict", saved.verdict, std::string(verdict_name(found.verdict)));
  if (!alike_measured(saved.measured, found)) {
    differs("measured", measured_text(saved.measured, found.unit),
            measured_text(found.measured, found.unit));
  }
  if (saved.over != found.over) differs("over", count_text(saved.over), format_count(found.over));
  if (saved.planned != found.planned)
    differs("planned", count_text(saved.planned), format_count(found.planned));
  // Of a mean and of a throughput they are no shares, and have the unit of what is measured.
  if (!alike(saved.lower, found.lower)) parts.emplace_back("another lower bound");
  if (!alike(saved.upper, found.upper)) parts.emplace_back("another upper bound");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> differences(const SavedFile& file, const Judgement& judgement) {
  std::vector<std::string> told;
  // Of a changed file nothing comes out but INVALID.
  const bool changed = file.seal == Seal::broken;
  if (!changed && file.verdict != verdict_name(judgement.verdict)) {
    told.push_back(fmt::format("its verdict is {} and comes out as {}",
                               file.verdict.empty() ? "missing" : printable(file.verdict),
                               verdict_name(judgement.verdict)));
  }
  for (std::size_t i = 0; i < file.claims.size() && i < judgement.claims.size(); ++i) {
    SavedClaim saved = file.claims[i];
    if (changed) saved.verdict = verdict_name(judgement.claims[i].verdict);
    if (const std::string text = difference(saved, judgement.claims[i]); !text.empty())
      told.push_back(fmt::format("`{}`: {}", printable(judgement.claims[i].text), text));
  }
  return told;
}

}  // namespace

void add_file_section(ReportPage& page) {
  if (!page.record.file) return;
  const SavedFile& file = *page.record.file;
  if (file.seal == Seal::broken) {
    page.alarm("EDITED",
               "this file was changed after the run: its seal does not match what it says. "
               "Nothing below is known to be the run's, and none of it counts. Take the file as "
               "the run wrote it, or run again");
  }
  std::vector<std::string> told = differences(file, page.judgement);
  if (!told.empty()) {
    const std::size_t more = told.size() > kMostDifferences ? told.size() - kMostDifferences : 0;
    told.resize(told.size() - more);
    if (more > 0) told.push_back(fmt::format("and {} more", more));
    page.alarm("FILE DIFFERS",
               fmt::format("what it says of its verdicts is not what its figures give when this "
                           "version judges them; below is what they give. {}",
                           fmt::join(told, "; ")));
  }
  if (file.seal == Seal::missing) {
    page.add_wrapped("Not sealed: ",
                     "the file is of an earlier version; that it is as the run wrote it cannot be "
                     "checked");
  }
  if (file.seal != Seal::intact || !told.empty()) page.add("\n");
}

}  // namespace natsproof
