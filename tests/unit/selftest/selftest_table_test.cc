// What the selftest prints of its rows, and what it exits with.
#include "loadgen/app/selftest/selftest_table.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/report/text_layout.h"

namespace natsproof {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CheckRow row(Outcome outcome) {
  return {.check = "delay of 1.00 ms",
          .expected = "service time longer by 1.00 ms, or up to 90.0 µs more",
          .found = "1.04–1.06 ms longer",
          .outcome = outcome,
          .why = "the machine waited",
          .note = "medians of 100 requests"};
}

TEST(SelftestTable, WrapsItsCellsAndTellsWhyBelowThem) {
  EXPECT_EQ(render_selftest_table({row(Outcome::not_shown)}, {}),
            "  check                  expected                           found                "
            "          outcome\n"
            "\n"
            "  delay of 1.00 ms       service time longer by 1.00 ms,    1.04–1.06 ms longer  "
            "          not shown\n"
            "                         or up to 90.0 µs more\n"
            "      the machine waited\n"
            "      medians of 100 requests\n");
}

TEST(SelftestTable, SaysNothingAgainstWhatHolds) {
  EXPECT_THAT(render_selftest_table({row(Outcome::holds)}, {}), Not(HasSubstr("waited")));
  EXPECT_THAT(render_selftest_table({row(Outcome::fails)}, {}), HasSubstr("waited"));
}

TEST(SelftestTable, KeepsToAHundredColumns) {
  CheckRow wide = row(Outcome::fails);
  for (std::string* text : {&wide.check, &wide.expected, &wide.found, &wide.why, &wide.note}) {
    for (int i = 0; i < 40; ++i) *text += " word";
  }
  std::istringstream lines(render_selftest_table({wide}, {}));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), kReportColumns) << line;
  }
}

TEST(SelftestTable, HasColoursOnATerminalOnly) {
  const std::vector<CheckRow> rows = {row(Outcome::holds), row(Outcome::fails),
                                      row(Outcome::not_shown)};
  EXPECT_THAT(render_selftest_table(rows, {}), Not(HasSubstr("\x1b")));
  const std::string painted = render_selftest_table(rows, {.colour = true});
  EXPECT_THAT(painted, HasSubstr("\x1b[32mholds\x1b[0m"));
  EXPECT_THAT(painted, HasSubstr("\x1b[31mFAILS\x1b[0m"));
  EXPECT_THAT(painted, HasSubstr("\x1b[33mnot shown\x1b[0m"));
}

TEST(SelftestTable, ConcludesTheWorst) {
  const CheckRow holds = row(Outcome::holds), fails = row(Outcome::fails),
                 not_shown = row(Outcome::not_shown);
  EXPECT_EQ(render_conclusion({holds, holds}, 0, 42s),
            "All 2 checks hold: on this machine natsproof finds what is there. Took 42.0 s.\n");
  EXPECT_THAT(render_conclusion({holds, not_shown}, 2, 42s),
              HasSubstr("None of 2 checks fails, and 1 could not be shown"));
  EXPECT_THAT(render_conclusion({holds, not_shown}, 2, 42s), HasSubstr("Left out: 2 groups."));
  EXPECT_THAT(render_conclusion({holds, fails, not_shown}, 0, 42s),
              HasSubstr("1 of 3 checks FAILS"));
}

TEST(SelftestTable, ExitsWithTheWorst) {
  const CheckRow holds = row(Outcome::holds), fails = row(Outcome::fails),
                 not_shown = row(Outcome::not_shown);
  EXPECT_EQ(exit_status({holds, holds}), 0);
  EXPECT_EQ(exit_status({not_shown, holds, fails}), 1);
  EXPECT_EQ(exit_status({holds, not_shown}), 3);
  EXPECT_EQ(exit_status(std::vector<CheckRow>{}), 3) << "nothing was shown";
}

}  // namespace
}  // namespace natsproof
