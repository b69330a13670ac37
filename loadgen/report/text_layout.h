// Laying out plain text for a terminal of 100 columns. Widths count characters, not bytes: `µ` is
// one column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"

namespace natsproof {

inline constexpr std::size_t kReportColumns = 100;

std::size_t display_width(std::string_view text);
std::string left(std::string_view text,
                 std::size_t width);  // padded with blanks on the right; never cut
std::string right(std::string_view text, std::size_t width);  // padded on the left; never cut
// At most `width` columns; what was cut off is an ellipsis. REQUIRES: width > 0.
std::string shortened(std::string_view text, std::size_t width);

// On one line and harmless to a terminal: line breaks become blanks, other control characters `?`.
std::string printable(std::string_view text);

// Lines of at most kReportColumns, broken between words but not between a number and its unit;
// `first` opens the first line, the rest are indented by its width. Every line ends in a line break
// and no blank before it. A word longer than a line is left whole.
std::string wrapped(std::string_view first, std::string_view text);

// A range of times with its unit said once where both share it: `405–420 µs`, `998 µs–1.02 ms`.
std::string format_range(Duration lower, Duration upper);

}  // namespace natsproof
