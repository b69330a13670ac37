#include "loadgen/app/selftest/selftest_table.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/units.h"
#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

constexpr std::array<std::size_t, 4> kWidths = {21, 33, 29, 9};  // with margins: 100 columns

// A text as lines of so many columns.
std::vector<std::string> cell(std::string_view text, std::size_t width) {
  // wrapped() knows where a line may break; a prefix takes the columns that are not the cell's.
  const std::string prefix(kReportColumns - width, ' ');
  const std::string all = wrapped(prefix, text);
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < all.size();) {
    const std::size_t end = all.find('\n', from);
    const std::string_view line(all.data() + from, end - from);
    lines.emplace_back(line.substr(std::min(prefix.size(), line.size())));
    from = end + 1;
  }
  return lines;
}

std::string painted(std::string_view text, Outcome outcome, TableStyle style) {
  if (!style.colour) return std::string(text);
  const char* code = outcome == Outcome::holds ? "32" : outcome == Outcome::fails ? "31" : "33";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void add_lines(std::string& out, const std::array<std::string_view, 3>& texts,
               const std::string& outcome) {
  std::array<std::vector<std::string>, 3> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    cells[i] = cell(texts[i], kWidths[i]);
    height = std::max(height, cells[i].size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    std::string text = " ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += ' ';
      text += left(line < cells[i].size() ? cells[i][line] : "", kWidths[i]);
      text += i + 1 < cells.size() ? " " : "";
    }
    if (line == 0) text += "  " + outcome;
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
}

}  // namespace

std::string render_selftest_table(const std::vector<CheckRow>& rows, TableStyle style) {
  std::string out;
  add_lines(out, {"check", "expected", "found"}, "outcome");
  for (const CheckRow& row : rows) {
    out += "\n";
    add_lines(out, {row.check, row.expected, row.found},
              painted(outcome_name(row.outcome), row.outcome, style));
    if (row.outcome != Outcome::holds && !row.why.empty()) out += wrapped("      ", row.why);
    if (!row.note.empty()) out += wrapped("      ", row.note);
  }
  return out;
}

std::string render_conclusion(const std::vector<CheckRow>& rows, std::size_t left_out,
                              Duration taken) {
  const auto count = [&](Outcome outcome) {
    return static_cast<std::size_t>(std::count_if(
        rows.begin(), rows.end(), [&](const CheckRow& row) { return row.outcome == outcome; }));
  };
  const std::size_t failed = count(Outcome::fails), not_shown = count(Outcome::not_shown);
  std::string text;
  if (failed > 0) {
    text = fmt::format(
        "{} of {} FAIL{}: natsproof does not measure rightly here; rely on no verdict it gives on "
        "this machine, and report this table.",
        failed, counted(rows.size(), "check"), failed == 1 ? "S" : "");
  } else if (not_shown > 0) {
    text = fmt::format(
        "None of {} fails, and {} could not be shown, for the reasons below {}. That says nothing "
        "of "
        "natsproof; try again when the machine is idle.",
        counted(rows.size(), "check"), not_shown, not_shown == 1 ? "it" : "them");
  } else {
    text = fmt::format("All {} hold: on this machine natsproof finds what is there.",
                       counted(rows.size(), "check"));
  }
  if (left_out > 0) text += fmt::format(" Left out: {}.", counted(left_out, "group"));
  return wrapped("", text + fmt::format(" Took {}.", format_duration(taken)));
}

}  // namespace natsproof
