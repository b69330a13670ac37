#include "loadgen/report/text_layout.h"

#include <algorithm>
#include <array>

#include "base/units.h"

namespace natsproof {
namespace {

// As base/units.h prints them.
constexpr std::array<std::string_view, 10> kUnits = {"ns", "µs", "ms", "s",   "m",
                                                     "h",  "%",  "B",  "KiB", "MiB"};

bool starts_with_unit(std::string_view text) {
  // The last is the first byte of a dash: `300 µs–1.20 ms`, `503 KiB/s`.
  const std::string_view word = text.substr(0, text.find_first_of(" ,.;:)/\xE2"));
  return std::find(kUnits.begin(), kUnits.end(), word) != kUnits.end();
}

// Up to the next blank that may be broken at, and drops that blank from `rest`; empty between two
// blanks.
std::string_view take_word(std::string_view& rest) {
  std::size_t end = rest.find(' ');
  while (end != std::string_view::npos && end > 0 && rest[end - 1] >= '0' && rest[end - 1] <= '9' &&
         starts_with_unit(rest.substr(end + 1))) {
    end = rest.find(' ', end + 1);
  }
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // all but UTF-8's continuation bytes
  }));
}

std::string left(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.append(width - std::min(width, display_width(text)), ' ');
  return padded;
}

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ').append(text);
}

std::string shortened(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::size_t end = 0, columns = 0;
  for (; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (starts && ++columns == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
    if (c == '\n' || c == '\r' || c == '\t') {
      clean += ' ';
    } else if (c < 0x20 || c == 0x7F) {
      clean += '?';
    } else if (c == 0xC2 && next >= 0x80 &&
               next < 0xA0) {  // U+0080 to U+009F, one of them an escape
      clean += '?';
      ++i;
    } else {
      clean += text[i];
    }
  }
  return clean;
}

std::string wrapped(std::string_view first, std::string_view text) {
  const std::size_t indent = display_width(first);
  const std::string clean = printable(text);
  std::string lines(first);
  std::size_t column = indent;
  bool line_empty = true;
  for (std::string_view rest = clean; !rest.empty();) {
    const std::string_view word = take_word(rest);
    if (word.empty()) continue;
    const std::size_t width = display_width(word);
    if (!line_empty && column + 1 + width > kReportColumns) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
      line_empty = true;
    }
    if (!line_empty) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += width;
    line_empty = false;
  }
  lines.erase(lines.find_last_not_of(' ') + 1);
  return lines + "\n";
}

std::string format_range(Duration lower, Duration upper) {
  std::string from = format_duration(lower);
  const std::string to = format_duration(upper);
  if (from == to) return from;
  const std::size_t unit = from.rfind(' ');
  if (from.substr(unit) == to.substr(to.rfind(' '))) from.resize(unit);
  return from + "–" + to;
}

}  // namespace natsproof
