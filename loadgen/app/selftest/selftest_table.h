// The selftest's result as text: one table and one sentence.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/time.h"
#include "loadgen/app/selftest/check_row.h"

namespace natsproof {

struct TableStyle {
  bool colour = false;  // ANSI; only for a terminal
};

// At most 100 columns; a row's cells are wrapped, and its `why` stands below it.
std::string render_selftest_table(const std::vector<CheckRow>& rows, TableStyle style);

// What follows from all of them. `left_out`: checks that were not asked for.
std::string render_conclusion(const std::vector<CheckRow>& rows, std::size_t left_out,
                              Duration taken);

}  // namespace natsproof
